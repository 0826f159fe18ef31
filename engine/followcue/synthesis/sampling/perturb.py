"""Variants of a situation: a day earlier or later, an event less, more or twice, on the edges of windows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any, cast

from followcue.base.limits import LimitExceeded
from followcue.base.values import looks_like_date, parse_date
from followcue.evaluation.pipeline import LoadedPack, evaluate
from followcue.evaluation.situation.situation import Events, Situation
from followcue.language.documents.document import Document
from followcue.synthesis.sampling.situations import Maker

EDGES = ("open", "due", "close", "until")

TRIES = 4
"""How many changes are tried for each variant that is wanted, where some make a situation invalid."""

Data = dict[str, Any]


def perturbed(loaded: LoadedPack, situation: Data, seed: int = 0, count: int = 10) -> Iterator[Data]:
    """Up to `count` valid variants of a valid situation, each changed in one place; always the same ones."""
    yield from Perturber(loaded, Random(seed)).variants(situation, count)


class Perturber:
    """Makes variants of situations of one pack, from one source of chance."""

    def __init__(self, loaded: LoadedPack, choose: Random) -> None:
        self._loaded = loaded
        self._choose = choose
        self._changes: tuple[Callable[[Data, Data], None], ...] = (
            self._move_a_date,
            self._move_a_date,
            self._to_an_edge,
            self._to_an_edge,
            self._drop,
            self._repeat,
            self._add,
            self._set_profile,
        )

    @cached_property
    def _maker(self) -> Maker:
        return Maker(self._loaded, self._choose)

    def variants(self, situation: Data, count: int) -> Iterator[Data]:
        """Up to `count` valid variants, no two alike."""
        seen = {_text(situation)}
        for _ in range(count * TRIES):
            changed = json.loads(_text(situation))
            self._choose.choice(self._changes)(changed, situation)
            text = _text(changed)
            if text not in seen and self._maker.is_valid(changed):
                seen.add(text)
                yield changed
                if len(seen) > count:
                    return

    # --- changes
    def _move_a_date(self, data: Data, original: Data) -> None:
        """A date of an event or in it, a day earlier or later."""
        dated = [(event, key) for events in self._lists(data) for event in events for key in _dates_in(event)]
        if not dated:
            self._to_an_edge(data, original)
            return
        event, key = self._choose.choice(dated)
        event[key] = _moved(event[key], self._choose.choice((-1, 1)))

    def _to_an_edge(self, data: Data, original: Data) -> None:
        """The situation's day on an edge of a window, or beside one, or beside where it was."""
        days = [data["as_of"]]
        try:
            report = evaluate(self._loaded, Document.of(original), missed=True)
        except LimitExceeded:
            report = None
        for action in (*report.actions, *report.cautions) if report else ():
            days += [day.isoformat() for edge in EDGES if (day := getattr(action, edge)) is not None]
        data["as_of"] = _moved(self._choose.choice(sorted(set(days))), self._choose.choice((-1, 0, 1)))

    def _drop(self, data: Data, original: Data) -> None:
        """One event less."""
        lists = [events for events in self._lists(data) if events]
        if lists:
            events = self._choose.choice(lists)
            del events[self._choose.randrange(len(events))]

    def _repeat(self, data: Data, original: Data) -> None:
        """One event twice, under another id if it has one, on its day or beside it."""
        lists = [events for events in self._lists(data) if events]
        if lists:
            events = self._choose.choice(lists)
            again = dict(self._choose.choice(events))
            if "id" in again:
                again["id"] += "-again"
            again["date"] = _moved(again["date"], self._choose.choice((0, 0, 1, 7)))
            events.append(again)

    def _add(self, data: Data, original: Data) -> None:
        """One more event, of any kind."""
        self._maker.noisy(data, 1)

    def _set_profile(self, data: Data, original: Data) -> None:
        """Another profile."""
        profiles = self._loaded.pack.vocabulary.profiles
        if profiles:
            data["profile"] = self._choose.choice(profiles)

    def _lists(self, data: Data) -> Iterator[list[Data]]:
        """Every list of events."""
        for path in self._loaded.pack.vocabulary.shape.events:
            holders = [data] if len(path) == 1 else list((data.get(path[0]) or {}).values())
            for holder in holders:
                if isinstance(holder, dict) and isinstance(events := holder.get(path[-1]), list):
                    yield events


def plain(situation: Situation) -> Data:
    """A situation that was read, as plain data that can be changed; its day stands in it."""
    document = cast(Events, situation.events).document
    return {**json.loads(_text(document.data)), "as_of": date.fromordinal(situation.as_of).isoformat()}


def _text(data: object) -> str:
    return json.dumps(data, default=str)


def _dates_in(event: Data) -> list[str]:
    return [key for key, value in event.items() if isinstance(value, str) and looks_like_date(value)]


def _moved(written: str, days: int) -> str:
    day = parse_date(written)
    return written if day is None else (day + timedelta(days)).isoformat()
