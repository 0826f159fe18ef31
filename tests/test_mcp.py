"""Tools for assistants, asked by the protocol's own client over stdio."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import anyio
import pytest
from click.testing import CliRunner

import followcue
from followcue import cli
from served import placeless

mcp = pytest.importorskip("mcp")

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/first-interview.yaml"
SMALL = {"applications": {"a": {"company": "A", "events": [{"date": "2026-11-20", "event": "applied"}]}}}


def talk(work: Callable[[Any], Awaitable[None]], *words: str) -> None:
    """A session with `followcue mcp`, for as long as `work` takes."""
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    env = os.environ | {"PYTHONPATH": str(ROOT / "engine")}
    parameters = StdioServerParameters(
        command=sys.executable, args=[str(ROOT / "cli.py"), "mcp", *words], env=env
    )

    async def session() -> None:
        async with stdio_client(parameters) as (read, write), ClientSession(read, write) as client:
            await client.initialize()
            await work(client)

    anyio.run(session)


def said(result: Any) -> Any:
    assert not result.is_error
    return result.structured_content


@pytest.mark.slow
def test_questions_get_the_answers_of_the_engine() -> None:
    async def work(client: Any) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"evaluate", "why", "why_not", "plan", "check", "test"}
        assert all(tool.input_schema and tool.output_schema for tool in tools.values())
        asked = {"situation": SMALL, "as_of": "2026-11-21"}
        text, day = json.dumps(SMALL), date(2026, 11, 21)
        report = said(await client.call_tool("evaluate", asked))
        assert placeless(report) == placeless(followcue.evaluate(text, as_of=day).to_dict())
        action = report["actions"][0]["action"]
        why = said(await client.call_tool("why", {**asked, "action": action}))
        assert placeless(why) == placeless(followcue.why(text, action, as_of=day).to_dict())
        why_not = said(await client.call_tool("why_not", {**asked, "action": "move_on"}))
        assert why_not["headline"] == followcue.why_not(text, "move_on", as_of=day).headline
        plan = said(await client.call_tool("plan", {**asked, "days": 10}))
        assert placeless(plan) == placeless(followcue.plan(text, as_of=day, days=10).to_dict())
        wrong = said(
            await client.call_tool("evaluate", {"situation": {"applications": {"a": {"compny": "A"}}}})
        )
        assert [found["code"] for found in wrong["diagnostics"]] == ["FC502"]
        found = (await client.read_resource("followcue://schema")).contents[0].text
        assert "applications" in json.loads(found)["properties"]
        rules = (await client.read_resource("followcue://rules")).contents[0].text
        assert len(rules.splitlines()) > 100

    talk(work)


@pytest.mark.slow
def test_rules_are_checked_and_tested(tmp_path: Path) -> None:
    folder = tmp_path / "fine"
    shutil.copytree(ROOT / "examples/packs/invoice-reminders", folder)

    async def tested(client: Any) -> None:
        found = said(await client.call_tool("test", {}))
        assert (found["exit_code"], found["told"]) == (0, "")
        assert "as expected" in found["answer"]
        checked = said(await client.call_tool("check", {}))
        assert checked["exit_code"] in (0, 1)
        assert isinstance(checked["answer"], dict | list)

    talk(tested, "--rules", str(folder))


def test_rules_that_do_not_load_are_told(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: {broken: {when: [nothing_such]}}\n")
    result = CliRunner().invoke(cli.main, ["mcp", "--rules", str(tmp_path)])
    assert (result.exit_code, "nothing_such" in result.stderr) == (3, True)


@pytest.mark.slow
def test_only_the_file_that_is_named_is_written(tmp_path: Path) -> None:
    file = tmp_path / "search.yaml"
    shutil.copy(EXAMPLE, file)
    before = file.read_text()

    async def work(client: Any) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} >= {"look", "add", "done", "skip"}
        report = said(await client.call_tool("look", {}))["answer"]
        first = report["steps"][0]
        done = said(await client.call_tool("done", {"words": [first["id"]], "date": "2026-09-15"}))
        assert done["exit_code"] == 0, done
        assert len(file.read_text().splitlines()) > len(before.splitlines())
        other = tmp_path / "other.yaml"
        tricked = said(await client.call_tool("add", {"words": ["applied", f"--output={other}"]}))
        assert tricked["exit_code"] != 0
        assert not other.exists()
        skipped = said(await client.call_tool("skip", {"what": report["steps"][1]["actions"][0]}))
        assert skipped["exit_code"] == 0, skipped
        assert "skips:" in file.read_text()

    talk(work, "--write", str(file))
