"""The HTML report in a real browser: on a phone and a desk, light and dark, by keyboard, offline."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from browser_looks import looked_at
from followcue import render_html

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[1]
PHONE, DESK = 320, 1100
EVERYTHING = "details"

CHECKED = (
    *(("whole", width, scheme) for width in (PHONE, DESK) for scheme in ("light", "dark")),
    *((page, *look) for page in ("hostile", "empty") for look in ((PHONE, "dark"), (DESK, "light"))),
)

HOSTILE = {
    "as_of": "2026-03-10",
    "applications": {
        'a" onload="alert(1)': {
            "company": "<script>alert(1)</script><img src=x onerror=alert(2)>",
            "role": "</style><style>body{display:none}</style>" + "W" * 300,
            "contacts": {"d": {"name": "{{ 7 * 7 }}<b>Dana</b>", "role": "recruiter"}},
            "events": [
                {"date": "2026-03-01", "event": "interview", "id": "</title>", "with": ["d"]},
                {"date": "2026-03-01", "event": "timeline_promised", "within": "2 days", "from": "d"},
                {"date": "2026-03-02", "event": "reply_received", "note": "javascript:alert(3)", "from": "d"},
            ],
        }
    },
}


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everything that is looked at, in one run of the browser."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {
        "whole": render_html(ROOT / "examples" / "whole-search.yaml", me="Robin Vale"),
        "hostile": render_html(HOSTILE, me="<i>Robin</i>"),
        "empty": render_html({"applications": {}}, rules=[_quiet(folder)], today=lambda _: date(2026, 3, 10)),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    wanted: dict[str, dict[str, Any]] = {
        f"{name} {width} {scheme}": {
            "do": "check",
            "page": folder / f"{name}.html",
            "width": width,
            "scheme": scheme,
            "open": EVERYTHING,
        }
        for name, width, scheme in CHECKED
    }
    whole, hostile = folder / "whole.html", folder / "hostile.html"
    first = folder / "first.html"
    first.write_text(render_html(ROOT / "examples" / "silence-after-promise.yaml"), encoding="utf-8")
    tabbed = "[...document.querySelectorAll('a, summary')].filter((one) => one.checkVisibility()).length"
    seen = "document.querySelector('.lead pre').getBoundingClientRect().top"
    folded = "document.querySelector('details.rest .card').closest('details').open"
    wanted |= {
        "keys": {"do": "use", "page": whole, "tabs": 300, "open": "details.rest", "evaluate": [tabbed]},
        "phone": {"do": "use", "page": first, "width": 390, "height": 844, "tabs": 3, "evaluate": [seen]},
        "linked": {"do": "use", "page": whole, "anchor": "#step-5", "evaluate": [folded]},
        "hostile": {"do": "use", "page": hostile, "open": EVERYTHING, "evaluate": ["document.images.length"]},
        "print": {
            "do": "use",
            "page": whole,
            "media": "print",
            "evaluate": ["getComputedStyle(document.querySelector('nav')).display"],
        },
        "still": {
            "do": "use",
            "page": whole,
            "reduced": True,
            "evaluate": ["getComputedStyle(document.documentElement).scrollBehavior"],
        },
        "copy": {"do": "copy", "page": whole},
        "no script": {"do": "plain", "page": whole},
    }
    return dict(zip(wanted, looked_at(list(wanted.values())), strict=True))


def _quiet(folder: Path) -> Path:
    """Rules that never say anything."""
    pack = folder / "quiet"
    pack.mkdir()
    (pack / "vocabulary.yaml").write_text(
        "situation:\n  scope: application\n  whole: search\n  records:\n"
        "    application: {in: applications, fields: {company: text}}\n"
        "  events: [applications.events]\n"
        "sources: {me: {title: Mine}}\nevents: {called: {says: A call.}}\n"
        "actions: {call: {title: Call}}\n",
        encoding="utf-8",
    )
    (pack / "rules.yaml").write_text(
        "rules:\n  call:\n    title: Call\n    cites: [me]\n    when: [called]\n"
        "    recommend: {action: call}\n",
        encoding="utf-8",
    )
    return pack


@pytest.mark.parametrize(("page", "width", "scheme"), CHECKED)
def test_nothing_stands_in_anybodys_way(looks: dict[str, Any], page: str, width: int, scheme: str) -> None:
    found = looks[f"{page} {width} {scheme}"]
    assert found["violations"] == []
    assert found["passes"] > 15, "axe looked at the page"
    assert found["overflow"] <= 0


def test_every_link_and_every_reason_is_reached_by_keyboard_and_seen(looks: dict[str, Any]) -> None:
    focused, [all_of_them] = looks["keys"]["focused"], looks["keys"]["results"]
    reached = [one for one in focused if one[0] in ("a", "summary")]
    assert reached[0][1] == "Skip to the content"
    assert len(reached) >= all_of_them
    assert {outline for _, _, outline in reached} == {"solid"}


def test_a_phone_shows_the_message_first_and_a_key_reaches_it(looks: dict[str, Any]) -> None:
    [top] = looks["phone"]["results"]
    assert top < 844, "the message begins on the first screen"
    assert [name for name, _, _ in looks["phone"]["focused"]] == ["a", "button", "a"]
    assert looks["phone"]["focused"][1][1].startswith("Copy the text")


def test_what_is_linked_to_is_unfolded(looks: dict[str, Any]) -> None:
    assert looks["linked"]["results"] == [True]


def test_texts_stay_texts(looks: dict[str, Any]) -> None:
    assert looks["hostile"]["complained"] == []
    assert looks["hostile"]["results"] == [0], "no image came of a name"


@pytest.mark.parametrize("look", ["keys", "hostile", "print", "still", "copy", "phone", "linked"])
def test_a_page_asks_nobody_for_anything(looks: dict[str, Any], look: str) -> None:
    assert [address for address in looks[look]["asked"] if not address.startswith("file:")] == []
    assert len(looks[look]["asked"]) == 1
    assert looks[look]["complained"] == []


def test_a_draft_is_copied_with_a_key(looks: dict[str, Any]) -> None:
    copied = looks["copy"]
    assert copied["told"] == "Copied"
    assert copied["clipboard"] == copied["text"]
    assert copied["text"].startswith("Dear ")


def test_without_scripts_all_is_there_but_the_buttons(looks: dict[str, Any]) -> None:
    assert looks["no script"]["buttons"] == 0
    assert "Stay in the running" in looks["no script"]["text"]


def test_paper_has_no_navigation_and_nothing_moves_that_should_not(looks: dict[str, Any]) -> None:
    assert looks["print"]["results"] == ["none"]
    assert looks["still"]["results"] == ["auto"]
