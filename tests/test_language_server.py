"""An editor's language server, given the schemas of `followcue schema`, offers and checks a pack's own words.

The server is the one that editors use, installed from its registry as `package-lock.json` in
`tests/language_server/` says. What it is asked and answers is kept there, in `exchange.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fenced import blocks
from followcue.authoring.editor.pack_names import pack_names
from followcue.authoring.editor.write_schemas import MARK, settings, write_schemas
from language_server_client import LanguageServer
from npm_packages import installed

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[1]
INSTALLED_FROM = ROOT / "tests" / "language_server"
EXCHANGE = INSTALLED_FROM / "exchange.json"
WARNING = 2
"""The severity from which on less is no complaint."""
HERE = "▮"
SHELF = "shelf"
"""A folder whose files name no schema: the settings of the editor do."""

SETTINGS = {
    "yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}},
    "http": {},
    "[yaml]": {},
    "editor": {},
    "files": {},
}

LIBRARY = next(
    block.text for block in blocks(ROOT / "docs" / "language.md") if block.label == "yaml vocabulary"
)

KNOWN = """\
rules:
  remind-of-late-book:
    title: Remind the reader
    when: [lent: {until: $day}]
    recommend: {action: remind, open: $day + grace}
"""

WHEN = """\
rules:
  my-rule:
    title: Mine
    when:
      - """
ASKED = {
    "event kinds under when": ("completion", "rules", WHEN + HERE),
    "event kinds after no": ("completion", "rules", WHEN + "no re" + HERE),
    "fields in a pattern": ("completion", "rules", WHEN + "lent:\n          " + HERE),
    "words of a field": ("completion", "rules", WHEN + "loan:\n          kind: " + HERE),
    "actions": ("completion", "rules", "rules:\n  my-rule:\n    recommend:\n      action: " + HERE),
    "a parameter where a bare word may be one": (
        "completion",
        "rules",
        WHEN + "reminders:\n          n: " + HERE,
    ),
    "conclusions": ("completion", "rules", "rules:\n  my-rule:\n    conclude: " + HERE),
    "fields of a conclusion": (
        "completion",
        "rules",
        "rules:\n  my-rule:\n    conclude:\n      due_back:\n        " + HERE,
    ),
    "what settles an action": (
        "completion",
        "rules",
        "rules:\n  my-rule:\n    recommend:\n      action: remind\n      done_when:\n        " + HERE,
    ),
    "sources and items": ("completion", "rules", "rules:\n  my-rule:\n    cites:\n      - " + HERE),
    "rules to override": ("completion", "rules", "rules:\n  my-rule:\n    overrides:\n      - " + HERE),
    "rules to refine": ("completion", "rules", "rules:\n  my-rule:\n    refines: " + HERE),
    "rules to disable": ("completion", "rules", "disable:\n  - " + HERE),
    "profiles of a rule": ("completion", "rules", "rules:\n  my-rule:\n    profiles:\n      - " + HERE),
    "parameters of a situation": ("completion", "situation", "params:\n  " + HERE),
    "profiles of a situation": ("completion", "situation", "profile: " + HERE),
    "events of a situation": (
        "completion",
        "situation",
        "loans:\n  emma:\n    events:\n      - event: " + HERE,
    ),
    "fields of an event": (
        "completion",
        "situation",
        "loans:\n  emma:\n    book: Emma\n    events:\n      - event: lent\n        " + HERE,
    ),
    "expected actions": ("completion", "tests", "tests:\n  my-test:\n    expect:\n      - action: " + HERE),
    "tested rules": ("completion", "tests", "tests:\n  my-test:\n    rules:\n      - " + HERE),
    "fields of an added event": (
        "completion",
        "tests",
        "tests:\n  my-test:\n    checks:\n      - add:\n          - event: lent\n            " + HERE,
    ),
    "types of a field": (
        "completion",
        "vocabulary",
        "events:\n  lent:\n    fields:\n      from: " + HERE,
    ),
    "known parameters of a layer": ("completion", "vocabulary", "parameters:\n  " + HERE),
    "what an event says": ("hover", "rules", WHEN + f"le{HERE}nt:\n          to: $reader\n"),
    "what an absent event says": ("hover", "rules", WHEN + f"no re{HERE}turned\n"),
    "what an action is": (
        "hover",
        "rules",
        f"rules:\n  my-rule:\n    recommend:\n      action: re{HERE}mind\n",
    ),
    "what a parameter decides": ("hover", "situation", f"params:\n  gr{HERE}ace: 1 day\n"),
    "what an event of a situation says": (
        "hover",
        "situation",
        f"loans:\n  emma:\n    book: Emma\n    events:\n      - {{date: 2026-03-01, event: dama{HERE}ged}}\n",
    ),
}
"""What is asked: of which kind of file, and where in it."""

SLIPS = {
    "an event": ("rules", WHEN + "lant: {to: $reader}\n    recommend: {action: remind}\n"),
    "an event in a phrase": ("rules", WHEN + "no retruned\n    recommend: {action: remind}\n"),
    "a field": ("rules", WHEN + "lent: {too: $reader}\n    recommend: {action: remind}\n"),
    "a word": ("rules", WHEN + "loan: {kind: not novell}\n    recommend: {action: remind}\n"),
    "an action": ("rules", WHEN + "lent\n    recommend: {action: remynd}\n"),
    "a parameter": (
        "rules",
        WHEN + "lent: {until: $day}\n    recommend: {action: remind, open: $day + grase}\n",
    ),
    "a rule": ("rules", "disable: [remind-of-late-bok]\n"),
    "a source": ("rules", WHEN + "lent\n    cites: [handbok/H1]\n    recommend: {action: remind}\n"),
    "a parameter of a situation": ("situation", "params: {grase: 1 day}\nloans: {}\n"),
    "an event of a situation": (
        "situation",
        "loans:\n  emma:\n    book: Emma\n    events:\n      - {date: 2026-03-01, event: lant}\n",
    ),
    "an expected action": ("tests", "tests:\n  my-test:\n    expect: [remynd]\n"),
    "a type": ("vocabulary", "events:\n  lent:\n    fields: {from: readr}\n"),
    "nothing": ("rules", KNOWN),
}
"""What is misspelt."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """The server, in a folder with the pack of the language page and its schemas."""
    packages = installed("language_server") / "node_modules"
    program = packages / "yaml-language-server" / "bin" / "yaml-language-server"
    folder = tmp_path_factory.mktemp("library").resolve()
    (folder / "vocabulary.yaml").write_text(LIBRARY, "utf-8")
    (folder / "rules.yaml").write_text(KNOWN, "utf-8")
    write_schemas(pack_names([folder]), str(folder))
    write_schemas(pack_names([folder]), str(folder / SHELF))
    chosen = {
        **SETTINGS,
        "yaml": {**SETTINGS["yaml"], "schemas": json.loads(settings(SHELF))["yaml.schemas"]},
    }
    running = LanguageServer(["node", str(program), "--stdio"], folder, chosen)
    yield running
    running.close()


def test_the_exchange_is_as_kept(server: LanguageServer, request: pytest.FixtureRequest) -> None:
    for name, (kind, text) in SLIPS.items():
        server.open(_file(name), _with_schema(kind, text))
    exchange = {
        "asked": {name: _asked(server, _file(name), *question) for name, question in ASKED.items()},
        "slips": {name: _slip(server, _file(name), *slip) for name, slip in SLIPS.items()},
    }
    if request.config.getoption("--rebaseline"):
        EXCHANGE.write_text(json.dumps(exchange, indent=1, ensure_ascii=False) + "\n", "utf-8")
    kept = json.loads(EXCHANGE.read_text("utf-8"))
    assert exchange["asked"] == kept["asked"]
    assert exchange["slips"] == kept["slips"]
    silent = [name for name, said in kept["slips"].items() if not said["reply"]["diagnostics"]]
    assert silent == ["nothing"]
    empty = [
        name for name, said in kept["asked"].items() if not (said["reply"] and any(said["reply"].values()))
    ]
    assert empty == []


def test_a_whole_shipped_rule_file_is_free_of_complaints(server: LanguageServer) -> None:
    write_schemas(pack_names(), str(server.folder / "shipped"))
    for folder, kind, name in (
        ("", "rules", "waiting"),
        ("tests/", "tests", "waiting"),
        ("vocabulary/", "vocabulary", "events"),
    ):
        text = (ROOT / "rules" / "interview-follow-up" / folder / f"{name}.yaml").read_text("utf-8")
        file = f"shipped/{kind}.yaml"
        server.open(file, f"{MARK}.followcue/{kind}.schema.json\n{text.split(chr(10), 1)[1]}")
        assert [said for said in server.diagnostics(file) if said["severity"] <= WARNING] == [], file


def test_the_settings_for_a_whole_pack_do_the_same(server: LanguageServer) -> None:
    wrong = {
        "vocabulary.yaml": "events:\n  lent:\n    fields: {from: readr}\n",
        "late.yaml": "rules:\n  a:\n    when: [no retruned]\n",
        "tests/late.yaml": "tests:\n  a:\n    expect: [remynd]\n",
    }
    for name, text in wrong.items():
        server.open(f"{SHELF}/{name}", text)
    found = {name: server.diagnostics(f"{SHELF}/{name}") for name in wrong}
    assert {name: [said["range"]["start"]["line"] for said in told] for name, told in found.items()} == {
        "vocabulary.yaml": [2],
        "late.yaml": [2],
        "tests/late.yaml": [2],
    }


# --- one question
def _asked(server: LanguageServer, file: str, method: str, kind: str, marked: str) -> dict[str, Any]:
    """What is asked at the mark, and answered."""
    text = _with_schema(kind, marked)
    before = text[: text.index(HERE)]
    line, character = before.count("\n"), len(before) - before.rfind("\n") - 1
    server.open(file, text.replace(HERE, ""))
    reply = server.ask(method, file, line, character)
    params = {"text": text.splitlines(), "position": {"line": line, "character": character}}
    return {"request": {"method": f"textDocument/{method}", **params}, "reply": _normal(reply)}


def _slip(server: LanguageServer, file: str, kind: str, text: str) -> dict[str, Any]:
    """What is wrong with a file, as the server says of its own accord."""
    found = [_place(diagnostic) for diagnostic in server.diagnostics(file)]
    return {
        "request": {"method": "textDocument/didOpen", "text": _with_schema(kind, text).splitlines()},
        "reply": {"method": "textDocument/publishDiagnostics", "diagnostics": found},
    }


def _file(name: str) -> str:
    return f"{name.replace(' ', '-')}.yaml"


def _with_schema(kind: str, text: str) -> str:
    return f"{MARK}.followcue/{kind}.schema.json\n{text}"


def _normal(reply: Any) -> Any:
    """A reply without what differs from place to place and what no one reads."""
    if isinstance(reply, dict) and "items" in reply:
        items = sorted(reply["items"], key=lambda item: (item["label"], _text(item.get("documentation"))))
        places = [item["textEdit"]["range"] for item in items if "textEdit" in item]
        return {
            "replaces": next((place for place in places if places.count(place) * 2 > len(places)), None),
            "offers": {item["label"]: _text(item.get("documentation")) for item in items},
        }
    if isinstance(reply, dict) and "contents" in reply:
        said = _text(reply["contents"]).split("\n\nSource: ")[0]
        return {"contents": said.splitlines(), "range": reply.get("range")}
    return reply


def _text(said: Any) -> str:
    return said["value"] if isinstance(said, dict) else said or ""


def _place(diagnostic: dict[str, Any]) -> dict[str, Any]:
    return {"range": diagnostic["range"], "message": diagnostic["message"]}
