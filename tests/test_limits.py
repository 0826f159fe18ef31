"""Every limit of docs/limits.md is hit: from a program, from the command line, and in a batch."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import followcue
from followcue import cli
from followcue.assistant.draft.template import MAX_LENGTH
from followcue.authoring.lint.table_boxes import MOST_STEPS
from followcue.base import clock
from followcue.base.alarm import alarm
from followcue.base.limits import MOST, USUAL, LimitExceeded, Limits, checked, limit, limits_of
from followcue.base.rows import Column, Relation, Row
from followcue.base.timeout import in_time, within
from followcue.base.values import LONGEST_DURATION
from followcue.cli.asked import Asked
from followcue.cli.commands.watch import SituationWatcher
from followcue.cli.reporting import ReportRequest
from followcue.evaluation.match.protocol import Environment
from followcue.evaluation.match.refusals import WIDEST
from followcue.evaluation.match.relational import RelationalMatcher
from followcue.evaluation.pipeline import evaluate_facts
from followcue.evaluation.situation.mistakes import MAX_MISTAKES
from followcue.evaluation.situation.situation import Situation
from followcue.language.documents.plain import MAX_NUMBER
from followcue.language.documents.read import read_document
from followcue.language.documents.yaml_text import MAX_COPIES
from followcue.language.logic.alternatives import MAX_ALTERNATIVES
from followcue.language.logic.program import Arith, Atom, Clause, Compare, Const, Head, Var
from followcue.language.model.decision_table import MOST_COMPARED
from followcue.language.model.phrase import MAX_PARENTHESES, MAX_PHRASE
from stratified import stratified

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "whole-search.yaml"

SMALL: list[tuple[str, int, str, str]] = [
    ("derivations", 5, "FC901", "the rules derive more than 5 conclusions"),
    ("steps", 5, "FC901", "the rules compare more than 5 facts"),
    ("entries", 5, "FC901", "a situation may hold at most 5 records and events"),
    ("depth", 2, "FC106", "this is nested more than 2 levels deep"),
    ("size", 100, "FC106", "this is larger than 100 bytes"),
    ("report", 3000, "FC901", "the report holds more than 3000 characters"),
]
"""A limit that the example passes, and what is then said."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "evaluate": (),
    "plan": (),
    "why": (),
    "why-not": ("send_thank_you",),
    "draft": ("check_status", "--me", "Robin Vale"),
    "export": (),
    "replay": (),
    "log": (),
    "watch": (),
}
"""The commands that take a situation, with what else each needs."""

MATCHING = ("derivations", "steps", "report")
"""The limits of the rules alone: `log` reads and asks none."""

BOUNDS = [(name, most) for name, most in MOST._asdict().items() if name != "seconds"]


@cache
def shipped() -> followcue.LoadedPack:
    return followcue.load_pack()


def run(*arguments: object, **options: Any) -> Result:
    return CliRunner().invoke(cli.main, [str(each) for each in arguments], **options)


# --- each limit, from three sides
@pytest.mark.parametrize(("name", "value", "code", "said"), SMALL)
def test_a_program_hits_it(name: str, value: int, code: str, said: str) -> None:
    limits = USUAL._replace(**{name: value})
    text = EXAMPLE.read_text("utf-8")
    with pytest.raises((followcue.InvalidInput, followcue.LimitExceeded), match=said) as refused:
        followcue.evaluate(text, shipped(), limits=limits)
    if isinstance(refused.value, followcue.InvalidInput):
        assert {found.code for found in refused.value.diagnostics} == {code}
    with pytest.raises((followcue.InvalidInput, followcue.LimitExceeded), match=said):
        list(followcue.evaluate_many([EXAMPLE], shipped(), limits=limits))


@pytest.mark.parametrize(("name", "value", "code", "said"), SMALL)
def test_the_command_line_hits_it(name: str, value: int, code: str, said: str) -> None:
    result = run("evaluate", EXAMPLE, "--limit", f"{name}={value}")
    assert result.exit_code == 3
    assert code in result.stderr
    assert said in result.stderr
    piped = run("evaluate", "-", "--limit", f"{name}={value}", input=EXAMPLE.read_text("utf-8"))
    assert (piped.exit_code, said in piped.stderr) == (3, True)


def ask(command: str, folder: Path, *more: object) -> Result:
    """What a command says of the example."""
    if command in ("draft", "export"):
        pytest.importorskip({"draft": "jinja2", "export": "icalendar"}[command])
    if command == "draft":
        action, *others = COMMANDS[command]
        return run(command, action, EXAMPLE, *others, *more)
    if command == "replay":
        report = folder / "report.json"
        assert run("evaluate", EXAMPLE, "--format", "json", "-o", report).exit_code == 0
        return run(command, report, *more)
    return run(command, EXAMPLE, *COMMANDS[command], *more)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value", "code", "said"), SMALL)
@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "watch"])
def test_every_command_hits_it(
    command: str, name: str, value: int, code: str, said: str, tmp_path: Path
) -> None:
    result = ask(command, tmp_path, "--limit", f"{name}={value}")
    if command == "log" and name in MATCHING:
        assert result.exit_code == 0
        return
    assert (result.exit_code, result.stdout) == (3, "")
    assert code in result.stderr
    assert said in result.stderr


@pytest.mark.parametrize(("name", "value", "code", "said"), SMALL)
def test_a_page_hits_it(name: str, value: int, code: str, said: str) -> None:
    pytest.importorskip("jinja2", reason="the extra `html` is not installed")
    result = run("evaluate", EXAMPLE, "--format", "html", "--limit", f"{name}={value}")
    assert (result.exit_code, code in result.stderr, said in result.stderr) == (3, True, True)


@pytest.mark.parametrize(("name", "value", "code", "said"), SMALL)
def test_watching_tells_it_and_goes_on(
    name: str, value: int, code: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    request = ReportRequest(Asked(str(EXAMPLE), given={"limits": limits_of([(name, value)])}))
    watched = SituationWatcher(request, None, lambda zone: date(2026, 2, 18))
    watched.watch([None])
    shown = capsys.readouterr()
    assert (shown.out, code in shown.err, said in shown.err) == ("", True, True)


@pytest.mark.parametrize("command", [*(command for command in COMMANDS if command != "watch"), "page"])
def test_every_command_hits_the_limit_of_time(command: str, tmp_path: Path) -> None:
    more = ("--limit", "seconds=0.00001")
    if command == "page":
        result = run("evaluate", EXAMPLE, "--format", "html", *more)
    else:
        result = ask(command, tmp_path, *more)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "FC901: the evaluation takes more than 1e-05 seconds" in result.stderr
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "watch"])
def test_what_a_command_says_is_not_changed_by_limits_that_are_kept(command: str, tmp_path: Path) -> None:
    given = [f"--limit={name}={value:.0f}" for name, value in MOST._asdict().items()]
    plain, limited = ask(command, tmp_path), ask(command, tmp_path, *given)
    assert plain.exit_code == 0
    assert (limited.exit_code, limited.stdout) == (0, plain.stdout)


def test_every_command_with_a_situation_takes_limits() -> None:
    for command in (*COMMANDS, "batch"):
        assert "--limit NAME=VALUE" in run(command, "--help").stdout


ASKED: dict[str, Callable[..., object]] = {
    "evaluate": followcue.evaluate,
    "plan": followcue.plan,
    "to_ics": partial(followcue.to_ics, name="search"),
    "why": followcue.why,
    "why_not": partial(followcue.why_not, action="send_thank_you"),
    "write_drafts": partial(followcue.write_drafts, action="check_status", me="Robin Vale"),
    "render_html": followcue.render_html,
}
"""The functions of the package that judge one situation."""


@pytest.mark.parametrize(("name", "value", "code", "said"), [*SMALL, ("seconds", 0.00001, "", "1e-05")])
@pytest.mark.parametrize("function", ASKED)
def test_every_function_hits_it(function: str, name: str, value: float, code: str, said: str) -> None:
    needs = {"to_ics": "icalendar", "write_drafts": "jinja2", "render_html": "jinja2"}
    if function in needs:
        pytest.importorskip(needs[function])
    with pytest.raises((followcue.InvalidInput, followcue.LimitExceeded), match=said):
        ASKED[function](EXAMPLE, limits=limits_of([(name, value)]))
    with pytest.raises(ValueError, match="the limit `depth` must be"):
        ASKED[function](EXAMPLE, limits=Limits(depth=0))


def test_a_plan_keeps_to_the_limits_of_its_reports() -> None:
    """The clauses that watch the days for it have a share of their own, which nobody set."""
    derived = len(evaluate_facts(shipped(), situation()).derivations)
    followcue.plan(EXAMPLE, shipped(), days=0, limits=Limits(derivations=derived))
    for assume in ("silence", "arranged", "done"):
        plan = partial(followcue.plan, EXAMPLE, shipped(), days=0, assume=assume)
        with pytest.raises(followcue.LimitExceeded, match=f"derivations = {derived - 1}"):
            plan(limits=Limits(derivations=derived - 1))
        with pytest.raises(followcue.LimitExceeded, match=r"\(limit: steps = 1\)"):
            plan(limits=Limits(steps=1))


@pytest.mark.slow
def test_what_a_plan_supposes_is_no_entry_of_the_situation() -> None:
    lengths = []
    for entries in (least_entries(), USUAL.entries):
        found = followcue.plan(EXAMPLE, shipped(), assume="done", limits=Limits(entries=entries))
        lengths.append((len(found.entries), found.unsettled))
    assert lengths[0] == lengths[1]


def situation() -> Situation:
    return shipped().reader.read(read_document(EXAMPLE.read_bytes(), "example.yaml"), today=clock.today)


def least_entries() -> int:
    """How many records and events the example has."""
    for entries in range(1, 1000):
        with contextlib.suppress(followcue.InvalidInput):
            followcue.evaluate(EXAMPLE, shipped(), limits=Limits(entries=entries))
            return entries
    raise AssertionError("the example is as small as ever")


@pytest.mark.parametrize(("name", "value", "code", "said"), SMALL)
def test_a_batch_sets_aside_what_hits_it(name: str, value: int, code: str, said: str, tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    data = read_document(EXAMPLE.read_bytes(), "example.yaml").data
    assert isinstance(data, dict)
    small = {"as_of": "2026-01-01", "applications": {}}
    lines = [{"situation": "small", **small}, {"situation": "usual", **data}]
    given = tmp_path / "in.jsonl"
    given.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = run("batch", given, "-o", tmp_path / "out", "--workers", 1, "--limit", f"{name}={value}")
    assert result.exit_code == 1, result.output
    rejected = [json.loads(line) for line in (tmp_path / "out.rejects").read_text().splitlines()]
    assert {(each["situation"], each["code"]) for each in rejected} == {("usual", code)}
    assert said in rejected[0]["reason"]
    assert [json.loads(line)["situation"] for line in (tmp_path / "out").read_text().splitlines()] == [
        "small"
    ]


def test_what_keeps_its_limits_is_not_changed_by_them() -> None:
    plain = run("evaluate", EXAMPLE, "--format", "json").stdout
    given = [f"--limit={name}={value:.0f}" for name, value in MOST._asdict().items()]
    assert run("evaluate", EXAMPLE, "--format", "json", *given).stdout == plain


def test_a_limit_that_is_given_twice_is_the_last() -> None:
    assert run("evaluate", EXAMPLE, "--limit", "steps=5", "--limit", "steps=500000").exit_code == 0


# --- time
def endless() -> None:
    while True:
        time.sleep(0.001)


def swallowing() -> None:
    while True:
        with contextlib.suppress(Exception):
            endless()


@pytest.mark.parametrize("work", [endless, swallowing])
def test_work_without_end_ends_in_time(work: Any) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(followcue.LimitExceeded, match=r"seconds = 0\.05"), within(0.05):
        work()
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_ring_at_any_moment_is_heard_inside_or_not_at_all() -> None:
    """Also on the way in and out, where the timer is not stopped yet."""
    kept = exceeded = 0
    for turn in range(20_000):
        try:
            with within((1 + turn % 60) * 1e-6):
                sum(range(turn % 700))
            kept += 1
        except followcue.LimitExceeded:
            exceeded += 1
        assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert kept + exceeded == 20_000
    assert exceeded


def test_a_ring_within_the_work_of_an_earlier_one_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the next ring comes while the last is still being dealt with."""
    timeout = alarm(60)
    stop = signal.setitimer

    def ringing(which: int, seconds: float, again: float = 0.0) -> tuple[float, float]:
        if not seconds:
            handler = signal.getsignal(signal.SIGALRM)
            assert callable(handler)
            handler(signal.SIGALRM, sys._getframe())
        return stop(which, seconds, again)

    with monkeypatch.context() as patched:
        patched.setattr(signal, "setitimer", ringing)
        timeout.__enter__()
        with pytest.raises(LimitExceeded):
            timeout.__exit__(None, None, None)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL


def test_a_program_and_the_command_line_hit_the_limit_of_time() -> None:
    tiny = Limits(seconds=0.00001)
    with pytest.raises(followcue.LimitExceeded, match="seconds = 1e-05"):
        followcue.evaluate(EXAMPLE, shipped(), limits=tiny)
    result = run("evaluate", EXAMPLE, "--limit", "seconds=0.00001")
    assert result.exit_code == 3
    assert "FC901: the evaluation takes more than 1e-05 seconds" in result.stderr


@pytest.mark.slow
def test_a_batch_sets_aside_what_takes_too_long_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    from followcue.evaluation.situation.read_situation import SituationReader

    read = SituationReader.read

    def slow(self: SituationReader, document: Any, **options: Any) -> Any:
        if document.data.get("profile") == "patient":
            endless()
        return read(self, document, **options)

    monkeypatch.setattr(SituationReader, "read", slow)
    lines = [
        {"situation": name, "as_of": "2026-01-01", "applications": {}, **more}
        for name, more in (("a", {}), ("b", {"profile": "patient"}), ("c", {}))
    ]
    given = tmp_path / "in.jsonl"
    given.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run("batch", given, "-o", tmp_path / "out", "--workers", 1, "--limit", "seconds=1").exit_code == 1
    rejected = [json.loads(line) for line in (tmp_path / "out.rejects").read_text().splitlines()]
    assert [(each["situation"], each["code"], each["line"]) for each in rejected] == [("b", "FC901", 2)]
    assert len((tmp_path / "out").read_text().splitlines()) == 2


def test_a_statement_of_a_database_ends_in_time() -> None:
    """DuckDB looks for signals while it works, and makes an error of its own of what they raise."""
    pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    columns = (Column("n", "number"),)
    relations = {"item": Relation("item", columns), "flag": Relation("flag", (), derived=True)}
    joins = tuple(Atom("item", ((0, f"n{number}"),)) for number in range(6))
    never = Compare("<", Arith("+", Var("n0"), Var("n5")), Const(-1))
    program = stratified(relations, (Clause("cross", Head("flag", ()), joins, guards=(never,)),))
    matcher = RelationalMatcher(program)
    facts: dict[str, list[Row]] = {"item": [(number,) for number in range(300)]}
    limits = Limits(steps=10**9, seconds=0.3)
    began = time.monotonic()
    with pytest.raises(followcue.LimitExceeded, match=r"seconds = 0\.3"), in_time(limits):
        matcher.run(facts, Environment(0, {}, None, limits))
    assert time.monotonic() - began < 20


def test_time_is_not_limited_where_it_cannot_be() -> None:
    refused: list[str] = []

    def elsewhere() -> None:
        try:
            followcue.evaluate(EXAMPLE, shipped(), limits=Limits(seconds=1))
        except ValueError as problem:
            refused.append(str(problem))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert refused == ["the limit `seconds` works in the main thread only"]
    with within(60), pytest.raises(ValueError, match="that this program uses itself"):
        followcue.evaluate(EXAMPLE, shipped(), limits=Limits(seconds=1))


# --- bounds
@pytest.mark.parametrize(("name", "most"), BOUNDS)
def test_each_limit_has_bounds(name: str, most: int) -> None:
    for value in (0, -1, most + 1, 1.5, True, None):
        wrong: Any = {name: value}
        with pytest.raises(ValueError, match=f"the limit `{name}` must be a whole number from 1 to {most:,}"):
            checked(USUAL._replace(**wrong))
    assert checked(USUAL._replace(**{name: most})) == USUAL._replace(**{name: most})
    assert limit(f" {name} = {most} ") == (name, most)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 86_401, "1"])
def test_seconds_have_bounds(value: Any) -> None:
    with pytest.raises(ValueError, match=r"must be from 0 \(none\) to 86,400"):
        checked(Limits(seconds=value))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("depth", "is not of the form NAME=VALUE"),
        ("width=3", "there is no limit `width`; there are derivations, steps"),
        ("steps=many", "must be a number, not 'many'"),
        ("depth=101", "must be a whole number from 1 to 100, not 101"),
        ("seconds=nan", "must be from 0 (none) to 86,400"),
    ],
)
@pytest.mark.parametrize(
    "command", [["evaluate", EXAMPLE], ["plan", EXAMPLE], ["batch", EXAMPLE, "-o", "out.jsonl"]]
)
def test_another_limit_is_wrong_usage(command: list[Any], text: str, said: str) -> None:
    result = run(*command, "--limit", text)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def nested(levels: int) -> Any:
    data: Any = 1
    for _ in range(levels - 1):
        data = [data]
    return {"as_of": data}


def as_yaml(levels: int) -> str:
    inner = range(levels - 1)
    return "as_of:\n" + "\n".join("  " * (n + 1) + "-" for n in inner) + " 1\n"


@pytest.mark.parametrize("form", ["data", "json", "yaml"])
def test_the_deepest_that_may_be_allowed_is_read(form: str) -> None:
    """Also from far down in the calls of a program."""

    def ask(levels: int) -> bool:
        given = {"data": nested, "json": lambda n: json.dumps(nested(n)), "yaml": as_yaml}[form](levels)
        with pytest.raises(followcue.InvalidInput) as refused:
            followcue.evaluate(given, shipped(), limits=USUAL._replace(depth=MOST.depth))
        return any(found.code == "FC106" for found in refused.value.diagnostics)

    def far_down(calls: int, levels: int) -> bool:
        return far_down(calls - 1, levels) if calls else ask(levels)

    assert not far_down(200, MOST.depth)  # read, and told that it is no day
    assert far_down(200, MOST.depth + 1)


# --- the page
def test_the_page_has_every_limit_with_its_values() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([\d,]+|none) \| ([\d,]+) \|$", page(), re.M)
    wanted = {
        name: (f"{usual:,}" if usual else "none", f"{most:,}")
        for name, usual, most in zip(Limits._fields, USUAL, MOST, strict=True)
    }
    assert {name: (usual, most) for name, usual, most in rows} == wanted


FIXED = {
    "A number in a situation": f"{MAX_NUMBER:,}",
    "A number that rules derive": f"{WIDEST.bit_length() - 1:,} bits",
    "A day that rules derive": f"the years {date.min.year} to {date.max.year}",
    "A duration": f"{LONGEST_DURATION:,} days",
    "Mistakes": f"{MAX_MISTAKES:,}, ",
    "Values repeated": f"{MAX_COPIES:,} |",
    "A phrase": f"{MAX_PHRASE} characters, {MAX_PARENTHESES} opening",
    "Cases": f"{MAX_ALTERNATIVES} |",
    "Pairs of rows": f"{MOST_COMPARED:,} |",
    "Steps in the search for gaps": f"{MOST_STEPS:,} |",
    "A drafted message": f"{MAX_LENGTH:,} characters",
}


@pytest.mark.parametrize("what", FIXED)
def test_the_page_has_the_limits_that_are_fixed(what: str) -> None:
    (row,) = [line for line in page().splitlines() if line.startswith(f"| {what}")]
    assert FIXED[what] in row


def test_what_the_page_shows_can_be_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb", reason="the extra `tables` is not installed")
    monkeypatch.chdir(tmp_path)
    data = read_document(EXAMPLE.read_bytes(), "example.yaml").data
    Path("search.yaml").write_bytes(EXAMPLE.read_bytes())
    Path("searches.jsonl").write_text(json.dumps(data))
    blocks = dict(re.findall(r"^```(sh|python)\n(.*?)^```$", page(), re.M | re.S))
    for command in blocks["sh"].splitlines():
        name, *arguments = shlex.split(command)
        assert (name, run(*arguments).exit_code) == ("followcue", 0), command
    exec(blocks["python"], shown := {})  # type: ignore[var-annotated]
    assert shown["report"].actions


def test_the_defaults_are_far_above_the_largest_example() -> None:
    largest = USUAL._replace(derivations=1000, steps=50_000, entries=200)
    for path in sorted(EXAMPLE.parent.glob("*.yaml")):
        followcue.evaluate(path, shipped(), limits=largest)


def page() -> str:
    return (ROOT / "docs" / "limits.md").read_text("utf-8")
