"""The page of `followcue open` in a real browser: what a person sees and does, and how the page is made."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from difflib import unified_diff
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations, pairwise
from math import inf
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from browser_looks import acted, busy
from followcue import Report, evaluate, why_not
from followcue.assistant.plan.course import undated
from followcue.session.desk_files import revision_of

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
OUTPUT = Path("engine", "followcue", "doors", "page")
DAYS = 121
SOON = 2

Do = Callable[..., Any]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


class Opened:
    """A situation on a page of its own, and what is done there."""

    def __init__(self, file: Path) -> None:
        self.file = file
        command = [sys.executable, "-m", "followcue", "open", str(file), "--no-browser"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def do(self, name: str, **act: Any) -> Any:
        """What came of one act."""
        return self.all([{"do": name, **act}])[0]

    def all(self, acts: list[dict[str, Any]]) -> list[Any]:
        """What came of several, on one browser."""
        return acted("person", self.address, acts)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[str], Opened]]:
    """Opens a copy of an example, or a file that is not there yet."""
    running: list[Opened] = []

    def open_example(name: str) -> Opened:
        file = tmp_path / f"{name}.yaml"
        if (EXAMPLES / file.name).exists():
            shutil.copy(EXAMPLES / file.name, file)
        running.append(Opened(file))
        return running[-1]

    yield open_example
    for one in running:
        one.process.send_signal(signal.SIGINT)
        one.process.wait(30)


def now(report: Report) -> list[str]:
    """The ids of the steps of now, in their order."""
    return [step.id for step in report.steps if step.when == "now"]


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that differ, with their signs."""
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


# --- what is shown
@pytest.mark.parametrize("name", ["whole-search", "offer-while-waiting"])
def test_the_advice_is_that_of_the_command_number_for_number(opened: Do, name: str) -> None:
    found = opened(name).do("advice")
    report = evaluate(EXAMPLES / f"{name}.yaml")
    shown = [(card["number"], card["id"], card["title"]) for card in found["cards"]]
    steps = [step for step in report.steps if step.when == "now"]
    assert shown == [(number, step.id, step.title) for number, step in enumerate(steps, 1)]
    assert found["coming"] == [step.title for step in report.steps if step.when == "ahead"]
    assert found["complained"] == []


def test_the_advice_is_on_the_screen_after_two_questions(opened: Do) -> None:
    found = opened("whole-search").do("soon")
    print(f"\nthe first step is on the screen {found['seconds']:.2f} s after the page was asked for")
    assert found["asked"][:2] == ["start", "advice"], "nothing is waited for but these"
    assert found["seconds"] < SOON * busy()


def test_nothing_is_asked_of_any_other_place(opened: Do) -> None:
    page = opened("offer-while-waiting")
    origin = page.address.partition("#")[0]
    found = page.do("advice")
    assert found["message"].startswith("Dear Omar Haddad")
    assert {address.startswith((origin, "data:")) for address in found["asked"]} == {True}


NAMES = [path.stem for path in sorted(EXAMPLES.glob("*.yaml"))]
FEW = ("offer-while-waiting", "whole-search")


@pytest.mark.parametrize(
    "name", [*FEW, *(pytest.param(n, marks=pytest.mark.large) for n in NAMES if n not in FEW)]
)
def test_the_slider_shows_each_day_and_stops_where_the_advice_changes(opened: Do, name: str) -> None:
    page = opened(name)
    first = evaluate(page.file).as_of
    days = [first + timedelta(days=number) for number in range(DAYS)]
    reports = [evaluate(page.file, as_of=day) for day in days]
    found = page.do("days", days=[day.isoformat() for day in days[1:]])
    assert found["found"] == {
        day.isoformat(): now(report) for day, report in zip(days[1:], reports[1:], strict=True)
    }
    # Evaluated day by day: anything is otherwise than on the day before, but for how long it has been.
    said = [undated(report) for report in reports]
    differ = [number for number, (one, other) in enumerate(pairwise(said), 1) if one != other]
    assert found["stops"] == found["marks"] == differ
    assert found["region"] == ["status", "polite"]
    assert all(re.search("New|Gone|Moved|other details", told) for told in found["told"])
    assert any(re.search("New|Gone", told) for told in found["told"])
    assert re.search(r"\d+ new, \d+ gone", found["said"])
    assert (found["back"], found["home"]) == ([0, *found["stops"]][-2], 0)


def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(opened: Do) -> None:
    sizes = [(320, "light"), (320, "dark"), (390, "dark"), (1280, "light"), (1600, "dark")]
    looks = [{"do": "look", "width": width, "scheme": scheme, "text": True} for width, scheme in sizes]
    for size, found in zip(sizes, opened("whole-search").all(looks), strict=True):
        assert (size, found["violations"], found["overflow"]) == (size, [], 0), found["wide"]
        assert found["passes"] > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_said_by_colour_alone_and_nothing_moves_where_that_is_unwanted(
    opened: Do, scheme: str
) -> None:
    acts = [{"do": "signs", "scheme": scheme, "reduced": reduced} for reduced in (True, False)]
    still, moving = opened("whole-search").all(acts)
    assert still["moving"] == ["auto", 0]
    assert moving["moving"][0] == "smooth", "the page does look at what is wished"
    assert all(still["told"]), "each has words"
    assert {size for is_here, size in still["sizes"] if is_here} == {"5"} != {"3.5"}
    assert {size for is_here, size in still["sizes"] if not is_here} == {"3.5"}
    bars = [look for look in still["looks"] if look["is"] == "rect"]
    assert len(bars) == 4
    for one, other in combinations(bars, 2):
        assert _apart(one, other) >= 1.5, (one, other)


def _apart(one: dict[str, str], other: dict[str, str]) -> float:
    """How far two looks are apart without colour: the contrast of their greys if both are filled."""
    if (one["strokeDasharray"], one["fill"] == "none") != (other["strokeDasharray"], other["fill"] == "none"):
        return inf
    darker, lighter = sorted(map(_grey, (one["fill"], other["fill"])))
    return (lighter + 0.05) / (darker + 0.05)


def _grey(colour: str) -> float:
    """The relative luminance of a colour, as the guidelines on contrast reckon it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


# --- what a person does
def test_two_clicks_write_one_line_and_undo_takes_it_back(opened: Do) -> None:
    page = opened("silence-after-promise")
    before = page.file.read_text()
    found = page.do("add", kind="Feedback requested", file=page.file)
    (line,) = changed_lines(before, found["after"])
    assert line.startswith("+")
    assert "event: feedback_requested" in line
    assert found["undone"] == before == page.file.read_text()


def test_a_step_is_done_and_taken_back_by_keyboard_alone(opened: Do) -> None:
    page = opened("silence-after-promise")
    before = page.file.read_text()
    found = page.do("keyboard", file=page.file, tabs=30, reduced=True)
    assert all(is_seen for _, _, is_seen in found["seen"])
    assert {line[0] for line in changed_lines(before, found["after"])} == {"+"}
    assert found["undone"] == before


def test_not_now_leaves_a_step_out_until_it_is_wanted_again(opened: Do) -> None:
    page = opened("whole-search")
    assert "skips:" in page.do("skip", file=page.file)["after"]


def test_why_not_says_what_the_command_says_and_its_change_can_be_tried_and_put_in(opened: Do) -> None:
    page = opened("offer-while-waiting")
    before = page.file.read_text()
    asked = why_not(page.file, "ask_for_good_word")
    title = "Ask your contact inside to speak for you"
    found = page.do("whyNot", file=page.file, action=title, put=0)
    assert found["headline"].rstrip(".") in asked.headline.replace("\n", " ").replace("`", "")
    assert found["changes"] == [change.words for change in asked.changes]
    assert not any("{" in words for words in found["changes"]), (
        "a person reads no YAML unless they ask for it"
    )
    assert found["written"] == [change.text.replace("`", "") for change in asked.changes if change.edits]
    assert found["tried"] == before != found["after"]
    assert "ask for a good word" in found["advised"]
    page.file.write_text(found["after"])
    assert "ask_for_good_word" in {action.action for action in evaluate(page.file).actions}
    assert found["undone"] == before


def test_a_file_that_changed_on_disk_is_never_overwritten(opened: Do) -> None:
    page = opened("rejected")
    mine, theirs = "# mine", "# theirs\n"
    found = page.do("conflict", file=page.file, mine=mine, theirs=theirs)
    assert found["violations"] == []
    assert found["kept"] == found["before"] + theirs
    assert len(found["shown"]) == 2
    assert theirs.strip() in found["shown"][0]
    assert mine in found["shown"][1]
    assert found["after"] == mine + found["before"]


@pytest.mark.parametrize(("width", "take"), [(1280, "Take over what the disk has here"), (390, "As on disk")])
def test_of_two_versions_one_is_made_by_keyboard(opened: Do, width: int, take: str) -> None:
    page = opened("rejected")
    mine, theirs = "# mine", "# theirs\n"
    found = page.do("conflict", file=page.file, mine=mine, theirs=theirs, take=take, width=width)
    assert (found["violations"], found["overflow"]) == ([], 0)
    assert found["after"] == mine + found["before"] + theirs


def test_two_pages_on_one_file_lose_nothing(opened: Do) -> None:
    page = opened("silence-after-promise")
    found = page.do("twoPages", file=page.file, kinds=["Feedback requested", "Search reviewed"])
    assert "event: feedback_requested" in changed_lines(found["before"], found["first"])[0]
    assert "event: search_reviewed" in found["second"].removeprefix(found["first"])
    assert found["clashes"] == 1, "of two that save at once one is shown both texts"
    assert found["third"].startswith(found["second"])
    assert "skips:" in found["third"]


def test_a_mistake_is_marked_and_the_advice_of_before_stays(opened: Do) -> None:
    found = opened("rejected").do("mistake", typed="profil: balanced\n")
    assert found["typedText"] == "profil: balanced"
    assert "Line 1" in found["told"]
    assert "profile" in found["told"]
    assert found["kept"]
    assert found["violations"] == []


def test_a_page_of_another_origin_comes_at_nothing(opened: Do, tmp_path: Path) -> None:
    page = opened("rejected")
    before = page.file.read_text()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=tmp_path / "foreign")) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        mine = json.dumps({"file": "0", "text": "", "revision": revision_of(before)})
        elsewhere = f"http://localhost:{other.server_address[1]}/"
        found = page.do("foreign", elsewhere=elsewhere, mine=mine)
        other.shutdown()
    assert found == {
        "json": "refused",
        "plain": "nothing to read",
        "save": "nothing to read",
        "read": "refused",
        "frame": "refused",
    }
    assert page.file.read_text() == before


def test_texts_that_no_person_would_write_are_told_and_nothing_breaks(opened: Do) -> None:
    script = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
    texts = [
        "applications: [&a [*a, *a, *a]",
        "applications: {" * 500,
        f"applications: {{'{script}': {{company: [7]}}}}",
        "a\u2028b: \U0001f389: [\x85",
        "applications:\n"
        + "".join(f"  a{n}: {{company: C, events: [{{event: no_such}}]}}\n" for n in range(3000)),
        "invoices: {a: {customer: Lea, amount: 7}}",
    ]
    found = opened("rejected").do("odd", texts=texts)
    assert len(found["told"]) == len(texts)
    assert "invoices" in found["told"][-1], "a situation of another pack"
    assert all("Line " in told for told in found["told"])
    assert (found["hacked"], found["complained"]) == (None, [])
    assert found["title"]


@pytest.mark.parametrize("width", [390, 1280])
def test_a_first_start_begins_with_one_question(opened: Do, width: int) -> None:
    page = opened("nothing-yet")
    found = page.do("first", file=page.file, company="Fernhill Hospital", width=width)
    assert (found["violations"], found["toured"]) == ([], [])
    assert [said[:6] for said in found["tour"]] == ["1 of 5", "2 of 5"]
    assert found["again"] == 0
    assert "company: Fernhill Hospital" in found["text"]


def test_calendar_report_and_message_can_be_taken_along(opened: Do) -> None:
    page = opened("offer-while-waiting")
    found = page.do("takeAlong")
    assert found["names"] == [
        ["offer-while-waiting.ics", "BEGIN:VCALENDAR"],
        ["offer-while-waiting.html", "<!doctype html>"],
    ]
    assert found["feed"].startswith(page.address.partition("#")[0] + "calendar/")
    with urlopen(found["feed"]) as feed:
        assert feed.read().startswith(b"BEGIN:VCALENDAR")
    assert found["copied"].replace("\r\n", "\n") == found["text"]


# --- how it is made
def test_the_page_is_built_of_its_source_byte_for_byte(tmp_path: Path) -> None:
    source = tmp_path / "workbench"
    shutil.copytree(ROOT / "workbench", source, ignore=shutil.ignore_patterns("node_modules"))
    shared = tmp_path / "engine/followcue/evaluation/report/web_page"
    shared.mkdir(parents=True)
    for style in ("tokens.css", "timeline.css"):
        shutil.copy(ROOT / shared.relative_to(tmp_path) / style, shared)
    for command in (
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        ["run", "build"],
        ["run", "build"],
    ):
        subprocess.run(["npm", *command], cwd=source, check=True, capture_output=True, timeout=300)
    assert _bytes(tmp_path / OUTPUT) == _bytes(ROOT / OUTPUT)


def test_the_page_has_no_code_and_no_style_in_its_text() -> None:
    text = (ROOT / OUTPUT / "index.html").read_text()
    assert "<style" not in text
    assert " style=" not in text
    assert re.findall(r"<script[^>]*>", text) == ['<script type="module" crossorigin src="./assets/page.js">']
    assert '<script type="module" crossorigin src="./assets/page.js"></script>' in text


def test_licences_are_told_of_all_that_is_in_the_page() -> None:
    told = (ROOT / OUTPUT / "licences.txt").read_text()
    wanted = json.loads((ROOT / "workbench" / "package.json").read_text())["dependencies"]
    missing = [name for name, version in wanted.items() if f"{name} {version} (MIT)" not in told]
    assert missing == []


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
