"""On a cluster: a Spark DataFrame of records in, one of actions out, judged where the records lie.

    from followcue.spark import judge

    judged = judge(spark.read.parquet("events/"), as_of=date(2026, 11, 21), order="n")
    judged.actions.write.parquet("actions/")
    judged.rejects.show()

The records of a situation are brought together once; in each partition the compiled rules run on one
situation after another, so that memory is bounded by the largest of them. Needs the extra `spark`, on the
executors too.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from followcue.batch.forms import answer_rows, parquet_schema
from followcue.batch.libraries import pyarrow
from followcue.batch.settings import Settings
from followcue.batch.sorting import Group, Record
from followcue.batch.source import Source
from followcue.batch.work import Worker
from followcue.clock import today as clock_today
from followcue.folders import RuleFolder, read_folder
from followcue.limits import USUAL, Limits, checked
from followcue.pipeline import load_pack

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["Judged", "judge", "judge_daily"]

_SOURCE = Source("records", "table")
_REJECT = ("line", "situation", "code", "reason", "hint", "record")


class Judged(NamedTuple):
    """What came of all situations: a row an action, and a row a mistake in what could not be judged."""

    actions: DataFrame
    rejects: DataFrame


def judge(
    records: DataFrame,
    *,
    order: str | None = None,
    rules: Sequence[str | os.PathLike[str]] = (),
    packs: Sequence[str] = (),
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    missed: bool = False,
    limits: Limits = USUAL,
    partitions: int | None = None,
) -> Judged:
    """Judge every situation of `records`, whose columns are `situation`, `event`, `date` and the fields.

    `order` names a column of whole numbers that says which of two events of one day came later, and that
    stands as their line in reasons; without one, events of a day are ordered by what they say. `rules` are
    folders on this machine, which travel with the work under the hash of their content. Days without `as_of`
    are today, asked once. `partitions` are how many pieces the work is cut into; Spark decides if left out.

    Raises `InvalidInput` with every mistake in the rules. What cannot be judged is in `rejects`.
    """
    settings = Settings(
        today=clock_today(),
        packs=tuple(packs),
        as_of=as_of,
        profile=profile,
        parameters=tuple(sorted((parameters or {}).items())),
        missed=missed,
        limits=checked(limits),
    )
    load_pack(*rules, packs=packs)  # mistakes are told here, and not by every executor
    shipped = _Shipped.of([read_folder(folder) for folder in rules], settings)
    lines = _as_lines(records, order, partitions)
    found = lines.mapInArrow(shipped.judged, _spark_schema())
    return Judged(
        actions=found.where("reject IS NULL").drop("reject"),
        rejects=found.where("reject IS NOT NULL").select("reject.*"),
    )


def judge_daily(
    records: DataFrame, store: str, output: str, checkpoint: str, *, order: str | None = None, **options: Any
) -> Any:
    """Judge a stream of records day by day: a streaming query that ends when all files there are done.

    `records` is a streaming DataFrame, such as `spark.readStream.schema(…).parquet("daily/")`. Each batch is
    added to `store`, and all situations known by then are judged: their actions are written to `output`, in a
    folder `batch=…` for each. A batch that is repeated after a failure replaces what it left. `checkpoint` is
    the folder in which Spark notes which files are done; `options` are those of `judge`.
    """

    def judged(batch: DataFrame, number: int) -> None:
        batch.write.mode("overwrite").parquet(f"{store}/batch={number}")
        # Files of later batches may lie there from a run that was repeated from an earlier point.
        known = batch.sparkSession.read.parquet(store).where(f"batch <= {number}").drop("batch")
        judge(known, order=order, **options).actions.write.mode("overwrite").parquet(
            f"{output}/batch={number}"
        )

    stream = records.writeStream.foreachBatch(judged).option("checkpointLocation", checkpoint)
    return stream.trigger(availableNow=True).start()


class _Shipped(NamedTuple):
    """The rules and settings as they travel to the executors; `key` is a hash of the rules."""

    key: str
    folders: tuple[tuple[str, tuple[tuple[str, bytes], ...]], ...]
    settings: Settings

    @classmethod
    def of(cls, folders: Sequence[RuleFolder], settings: Settings) -> _Shipped:
        import hashlib

        content = tuple((folder.name, tuple(sorted(folder.files.items()))) for folder in folders)
        return cls(hashlib.sha256(repr(content).encode()).hexdigest()[:16], content, settings)

    def judged(self, batches: Iterable[Any]) -> Iterator[Any]:
        """What an executor does with a partition: Arrow batches of lines in, of actions and rejects out."""
        worker = _worker_of(self)
        arrow = pyarrow()
        schema = _arrow_schema()
        for answers in _some(worker.answers(_groups(batches)), 200):
            rows = [row for answer in answers for row in answer_rows(answer, worker.scope_key)]
            rows += [
                {"reject": {name: reject[name] for name in _REJECT}}
                for answer in answers
                for reject in answer.rejects
            ]
            yield from arrow.Table.from_pylist(rows, schema=schema).to_batches()


@lru_cache(maxsize=8)
def _worker_of(shipped: _Shipped) -> Worker:
    """Made once in each executor for each hash of rules."""
    root = Path(tempfile.mkdtemp(prefix=f"followcue-{shipped.key}-"))
    paths = []
    for number, (name, files) in enumerate(shipped.folders):
        folder = root / f"{number}" / Path(name).name
        for relative, content in files:
            path = folder / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        paths.append(str(folder))
    return Worker(shipped.settings._replace(rules=tuple(paths)), _SOURCE)


def _as_lines(records: DataFrame, order: str | None, partitions: int | None) -> DataFrame:
    """Each record as JSON text beside its situation and order, those of a situation one after another."""
    from pyspark.sql import functions as f

    said = [name for name in records.columns if name != order]
    text = f.to_json(f.struct(*[f.col(f"`{name}`") for name in said]))
    number = f.col(f"`{order}`").cast("long") if order else f.lit(None).cast("long")
    lines = records.select(f.col("situation").cast("string"), number.alias("n"), text.alias("record"))
    together = lines.repartition(partitions, "situation") if partitions else lines.repartition("situation")
    return together.sortWithinPartitions("situation", "n", "record")


def _groups(batches: Iterable[Any]) -> Iterator[Group]:
    rows = (
        row
        for batch in batches
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    for name, found in groupby(rows, key=lambda row: row[0]):
        records = [Record(place if n is None else n, text) for place, (_, n, text) in enumerate(found, 1)]
        if name is None:
            yield from (Group(None, [record]) for record in records)
        else:
            yield Group(name, records)


def _some(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    taken: list[Any] = []
    for item in items:
        taken.append(item)
        if len(taken) == size:
            yield taken
            taken = []
    if taken:
        yield taken


def _arrow_schema() -> Any:
    arrow = pyarrow()
    reject = arrow.struct([(name, arrow.int64() if name == "line" else arrow.string()) for name in _REJECT])
    return parquet_schema().append(arrow.field("reject", reject))


def _spark_schema() -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(_arrow_schema())
