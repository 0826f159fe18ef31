"""`followcue lsp` under a client over standard input and output: the answers are those of the commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from followcue import evaluate
from followcue.authoring.lint.check import check
from followcue.authoring.lint.fix import fix_all
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.terminal import visible_names
from followcue.base.version import __version__
from language_server_client import LanguageServer
from npm_packages import cannot

ROOT = Path(__file__).parents[1]
BAD = ROOT / "tests" / "cases" / "bad"
SHIPPED = ROOT / "rules" / "interview-follow-up"

HERE = "▮"
FIRES = "Does it fire here?"

RULES = """\
rules:
  # 🙂
  my-rule: {title: "🙂🙂", when: [interveiw: {date: $day}], recommend: {action: wait, open: $day}}
"""


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[LanguageServer]:
    command = [sys.executable, str(ROOT / "cli.py"), "lsp"]
    server = LanguageServer(command, tmp_path, {})
    yield server
    server.close()


def places(problems: Iterable[Diagnostic], text: str) -> list[Any]:
    """Where problems are told, as an editor counts: lines from 0, UTF-16 units from 0."""
    lines = text.splitlines()

    def units(line: int, characters: int) -> int:
        return len(lines[line - 1][:characters].encode("utf-16-le")) // 2 if line <= len(lines) else 0

    return [
        (p.code, p.span.line - 1, units(p.span.line, p.span.column - 1), visible_names(p.message))
        for p in problems
        if p.span
    ]


def told(diagnostics: list[dict[str, Any]]) -> list[Any]:
    return [
        (
            d["code"],
            d["range"]["start"]["line"],
            d["range"]["start"]["character"],
            d["message"].split("\nhint: ")[0],
        )
        for d in diagnostics
    ]


@pytest.mark.slow
def test_a_mistake_behind_an_emoji_is_marked_where_the_editor_counts_it(
    editor: LanguageServer, tmp_path: Path
) -> None:
    (tmp_path / "my-rules.yaml").write_text(RULES, "utf-8")
    editor.open("my-rules.yaml", RULES)
    found = editor.diagnostics("my-rules.yaml")
    assert (found[0]["code"], found[0]["source"], found[0]["severity"]) == ("FC302", "followcue", 1)
    line = RULES.splitlines()[2]
    start = line.index("interveiw") + 2  # each of the two emoji before it is two units
    assert found[0]["range"] == {
        "start": {"line": 2, "character": start},
        "end": {"line": 2, "character": start + len("interveiw")},
    }
    editor.change("my-rules.yaml", RULES.replace("interveiw", "interview"))
    assert editor.diagnostics("my-rules.yaml") == []


VOCABULARY = """\
situation:
  whole: library
  scope: loan
  records: {loan: {in: loans, fields: {title: text}}}
  events: [loans.events]
events:
  lent: {says: "🙂 A book was lent.", fields: {until: date}}
  returned: {says: It came back.}
conclusions:
  overdue: {says: The book is overdue., fields: {since: date}}
actions:
  remind: {title: Remind the reader}
  wait: {title: Give them time}
parameters:
  grace: {says: How long nobody is bothered., value: 3 days, cites: [house-rules]}
sources:
  house-rules: {title: The rules of the house}
"""

LATE = """\
rules:
  # 🙂
  late: {title: "🙂", when: [newest lent: {until: $day}, no returned], conclude: {overdue: {since: $day}}}
  remind-late:
    title: Remind
    cites: [house-rules]
    when: [overdue: {since: $day}]
    recommend: {action: remind, open: $day + grace, done_when: returned}
"""

PATIENCE = """\
tables:
  patience:
    title: How to go on
    hit: first
    when: [overdue: {since: $day}]
    columns: [today - $day, action]
    recommend: {open: $day}
    rows:
      short: [at most grace, wait]
      long: [any, remind]
"""

TEST = """\
tests:
  it-is-late:
    situation:
      as_of: 2026-11-21
      loans: {a: {title: A, events: [{event: lent, date: 2026-11-01, until: 2026-11-10}]}}
    expect: [remind]
    rules: [remind-late]
"""

SEARCH = """\
as_of: 2026-11-21
params: {grace: 4 days}
loans:
  a: {title: "🙂", events: [{event: lent, date: 2026-11-01, until: 2026-11-10}]}
"""

FILES = {
    "pack/vocabulary.yaml": VOCABULARY,
    "pack/late.yaml": LATE,
    "pack/patience.yaml": PATIENCE,
    "pack/tests/late.yaml": TEST,
    "pack/examples/search.yaml": SEARCH,
}


@pytest.fixture
def library(editor: LanguageServer) -> LanguageServer:
    """An editor on a pack of its own, all its files open and without mistakes."""
    for name, text in FILES.items():
        path = editor.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name, text in FILES.items():
        editor.open(name, text)
        assert editor.diagnostics(name) == []
    return editor


def place_of(text: str, word: str, nth: int = 0) -> tuple[int, int]:
    """The line and UTF-16 unit in the middle of a word."""
    index = -1
    for _ in range(nth + 1):
        index = text.index(word, index + 1)
    before = text[: index + 1]
    line = before.count("\n")
    return line, len(before.rsplit("\n", 1)[-1].encode("utf-16-le")) // 2


def said_at(library: LanguageServer, locations: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Each location as its file and the text that it covers, which must be on one line."""
    found = []
    for location in locations:
        path = location["uri"].removeprefix(f"{library.folder.as_uri()}/")
        start, end = location["range"]["start"], location["range"]["end"]
        assert start["line"] == end["line"]
        units = FILES[path].splitlines()[start["line"]].encode("utf-16-le")
        found.append((path, units[start["character"] * 2 : end["character"] * 2].decode("utf-16-le")))
    return found


NAMES = [
    # a name, its first mention in a file of rules; where it is declared; where it is mentioned
    ("lent", LATE, "late", "vocabulary", ["late", "tests/late", "examples/search"]),
    ("returned", LATE, "late", "vocabulary", ["late", "late"]),
    ("overdue", LATE, "late", "vocabulary", ["late", "late", "patience"]),
    ("grace", LATE, "late", "vocabulary", ["late", "patience", "examples/search"]),
    ("wait", PATIENCE, "patience", "vocabulary", ["patience"]),
    ("house-rules", LATE, "late", "vocabulary", ["late", "vocabulary"]),
    ("remind-late", TEST, "tests/late", "late", ["tests/late"]),
    ("remind", TEST, "tests/late", "vocabulary", ["late", "patience", "tests/late"]),
]


@pytest.mark.slow
def test_names_are_found_where_they_are_declared_and_mentioned(library: LanguageServer) -> None:
    for name, text, file, declared, mentioned in NAMES:
        at = place_of(text, name)
        definition = library.ask("definition", f"pack/{file}.yaml", *at)
        assert said_at(library, definition) == [(f"pack/{declared}.yaml", name)]
        context = {"includeDeclaration": False}
        references = library.ask("references", f"pack/{file}.yaml", *at, context=context)
        assert sorted(said_at(library, references)) == sorted((f"pack/{f}.yaml", name) for f in mentioned)


@pytest.mark.slow
def test_a_name_under_the_cursor_says_what_it_is(library: LanguageServer) -> None:
    def card(file: str, text: str, name: str) -> str:
        return str(library.ask("hover", f"pack/{file}.yaml", *place_of(text, name))["contents"]["value"])

    assert card("late", LATE, "lent") == "**event** `lent`\n\n🙂 A book was lent.\n\n- `until`: a date"
    assert "The book is overdue." in card("late", LATE, "overdue")
    assert card("tests/late", TEST, "remind") == "**action** `remind`, priority normal\n\nRemind the reader"
    grace = card("examples/search", SEARCH, "grace")
    assert grace == "**parameter** `grace` = 3 days\n\nHow long nobody is bothered.\n\nhouse-rules"
    assert "The rules of the house" in card("late", LATE, "house-rules")
    assert library.ask("hover", "pack/late.yaml", *place_of(LATE, "rules:")) is None


@pytest.mark.slow
def test_tests_and_situations_are_judged_by_rules_that_are_not_saved(library: LanguageServer) -> None:
    def verdict() -> list[str]:
        run, shown = library.ask_of_file("codeLens", "pack/tests/late.yaml")
        assert run["command"]["title"] == "Run"
        return [library.request("codeLens/resolve", shown)["command"]["title"]]

    assert verdict() == ["passes, 1 of 1"]
    library.change("pack/late.yaml", LATE.replace("action: remind", "action: wait"))
    assert library.diagnostics("pack/late.yaml") == []
    assert verdict() == ["fails: `remind-late` led to nothing that it expects"]
    library.change("pack/patience.yaml", PATIENCE.replace("remind", "wait"))
    assert library.diagnostics("pack/patience.yaml") == []
    assert verdict() == ["fails in 1 of 1 checks"]
    library.change("pack/examples/search.yaml", SEARCH.replace("until: ", "untli: "))
    assert told(library.diagnostics("pack/examples/search.yaml")) == [
        ("FC502", 3, SEARCH.splitlines()[3].index("until") + 1, "`lent` has no `untli`")
    ]
    library.change("pack/tests/late.yaml", TEST.replace("[remind]", "[remnid]"))
    assert "remnid" in library.diagnostics("pack/tests/late.yaml")[0]["message"]


@pytest.mark.slow
def test_the_edit_of_one_file_is_told_in_another(library: LanguageServer) -> None:
    library.change("pack/vocabulary.yaml", VOCABULARY.replace("  returned:", "  came_back:"))
    library.diagnostics("pack/vocabulary.yaml")
    library.change("pack/late.yaml", LATE + "# still\n")
    assert {d["code"] for d in library.diagnostics("pack/late.yaml")} == {"FC302"}
    library.change("pack/vocabulary.yaml", VOCABULARY)
    library.change("pack/late.yaml", LATE)
    assert library.diagnostics("pack/late.yaml") == []


@pytest.mark.slow
def test_a_quick_fix_writes_what_check_writes(library: LanguageServer) -> None:
    wrong = LATE.replace("no returned", "no retruned").replace("+ grace", "+ gracee")
    path = library.folder / "pack" / "late.yaml"
    library.change("pack/late.yaml", wrong)
    diagnostics = library.diagnostics("pack/late.yaml")
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    actions = library.ask_of_file(
        "codeAction", "pack/late.yaml", range=everything, context={"diagnostics": diagnostics}
    )
    assert [action["title"] for action in actions] == [
        "Write `returned` instead of `retruned`",
        "Write `grace` instead of `gracee`",
    ]
    assert all(action["diagnostics"][0] in diagnostics for action in actions)
    lines = wrong.splitlines(keepends=True)
    for action in actions:
        ((_, (edit,)),) = action["edit"]["changes"].items()
        start, end = edit["range"]["start"], edit["range"]["end"]
        units = lines[start["line"]].encode("utf-16-le")
        after = units[: start["character"] * 2] + edit["newText"].encode("utf-16-le")
        lines[start["line"]] = (after + units[end["character"] * 2 :]).decode("utf-16-le")
    path.write_text(wrong, "utf-8")
    fix_all([str(path)])
    assert "".join(lines) == path.read_text("utf-8") == LATE


def run(library: LanguageServer, lens: dict[str, Any]) -> Any:
    """What comes of a click on a lens."""
    command = lens["command"]
    params = {"command": command["command"], "arguments": command["arguments"]}
    return library.request("workspace/executeCommand", params)


@pytest.mark.slow
def test_a_click_above_a_test_runs_it_and_says_what_it_misses(library: LanguageServer) -> None:
    run_it, _ = library.ask_of_file("codeLens", "pack/tests/late.yaml")
    assert run(library, run_it) is True
    assert library.shown[-1] == "it-is-late: passes, 1 of 1"
    library.change("pack/late.yaml", LATE.replace("action: remind", "action: wait"))
    library.change("pack/patience.yaml", PATIENCE.replace("remind", "wait"))
    assert run(library, run_it) is False
    assert "expected  remind" in library.shown[-1]


@pytest.mark.slow
def test_a_click_above_a_rule_says_how_well_it_is_tested(library: LanguageServer) -> None:
    def titles() -> list[str]:
        shown = library.ask_of_file("codeLens", "pack/late.yaml")
        return [lens["command"]["title"] for lens in shown if lens["command"]["title"] != FIRES]

    assert titles() == ["How well tested?"] * 2
    _, _, remind, _ = library.ask_of_file("codeLens", "pack/late.yaml")
    said = run(library, remind)
    assert re.fullmatch(r"1 test · edges \d+/\d+ · mutants \d+/\d+", said)
    assert titles() == ["How well tested?", said]
    library.change("pack/late.yaml", LATE + "# another text\n")
    assert titles() == ["How well tested?"] * 2


@pytest.mark.slow
def test_a_click_above_a_rule_says_whether_it_fires_and_what_it_lacks(library: LanguageServer) -> None:
    def said() -> Any:
        late = next(
            lens
            for lens in library.ask_of_file("codeLens", "pack/late.yaml")
            if lens["command"]["title"] == FIRES and lens["command"]["arguments"][1] == "late"
        )
        return run(library, late)

    assert said().startswith("late, in search.yaml: It fires here once.")
    back = "{event: returned, date: 2026-11-20}"
    library.change("pack/examples/search.yaml", SEARCH.replace("2026-11-10}]", f"2026-11-10}}, {back}]"))
    assert said() == library.shown[-1]
    assert "The nearest it comes is for 🙂: 1 of 2 conditions hold." in said()
    assert "in the way: returned 2026-11-20" in said()


def applied(library: LanguageServer, edit: dict[str, Any]) -> dict[str, str]:
    """The files with the changes of an edit, by the part of the path behind the folder."""
    found = {}
    for uri, changes in edit["changes"].items():
        path = uri.removeprefix(f"{library.folder.as_uri()}/")
        lines = FILES[path].splitlines(keepends=True)
        for change in sorted(changes, key=lambda one: one["range"]["start"]["character"], reverse=True):
            start, end = change["range"]["start"], change["range"]["end"]
            assert start["line"] == end["line"]
            units = lines[start["line"]].encode("utf-16-le")
            after = units[: start["character"] * 2] + change["newText"].encode("utf-16-le")
            lines[start["line"]] = (after + units[end["character"] * 2 :]).decode("utf-16-le")
        found[path] = "".join(lines)
    return found


@pytest.mark.slow
def test_a_name_is_called_otherwise_in_all_files_also_behind_an_emoji(library: LanguageServer) -> None:
    for name, new in {
        "lent": "borrowed",
        "overdue": "late_back",
        "grace": "leniency",
        "remind": "nudge",
    }.items():
        text, file = (PATIENCE, "patience") if name == "remind" else (LATE, "late")
        edit = library.ask("rename", f"pack/{file}.yaml", *place_of(text, name), newName=new)
        word = re.compile(rf"(?<![\w-]){name}(?![\w.-])")  # no sentence ends with a name
        wanted = {path: word.sub(new, text) for path, text in FILES.items() if word.search(text)}
        assert applied(library, edit) == wanted, name


@pytest.mark.slow
def test_a_name_that_is_taken_or_would_change_advice_is_not_given(library: LanguageServer) -> None:
    at = place_of(LATE, "grace")
    refusal = library.refused("rename", "pack/late.yaml", *at, newName="Grace")
    assert "a name of small letters" in refusal
    refusal = library.refused("rename", "pack/patience.yaml", *place_of(PATIENCE, "wait"), newName="remind")
    assert "there is a `remind` already" in refusal


@pytest.mark.slow
def test_findings_are_told_after_a_while_and_mended_on_request(library: LanguageServer) -> None:
    idle = (
        LATE
        + """\
  never:
    title: Never
    cites: [house-rules]
    when: [overdue: {since: $day}, no overdue]
    recommend: {action: wait, open: $day}
"""
    )
    path = library.folder / "pack" / "late.yaml"
    path.write_text(idle, "utf-8")
    found = check([str(library.folder / "pack")])
    assert not found.mistakes
    expected = [told.finding.diagnostic for told in found.told]
    mine = [one for one in expected if one.span and one.span.file == str(path)]
    assert mine
    library.change("pack/late.yaml", idle)
    wanted = places(mine, idle)
    while told(findings := library.diagnostics("pack/late.yaml")) != wanted:
        library.next_diagnostics("pack/late.yaml")
    assert {one["severity"] for one in findings} == {2}
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    actions = library.ask_of_file(
        "codeAction", "pack/late.yaml", range=everything, context={"diagnostics": findings}
    )
    assert actions
    assert all("is meant" in action["title"] for action in actions)


@pytest.mark.slow
def test_what_is_cancelled_is_answered_so_and_nothing_waits_for_it(library: LanguageServer) -> None:
    at = place_of(LATE, "lent")
    error = library.cancelled("rename", "pack/late.yaml", *at, newName="borrowed")
    assert error is None or error["code"] == -32800
    assert library.ask("definition", "pack/late.yaml", *at)


@pytest.mark.slow
def test_words_are_offered_where_they_are_typed(library: LanguageServer) -> None:
    line = LATE.splitlines()[2]
    typed = line.replace("no returned", "no re")
    library.change("pack/late.yaml", LATE.replace(line, typed))
    library.diagnostics("pack/late.yaml")
    start = len(typed[: typed.index("no re")].encode("utf-16-le")) // 2
    items = library.ask("completion", "pack/late.yaml", 2, start + len("no re"))
    (wanted,) = [item for item in items if item["label"] == "no returned"]
    assert wanted["documentation"] == "There is none: It came back."
    assert wanted["textEdit"] == {
        "range": {
            "start": {"line": 2, "character": start},
            "end": {"line": 2, "character": start + len("no re")},
        },
        "newText": "no returned",
    }


@pytest.mark.slow
def test_the_outline_lists_rules_tests_and_declarations(library: LanguageServer) -> None:
    def names(file: str) -> list[tuple[str, str | None, int, int]]:
        return [
            (s["name"], s.get("detail"), s["range"]["start"]["line"], s["range"]["end"]["line"])
            for s in library.ask_of_file("documentSymbol", f"pack/{file}.yaml")
        ]

    assert names("late") == [("late", "🙂", 2, 3), ("remind-late", "Remind", 3, 8)]
    assert names("patience") == [("patience", "How to go on", 1, 10)]
    assert names("tests/late") == [("it-is-late", None, 1, 7)]
    assert [name for name, *_ in names("vocabulary")][:3] == ["lent", "returned", "overdue"]


@pytest.mark.slow
def test_files_of_other_programs_are_left_alone(library: LanguageServer) -> None:
    others = {
        "compose.yaml": "services: {web: {image: x}}\n",
        "role.yaml": "kind: Role\nrules:\n- apiGroups: ['']\n",
        "broken.yaml": "a: [\n",
        "package.json": '{"name": "x"}\n',
    }
    for name, text in others.items():
        library.open(name, text)
        for method in ("documentSymbol", "codeLens"):
            assert library.ask_of_file(method, name) == []
    library.change("pack/late.yaml", LATE + "# later\n")
    assert library.diagnostics("pack/late.yaml") == []
    assert not any(library.told_of(name) for name in others)


def mistakes_of_check(path: Path) -> Sequence[Diagnostic]:
    return check([str(path)]).mistakes


def mistakes_of_evaluate(path: Path) -> Sequence[Diagnostic]:
    try:
        evaluate(path)
    except InvalidInput as problem:
        return problem.diagnostics
    return ()


BAD_FILES = [
    ("rules", "rules", RULES, mistakes_of_check),
    pytest.param("source", "rules", RULES, mistakes_of_check, marks=pytest.mark.large),
    ("vocabulary", "vocabulary", VOCABULARY, mistakes_of_check),
    ("situation", "situation", "applications: {}\n", mistakes_of_evaluate),
]


@pytest.mark.slow
@pytest.mark.parametrize(("area", "kind", "begun", "told_here"), BAD_FILES)
def test_the_mistakes_of_each_bad_file_are_those_of_the_command_place_for_place(
    editor: LanguageServer,
    tmp_path: Path,
    area: str,
    kind: str,
    begun: str,
    told_here: Callable[[Path], Sequence[Diagnostic]],
) -> None:
    cases = sorted((BAD / area).glob("*.yaml"))
    assert len(cases) > 40
    name = f"{kind}.yaml"
    path = tmp_path / name
    path.write_text(begun, "utf-8")
    editor.open(name, begun)
    editor.diagnostics(name)
    for case in cases:
        # The line says what the file is, where nothing that can be read does.
        line = f"# yaml-language-server: $schema=.followcue/{kind}.schema.json 🙂\n"
        try:
            text = line + case.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            continue  # no editor has such a text
        path.write_bytes(text.encode())
        mistakes = told_here(path)
        editor.change(name, text)
        found = editor.diagnostics(name)
        assert told(found) == places(mistakes, text), case.name
        assert len(found) == len(mistakes) > 0, case.name


def test_the_extension_for_vs_code_fits_the_program() -> None:
    folder = ROOT / "editors" / "vscode"
    package = json.loads((folder / "package.json").read_text("utf-8"))
    assert package["version"] == __version__
    assert package["version"] in (folder / "README.md").read_text("utf-8")
    declared = {
        name.removeprefix("followcue.") for name in package["contributes"]["configuration"]["properties"]
    }
    asked = set(re.findall(r'settings.get\("(\w+)"\)', (folder / package["main"]).read_text("utf-8")))
    assert asked == declared


@pytest.mark.programs
@pytest.mark.slow
def test_the_extension_for_vs_code_is_packaged_with_all_that_it_needs(tmp_path: Path) -> None:
    if not shutil.which("npm"):
        cannot("there is no Node.js with npm on this machine")
    folder = tmp_path / "vscode"
    shutil.copytree(ROOT / "editors" / "vscode", folder, ignore=shutil.ignore_patterns("node_modules"))
    for command in (["install", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "package"]):
        ended = subprocess.run(["npm", *command], cwd=folder, capture_output=True, text=True, timeout=300)
        if ended.returncode and command[0] == "install":
            cannot(f"the packages cannot be installed: {ended.stderr[-300:]}")
        assert ended.returncode == 0, ended.stderr
    (made,) = folder.glob("*.vsix")
    assert made.name == f"followcue-{__version__}.vsix"
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path / "made")
    # The editor gives its own API; of everything else the package has to have its own.
    extension = tmp_path / "made" / "extension"
    api = extension / "node_modules" / "vscode"
    api.mkdir()
    (api / "index.js").write_text(
        "module.exports = new Proxy({version: '1.90.0'}, {get: (all, name) => all[name] ?? class {}});"
    )
    loads = ["node", "-e", "console.log(Object.keys(require('./extension.js')).join())"]
    loaded = subprocess.run(loads, cwd=extension, capture_output=True, text=True)
    assert loaded.stdout.strip() == "activate,deactivate", loaded.stderr
