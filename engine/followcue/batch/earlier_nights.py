"""What a delta is added to: of the records that a state keeps, those of situations that are to be judged.

the state keeps          u1, u2, u3, u4
the delta names          u2, u5
the day has come for     u3
records of               u2, u3 come to those of the delta; u1 and u4 stand still, only their names are told
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from followcue.base.extras import pyarrow
from followcue.batch.night import Remembering
from followcue.batch.night_store import KeptReports, LastNight, NightStore

_AT_ONCE = 500
_SAME = "this delta is the one that was taken last: nothing of it is added a second time"


class EarlierNights:
    """The nights before a delta.

    `before` is the last place of a record there; `taken` a hash of the delta, known once it was added.
    """

    def __init__(
        self, store: NightStore, night: LastNight, told: Remembering, noted: Callable[[str], None]
    ) -> None:
        assert store.last is not None
        self._store, self._last, self._night, self._told, self._noted = store, store.last, night, told, noted
        self.before = store.last.places
        self.taken = store.last.taken

    def add(self, connection: Any) -> None:
        """Put the records that are needed before those of the delta; raises `Damaged`."""
        run = connection.execute
        said, (hashed,) = run("SELECT count(*) FROM given").fetchone(), run(_HASH).fetchone()
        if said != (0,):
            if hashed == self.taken:
                self._noted(_SAME)
                run("DELETE FROM given")
            self.taken = hashed
        run(f"UPDATE given SET n = n + {self.before}")
        waiting = self._store.waiting(self._told.usable, self._night.day, same_input=self._told.same_input)
        _names(connection, "waiting", waiting)
        _names(connection, "known", self._store.names())
        run(
            "CREATE TEMP TABLE needed AS SELECT situation FROM known WHERE situation IN "
            "(SELECT situation FROM waiting UNION SELECT situation FROM given)"
        )
        needed = (name for (name,) in run("SELECT situation FROM needed").fetchall())
        for rows in self._rows(needed):
            connection.register("more", rows)
            run("INSERT INTO given SELECT n, situation, record, problem FROM more")
            connection.unregister("more")
        still = "false" if self._told.changed else "situation NOT IN (SELECT situation FROM needed)"
        run(f"CREATE TEMP TABLE names AS SELECT situation FROM known WHERE {still}")

    def _rows(self, names: Iterator[str]) -> Iterator[Any]:
        """The kept records of these situations, some at a time."""
        kept, arrow = KeptReports(self._store.path), pyarrow()
        schema = {name: arrow.string() for name in ("situation", "record", "problem")}
        while some := list(islice(names, _AT_ONCE)):
            found = [(name, *each) for name, records in kept.records(some).items() for each in records]
            columns = list(zip(*found, strict=True)) or [()] * 5
            situations, numbers, texts, _, problems = columns
            yield arrow.table(
                {
                    "n": arrow.array(numbers, arrow.int64()),
                    "situation": arrow.array(situations, schema["situation"]),
                    "record": arrow.array(texts, schema["record"]),
                    "problem": arrow.array(problems, schema["problem"]),
                }
            )


_HASH = "SELECT md5(coalesce(string_agg(n || ' ' || record, chr(0) ORDER BY n), '')) FROM given"


def _names(connection: Any, table: str, names: Iterable[str]) -> None:
    """A table of names."""
    arrow = pyarrow()
    connection.register("more", arrow.table({"situation": arrow.array(list(names), arrow.string())}))
    connection.execute(f"CREATE TEMP TABLE {table} AS SELECT situation FROM more")
    connection.unregister("more")
