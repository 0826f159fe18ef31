"""`followcue batch`: many situations at once, from files, tables and databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from followcue.commands.options import AS_OF, LIMITS, MATCHER, NO_CACHE, PACKS, PROFILE, RULES, SETTINGS
from followcue.shell import FOUND_SOMETHING

if TYPE_CHECKING:
    from followcue.batch.run import Done, Request, Told

FORMS = ("jsonl", "csv", "parquet", "duckdb", "sqlite", "postgresql")
OUTPUTS = ("jsonl", "parquet")


@click.command("batch", short_help="Judge many situations at once.")
@click.argument("source", metavar="INPUT")
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False), help="Write reports to this file."
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
    "--workers", type=click.IntRange(1, 256), help="How many processes; one for each core if left out."
)
@click.option(
    "--memory", default="1GB", show_default=True, help="What sorting may use before it goes to disk."
)
@LIMITS
@AS_OF
@RULES
@PACKS
@PROFILE
@SETTINGS
@MATCHER
@click.option("--all", "missed", is_flag=True, help="Also list what can no longer be done.")
@NO_CACHE
def batch_command(source: str, output: str, **options: Any) -> None:
    """Judge every situation of INPUT: JSON lines, CSV, Parquet, or a table of DuckDB, SQLite or PostgreSQL.

    Each record is an event with its `situation`, in any order; a line of JSON may also be a whole situation.
    What cannot be judged goes to OUTPUT.rejects with its line and the reason, and the run goes on; it then
    ends with exit code 1. A run that was stopped goes on where it was when the same command is given again.

    \b
    Examples:
      followcue batch searches.jsonl -o reports.jsonl
      followcue batch events.parquet -o actions.parquet --as-of 2026-11-21
      followcue batch postgresql://localhost/careers --table events -o reports.jsonl
    """
    from followcue.batch.libraries import LibraryMissing
    from followcue.batch.parts import OtherRun
    from followcue.batch.run import Rejected, run_batch
    from followcue.batch.source import UnreadableSource

    try:
        request = _request(source, output, **options)
        done = run_batch(request, _progress())
    except (LibraryMissing, OtherRun, UnreadableSource) as problem:
        raise click.UsageError(str(problem)) from None
    except Rejected as problem:
        click.echo(f"stopped at a situation that cannot be judged: {problem}", err=True)
        raise click.exceptions.Exit(FOUND_SOMETHING) from None
    except OSError as problem:
        raise click.UsageError(f"cannot write {problem.filename or output}: {problem.strerror}") from None
    click.echo(_told(done, request), err=True)
    if done.rejected:
        raise click.exceptions.Exit(FOUND_SOMETHING)


def _request(
    source: str,
    output: str,
    *,
    source_form: str | None,
    table: str | None,
    form: str | None,
    rejects: str | None,
    workers: int | None,
    settings: tuple[tuple[str, object], ...],
    no_cache: bool,
    limits: tuple[tuple[str, float], ...],
    memory: str,
    strict: bool,
    restart: bool,
    **judging: Any,
) -> Request:
    import os
    from pathlib import Path

    from followcue.batch.run import Request
    from followcue.batch.settings import Settings
    from followcue.batch.source import Source
    from followcue.clock import today
    from followcue.limits import limits_of

    return Request(
        source=Source.of(source, source_form, table),
        output=Path(output),
        rejects=Path(rejects or f"{output}.rejects"),
        form=form or ("parquet" if output.endswith((".parquet", ".pq")) else "jsonl"),
        settings=Settings(
            today=today(),
            parameters=settings,
            cache=not no_cache,
            limits=limits_of(limits),
            **judging,
        ),
        workers=workers or os.cpu_count() or 1,
        memory=memory,
        strict=strict,
        restart=restart,
    )


def _progress() -> Told:
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
            click.echo(f"{stage} ...", err=True)
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


def _told(done: Done, request: Request) -> str:
    said = f"{done.answered:,} situations judged, written to {request.output}"
    return f"{said}; {done.rejected:,} set aside in {request.rejects}" if done.rejected else said
