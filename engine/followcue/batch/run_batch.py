"""A run: chunk after chunk of situations, by as many workers as there are cores, into one file.

Idea: records are sorted by situation and cut into chunks; a chunk becomes a part, whichever process works on
it and whenever, and parts are joined in order.

    1,200 situations, 500 a chunk, 2 workers
    OUTPUT.unfinished/   run.json, records.duckdb     the input is sorted
                         000000.out, 000002.out       the machine stopped within chunk 1
    the same command again works on chunk 1 alone, then joins the three parts

Invariant: the result depends on the input and the request alone. A part is there as a whole or not at all,
and its rejects before its reports; so a run that is stopped, however roughly, goes on with the chunks that
are missing, as of the day on which it began.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from followcue.base.extras import require
from followcue.base.gc_pause import gc_paused
from followcue.base.version import __version__
from followcue.batch.checkpoint import Checkpoint, OtherRun, join_files
from followcue.batch.forms import as_lines, as_parquet, as_rejects, join_parquet
from followcue.batch.settings import Settings
from followcue.batch.sorting import SortedRecords, sort_records
from followcue.batch.source import Source, UnreadableSource
from followcue.batch.work import Answer, Worker
from followcue.evaluation.pipeline import load_pack


class BatchRequest(NamedTuple):
    """Where the input is, where the output goes and in which form, and how to judge."""

    source: Source
    output: Path
    rejects: Path
    form: str
    settings: Settings
    workers: int = 1
    memory: str = "1GB"
    strict: bool = False
    restart: bool = False


class BatchCounts(NamedTuple):
    """What a run did: how many situations were answered, and how many were set aside."""

    answered: int
    rejected: int


class Rejected(Exception):
    """A strict run met a situation that cannot be judged; the message is its first reject."""


Progress = Callable[[str, int, int], None]
"""Called with the stage of a run, how much of it is done, and of how much."""


def run_batch(request: BatchRequest, told: Progress = lambda stage, done, of: None) -> BatchCounts:
    """Judge every situation of the input.

    Raises `UnreadableSource`, `OtherRun` where something is in the way, `Unavailable`, `InvalidInput` for
    mistakes in the rules, `Rejected` where the run is strict, and `OSError` where the output cannot be
    written.
    """
    require("tables", what="`followcue batch`")
    if request.source.form == "postgresql":
        require("postgresql")
    _require_apart(request)
    version = load_pack(
        *request.settings.rules, packs=request.settings.packs, cache=request.settings.cache
    ).pack.version
    parts = Checkpoint(request.output)
    known = parts.begin(_identity(request, version), restart=request.restart)
    if "chunks" not in known:
        told("sorting", 0, 0)
        parts.clear_records()
        try:
            chunks = sort_records(request.source, parts.records, request.memory, request.settings.limits.size)
        except UnreadableSource:
            parts.end()  # there is nothing to go on with
            raise
        known = parts.know(known | {"chunks": chunks, "today": request.settings.today.isoformat()})
    settings = request.settings._replace(today=type(request.settings.today).fromisoformat(known["today"]))
    missing = [number for number in range(known["chunks"]) if number not in parts.done()]
    total = known["chunks"]
    told("judging", total - len(missing), total)
    for count, first_reject in enumerate(
        _worked(request, settings, parts, missing), total - len(missing) + 1
    ):
        if first_reject is not None and request.strict:
            raise Rejected(first_reject)
        told("judging", count, total)
    return _finish(request, parts, total)


def _require_apart(request: BatchRequest) -> None:
    """Raises `OtherRun` where what is written would take the place of the input, or of what is no file."""
    if "?" in str(request.output.absolute()):
        # It looks for its own files under another name then.
        raise OtherRun(f"{request.output}: a place with `?` in its name cannot hold the database that sorts")
    places = {"the output": request.output, "the file of rejects": request.rejects}
    taken: dict[str, Path] = {}
    if request.source.form != "postgresql":
        taken["the input"] = request.source.place
    for what, place in places.items():
        if place.exists() and not place.is_file():
            raise OtherRun(f"{place} is in the way of {what}: it is no file")
        for other, path in taken.items():
            if os.path.realpath(place) == os.path.realpath(path) or _is_one_file(place, path):
                raise OtherRun(f"{place} is {other}, and {what} cannot take its place: name another file")
        taken[what] = place


def _is_one_file(one: Path, other: Path) -> bool:
    """Whether both names are of the same file, also where it has several."""
    return one.exists() and other.exists() and one.samefile(other)


def _identity(request: BatchRequest, version: str) -> dict[str, Any]:
    """All that the result depends on, but for the day on which the run began."""
    settings = request.settings.to_json()
    del settings["today"]
    path = Path(request.source.file)
    stamp = [path.stat().st_size, path.stat().st_mtime_ns] if path.is_file() else None
    return {
        "followcue": __version__,
        "rules_version": version,
        "source": [*request.source, stamp],
        "form": request.form,
        "settings": settings,
    }


def _worked(
    request: BatchRequest, settings: Settings, parts: Checkpoint, missing: Iterable[int]
) -> Iterator[str | None]:
    """For each chunk done, its first reject if it has any."""
    task = _ChunkTask(settings, request.source, parts, request.form)
    if request.workers == 1:
        work = task.prepare()
        yield from map(work, missing)
        return
    with ExitStack() as stack:
        # Threads of the database would not outlive a fork.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(request.workers, context, _prepare, (task,))
        stack.callback(pool.shutdown, cancel_futures=True)
        futures = [pool.submit(_work, number) for number in missing]
        for future in as_completed(futures):
            yield future.result()


class _ChunkTask(NamedTuple):
    """What a worker needs to know."""

    settings: Settings
    source: Source
    parts: Checkpoint
    form: str

    def prepare(self) -> Callable[[int], str | None]:
        """The work on a chunk, with the rules and the records made ready."""
        worker = Worker(self.settings, self.source)
        records = SortedRecords(self.parts.records)

        def work(number: int) -> str | None:
            rejected: list[bytes] = []

            def answers() -> Iterator[Answer]:
                for answer in worker.answers(records.chunk(number)):
                    rejected.append(as_rejects([answer]))
                    yield answer  # and forgotten when it is written

            with gc_paused():
                found = answers()
                reports = as_lines(found) if self.form == "jsonl" else as_parquet(found, worker.scope_key)
            rejects = b"".join(rejected)
            self.parts.write(number, reports, rejects)
            return rejects.partition(b"\n")[0].decode() or None

        return work


_prepared: Callable[[int], str | None]


def _prepare(task: _ChunkTask) -> None:
    """Runs once in each process."""
    global _prepared
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is asked to stop is the process that began
    Thread(target=_end_with_parent, daemon=True).start()
    _prepared = task.prepare()
    gc.freeze()  # what was made ready is no garbage


def _end_with_parent() -> None:
    """A worker whose run was killed has nothing to wait for."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(number: int) -> str | None:
    try:
        return _prepared(number)
    finally:
        gc.collect()


def _finish(request: BatchRequest, parts: Checkpoint, chunks: int) -> BatchCounts:
    """Join the parts, the rejects first, so that reports are never there without them."""
    rejected = sum(map(_situations_among, parts.rejects(chunks)))
    with SortedRecords(parts.records) as records:
        situations = records.situations()
    if rejected:
        join_files(parts.rejects(chunks), request.rejects, parts.joined)
    else:
        request.rejects.unlink(missing_ok=True)
    if request.form == "jsonl":
        join_files(parts.reports(chunks), request.output, parts.joined)
    else:
        join_parquet(parts.reports(chunks), request.output, parts.joined)
    parts.end()
    return BatchCounts(situations - rejected, rejected)


def _situations_among(rejects: Path) -> int:
    """How many situations the rejects of a chunk are of; one without a name has one record."""
    with open(rejects, "rb") as lines:
        found = [json.loads(line) for line in lines]
    return len(
        {(reject["situation"], reject["line"] if reject["situation"] is None else 0) for reject in found}
    )
