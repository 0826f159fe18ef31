"""`followcue batch`: many situations at once, from files, tables and databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from followcue.base.terminal import tell
from followcue.cli.ending import FOUND_SOMETHING
from followcue.cli.options import AS_OF, JUDGING, LIMITS, MATCHER, MISSED, NO_CACHE

if TYPE_CHECKING:
    from followcue.base.limits import Limits
    from followcue.batch.run_batch import BatchCounts, BatchRequest, Progress
    from followcue.batch.source import Source

FORMS = ("jsonl", "csv", "parquet", "duckdb", "sqlite", "postgresql")
OUTPUTS = ("jsonl", "parquet")


@click.command("batch", short_help="Judge many situations at once.")
@click.argument("source", metavar="INPUT")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Write reports to this file; - is standard output.",
)
@click.option(
    "--from", "source_form", type=click.Choice(FORMS), help="What INPUT is, if its ending does not tell."
)
@click.option("--table", help="The table in a database.")
@click.option("--to", "form", type=click.Choice(OUTPUTS), help="The form of the output; its ending tells it.")
@click.option("--rejects", type=click.Path(dir_okay=False), help="Where to write what cannot be judged.")
@click.option("--strict", is_flag=True, help="Stop at the first situation that cannot be judged.")
@click.option("--restart", is_flag=True, help="Begin anew where an unfinished run lies.")
@click.option(
    "--state",
    type=click.Path(file_okay=False),
    help="Keep reports in this folder, and judge only what can have changed.",
)
@click.option("--changed", is_flag=True, help="With --state, write only reports that are others than before.")
@click.option(
    "--keep-records", is_flag=True, help="With --state, keep the records too, for --delta on later nights."
)
@click.option(
    "--delta", is_flag=True, help="With --state, INPUT holds only what is new since the last night."
)
@click.option(
    "--workers", type=click.IntRange(1, 256), help="How many processes; one for each core if left out."
)
@click.option(
    "--memory", default="1GB", show_default=True, help="What sorting may use before it goes to disk."
)
@LIMITS
@AS_OF
@JUDGING
@MATCHER
@MISSED
@NO_CACHE
def batch_command(source: str, output: str, **options: Any) -> None:
    """Judge every situation of INPUT: JSON lines, CSV, Parquet, or a table of DuckDB, SQLite or PostgreSQL.

    Each record is an event with its `situation`, in any order; a line of JSON may also be a whole situation.
    What cannot be judged goes to OUTPUT.rejects with its line and the reason, and the run goes on; it then
    ends with exit code 1. A run that was stopped goes on where it was when the same command is given again,
    unless INPUT is - (standard input). Rejects of a run that writes to - are told on standard error.

    With --state DIR a nightly run judges only situations with other records than the last time, and those
    whose report can be another one today; the output is the same as without.

    \b
    Examples:
      followcue batch searches.jsonl -o reports.jsonl
      followcue batch events.parquet -o actions.parquet --as-of 2026-11-21
      followcue batch searches.jsonl -o reports.jsonl --state nightly/
      followcue batch postgresql://localhost/careers --table events -o reports.jsonl
      zcat searches.jsonl.gz | followcue batch - -o - | jq .actions
    """
    from followcue.base.extras import require
    from followcue.batch.checkpoint import OtherRun
    from followcue.batch.run_batch import Rejected, run_batch
    from followcue.batch.source import UnreadableSource

    require("tables", what="`followcue batch`")
    if options["state"] is None:
        for name, why in (
            ("changed", "what did not change is known from there"),
            ("keep_records", "they are kept there"),
            ("delta", "what it adds to is known from there"),
        ):
            if options[name]:
                raise click.UsageError(f"--{name.replace('_', '-')} goes with --state: {why}")
    try:
        with _piped(source, output) as (taken, target):
            request = _request(source, taken, target, **options)
            done = run_batch(request, _progress(), tell)
            _emit(request, output, options["rejects"])
    except (OtherRun, UnreadableSource) as problem:
        raise click.UsageError(str(problem)) from None
    except Rejected as problem:
        tell(f"stopped at a situation that cannot be judged: {problem}")
        raise click.exceptions.Exit(FOUND_SOMETHING) from None
    except OSError as problem:
        raise click.UsageError(f"cannot write {output}: {problem.strerror or problem}") from None
    tell(_told(done, output, request))
    if done.rejected:
        raise click.exceptions.Exit(FOUND_SOMETHING)


@contextmanager
def _piped(source: str, output: str) -> Iterator[tuple[str | None, str]]:
    """Where the input lies if that is not its name, and where the output goes; what is piped is on disk."""
    if "-" not in (source, output):
        yield None, output
        return
    import shutil
    import sys
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="followcue-") as folder:
        taken = None
        if source == "-":
            taken = str(Path(folder) / "input")
            with open(taken, "wb") as stream:
                shutil.copyfileobj(sys.stdin.buffer, stream)
        yield taken, str(Path(folder) / "output") if output == "-" else output


def _emit(request: BatchRequest, output: str, rejects: str | None) -> None:
    """What was asked for on standard output, and its rejects unless they have a file of their own."""
    if output != "-":
        return
    import shutil
    import sys

    with open(request.output, "rb") as stream:
        shutil.copyfileobj(stream, sys.stdout.buffer)
    if rejects is None and request.rejects.exists():
        tell(request.rejects.read_text("utf-8", "replace"), nl=False)


def _request(
    source: str,
    taken: str | None,
    output: str,
    *,
    source_form: str | None,
    table: str | None,
    form: str | None,
    rejects: str | None,
    workers: int | None,
    settings: tuple[tuple[str, object], ...],
    no_cache: bool,
    limits: Limits,
    memory: str,
    strict: bool,
    restart: bool,
    state: str | None,
    changed: bool,
    keep_records: bool,
    delta: bool,
    **judging: Any,
) -> BatchRequest:
    import os
    from pathlib import Path

    from followcue.base.clock import today
    from followcue.batch.run_batch import BatchRequest
    from followcue.batch.settings import Settings

    return BatchRequest(
        source=_source(source, taken, source_form, table),
        output=Path(output),
        rejects=Path(rejects or f"{output}.rejects"),
        form=form or ("parquet" if output.endswith((".parquet", ".pq")) else "jsonl"),
        settings=Settings(
            today=today(),
            parameters=settings,
            cache=not no_cache,
            limits=limits,
            **judging,
        ),
        workers=workers or os.cpu_count() or 1,
        memory=memory,
        strict=strict,
        restart=restart or taken is not None,
        state=Path(state) if state else None,
        changed=changed,
        keep_records=keep_records,
        delta=delta,
    )


def _source(source: str, taken: str | None, form: str | None, table: str | None) -> Source:
    """The input; what is piped is taken for lines of JSON if nothing is said."""
    from followcue.batch.source import Source

    if taken is None:
        return Source.of(source, form, table)
    return Source("<stdin>", form or "jsonl", table, taken)


def _progress() -> Progress:
    """Tells on a terminal how far the run is, how fast, and how long it will still take."""
    import sys
    from time import monotonic

    from followcue.batch.sorting import SITUATIONS_A_CHUNK

    shown = sys.stderr is not None and sys.stderr.isatty()
    began: list[tuple[float, int]] = []

    def told(stage: str, done: int, of: int) -> None:
        if not shown:
            return
        if not of:
            tell(f"{stage} ...")
            return
        if not began:
            began.append((monotonic(), done))
        start, before = began[0]
        spent = monotonic() - start
        rate = (done - before) * SITUATIONS_A_CHUNK / spent if spent else 0
        left = f", {(of - done) * SITUATIONS_A_CHUNK / rate:,.0f} s left" if rate else ""
        filled = 30 * done // of
        bar = "#" * filled + "-" * (30 - filled)
        end = done == of
        click.echo(f"\r{stage} [{bar}] {done / of:4.0%}  {rate:,.0f} a second{left}   ", err=True, nl=end)

    return told


def _told(done: BatchCounts, output: str, request: BatchRequest) -> str:
    said = f"{done.answered:,} situations judged"
    if done.night is not None:
        gone = f", {done.night.gone:,} gone" if done.night.gone else ""
        said = f"{done.answered:,} situations, {done.night.judged:,} of them judged{gone}"
    if output != "-":
        said += f", written to {output}"
    if not done.rejected:
        return said
    kept = request.rejects.exists()
    return f"{said}; {done.rejected:,} set aside{f' in {request.rejects}' if kept else ''}"
