"""The HTML report as text: to the letter, escaped, and with a policy that admits nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64encode
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from html import escape, unescape
from html.parser import HTMLParser
from itertools import groupby, pairwise
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from followcue import LoadedPack, load_pack, render_html
from followcue.api import SituationInput, as_document
from followcue.assistant.draft.message_files import message_files
from followcue.assistant.page import report_page
from followcue.assistant.page.dossier import dossier
from followcue.assistant.page.timeline import Happened, Scale, bars, days_ahead, marks
from followcue.base.version import __version__
from followcue.evaluation.pipeline import evaluate
from followcue.evaluation.report.listing import listing
from followcue.evaluation.report.web_page.fill import visible

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
GOLDEN = ROOT / "tests" / "cases" / "good" / "first-interview.html"
TODAY = date(2026, 11, 21)

VOID = {"meta", "link", "br", "img", "input", "hr"}


class _Page(HTMLParser):
    """What a test asks of a page: whether its elements nest, its ids, its links, its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        known = dict(attrs)
        self.ids += [known["id"]] if known.get("id") else []  # type: ignore[list-item]
        self.links += [known["href"]] if known.get("href") else []  # type: ignore[list-item]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@cache
def shipped() -> LoadedPack:
    return load_pack(cache=False)


def page_on(situation: SituationInput, me: str | None = None) -> str:
    """As `render_html` has it, with rules that are read only once."""
    return report_page.render(dossier(shipped(), as_document(situation), message_files(), me=me))


@cache
def page_of(example: Path) -> str:
    return page_on(example, "Robin Vale")


def test_an_example_reads_as_expected(request: pytest.FixtureRequest) -> None:
    """But for the styles, which people look at instead, and the version of the rules."""
    text = page_of(ROOT / "examples" / "first-interview.yaml")
    text = re.sub(r"(?s)<(style|script)>.*?</\1>", r"<\1></\1>", text)
    text = re.sub(r"sha256-[\w+/=]+", "sha256", text)
    text = re.sub(r"(Their version</dt><dd><code>)\w+", r"\1any", text)
    if request.config.getoption("--rebaseline"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_page_is_well_formed_and_its_links_lead_somewhere(example: Path) -> None:
    page = _Page(page_of(example))
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert page.headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(page.headings))
    assert {"main", "header", "footer", "nav", "h1"} <= page.names


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_policy_allows_what_is_inside_and_nothing_else(example: Path) -> None:
    text = page_of(example)
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    [style] = re.findall(r"(?s)<style>(.*?)</style>", text)
    [script] = re.findall(r"(?s)<script>(.*?)</script>", text)
    hashes = [b64encode(sha256(inside.encode()).digest()).decode() for inside in (style, script)]
    assert policy.replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _Page(text)
    assert not {name for name in page.attributes if name.startswith("on") or name in ("style", "src")}
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org)", style + script)


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_in_every_process() -> None:
    example = str(ROOT / "examples" / "two-offers.yaml")
    code = f"import followcue; print(followcue.render_html({example!r}, me='R'))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            cwd=ROOT / "engine",
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


HOSTILE = "<script>alert(1)</script>\"'&{{ 7 * 7 }}"


def test_texts_of_the_situation_are_escaped_wherever_they_stand() -> None:
    situation = {
        "as_of": "2026-03-10",
        "applications": {
            HOSTILE: {
                "company": HOSTILE,
                "role": HOSTILE,
                "contacts": {HOSTILE: {"name": HOSTILE, "role": "recruiter"}},
                "events": [
                    {"date": "2026-03-01", "event": "interview", "id": HOSTILE, "with": [HOSTILE]},
                    {"date": "2026-03-02", "event": "reply_received", "note": HOSTILE, "about": HOSTILE},
                ],
            }
        },
    }
    text = page_on(situation, HOSTILE)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;{{ 7 * 7 }}" in text
    _Page(text)


def test_signs_that_steer_are_shown_as_such() -> None:
    assert visible("a\x1b[2J\u202eb\u2066c\x00\x85\ud800\n\té\u200d") == "a�[2J�b�c���\n\té\u200d"


@pytest.mark.slow
def test_only_addresses_of_the_web_become_links(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "vocabulary.yaml").write_text(
        "sources:\n"
        "  good: {title: Good, url: 'https://good.example/a?b=1&c=2'}\n"
        "  bad: {title: Bad, url: 'javascript:alert(1)'}\n"
        "actions:\n  nod: {title: Nod}\n",
        encoding="utf-8",
    )
    (layer / "rules.yaml").write_text(
        "rules:\n"
        "  nod:\n    title: Nod\n    cites: [good, bad]\n    when: [interview: {date: $day}]\n"
        "    recommend: {action: nod, open: $day}\n",
        encoding="utf-8",
    )
    example = ROOT / "examples" / "first-interview.yaml"
    page = _Page(render_html(example, rules=[layer]))
    assert "https://good.example/a?b=1&c=2" in page.links
    assert not [link for link in page.links if link.startswith("javascript")]


def test_the_one_thing_to_do_stands_first_with_its_message_ready() -> None:
    text = page_of(ROOT / "examples" / "silence-after-promise.yaml")
    main = text[text.index("<main") :]
    assert main.index('class="card lead"') < main.index("data-copies") < main.index('<h2 id="then"')
    assert main.count('class="card lead"') == 1
    [link] = re.findall(r'href="(mailto:[^"]*)"', main)[:1]
    address, _, rest = link.partition("?")
    fields = parse_qs(unescape(rest))
    [draft] = re.findall(r'(?s)<pre id="step-1-draft"[^>]*>(.*?)</pre>', main)
    assert address == "mailto:grace.adeyemi@fernhill.example"
    assert fields["body"] == [unescape(re.sub("</?mark>", "", draft)).strip().replace("\n", "\r\n")]
    assert f"</span> {fields['subject'][0]}</p>" in main


def test_a_message_without_a_name_says_where_it_goes() -> None:
    example = ROOT / "examples" / "silence-after-promise.yaml"
    without, with_name = page_on(example), page_of(example)
    assert "<mark>[your name]</mark>" in without
    assert "--me" in without
    assert "Robin Vale" in with_name
    assert "<code>--me</code>" not in with_name


def test_every_step_has_a_card_and_every_line_of_the_report_a_place() -> None:
    for example in EXAMPLES:
        text, report = page_of(example), evaluate(shipped(), as_document(example))
        assert text.count('<article class="card') == len(report.steps)
        titles = {
            escape(action.title).replace("&#x27;", "&#39;") for action in (*report.actions, *report.cautions)
        }
        for title in titles:
            assert f'">{title}</a>' in text, "on a timeline, with a link to where it is told"


def test_nothing_reproaches_and_only_what_is_about_to_be_lost_is_red() -> None:
    for example in EXAMPLES:
        text = page_of(example)
        assert not re.search(r"\d+ days? late|overdue</", text)
        report = evaluate(shipped(), as_document(example))
        lost = [one for one in listing(report).steps if one.lost_on(report.as_of)]
        assert text.count('class="when soon"') == sum(one.step.when == "now" for one in lost)


def test_what_can_wait_is_folded_and_stands_together_by_company() -> None:
    text = page_of(ROOT / "examples" / "agency-heavy.yaml")
    [folded] = re.findall(r'(?s)<details class="rest">(.*?)</section>\n</details>', text)
    report = evaluate(shipped(), as_document(ROOT / "examples" / "agency-heavy.yaml"))
    scopes = {f"step-{n}": step.scope for n, step in enumerate(report.steps, 1)}
    order = [scopes[key] for key in re.findall(r'<article class="card" id="([^"]*)"', folded)]
    assert len(order) == len(listing(report).rest) > 5
    assert [scope for scope, _ in groupby(order)] == list(dict.fromkeys(order))


def test_a_page_says_what_it_was_made_of(tmp_path: Path) -> None:
    example = ROOT / "examples" / "first-interview.yaml"
    out = tmp_path / "report.html"
    from click.testing import CliRunner

    from followcue.cli import main

    command = ["evaluate", str(example), "--format", "html", "-o", str(out), "--set", "max_attempts=3"]
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, done.stdout) == (0, "")
    text = out.read_text(encoding="utf-8")
    assert sha256(example.read_bytes()).hexdigest() in text
    assert f"followcue {__version__}" in text
    assert shipped().pack.version in text
    assert "--as-of 2026-09-15 --set max_attempts=3 --format html" in text


def test_another_pack_has_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text(
        "situation:\n  scope: loan\n  whole: library\n"
        "  records:\n    loan: {in: loans, fields: {book: text}}\n"
        "  events: [loans.events]\n"
        "sources: {us: {title: Our rules}}\nevents: {lent: {says: It was lent., fields: {until: date}}}\n"
        "actions: {remind: {title: Remind the reader}}\n",
        encoding="utf-8",
    )
    (tmp_path / "rules.yaml").write_text(
        "rules:\n  remind:\n    title: Remind\n    cites: [us]\n    when: [lent: {until: $day}]\n"
        "    recommend: {action: remind, open: $day, due: $day}\n",
        encoding="utf-8",
    )
    lent = {"date": "2026-11-01", "event": "lent", "until": "2026-11-20"}
    text = render_html({"loans": {"emma": {"book": "Emma", "events": [lent]}}}, rules=[tmp_path], as_of=TODAY)
    words = re.sub(r"(?s)<(style|script)>.*?</\1>", "", text)
    assert "Loans" in words
    assert "Remind the reader" in words
    assert "Nothing" not in words
    assert "pplication" not in words


def test_a_long_search_stays_one_page_in_bounded_time() -> None:
    day = date(2026, 1, 1)
    event = {"event": "status_checked", "to": "d", "channel": "email"}
    situation = {
        "as_of": "2026-11-21",
        "applications": {
            f"a{n}": {
                "company": f"Company {n}",
                "contacts": {"d": {"name": "Dana", "role": "recruiter"}},
                "events": [{**event, "date": (day + timedelta(i)).isoformat()} for i in range(10)],
            }
            for n in range(40)
        },
    }
    assert page_on(situation).count('<article class="course') >= 40


# --- timelines
SCALE = Scale.around(TODAY, [TODAY - timedelta(20), TODAY + timedelta(9)])


def test_a_scale_holds_what_is_near_and_leaves_out_what_is_far() -> None:
    assert SCALE.holds(TODAY)
    assert SCALE.at(SCALE.first) == 0
    assert SCALE.at(SCALE.last) == 100
    far = Scale.around(TODAY, [date(1990, 1, 1), date(2090, 1, 1)])
    assert (far.last - far.first).days == 7 * 13 + 3
    assert far.at(date(1990, 1, 1)) == 0
    assert far.at(date.max) == 100


def test_events_of_one_day_share_a_dot_and_labels_do_not_meet() -> None:
    happened = [Happened(TODAY - timedelta(n // 2), f"thing {n}") for n in range(16)]
    found = marks(SCALE, happened, [])
    assert len(found) == 8
    for tier in range(3):
        starts = [float(m.at[:-1]) for m in found if m.label and m.tier == tier]
        assert all(later - earlier > 7 for earlier, later in pairwise(starts))


def test_days_to_come_are_those_that_conclusions_name() -> None:
    fields = {"day": "2026-12-01", "since": "2026-11-01", "who": "dana"}
    [ahead] = days_ahead(fields, "expected_day", TODAY)
    assert ahead == Happened(date(2026, 12, 1), "expected day")


def day(n: int) -> date:
    return TODAY + timedelta(n)


@pytest.mark.parametrize(
    ("window", "looks"),
    [
        ((day(-2), day(3), None, None), ["good", "possible"]),
        ((day(-9), day(-3), day(5), None), ["good", "late", "possible"]),
        ((day(-9), day(-3), day(0), None), ["good", "late"]),
        ((day(-9), None, None, None), ["open"]),
        ((day(-9), None, None, day(4)), ["pause"]),
        ((day(-9), day(-3), None, day(4)), ["good", "late", "possible"]),
        ((None, day(2), day(2), None), ["good"]),
        ((day(2), date.max, date.max, None), ["good"]),
        ((date.min, date.min, date.min, None), []),
    ],
)
def test_a_window_is_told_in_stretches(window: tuple[date | None, ...], looks: list[str]) -> None:
    found = bars(SCALE, *window)
    assert [bar.look for bar in found] == looks
    ends = [(float(bar.at[:-1]), float(bar.at[:-1]) + float(bar.width[:-1])) for bar in found]
    assert all(0 <= start < end <= 100.01 for start, end in ends)
    assert all(abs(ends[i][1] - ends[i + 1][0]) < 0.02 for i in range(len(ends) - 1)), "no gaps"


# --- rules that are loaded already
@pytest.mark.slow
def test_rules_may_be_loaded_already(tmp_path: Path) -> None:
    """The page is the same as from the folders, with the messages that stand beside the rules."""
    example = ROOT / "examples" / "two-offers.yaml"
    layer = tmp_path / "mine"
    (layer / "messages").mkdir(parents=True)
    (layer / "rules.yaml").write_text("disable: [tell-your-network]\n", "utf-8")
    for name in ("send_thank_you", "check_status", "ask_for_feedback", "try_once_more"):
        (layer / "messages" / f"{name}.txt.j2").write_text("Subject: Mine alone\n\nOwn words.\n", "utf-8")
    as_of = date(2026, 3, 20)
    silence = ROOT / "examples" / "silence-after-promise.yaml"
    for packs in ((), ("common-practice",)):
        for situation in (example, silence):
            from_folders = render_html(situation, rules=[layer], packs=packs, me="R", as_of=as_of)
            loaded = load_pack(layer, packs=packs)
            assert render_html(situation, rules=loaded, me="R", as_of=as_of) == from_folders
    assert "Own words." in render_html(silence, rules=load_pack(layer), me="R", as_of=as_of)
    assert render_html(silence, rules=load_pack(), me="R") == render_html(silence, me="R")


def test_packs_belong_to_folders() -> None:
    with pytest.raises(ValueError, match="`packs` go with folders"):
        render_html({"applications": {}}, rules=load_pack(), packs=["common-practice"])
