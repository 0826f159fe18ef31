"""The C module of durable-rules, used so that nothing it cannot bear reaches it.

A *state* is the engine's working memory of one run, named by its sid. The engine compares sids by hash only,
frees garbage when a state goes that never ran an action, and keeps a state leased in which an action was not
finished; the classes here see to all of that.
"""

from __future__ import annotations

import json
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import Any

from followcue.evaluation.match.durable.contract import CONTROL
from followcue.evaluation.match.durable.network import Shard
from followcue.evaluation.match.protocol import MatcherUnavailable

SIDS: tuple[str, ...] = tuple("12345678")
"""The names of states: one digit each, so that no two have one hash. Few, as the GIL lets one run work."""

MOST_FACTS = 797_185
"""The engine tells facts apart by a 32-bit hash of their ids; up to here no two decimal numbers share one."""

_HANDLED, _NO_RULE_TESTS_IT = 0, 1


def load_engine() -> Any:
    """The C module; raises `MatcherUnavailable` where it cannot be imported."""
    try:
        import durable_rules_engine
    except ImportError as error:
        if sys.version_info >= (3, 13):
            reason = "durable-rules works only below Python 3.13"
        else:
            reason = "durable-rules is not installed (`pip install durable-rules==2.0.28`, below Python 3.13)"
        raise MatcherUnavailable(f"{reason}; `compiled` and `reference` give the same answers") from error
    return durable_rules_engine


class Rulesets:
    """The shards of a program inside the engine, with a few states to run in; deleted with this object."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self.engine = load_engine()
        self.shards = tuple(shards)
        self.handles: list[int] = []
        weakref.finalize(self, _delete, self.engine, self.handles)
        for shard in shards:
            handle = self.engine.create_ruleset("followcue", json.dumps(shard.ruleset))
            self.handles.append(handle)
            self._prime(handle)
        self._free = deque(SIDS)
        self._freed = Condition()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A fresh state in every shard, for one run in one thread; waits while all are in use."""
        sid = self._take()
        session = Session(self, sid)
        try:
            yield session
        finally:
            try:
                session.close()
            finally:
                self._give_back(sid)

    def _prime(self, handle: int) -> None:
        """Let every state run one action, so that none is ever deleted without."""
        for sid in SIDS:
            pump(self.engine, handle, begin(self.engine, handle, sid), _ignore)
        for sid in SIDS:
            self.engine.delete_state(handle, sid)

    def _take(self) -> str:
        with self._freed:
            while not self._free:
                self._freed.wait()
            return self._free.pop()

    def _give_back(self, sid: str) -> None:
        with self._freed:
            self._free.append(sid)
            self._freed.notify()


class Session:
    """One run's states: one for each shard that a fact reaches, begun with the first one."""

    def __init__(self, rulesets: Rulesets, sid: str) -> None:
        self.sid = sid
        self._engine = rulesets.engine
        self._handles = rulesets.handles
        self._offsets: dict[int, int] = {}

    def begun(self, shard: int) -> bool:
        """Whether the shard has a state already."""
        return shard in self._offsets

    def begin(self, shard: int) -> None:
        """Make a state; its first action runs at once."""
        handle = self._handles[shard]
        self._offsets[shard] = begin(self._engine, handle, self.sid)
        pump(self._engine, handle, self._offsets[shard], _ignore)

    def assert_facts(self, shard: int, texts: Sequence[str]) -> None:
        """Assert facts written in JSON, at least one."""
        assert texts
        status, _ = self._engine.assert_facts(self._handles[shard], f"[{','.join(texts)}]")
        if status not in (_HANDLED, _NO_RULE_TESTS_IT):
            raise RuntimeError(f"durable-rules answered {status} to new facts")

    def pump(self, shard: int, handle_message: Callable[[str], None]) -> None:
        """Give every activation that waits to `handle_message`."""
        pump(self._engine, self._handles[shard], self._offsets[shard], handle_message)

    def close(self) -> None:
        """Delete the states."""
        for shard in list(self._offsets):
            del self._offsets[shard]
            self._engine.delete_state(self._handles[shard], self.sid)


def begin(engine: Any, handle: int, sid: str) -> int:
    """Make the state `sid` with an action that waits in it; returns where the engine keeps it."""
    status, offset = engine.assert_fact(handle, f'{{"sid":"{sid}","id":"0","kind":"{CONTROL}","begin":1}}')
    if status != _HANDLED:
        raise RuntimeError(f"durable-rules answered {status} to a new state")
    return int(offset)


def pump(engine: Any, handle: int, offset: int, handle_message: Callable[[str], None]) -> None:
    """Run through the activations of one state; if one fails, the rest is abandoned, else it stays leased."""
    started = engine.start_action_for_state(handle, offset)
    message = started[1] if started else None
    while message:
        try:
            handle_message(message)
        except BaseException:
            engine.abandon_action(handle, offset)
            raise
        message = engine.complete_and_start_action(handle, offset)


def _ignore(_: str) -> None:
    pass


def _delete(engine: Any, handles: list[int]) -> None:
    while handles:
        engine.delete_ruleset(handles.pop())
