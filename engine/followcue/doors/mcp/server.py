"""The tools of one pack, for an assistant that talks to a person.

What is asked is answered by the functions that answer it over HTTP; mistakes come back as a value, so that
the assistant can put them right. What looks at rules, or writes into a file, runs the command of that name as
a person would, in a process of its own: the words of a tool are never options of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from mcp.server import MCPServer
from mcp.types import ToolAnnotations

from followcue.authoring.catalogue.rule_sentence import sentence, text_of
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.limits import USUAL, LimitExceeded
from followcue.base.terminal import visible_line
from followcue.base.version import __version__
from followcue.doors.questions import answered
from followcue.doors.request import as_data
from followcue.evaluation.pipeline import LoadedPack
from followcue.evaluation.situation.situation_schema import situation_schema

LIMITS = USUAL._replace(size=2**20)
COMMAND_SECONDS = 600

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)

Situation = dict[str, Any]


class Tools(NamedTuple):
    """What the tools work on: the rules, where they came from, and the file that may be written, if any."""

    loaded: LoadedPack
    rules: Sequence[str] = ()
    packs: Sequence[str] = ()
    file: str | None = None


def create_server(tools: Tools) -> MCPServer[Any]:
    """The server; `tools.file` is a situation that an assistant may write into."""
    server: MCPServer[Any] = MCPServer(
        "followcue", version=__version__, instructions=_instructions(tools), log_level="ERROR"
    )
    _asking(server, tools)
    _authoring(server, tools)
    if tools.file is not None:
        _writing(server, tools, tools.file)
    _reading(server, tools)
    return server


def _instructions(tools: Tools) -> str:
    whole = tools.loaded.pack.vocabulary.shape.whole
    said = _INSTRUCTIONS.format(whole=whole)
    if tools.file is None:
        return said
    return f"{said} The person's own file is {visible_line(tools.file)}: `look` judges it."


_INSTRUCTIONS = (
    "Rules that say what to do next in a {whole}: dated events in, advice out, each piece with its reason "
    "and source. Read the resource followcue://schema for what a situation looks like. Say the first step "
    "first, in its own words, and add no advice that is not in the report. Mistakes come back as "
    "`diagnostics`, with a hint: put them right and ask again."
)


def _asking(server: MCPServer[Any], tools: Tools) -> None:
    @server.tool(description="What to do in a situation: steps, the first thing first.", annotations=_READS)
    def evaluate(
        situation: Situation, as_of: str | None = None, profile: str | None = None
    ) -> dict[str, Any]:
        return _asked(tools, "evaluate", situation=situation, as_of=as_of, profile=profile)

    @server.tool(
        description="Why an action is recommended, down to the events; without `action`, why each is.",
        annotations=_READS,
    )
    def why(
        situation: Situation,
        action: str | None = None,
        application: str | None = None,
        to: str | None = None,
        as_of: str | None = None,
    ) -> dict[str, Any]:
        return _asked(
            tools, "why", situation=situation, action=action, application=application, to=to, as_of=as_of
        )

    @server.tool(
        description="Why an action is not recommended, and the smallest changes after which it would be.",
        annotations=_READS,
    )
    def why_not(
        situation: Situation,
        action: str,
        application: str | None = None,
        to: str | None = None,
        as_of: str | None = None,
    ) -> dict[str, Any]:
        return _asked(
            tools, "why-not", situation=situation, action=action, application=application, to=to, as_of=as_of
        )

    @server.tool(description="What will come up in the days ahead.", annotations=_READS)
    def plan(
        situation: Situation, days: int = 30, application: str | None = None, as_of: str | None = None
    ) -> dict[str, Any]:
        return _asked(tools, "plan", situation=situation, days=days, application=application, as_of=as_of)


def _authoring(server: MCPServer[Any], tools: Tools) -> None:
    @server.tool(description="Check the rules: mistakes, and what is doubtful.", annotations=_READS)
    def check() -> dict[str, Any]:
        return _run("check", *_folders(tools), "--format", "json")

    @server.tool(description="Run the tests of the rules.", annotations=_READS)
    def test() -> dict[str, Any]:
        return _run("test", *_folders(tools))


def _writing(server: MCPServer[Any], tools: Tools, file: str) -> None:
    @server.tool(
        description=f"What to do in the person's own situation, {visible_line(file)}.", annotations=_READS
    )
    def look() -> dict[str, Any]:
        return _run("evaluate", *_layers(tools), "--format", "json", "--", file)

    @server.tool(
        description=(
            "Write down what happened: `words` are an event and its fields, such as"
            " ['applied', 'application=acme'] or words that name them. `date` is the day; today if left out."
        ),
        annotations=_WRITES,
    )
    def add(words: list[str], date: str | None = None) -> dict[str, Any]:
        return _run("add", *_layers(tools), *_day(date), "--", file, *words)

    @server.tool(
        description="Write down that a step or an action was done, by its id or title.", annotations=_WRITES
    )
    def done(words: list[str], date: str | None = None) -> dict[str, Any]:
        return _run("done", *_layers(tools), *_day(date), "--", file, *words)

    @server.tool(
        description="Write down that an action is not wanted: for good, or until a day.", annotations=_WRITES
    )
    def skip(what: str, until: str | None = None, because: str | None = None) -> dict[str, Any]:
        given = [*([f"--until={until}"] if until else []), *([f"--because={because}"] if because else [])]
        return _run("skip", *_layers(tools), *given, "--", file, what)


def _reading(server: MCPServer[Any], tools: Tools) -> None:
    @server.resource(
        "followcue://schema",
        description="What a situation looks like: a JSON Schema in the words of the rules.",
        mime_type="application/json",
    )
    def schema() -> str:
        return json.dumps(situation_schema(tools.loaded.pack.vocabulary), indent=1, ensure_ascii=False)

    @server.resource(
        "followcue://rules", description="Every rule in a sentence, and who says so.", mime_type="text/plain"
    )
    def rules() -> str:
        vocabulary, infos = tools.loaded.pack.vocabulary, tools.loaded.pack.rules
        return "".join(
            f"{rule.id}: {text_of(sentence(rule, vocabulary))}"
            f" [{', '.join(f'{c.source} {c.item or c.basis}' for c in infos[rule.id].cites)}]\n"
            for rule in tools.loaded.rules
        )


def _asked(tools: Tools, name: str, **given: object) -> dict[str, Any]:
    """The answer to a question, or its mistakes."""
    body = json.dumps({key: value for key, value in given.items() if value is not None}).encode()
    try:
        return answered(tools.loaded, name, body, is_yaml=False, limits=LIMITS)[1]
    except InvalidInput as problem:
        return {"diagnostics": [as_data(found) for found in problem.diagnostics]}
    except LimitExceeded as problem:
        return {"diagnostics": [as_data(Diagnostic("FC901", str(problem)))]}


def _run(*words: str) -> dict[str, Any]:
    """What a command says, with nobody at a terminal."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "followcue", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"exit_code": None, "told": f"this took more than {COMMAND_SECONDS} seconds"}
    said, told = (stream.decode("utf-8", "replace") for stream in (ended.stdout, ended.stderr))
    try:
        answer = json.loads(said)
    except ValueError:
        answer = said
    return {"exit_code": ended.returncode, "answer": answer, "told": told}


def _layers(tools: Tools) -> list[str]:
    return [
        *(f"--rules={folder}" for folder in tools.rules),
        *(f"--pack={name}" for name in tools.packs),
    ]


def _folders(tools: Tools) -> list[str]:
    return [*tools.rules, *(f"--pack={name}" for name in tools.packs)]


def _day(date: str | None) -> list[str]:
    return [f"--date={date}"] if date else []
