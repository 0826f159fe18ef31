"""On a cluster: a Spark DataFrame of records in, one of actions out, judged where the records lie.

    from followcue.spark import judge

    judged = judge(spark.read.parquet("events/"), as_of=date(2026, 11, 21), order="n")
    judged.write("actions/", "rejects/")

The records of a situation are brought together once; in each partition the compiled rules run on some
situations after others, so that memory is bounded by these and not by the partition. Needs the extra
`spark`, on the executors too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import accumulate, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from followcue.base.clock import today as clock_today
from followcue.base.extras import pyarrow, require
from followcue.base.gc_pause import gc_paused
from followcue.base.limits import USUAL, Limits, checked
from followcue.base.version import __version__
from followcue.batch.columns import as_table, table_schema
from followcue.batch.night import depends_on
from followcue.batch.settings import Settings
from followcue.batch.sorting import Record, SituationRecords
from followcue.batch.source import Source
from followcue.batch.work import Answer, Worker
from followcue.evaluation.pipeline import load_pack
from followcue.language.documents.plain import normal
from followcue.language.folders import read_folder

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

__all__ = ["Judged", "OtherRules", "judge", "judge_daily"]

_SOURCE = Source("records", "table")
_REJECT = ("line", "situation", "code", "reason", "hint", "record")
_STATE_FORMAT = 1
"""One more whenever what is kept of a situation is written otherwise."""

_SITUATIONS = 200
"""So many situations are judged together, or fewer where they are long:"""
_BYTES = 8 * 2**20
_FEWER_PIECES = "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning"
"""Lets Spark join small pieces of what is kept, as it does with what is not."""


_BY_NAME = {"__globPaths__": "false"}
"""Lets Spark take the name of a folder for its name, and not for a pattern."""


class OtherRules(Exception):
    """An executor has other shipped rules, or another release, than the program that began."""


class Judged(NamedTuple):
    """What came of all situations: a row an action, and a row a mistake in what could not be judged.

    Spark judges anew for each that it is asked for; `write` judges once. `both` has all rows as they come:
    the columns of `actions`, and `reject`.
    """

    actions: DataFrame
    rejects: DataFrame
    both: DataFrame

    def write(self, actions: str, rejects: str, mode: str = "errorifexists") -> None:
        """Write both as Parquet; `mode` is what Spark does where there is something already."""
        self._keep()
        try:
            # Rejects first, so that actions are never there without them.
            self.rejects.write.mode(mode).parquet(rejects)
            self.actions.write.mode(mode).parquet(actions)
        finally:
            self.both.unpersist()

    def _keep(self) -> None:
        """Keep what comes of the judging, in as many pieces as there is work for: each task takes a while."""
        from pyspark import StorageLevel

        said = self.both.sparkSession.conf
        before = str(said.get(_FEWER_PIECES))
        said.set(_FEWER_PIECES, "true")
        try:
            self.both.persist(StorageLevel.DISK_ONLY)
        finally:
            said.set(_FEWER_PIECES, before)


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
    folders on this machine, which travel with the work under the hash of their content; so does the hash of
    all rules, and an executor that makes others of them fails with `OtherRules`. Days without `as_of` are
    today, asked once. `partitions` are how many pieces the work is cut into; Spark decides if left out.

    Raises `InvalidInput` with every mistake in the rules, and `Unavailable` without the extra. What cannot
    be judged is in `rejects`.
    """
    require("spark")
    shipped = _shipped(
        rules=rules,
        packs=packs,
        as_of=as_of,
        profile=profile,
        parameters=parameters,
        missed=missed,
        limits=limits,
    )
    lines = _as_lines(records, order, partitions)
    found = lines.mapInArrow(shipped.judged, _spark_schema(_arrow_schema()))
    return Judged(
        actions=found.where("reject IS NULL").drop("reject"),
        rejects=found.where("reject IS NOT NULL").select("reject.*"),
        both=found,
    )


def judge_daily(
    records: DataFrame,
    store: str,
    output: str,
    checkpoint: str,
    *,
    rejects: str | None = None,
    state: str | None = None,
    order: str | None = None,
    **options: Any,
) -> Any:
    """Judge a stream of records day by day: a streaming query that ends when all files there are done.

    `records` is a streaming DataFrame, such as `spark.readStream.schema(…).parquet("daily/")`. Each batch is
    added to `store`, and all situations known by then are judged: their actions are written to `output`, and
    what cannot be judged to `rejects` (`OUTPUT.rejects` if left out), in a folder `batch=…` for each. A batch
    that is repeated after a failure replaces what it left. `checkpoint` is the folder in which Spark notes
    which files are done; `options` are those of `judge`. With a folder `state`, which keeps what came of each
    situation, only those are judged that can have changed since the batch before. All names of folders are
    taken as they are, not for patterns. Raises `ValueError` for records with a column `batch`, and as `judge`
    does.
    """
    require("spark")
    if any(name.lower() == "batch" for name in records.columns):
        raise ValueError(
            "the store has a folder `batch=…` for each batch: give the column `batch` another name"
        )
    places = output, rejects or f"{output.rstrip('/')}.rejects"

    def judged(batch: DataFrame, number: int) -> None:
        batch.write.mode("overwrite").parquet(f"{store}/batch={number}")
        # Files of earlier batches may lack columns; those of later ones may lie there too, from a run that
        # was repeated from an earlier point.
        stored = batch.sparkSession.read.schema(batch.schema).options(**_BY_NAME).parquet(store)
        known = stored.where(f"batch <= {number}").drop("batch")
        actions, rejected = (f"{place}/batch={number}" for place in places)
        if state is None:
            judge(known, order=order, **options).write(actions, rejected, mode="overwrite")
        else:
            found = _KeptSituations(state, order, **options).night(known, number)
            found.rejects.write.mode("overwrite").parquet(rejected)
            found.actions.write.mode("overwrite").parquet(actions)

    stream = records.writeStream.foreachBatch(judged).option("checkpointLocation", checkpoint)
    return stream.trigger(availableNow=True).start()


class _KeptSituations:
    """What came of each situation in the batch before: a Parquet table, a row a situation.

        STATE/<what all reports depend on>/batch=<number>

    Idea: a row says which records it is on, from which day and until when it holds. A row that holds is
    taken over, with the day of the run; situations without one are judged.

        u1  records as they were, 21 to 26 November     on the 23rd taken over, on the 26th judged
        u2  one record more                             judged
        u3  no records any more                         no row any more
        u4  had a mistake                               judged each time

    Invariant: actions and rejects are those of judging all. Rows are believed only under the same rules,
    options and program, as others lie in another folder, and on the same records, which are hashed anew.
    """

    def __init__(
        self, folder: str, order: str | None, *, partitions: int | None = None, **options: Any
    ) -> None:
        """`options` are those of `judge`."""
        self._order = order
        self._partitions = partitions
        self._shipped = _shipped(**options)
        depends = f"{_STATE_FORMAT} {depends_on(self._shipped.settings, _SOURCE, self._shipped.version[1])}"
        self._folder = f"{folder}/{hashlib.sha256(depends.encode()).hexdigest()[:32]}"

    def night(self, records: DataFrame, number: int) -> Judged:
        """What comes of all situations of `records`, and is written to the state for the next batch."""
        from pyspark.sql import functions as f

        place = f"{self._folder}/batch={number}"
        self._situations(records, number).write.mode("overwrite").parquet(place)
        found = self._read(records.sparkSession, place)
        settings = self._shipped.settings
        today = f.when(f.col("own_day"), f.col("as_of")).otherwise(f.lit(settings.as_of or settings.today))
        return Judged(
            actions=found.selectExpr("own_day", "inline(rows)").withColumn("as_of", today).drop("own_day"),
            rejects=found.selectExpr("inline(rejects)"),
            both=found,
        )

    def _situations(self, records: DataFrame, number: int) -> DataFrame:
        """A row a situation: those that hold as they were, the others judged."""
        from pyspark.errors import AnalysisException
        from pyspark.sql import functions as f

        settings, shipped = self._shipped.settings, self._shipped
        lines = _lines(records, self._order)
        schema = _spark_schema(_situation_schema())
        try:
            before = self._read(records.sparkSession, f"{self._folder}/batch={number - 1}")
        except AnalysisException as problem:
            if problem.getCondition() != "PATH_NOT_FOUND":
                raise
            before = records.sparkSession.createDataFrame([], self._schema())
        said = _digests(lines)
        day = f.lit(settings.as_of or settings.today)
        in_time = (f.col("day") <= day) & (f.col("until").isNull() | (day < f.col("until")))
        holding = before.where((f.size("rejects") == 0) & (f.col("own_day") | in_time)).join(
            said, ["situation", "digest"], "leftsemi"
        )
        asked = lines.join(holding.select("situation"), "situation", "leftanti")
        judged = _together(asked, self._partitions).mapInArrow(shipped.situations, schema)
        return holding.unionByName(judged.join(said, "situation", "left"))

    def _read(self, spark: SparkSession, place: str) -> DataFrame:
        return spark.read.schema(self._schema()).options(**_BY_NAME).parquet(place)

    @staticmethod
    def _schema() -> Any:
        return _spark_schema(_situation_schema()).add("digest", "string")


def _digests(lines: DataFrame) -> DataFrame:
    """A hash of what the records of each situation say, in any order: how many, and two sums of hashes."""
    from pyspark.sql import functions as f

    said = f.coalesce(f.col("n").cast("string"), f.lit("")), f.col("record")
    sums = [f.sum(f.xxhash64(f.lit(salt), *said).cast("decimal(20)")).cast("string") for salt in (1, 2)]
    named = lines.where(f.col("situation").isNotNull()).groupBy("situation")
    return named.agg(f.concat_ws(" ", f.count("*").cast("string"), *sums).alias("digest"))


def _shipped(
    *,
    rules: Sequence[str | os.PathLike[str]] = (),
    packs: Sequence[str] = (),
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    missed: bool = False,
    limits: Limits = USUAL,
) -> _Shipped:
    """What travels to the executors; mistakes are told here, and not by every one of them."""
    settings = Settings(
        today=clock_today(),
        packs=tuple(packs),
        as_of=as_of,
        profile=profile,
        parameters=tuple(sorted((parameters or {}).items())),
        missed=missed,
        limits=checked(limits),
    )
    return _Shipped.of(rules, settings)


@dataclass(frozen=True)
class _Shipped:
    """The rules and settings as they travel to the executors; `key` is a hash of all the others."""

    key: str
    version: tuple[str, str] = field(compare=False)
    folders: tuple[tuple[str, tuple[tuple[str, bytes], ...]], ...] = field(compare=False)
    settings: Settings = field(compare=False)

    @classmethod
    def of(cls, rules: Sequence[str | os.PathLike[str]], settings: Settings) -> _Shipped:
        read = [read_folder(folder) for folder in rules]
        content = tuple((folder.name, tuple(sorted(folder.files.items()))) for folder in read)
        version = _version_of(settings._replace(rules=tuple(os.fspath(folder) for folder in rules)))
        whole = repr((version, content, settings)).encode()
        return cls(hashlib.sha256(whole).hexdigest(), version, content, settings)

    def judged(self, batches: Iterable[Any]) -> Iterator[Any]:
        """What an executor does with a partition: Arrow batches of lines in, of actions and rejects out."""
        worker = _worker_of(self)
        for block in _blocks(_groups(batches, self.settings.limits.size)):
            with gc_paused():
                found = _as_table(list(worker.answers(block)), worker.scope_key)
            yield from found.to_batches()

    def situations(self, batches: Iterable[Any]) -> Iterator[Any]:
        """The same as a row a situation."""
        worker = _worker_of(self)
        for block in _blocks(_groups(batches, self.settings.limits.size)):
            with gc_paused():
                found = _as_situations(list(worker.answers(block)), worker.scope_key)
            yield from found.to_batches()


@lru_cache(maxsize=8)
def _worker_of(shipped: _Shipped) -> Worker:
    """Made once in each process of an executor for each hash; files are there until they are read."""
    with TemporaryDirectory(prefix="followcue-") as root:
        paths = []
        for number, (name, files) in enumerate(shipped.folders):
            folder = Path(root, str(number), name)
            for relative, content in files:
                path = folder / relative
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            paths.append(str(folder))
        settings = shipped.settings._replace(rules=tuple(paths))
        version = _version_of(settings)
        if version != shipped.version:
            raise OtherRules(
                "this executor has followcue {} with rules {}, the program that began has followcue {} with "
                "rules {}: install the same release".format(*version, *shipped.version)
            )
        return Worker(settings, _SOURCE)


def _version_of(settings: Settings) -> tuple[str, str]:
    """The release, and the hash of all rules, shipped ones too."""
    return __version__, load_pack(*settings.rules, packs=settings.packs, cache=settings.cache).pack.version


def _as_lines(records: DataFrame, order: str | None, partitions: int | None) -> DataFrame:
    """Each record as a line, those of a situation one after another."""
    return _together(_lines(records, order), partitions)


def _together(lines: DataFrame, partitions: int | None) -> DataFrame:
    together = lines.repartition(partitions, "situation") if partitions else lines.repartition("situation")
    return together.sortWithinPartitions("situation", "n", "record")


def _lines(records: DataFrame, order: str | None) -> DataFrame:
    """Each record as JSON text beside its situation and order."""
    from pyspark.sql import functions as f

    said = [_plain(name, kind) for name, kind in sorted(records.dtypes) if name != order]
    number = f.col(_quoted(order)).cast("long") if order else f.lit(None).cast("long")
    lines = records.select(
        f.col("situation").cast("string"), number.alias("n"), f.to_json(f.struct(*said)).alias("record")
    )
    return lines.mapInArrow(_named, lines.schema)


def _named(batches: Iterable[Any]) -> Iterator[Any]:
    """The lines with the names of situations in the form in which names are compared."""
    from pyarrow.compute import all as all_of
    from pyarrow.compute import string_is_ascii

    arrow = pyarrow()
    for batch in batches:
        names = batch.column(0)
        if all_of(string_is_ascii(names)).as_py() is False:
            normals = [name if name is None else normal(name) for name in names.to_pylist()]
            batch = batch.set_column(0, batch.schema.field(0), arrow.array(normals, names.type))
        yield batch


def _plain(name: str, kind: str) -> Column:
    """The column as it stands in a record; a timestamp at midnight is taken for its day."""
    from pyspark.sql import functions as f

    column = f.col(_quoted(name))
    if kind.startswith("timestamp"):
        whole_day = column == f.date_trunc("day", column)
        column = f.when(whole_day, f.date_format(column, "yyyy-MM-dd")).otherwise(column.cast("string"))
    return column.alias(name)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _groups(batches: Iterable[Any], most: int) -> Iterator[SituationRecords]:
    """Situations, one at a time, from rows that stand in their order, also across batches."""
    rows = (
        row
        for batch in batches
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    for name, found in groupby(rows, key=lambda row: row[0]):
        records = (Record.of(place if n is None else n, text) for place, (_, n, text) in enumerate(found, 1))
        if name is None:
            yield from (SituationRecords(None, [record]) for record in records)
        else:
            yield SituationRecords(name, _held(records, most))


def _held(records: Iterator[Record], most: int) -> list[Record]:
    """The records, or the first of them if all are more than `most` bytes: they are refused anyway."""
    held: list[Record] = []
    size = 0
    for record in records:
        held.append(record)
        size += record.size
        if size > most:
            break
    return held


def _blocks(groups: Iterable[SituationRecords]) -> Iterator[list[SituationRecords]]:
    """Situations some at a time."""
    block: list[SituationRecords] = []
    size = 0
    for group in groups:
        block.append(group)
        size += sum(record.size for record in group.records)
        if len(block) == _SITUATIONS or size >= _BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _as_table(answers: Sequence[Answer], scope_key: str) -> Any:
    """A row for each action and caution, and one for each reject."""
    arrow, schema = pyarrow(), _arrow_schema()
    actions = as_table(answers, scope_key)
    actions = actions.append_column("reject", arrow.nulls(actions.num_rows, schema.field("reject").type))
    refused = [{"reject": reject} for answer in answers for reject in _rejects_of(answer)]
    return arrow.concat_tables([actions, arrow.Table.from_pylist(refused, schema=schema)])


def _rejects_of(answer: Answer) -> list[dict[str, Any]]:
    return [{name: reject[name] for name in _REJECT} for reject in answer.rejects]


def _as_situations(answers: Sequence[Answer], scope_key: str) -> Any:
    """A row for each situation, with its actions and cautions, and with its rejects."""
    arrow, schema = pyarrow(), _situation_schema()
    actions = as_table(answers, scope_key).combine_chunks()
    reports = [answer.report or {} for answer in answers]
    sizes = [len(report.get("cautions", ())) + len(report.get("actions", ())) for report in reports]
    rows = arrow.StructArray.from_arrays(
        [column.combine_chunks() for column in actions.columns], fields=list(actions.schema)
    )
    days = [
        [date.fromisoformat(said) if (said := report.get(name)) else None for report in reports]
        for name in ("as_of", "next_change")
    ]
    columns = [
        [answer.name for answer in answers],
        days[0],
        days[1],
        [answer.own_day for answer in answers],
        arrow.ListArray.from_arrays(arrow.array([0, *accumulate(sizes)], arrow.int32()), rows),
        [_rejects_of(answer) for answer in answers],
    ]
    arrays = [
        each if name == "rows" else arrow.array(each, schema.field(name).type)
        for name, each in zip(schema.names, columns, strict=True)
    ]
    return arrow.Table.from_arrays(arrays, schema=schema)


def _reject_type() -> Any:
    arrow = pyarrow()
    return arrow.struct([(name, arrow.int64() if name == "line" else arrow.string()) for name in _REJECT])


def _arrow_schema() -> Any:
    return table_schema().append(pyarrow().field("reject", _reject_type()))


def _situation_schema() -> Any:
    """The columns of a state but for the hash of records, which Spark makes."""
    arrow = pyarrow()
    return arrow.schema(
        [
            ("situation", arrow.string()),
            ("day", arrow.date32()),
            ("until", arrow.date32()),
            ("own_day", arrow.bool_()),
            ("rows", arrow.list_(arrow.struct(list(table_schema())))),
            ("rejects", arrow.list_(_reject_type())),
        ]
    )


def _spark_schema(schema: Any) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)
