"""The workbench as static files: made by Pyodide, used in a browser, held to what the engine says here."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import typing_extensions
from click.testing import CliRunner

import bad_cases
from browser_looks import acted, busy
from followcue import evaluate, load_pack
from followcue.cli.group import main
from followcue.doors.site import rpds_stand_in
from followcue.doors.site.engine_archive import engine_files
from followcue.doors.site.frozen_engine import RUNTIME, VERSION
from followcue.doors.site.page_engine import PageEngine, SitePlan
from followcue.doors.site.site_desk import SITUATION, desk_of
from followcue.session.desk import Desk
from npm_packages import installed

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent / "pyodide"
EXAMPLES = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").glob("*.yaml"))
}
NO_ZONES = ("situation/unknown_timezone.yaml",)
"""Cases with a hint that takes the list of time zones, which a browser does not give."""
MOST_BYTES, MOST_SECONDS, EDIT_SECONDS = 10_500_000, 12, 1
WIDTHS = (390, 1280)


# --- without a browser
def test_where_there_is_no_pyodide_two_commands_get_it() -> None:
    run = CliRunner().invoke(main, ["site", "-o", "somewhere"])
    assert run.exit_code == 2
    *_, first, second = run.output.strip().splitlines()
    assert first == f"npm install --ignore-scripts pyodide@{VERSION}"
    assert second == "followcue site -o site --pyodide node_modules/pyodide"
    assert not Path("somewhere").exists()


def test_the_version_that_is_told_is_the_one_that_is_tested() -> None:
    assert json.loads((HERE / "package.json").read_text())["dependencies"]["pyodide"] == VERSION
    assert VERSION in CliRunner().invoke(main, ["site", "--help"]).output


def test_a_folder_without_pyodide_is_refused(tmp_path: Path) -> None:
    (tmp_path / RUNTIME[0]).touch()
    run = CliRunner().invoke(main, ["site", "-o", str(tmp_path / "site"), "--pyodide", str(tmp_path)])
    assert run.exit_code == 2
    assert f"`{RUNTIME[1]}` is missing" in run.output
    assert f"pyodide@{VERSION}" in run.output


@pytest.mark.parametrize("name", ["HashTrieMap", "HashTrieSet", "List"])
def test_what_stands_for_rpds_does_the_same(name: str) -> None:
    import rpds

    ours, theirs = getattr(rpds_stand_in, name), getattr(rpds, name)
    assert _done(ours) == _done(theirs)


def _done(kind: Any) -> list[Any]:
    """What comes of each change, and that the value before it stays."""
    if kind.__name__ == "List":
        one = kind([2, 3])
        return [
            list(one),
            list(one.push_front(1)),
            list(one.drop_first()),
            one.first,
            list(one),
            list(kind()),
        ]
    if kind.__name__ == "HashTrieSet":
        one = kind({2, 3})
        changed = [one.insert(1), one.insert(2), one.discard(2), one.discard(9), one.update([7], [8]), one]
        return [sorted(each) for each in changed]
    one = kind({"a": 1})
    changed = [one.insert("b", 2), one.insert("a", 3), one.remove("a"), one.update({"c": 4}, [("d", 5)]), one]
    same = kind.convert(one) is one
    return [*(sorted(each.items()) for each in changed), same, dict(kind.convert({"z": 1}))]


@pytest.mark.slow
def test_the_archive_is_all_that_an_engine_needs(tmp_path: Path) -> None:
    path = tmp_path / "engine.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in engine_files().items():
            archive.writestr(name, content)
        # Below Python 3.13, which no page has, `referencing` needs this besides.
        archive.write(typing_extensions.__file__, "typing_extensions.py")
    program = (
        f"import sys; sys.path[:0] = [{str(path)!r}]\n"
        "import json, followcue\n"
        "loaded = followcue.load_pack(cache=False)\n"
        "print(json.dumps(followcue.evaluate(sys.stdin.read(), loaded).to_dict()))\n"
        "print(*{name for name, module in sys.modules.items() if 'site-packages' in str(module)})\n"
    )
    text = EXAMPLES["whole-search"]
    command = [sys.executable, "-I", "-S", "-c", program]
    run = subprocess.run(command, input=text, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    said, foreign = run.stdout.splitlines()
    assert foreign == ""
    assert json.loads(said) == json.loads(json.dumps(evaluate(text).to_dict()))


# --- in a browser
@pytest.fixture(scope="module")
def pyodide() -> Path:
    """A folder with Pyodide, kept between runs."""
    found = installed("pyodide", 300) / "node_modules" / "pyodide"
    assert (found / RUNTIME[0]).is_file()
    return found


def made(folder: Path, pyodide: Path) -> Path:
    run = CliRunner().invoke(main, ["site", "-o", str(folder), "--pyodide", str(pyodide)])
    assert run.exit_code == 0, run.output
    return folder


@pytest.fixture(scope="module")
def site(pyodide: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("host") / "some" / "where", pyodide)


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The address of the site, in a folder of a host that knows nothing of it."""
    handler = functools.partial(_Quiet, directory=str(site.parents[1]))
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/some/where/"
        server.shutdown()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """A browser that goes away in the middle of a file is none of the tests' business."""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.mark.programs
def test_a_site_is_the_same_bytes_each_time(site: Path, pyodide: Path, tmp_path: Path) -> None:
    again = made(tmp_path / "again", pyodide)
    assert _contents(again) == _contents(site)


def _contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.programs
def test_a_site_tells_nothing_of_the_machine_that_made_it(site: Path) -> None:
    for path in (path for path in site.rglob("*") if path.is_file()):
        contents = [path.read_bytes()]
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                contents += map(archive.read, archive.namelist())
        for word in (str(ROOT), sys.prefix, str(site)):
            assert not any(word.encode() in content for content in contents), (path, word)


@pytest.mark.programs
def test_a_site_is_small_and_soon_there(site: Path, address: str) -> None:
    size = sum(len(gzip.compress(path.read_bytes(), 9)) for path in site.rglob("*") if path.is_file())
    print(f"\ncompressed: {size / 1e6:.2f} MB")
    assert size <= MOST_BYTES
    [waiting, found] = acted("site", address, [{"do": "waiting"}, {"do": "start"}])
    print(f"ready after {found['seconds']:.1f} s, with {busy():.1f} times as much to do as can be")
    assert found["seconds"] <= MOST_SECONDS * busy()
    assert waiting["told"].startswith("Starting: ")
    assert "What to do next" in waiting["text"], "an example is read before the engine is there"
    first = min(EXAMPLES, key=lambda name: (len(EXAMPLES[name]), name))
    cards = desk_of(SitePlan((), (), (first,)), EXAMPLES).answer("advice", {})["cards"]
    assert cards
    for card in cards:
        assert card["title"] in waiting["text"]
        assert card["title"] in " ".join(found["text"].split())
    assert "What to do next" not in found["text"]
    assert found["kept"] == 0, "nothing is kept unless a person asks for it"
    assert {one.split("/some/where/")[0] for one in found["asked"] if not one.startswith("data:")} == {
        address.split("/some/where/")[0]
    }
    assert found["complained"] == []


@pytest.mark.programs
def test_an_edit_shows_its_advice_soon(address: str) -> None:
    names = sorted(EXAMPLES, key=lambda name: (len(EXAMPLES[name]), name))
    desk = desk_of(SitePlan((), (), tuple(names)), EXAMPLES)
    focus = "\nparams: {focus_steps: 1}\n"
    texts = (EXAMPLES[names[0]], EXAMPLES[names[0]] + focus)
    before, after = (len(desk.answer("advice", {"texts": {SITUATION: text}})["cards"]) for text in texts)
    assert before != after
    rules = [file for file in desk.files.values() if file.kind == "rules"][:4]
    edits = [{file.id: f"# {number}\n{file.text}"} for number, file in enumerate(rules)]
    cards = {"before": before, "after": after}
    rest = round(5000 * busy())
    act = {"do": "edit", "situation": focus, "cards": cards, "rules": edits, "rest": rest}
    was, now = "action: review_alternatives", "action: move_on"
    [file] = [file for file in desk.files.values() if file.kind == "rules" and was in file.text]
    advice = desk.answer("advice", {"texts": {file.id: file.text.replace(was, now)}})
    before_it = {card["title"] for card in desk.answer("advice", {})["cards"]}
    [shown] = {card["title"] for card in advice["cards"]} - before_it
    typing = {
        "do": "rule",
        "file": Path(file.name).name,
        "was": was,
        "now": now,
        "shown": shown,
        "rest": rest,
    }
    [found, typed] = acted("site", address, [act, typing])
    print(f"\nedit of the situation: {found['ofSituation']} s, of a rule: {found['ofRules']} s")
    print(f"of a rule, typed into its editor: {typed['seconds']} s; load {busy():.1f} times what can be done")
    first, *later = found["ofRules"]
    assert first < 2 * max(later), "the first finds all read already, as the later ones do"
    # Twice as much is let through, for the machine may be busy with more than its load says.
    assert max(*found["ofSituation"], first, *later) < 2 * EDIT_SECONDS * busy()
    assert typed["seconds"] < 3 * EDIT_SECONDS * busy(), "what is offered at the cursor comes before it"
    assert "Rename…" in typed["buttons"]
    assert not {"New file…", "Make it a test"} & set(typed["buttons"]), "there is no folder for them"
    assert typed["tests"] == "There are no tests here."


@pytest.mark.programs
def test_somebody_in_a_search_begins_with_their_own(address: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(EXAMPLES["offer-while-waiting"], "utf-8")
    lead = evaluate(mine).steps[0].title
    act = {"do": "own", "company": "Fernhill Hospital", "file": mine, "wanted": lead}
    for width, found in zip(
        WIDTHS, acted("site", address, [{**act, "width": width} for width in WIDTHS]), strict=True
    ):
        assert found["violations"] == [], width
        assert found["told"].startswith("You are looking at an example.")
        assert "Fernhill Hospital" in found["begun"]
        assert (found["name"], found["examples"]) == ("search.yaml", 0)
        assert "company: Fernhill Hospital" in found["text"]
        assert not any(text in found["text"] for text in EXAMPLES.values())


@pytest.mark.programs
def test_the_page_answers_what_the_engine_here_answers_without_a_network(address: str) -> None:
    """Every example: the report, and every question about its first step; and rules that are edited."""
    names = sorted(EXAMPLES, key=lambda name: (len(EXAMPLES[name]), name))
    desk = desk_of(SitePlan((), (), tuple(names)), EXAMPLES)
    loaded = load_pack()
    questions: list[tuple[str, dict[str, Any]]] = [("start", {})]
    for text in EXAMPLES.values():
        asked = {"texts": {SITUATION: text}}
        card = desk.answer("advice", asked)["cards"][0]
        wanted = desk.answer("wanted", asked)["actions"][0]
        questions += [
            ("advice", asked),
            ("days", asked),
            ("timeline", asked),
            ("why", {**asked, "id": card["id"]}),
            ("why_not", {**asked, "action": wanted["action"], "application": wanted.get("application")}),
            ("happened", asked),
            ("skip", {**asked, "id": card["id"]}),
        ]
    rules = [file for file in desk.files.values() if file.kind == "rules"]
    broken = {rules[0].id: rules[0].text.replace("when:", "wen:", 1)}
    longer = {rules[0].id: f"# longer\n{rules[0].text}"}
    questions += [
        ("advice", {"texts": texts}) for texts in (broken, longer, {SITUATION: "applications: [\n"})
    ]
    line = rules[0].text.splitlines().index("rules:") + 2
    at = {"file": rules[0].id, "line": line, "column": 5}
    questions += [(method, at) for method in ("rule_at", "complete", "hover", "definition", "references")]
    questions += [("check", {"texts": broken}), ("rules", {}), ("diff", {"texts": longer})]
    [rule, *_] = desk.answer("rules", {})["rules"]
    questions += [("mutants", {"rule": rule["id"]}), ("tests", {})]
    questions += [("calendar", {}), ("report_page", {}), ("nothing", {}), ("example", {"name": names[-1]})]
    [found] = acted("site", address, [{"do": "answers", "questions": questions}])
    assert found["asked"] == []
    for (method, params), said in zip(questions, found["answers"], strict=True):
        said.pop("id", None)
        here = _answer(desk, method, params)
        if method == "start":
            here["answer"].pop("today"), said["answer"].pop("today")
        assert _comparable(said) == _comparable(here), (method, str(params)[:300])
        if method == "advice" and said["answer"]["report"] and SITUATION in params["texts"]:
            report = {key: value for key, value in said["answer"]["report"].items() if key != "provenance"}
            text = params["texts"][SITUATION]
            assert report == json.loads(json.dumps(evaluate(text, loaded).to_dict()))


def _answer(desk: Desk, method: str, params: dict[str, Any]) -> Any:
    """What the same engine answers here."""
    page = PageEngine(desk)
    if not page.streams(method):
        return json.loads(page.answer(method, json.dumps(params)))
    lines = [json.loads(line) for line in page.lines(method, json.dumps(params))]
    assert lines.pop() == {"done": True}
    return {"lines": [line["line"] for line in lines]}


def _comparable(said: Any) -> Any:
    """Without the number of the question, and how long something took."""
    if isinstance(said, list):
        return [_comparable(one) for one in said]
    if isinstance(said, dict):
        return {key: _comparable(value) for key, value in said.items() if key not in ("ms",)}
    return said


IN_THE_PAGE = """
import json, followcue
from followcue.doors.site.page_engine import SitePlan
from followcue.doors.site.site_desk import desk_of
from followcue.evaluation.match.registry import MATCHERS

examples = json.loads(given)
loaded = followcue.load_pack()

def said(matcher):
    try:
        reports = {name: followcue.evaluate(text, loaded, matcher=matcher) for name, text in examples.items()}
        return {name: report.to_dict() for name, report in reports.items()}
    except followcue.MatcherUnavailable as problem:
        return str(problem)

(name, text), *_ = examples.items()
desk = desk_of(SitePlan((), (), (name,)), {name: text + "\\nparams: {count: working_days, holidays: DE}\\n"})
json.dumps({"matchers": {name: said(name) for name in MATCHERS}, "holidays": desk.answer("advice", {})})
"""


@pytest.mark.programs
def test_every_matcher_that_runs_in_the_page_says_the_same_and_what_does_not_run_is_told(
    address: str,
) -> None:
    [said] = acted("site", address, [{"do": "python", "program": IN_THE_PAGE, "given": EXAMPLES}])
    found = json.loads(said)
    here = {name: json.loads(json.dumps(evaluate(text).to_dict())) for name, text in EXAMPLES.items()}
    assert found["matchers"]["compiled"] == found["matchers"]["reference"] == here
    for name in ("durable", "relational"):
        assert found["matchers"][name].startswith(f"the matcher `{name}` needs the package")
    holidays = found["holidays"]
    assert holidays["report"] is None
    assert [one["message"] for one in holidays["diagnostics"]] == [
        "the parameter `holidays` needs the package `holidays`, which a page in a browser does not have: "
        "it works with followcue on a computer"
    ]


@pytest.mark.programs
def test_every_mistake_is_told_in_the_same_words(address: str) -> None:
    files = {case: bad_cases.files_of(bad_cases.FOLDER / case) for case in bad_cases.cases()}
    given = {
        case: {name: content.decode("latin-1") for name, content in found.items()}
        for case, found in files.items()
    }
    program = (
        f"{Path(bad_cases.__file__).read_text(encoding='utf-8')}\n"
        "import json\n"
        "found = {}\n"
        "for case, files in json.loads(given).items():\n"
        "    as_bytes = {name: text.encode('latin-1') for name, text in files.items()}\n"
        "    found[case] = mistakes(case.split('/')[0], as_bytes)\n"
        "json.dumps(found)\n"
    )
    [said] = acted("site", address, [{"do": "python", "program": program, "given": given}])
    found = json.loads(said)
    assert len(found) == len(files) > 200
    for case, text in found.items():
        here = bad_cases.mistakes(case.split("/")[0], files[case])
        if case in NO_ZONES:
            here = here.replace("\n  hint: did you mean `Europe/Berlin`?", "")
        assert text == here, case


@pytest.mark.programs
def test_the_page_works_without_a_network(address: str) -> None:
    [found] = acted("site", address, [{"do": "offline"}])
    assert found["asked"] == []
    assert found["complained"] == []
    assert found["text"]


@pytest.mark.programs
def test_nothing_leaves_the_page(address: str) -> None:
    elsewhere = address.replace("127.0.0.1", "localhost")
    [tried] = acted("site", address, [{"do": "sending", "elsewhere": elsewhere}])
    assert tried["picture"] == tried["fetch"] == tried["script"] == "refused"


@pytest.mark.programs
def test_what_is_written_is_kept_only_where_that_is_asked_for(address: str) -> None:
    [found] = acted("site", address, [{"do": "keeping", "press": "Done"}])
    before, kept, after = found["kept"]
    assert (before, after) == ([], [])
    [[name, text]] = json.loads(kept[0]).items()
    assert name == found["name"]
    assert text == found["saved"], "what was kept is what the page had when it was opened again"
    assert text not in EXAMPLES.values()
