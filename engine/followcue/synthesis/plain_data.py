"""Situations as plain data, as a file has them: taken from one that was read, and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias, cast

from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.pipeline import LoadedPack
from followcue.evaluation.situation.situation import Events, Situation
from followcue.language.documents.document import Document

Data: TypeAlias = dict[str, Any]


def plain(situation: Situation) -> Data:
    """A situation that was read, as data of one's own, with its day."""
    document = cast(Events, situation.events).document
    return {**copied(document.data), "as_of": date.fromordinal(situation.as_of).isoformat()}


def copied(data: object) -> Any:
    """A copy of plain data, all the way down."""
    return json.loads(as_text(data))


def as_text(data: object) -> str:
    """Plain data as a text that tells it from other data."""
    return json.dumps(data, default=str)


def read_plain(loaded: LoadedPack, data: Mapping[str, Any]) -> Situation | None:
    """The situation that plain data with a day makes; None where the pack's reader refuses it."""
    try:
        return loaded.reader.read(Document.of(dict(data)), today=_no_day)
    except InvalidInput:
        return None


def _no_day(zone: str | None) -> date:
    raise AssertionError("a situation that was made names its day")
