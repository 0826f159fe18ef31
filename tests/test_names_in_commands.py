"""Every command takes a name of a file or a folder as it is written, whatever is in it.

What a command does with a name that looks like a pattern, an address, an option or a way to steer a terminal
must be what it does with a plain one: the same exit code, the same words, the same files made beside it, with
nothing but the name another. For example `followcue draft './a#b.yaml'` prints what `followcue draft
./plain.yaml` prints, although `a.yaml` lies beside it with another company in it.
"""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import click
import pytest
from click.testing import CliRunner

from followcue import cli
from followcue.authoring.reload import ReloadingPack
from followcue.base.terminal import visible, visible_names
from language_server_client import LanguageServer
from test_literal_names import FEW, NAMES, inside, others_of, state, written
from test_mcp import said, talk
from test_open import folder_of, opened
from test_watch import Course, watch
from test_watch import nothing as no_change

pytestmark = pytest.mark.skipif(os.name == "nt", reason="most of these names cannot be given there")

CLI = Path(__file__).parents[1] / "cli.py"
TO_BEGIN_WITH = ("a#b?c%25[d]*{e,f}'\"`;&=:~$HOME <i>", "-g\nh\x1b[31m\u202e\\e\u0301", "n\udcffo")


def told_apart(name: str) -> str:
    """The name, long enough to be found in what is printed."""
    return name if len(name) > 7 else f"{name}~zqx"


FEW_OR_ALL = pytest.mark.parametrize(
    "names",
    [
        TO_BEGIN_WITH[:1],
        pytest.param([*TO_BEGIN_WITH[1:], *map(told_apart, FEW)], marks=pytest.mark.slow),
        pytest.param(
            [told_apart(name) for name in (*NAMES, " at both ends ") if name not in FEW],
            marks=pytest.mark.large,
        ),
    ],
    ids=["one", "few", "rest"],
)


# --- what lies there before a command
def situation(place: Path, content: str) -> None:
    written(place.with_name(place.name + ".yaml"), content)


@cache
def plants() -> Mapping[str, str]:
    """The files of the pack that `followcue new` makes."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "plants")
        assert run_here("new", str(made)).exit_code == 0
        return {str(path.relative_to(made)): path.read_text() for path in made.rglob("*.yaml")}


def pack(place: Path, content: str) -> None:
    for name, text in plants().items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text.replace("Water it", content))


def pack_and_situation(place: Path, content: str) -> None:
    pack(place, content)
    shutil.move(place / "examples" / "situation.yaml", place.with_name(place.name + ".yaml"))


def report(place: Path, content: str) -> None:
    situation(place, content)
    arguments = ["evaluate", f"./{place.name}.yaml", "--format", "json", "--embed", "--as-of", "2026-11-21"]
    with inside(place.parent):
        told = CliRunner().invoke(cli.main, arguments)
    place.with_name(place.name + ".json").write_text(told.output)


def skipped(place: Path, content: str) -> None:
    situation(place, content)
    with inside(place.parent):
        run_here("skip", f"./{place.name}.yaml", "send_thank_you", "--as-of", "2026-11-21")


def lines(place: Path, content: str) -> None:
    event = {"situation": content, "event": "application", "id": "acme", "company": content}
    place.with_name(place.name + ".jsonl").write_text(json.dumps(event) + "\n")


def sheet(place: Path, content: str) -> None:
    place.with_name(place.name + ".csv").write_text(f"Company,Applied\n{content},2026-11-02\n")


def amounts(place: Path, content: str) -> None:
    pack(place.with_name(place.name + ".rules"), content)
    rows = "plant.thirst,action\nhigh,water\n"
    place.with_name(place.name + ".csv").write_text(rows)


def nothing(place: Path, content: str) -> None:
    """For names of what is made."""


def layer(place: Path, content: str) -> None:
    """A folder of rules in which each file has the name, too."""
    pack(place, content)
    (place / "rules.yaml").rename(place / f"r{place.name}.yaml")
    (place / "tests" / "rules.yaml").rename(place / "tests" / f"{place.name}.yaml")


class Trial(NamedTuple):
    """A command, `@` for the name; what lies there before, and whether a report of the day is made."""

    words: str
    lay: Callable[[Path, str], None] = situation
    refused: str | None = None
    """What a name holds that the command may not take (a pattern)."""


SECONDS = re.compile(r"\d+\.\d s")
LOOSE = re.compile(r"""[\s'"\\│─|-]""")
DAY = " --as-of 2026-11-21"
TRIALS = (
    Trial("init ./@.new.yaml --empty", nothing),
    Trial("evaluate ./@.yaml" + DAY),
    Trial("evaluate ./@.yaml --format html -o ./@.html" + DAY),
    Trial("evaluate ./@.yaml --rules ./@ --format json" + DAY, pack_and_situation),
    Trial("evaluate ./@.gone.yaml"),
    Trial("add ./@.yaml rejected acme date=2026-11-20 --sure" + DAY),
    Trial("done ./@.yaml send_thank_you" + DAY),
    Trial("draft ./@.yaml" + DAY),
    Trial("skip ./@.yaml send_thank_you" + DAY),
    Trial("unskip ./@.yaml send_thank_you" + DAY, skipped),
    Trial("edit ./@.yaml first date=2026-11-19" + DAY),
    Trial("undo ./@.yaml", skipped),
    Trial("log ./@.yaml"),
    Trial("import ./@.csv -o ./@.new.yaml --yes" + DAY, sheet),
    Trial("why ./@.yaml send_thank_you" + DAY),
    Trial("why-not ./@.yaml move_on" + DAY),
    Trial("plan ./@.yaml" + DAY),
    Trial("export ./@.yaml -o ./@.ics" + DAY),
    Trial("export ./@.yaml --format csv" + DAY),
    Trial("new ./@.new", nothing),
    Trial("check ./@", pack),
    Trial("check ./@/rules.yaml", pack),
    Trial("check ./@.gone", nothing),
    Trial("explain-code FC101 -o ./@.md", nothing),
    Trial("check ./@ --format json", layer),
    Trial("check ./@ --format sarif", layer),
    Trial("test ./@", layer),
    Trial("test ./@ --format junit -o ./@.xml", layer),
    Trial("test ./@/tests/rules.yaml --rules ./@", pack),
    Trial("diff ./@ ./@", pack),
    Trial("verify ./@ --matcher compiled --matcher reference --situations 0", layer),
    Trial("sources --rules ./@", pack),
    Trial("docs ./@ -o ./@.docs", layer),
    Trial("table ./@.csv --rules ./@.rules -o ./@.table.yaml", amounts),
    Trial("schema situation --rules ./@ -o ./@.json", pack),
    Trial("batch ./@.jsonl -o ./@.out --state ./@.st --workers 1" + DAY, lines, "[?\udcff]"),
    Trial("serve --rules ./@.gone --port 0", nothing),
    Trial("mcp --rules ./@.gone", nothing),
    Trial("lsp --rules ./@.gone", nothing),
    Trial("open ./@.yaml --rules ./@.gone --no-browser"),
    Trial("watch ./@.yaml --rules ./@.gone"),
    Trial("site -o ./@.site --pyodide ./@.gone", nothing),
    Trial("replay ./@.json", report, "[\x1b\u202e\u200b]"),
)
WITHOUT_NAMES = {"completion"}


def run_here(*arguments: str) -> Any:
    return CliRunner().invoke(cli.main, list(arguments))


class Outcome(NamedTuple):
    exit_code: int
    told: str
    made: frozenset[str]
    changed: frozenset[str]


def outcome(folder: Path, trial: Trial, name: str) -> Outcome:
    """What a command does under a name, with `@` where the name stood, in whatever writing."""
    folder.mkdir()
    for other in others_of(name) | {"other"}:
        trial.lay(folder / other, "decoy")
    trial.lay(folder / name, "right")
    before = state(folder)
    with inside(folder):
        told = run_here(*(word.replace("@", name) for word in trial.words.split()))
    after = state(folder)
    assert not before.keys() - after.keys(), "a file is gone"
    for path, content in after.items():
        assert before.get(path) == content or "decoy" not in (folder / path).read_text(errors="replace"), path
    assert told.exit_code in (0, 1, 2, 3), (name, told.output, told.exception)
    assert "decoy" not in told.output
    assert not re.search("[\x1b\u202e\u200b]", told.stderr), "what steers a terminal got there"

    def masked(text: str) -> str:
        return mask(text, name)

    changed = {path for path in before if before[path] != after[path]}
    return Outcome(
        told.exit_code,
        masked(told.output),
        frozenset(masked(path) for path in after.keys() - before.keys() - changed),
        frozenset(masked(path) for path in changed),
    )


as_json = partial(json.dumps, ensure_ascii=False)


def as_address(name: str) -> str:
    return quote(os.fsencode(name))


def mask(text: str, name: str) -> str:
    """The text with `@` for the name, however it was written; without white space and marks of quoting."""
    ways = {name, unicodedata.normalize("NFC", name)}
    ways |= {re.sub("[\udc80-\udcff]", "\ufffd", name), name.encode(errors="replace").decode()}
    ways |= {shown(way) for way in ways for shown in (visible, visible_names)}
    ways |= {write(way) for way in ways for write in (html.escape, as_address)}
    ways |= {write(way) for way in ways for write in (json.dumps, as_json, repr, shlex.quote)}
    text = LOOSE.sub("", SECONDS.sub("", text))
    for way in sorted({LOOSE.sub("", way) for way in ways} - {""}, key=len, reverse=True):
        text = text.replace(way, "@")
    return text


def test_each_command_that_takes_a_name_is_tried() -> None:
    tried = {trial.words.split()[0] for trial in TRIALS}
    assert tried | WITHOUT_NAMES == set(cli.main.list_commands(click.Context(cli.main)))


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.words)
@FEW_OR_ALL
def test_a_command_does_under_any_name_what_it_does_under_a_plain_one(
    trial: Trial, names: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    expected = outcome(tmp_path / "plain", trial, "plain")
    assert (expected.exit_code == 0) == (".gone" not in trial.words or trial.words.startswith("lsp")), (
        expected.told
    )
    for number, name in enumerate(names):
        found = outcome(tmp_path / str(number), trial, name)
        if trial.refused and re.search(trial.refused, name):
            assert found.exit_code in (2, 3)
            assert not found.made | found.changed
            assert found.told
        else:
            assert found == expected, name


# --- what goes on until it is ended
@pytest.fixture(params=[*TO_BEGIN_WITH, *(pytest.param(name, marks=pytest.mark.large) for name in NAMES)])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack of such a name, a situation `NAME.yaml` for it, and others for which they could be taken."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "all"
    folder.mkdir()
    for other in others_of(request.param):
        pack_and_situation(folder / other, "decoy")
    pack_and_situation(folder / request.param, "right")
    return folder / request.param


def test_a_service_takes_over_what_changes_in_the_folder_that_is_named(place: Path) -> None:
    rules = ReloadingPack(place, cache=False)
    assert rules.pack.pack.vocabulary.actions["water"].title.startswith("right")
    vocabulary = place / "vocabulary.yaml"
    vocabulary.write_text(vocabulary.read_text().replace("title: right", "title: changed"))
    taken = rules.reload_if_changed()
    assert taken
    assert taken.taken, taken
    assert rules.pack.pack.vocabulary.actions["water"].title.startswith("changed")


def test_the_page_saves_the_file_that_is_named_alone(place: Path) -> None:
    before = state(place.parent)
    folder = folder_of(place.with_name(place.name + ".yaml"), rules=(str(place),), edit=True)
    with opened(folder) as page:
        page.enter()
        assert "right" in json.dumps(page.ask("start"))
    for file in list(folder.desk.files.values()):
        assert "decoy" not in file.text
        if file.may_save:
            folder.save(file.id, file.text + "# saved\n", file.revision)
    after = state(place.parent)
    changed = {path for path in after if before.get(path) != after[path]}
    assert f"{place.name}.yaml" in changed
    assert all(
        path.removeprefix(".").startswith(place.name) or path.startswith(place.name) for path in changed
    ), changed
    assert all((place / name).read_text().endswith("# saved\n") for name in ("vocabulary.yaml", "rules.yaml"))


def test_a_watched_file_is_the_one_that_is_named(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = place.with_name(place.name + ".yaml")
    changed = path.read_text().replace("Fern in the kitchen", "Palm in the hall")
    watch(path, Course(no_change, partial(path.write_text, changed)), rules=(str(place),))
    said = capfd.readouterr()
    assert "Fern in the kitchen" in said.out
    assert "Palm in the hall" in said.out
    assert not said.err


@pytest.mark.slow
def test_an_editor_is_told_of_the_file_that_is_named(place: Path) -> None:
    if "\udcff" in place.name:
        pytest.skip("an address is of UTF-8")
    server = LanguageServer([sys.executable, str(CLI), "lsp"], place, {})
    try:
        wrong = (place / "rules.yaml").read_text().replace("recommend:", "recomend:", 1)
        server.open("rules.yaml", wrong)
        (first, *_) = server.diagnostics("rules.yaml")
        assert first["code"] == "FC202"
        server.change("rules.yaml", (place / "rules.yaml").read_text())
        assert server.diagnostics("rules.yaml") == []
        line, text = next(
            (number, text)
            for number, text in enumerate((place / "rules.yaml").read_text().splitlines())
            if "action: water" in text
        )
        (found,) = server.ask("definition", "rules.yaml", line, text.index("water") + 1)
        assert (found.get("uri") or found["targetUri"]) == (place / "vocabulary.yaml").as_uri()
    finally:
        server.close()


@pytest.mark.slow
def test_an_assistant_writes_into_the_file_that_is_named_alone(place: Path) -> None:
    path = place.with_name(place.name + ".yaml")
    before = state(place.parent)

    async def work(client: Any) -> None:
        first = said(await client.call_tool("look", {}))["answer"]["steps"][0]
        assert said(await client.call_tool("skip", {"what": first["actions"][0]}))["exit_code"] == 0

    talk(work, "--write", str(path), "--rules", str(place))
    after = state(place.parent)
    assert "skips:" in path.read_text()
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed <= {path.name, f"{path.name}~", f".{path.name}.lock"}
