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
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from followcue.base.extras import require
from followcue.base.gc_pause import gc_paused
from followcue.base.terminal import visible
from followcue.base.version import __version__
from followcue.batch.checkpoint import Checkpoint, OtherRun, join_files
from followcue.batch.earlier_nights import EarlierNights
from followcue.batch.forms import as_lines, as_parquet, as_rejects, join_parquet
from followcue.batch.night import NightChunk, Remembering, depends_on, kept_in, was_judged
from followcue.batch.night_store import Damaged, KeptSituation, LastNight, NightStore
from followcue.batch.settings import Settings
from followcue.batch.sorting import SortedRecords, sort_records
from followcue.batch.source import Source, UnreadableSource, misread_by_duckdb
from followcue.batch.work import Answer, Worker
from followcue.evaluation.pipeline import load_pack


class BatchRequest(NamedTuple):
    """Where the input is, where the output goes and in which form, and how to judge.

    `state` is the folder that keeps reports from night to night; with `changed`, only those are written that
    say other things than the ones kept there. With `keep_records` it keeps the records, too, and a later
    input may be a `delta` that adds to them.
    """

    source: Source
    output: Path
    rejects: Path
    form: str
    settings: Settings
    workers: int = 1
    memory: str = "1GB"
    strict: bool = False
    restart: bool = False
    state: Path | None = None
    changed: bool = False
    keep_records: bool = False
    delta: bool = False


class NightCounts(NamedTuple):
    """What a night did: how many situations were judged, and how many have gone from the state."""

    judged: int
    gone: int


class BatchCounts(NamedTuple):
    """What a run did: how many situations were answered, and how many were set aside."""

    answered: int
    rejected: int
    night: NightCounts | None = None


class Rejected(Exception):
    """A strict run met a situation that cannot be judged; the message is its first reject."""


Progress = Callable[[str, int, int], None]
"""Called with the stage of a run, how much of it is done, and of how much."""


def _unnoted(text: str) -> None:
    """Nobody is told."""


def run_batch(
    request: BatchRequest,
    told: Progress = lambda stage, done, of: None,
    noted: Callable[[str], None] = _unnoted,
) -> BatchCounts:
    """Judge every situation of the input; `noted` is called with what is to be known of the state.

    Raises `UnreadableSource`, `OtherRun` where something is in the way, `Unavailable`, `InvalidInput` for
    mistakes in the rules, `Rejected` where the run is strict, and `OSError` where the output or the state
    cannot be written.
    """
    require("tables", what="`followcue batch`")
    if request.source.form == "postgresql":
        require("postgresql")
    _require_apart(request)
    version = load_pack(
        *request.settings.rules, packs=request.settings.packs, cache=request.settings.cache
    ).pack.version
    with ExitStack() as stack:
        store = None
        if request.state is not None:
            store = stack.enter_context(NightStore(request.state, noted, delta=request.delta))
        try:
            return _run(request, version, store, told, noted)
        except Damaged as problem:  # of what a delta is to be added to
            raise OtherRun(f"{request.state}: {problem}: give the whole input without --delta") from None


def _run(
    request: BatchRequest,
    version: str,
    store: NightStore | None,
    told: Progress,
    noted: Callable[[str], None],
) -> BatchCounts:
    parts = Checkpoint(request.output)
    known = parts.begin(_identity(request, version), restart=request.restart)
    if store is not None:
        here = store.last.token if store.last else None
        if known.get("token") is not None and here not in (known["since"], known["token"]):
            noted("the state is no longer that with which the unfinished run began: it begins anew")
            known = parts.begin(_identity(request, version), restart=True)
        if "token" not in known:
            known = parts.know(known | {"token": os.urandom(16).hex(), "since": here})
    if "chunks" not in known:
        told("sorting", 0, 0)
        parts.clear_records()
        try:
            known |= _sorted(request, version, store, parts, noted)
        except UnreadableSource:
            parts.end()  # there is nothing to go on with
            raise
        known = parts.know(known | {"today": request.settings.today.isoformat()})
    settings = request.settings._replace(today=type(request.settings.today).fromisoformat(known["today"]))
    night = remembering = None
    if store is not None:
        night = _night(request, settings, version, known)
        remembering = _remembering(request, store, night, noted, known["before"])
    missing = [number for number in range(known["chunks"]) if number not in parts.done()]
    total = known["chunks"]
    told("judging", total - len(missing), total)
    damage: str | None = None
    task = _ChunkTask(settings, request.source, parts, request.form, remembering)
    for count, done in enumerate(_worked(task, request.workers, missing), total - len(missing) + 1):
        if done.first_reject is not None and request.strict:
            raise Rejected(done.first_reject)
        if done.damage is not None and damage is None:
            damage = done.damage
            noted(f"the state is damaged ({damage}): what cannot be read of it is judged")
        told("judging", count, total)
    return _finish(request, parts, known, store, night, remembering)


def _night(request: BatchRequest, settings: Settings, version: str, known: dict[str, Any]) -> LastNight:
    """What is to be known of this night by the next one."""
    return LastNight(
        known["token"],
        depends_on(settings, request.source, version),
        visible(request.source.name),
        (settings.as_of or settings.today).toordinal(),
        request.keep_records or request.delta,
        known["places"],
        known["taken"],
    )


def _sorted(
    request: BatchRequest,
    version: str,
    store: NightStore | None,
    parts: Checkpoint,
    noted: Callable[[str], None],
) -> dict[str, Any]:
    """Sort the input, a delta with what is known from before; gives what is to be known of it."""
    earlier = None
    if store is not None and request.delta:
        night = _night(request, request.settings, version, {"token": "", "places": 0, "taken": ""})
        remembering = _remembering(request, store, night, lambda text: None)
        earlier = EarlierNights(store, night, remembering, noted)
    counts = sort_records(
        request.source, parts.records, request.memory, request.settings.limits.size, earlier
    )
    found = {"chunks": counts.chunks, "situations": counts.situations}
    if earlier is None:
        return {**found, "places": counts.last, "taken": "", "before": None}
    return {
        **found,
        "places": max(counts.last, earlier.before),
        "taken": earlier.taken,
        "before": earlier.before,
    }


def _remembering(
    request: BatchRequest,
    store: NightStore,
    night: LastNight,
    noted: Callable[[str], None],
    before: int | None = None,
) -> Remembering:
    """How far the state can be used, and what is to be said of it."""
    last = store.last
    usable = last is not None and last.depends == night.depends
    if last is not None and last.token != night.token:
        if not usable:
            noted("other rules, options or another release than in the last night: everything is judged")
        elif night.day < last.day:
            today, then = date.fromordinal(night.day), date.fromordinal(last.day)
            noted(
                f"{today} is before the day of the last night, {then}: what was judged since is judged anew"
            )
    return Remembering(
        store.path,
        usable,
        last is not None and last.input == night.input,
        request.changed,
        request.form != "jsonl",
        night.keeps,
        last is not None and last.keeps,
        before,
    )


def _require_apart(request: BatchRequest) -> None:
    """Raises `OtherRun` where what is written would take the place of the input, or of what is no file."""
    if (misread := misread_by_duckdb(str(request.output.absolute()))) is not None:
        told = f"a place with {misread} in its name cannot hold the database that sorts"
        raise OtherRun(f"{visible(str(request.output))}: {told}")
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
    if request.state is not None:
        for what, path in taken.items():
            if os.path.realpath(path.absolute().parent) == os.path.realpath(request.state):
                raise OtherRun(
                    f"{what} lies in {request.state}, which is for the state alone: name another folder"
                )


def _is_one_file(one: Path, other: Path) -> bool:
    """Whether both names are of the same file, also where it has several."""
    return one.exists() and other.exists() and one.samefile(other)


def _identity(request: BatchRequest, version: str) -> dict[str, Any]:
    """All that the result depends on, but for the day on which the run began."""
    settings = request.settings.to_json()
    del settings["today"]
    path = Path(request.source.file)
    stamp = [path.stat().st_size, path.stat().st_mtime_ns] if path.is_file() else None
    kept = {}
    if request.state:
        kept = {
            "state": str(request.state.absolute()),
            "changed": request.changed,
            "keep_records": request.keep_records,
            "delta": request.delta,
        }
    return {
        **kept,
        "followcue": __version__,
        "rules_version": version,
        "source": [*request.source, stamp],
        "form": request.form,
        "settings": settings,
    }


class ChunkDone(NamedTuple):
    """What is to be told of a chunk: its first reject, and what of the state could not be read, if any."""

    first_reject: str | None
    damage: str | None = None


def _worked(task: _ChunkTask, workers: int, missing: Iterable[int]) -> Iterator[ChunkDone]:
    """What is to be told of each chunk when it is done."""
    if workers == 1:
        work = task.prepare()
        yield from map(work, missing)
        return
    with ExitStack() as stack:
        # Threads of the database would not outlive a fork.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, context, _prepare, (task,))
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
    remembering: Remembering | None

    def prepare(self) -> Callable[[int], ChunkDone]:
        """The work on a chunk, with the rules and the records made ready."""
        worker = Worker(self.settings, self.source)
        records = SortedRecords(self.parts.records)
        night = NightChunk(worker, self.settings, self.remembering) if self.remembering else None

        def work(number: int) -> ChunkDone:
            rejected: list[bytes] = []
            chunk = records.chunk(number)

            def answers() -> Iterator[Answer]:
                for answer in night.answers(chunk) if night else worker.answers(chunk):
                    rejected.append(as_rejects([answer]))
                    yield answer  # and forgotten when it is written

            with gc_paused():
                found = answers()
                reports = as_lines(found) if self.form == "jsonl" else as_parquet(found, worker.scope_key)
            rejects = b"".join(rejected)
            self.parts.write(number, reports, rejects, night.new() if night else None)
            return ChunkDone(rejects.partition(b"\n")[0].decode() or None, night.damage if night else None)

        return work


_prepared: Callable[[int], ChunkDone]


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


def _work(number: int) -> ChunkDone:
    try:
        return _prepared(number)
    finally:
        gc.collect()


def _finish(
    request: BatchRequest,
    parts: Checkpoint,
    known: dict[str, Any],
    store: NightStore | None,
    night: LastNight | None,
    remembering: Remembering | None,
) -> BatchCounts:
    """Join the parts, the rejects first, so that reports are never there without them; the state comes last.

    A night that is killed between the output and the state tells again what it told, and leaves nothing out.
    """
    chunks = known["chunks"]
    rejected = sum(map(_situations_among, parts.rejects(chunks)))
    if rejected:
        join_files(parts.rejects(chunks), request.rejects, parts.joined)
    else:
        request.rejects.unlink(missing_ok=True)
    if request.form == "jsonl":
        join_files(parts.reports(chunks), request.output, parts.joined)
    else:
        join_parquet(parts.reports(chunks), request.output, parts.joined)
    counts = None
    if store is not None and night is not None and remembering is not None:
        counts = _keep(request, parts, chunks, store, night, remembering)
    parts.end()
    return BatchCounts(known["situations"] - rejected, rejected, counts)


def _keep(
    request: BatchRequest,
    parts: Checkpoint,
    chunks: int,
    store: NightStore,
    night: LastNight,
    remembering: Remembering,
) -> NightCounts:
    """Write the state, unless that was done before the run stopped."""
    judged: list[int] = []

    def new() -> Iterator[KeptSituation]:
        judged[:] = [0]
        for kept in kept_in(parts.kept(chunks)):
            judged[0] += was_judged(kept)
            yield kept

    gone = 0
    if store.last is not None and store.last.token == night.token:
        deque(new(), 0)
    elif request.delta:
        gone = store.end(night, remembering.usable, None, new)
    else:
        with SortedRecords(parts.records) as records:
            gone = store.end(night, remembering.usable, records.names(), new)
    return NightCounts(judged[0], gone)


def _situations_among(rejects: Path) -> int:
    """How many situations the rejects of a chunk are of; one without a name has one record."""
    with open(rejects, "rb") as lines:
        found = [json.loads(line) for line in lines]
    return len(
        {(reject["situation"], reject["line"] if reject["situation"] is None else 0) for reject in found}
    )
