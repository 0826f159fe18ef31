"""Provenance: what a report was made of besides the rules: the program, the input and the options."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from followcue.base.extras import orjson
from followcue.base.version import __version__
from followcue.evaluation.advice.report import JsonObject


class Input(NamedTuple):
    """A situation as it was read: the name that was given, the hash of its bytes, and these if kept."""

    name: str
    sha256: str
    text: str | None = None

    @classmethod
    def of(cls, name: str, content: bytes, text: str | None = None) -> Input:
        """The input of that name and content; `text` is kept if it is given."""
        return cls(name, sha256(content).hexdigest(), text)

    def to_dict(self) -> JsonObject:
        """The input as JSON data."""
        text = {} if self.text is None else {"text": self.text}
        return {"name": self.name, "sha256": self.sha256, **text}


def data_sha256(data: object) -> str:
    """The SHA-256 of plain data as JSON with sorted keys and no spaces: the same for the same data."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def decided_sha256(report: Mapping[str, Any]) -> str:
    """The hash of what a report says, but for its warnings and lines: they are of one text of a situation."""
    said: dict[str, Any] = {key: value for key, value in report.items() if key != "warnings"}
    for part in ("actions", "cautions"):
        said[part] = [
            {**action, "because": [{**reason, "line": None} for reason in action["because"]]}
            for action in report[part]
        ]
    return _sha256_quickly(said) or data_sha256(said)


def _sha256_quickly(said: Mapping[str, Any]) -> str | None:
    """The same hash by orjson in a tenth of the time; None without it, and for what it writes otherwise.

    It writes 1e-7 where Python writes 1e-07. In a report only parameters can be floating-point numbers.
    """
    quick = orjson()
    numbers = said["parameters"].values()
    if quick is None or "provenance" in said or any(isinstance(value, float) for value in numbers):
        return None
    try:
        return sha256(quick.dumps(said, option=quick.OPT_SORT_KEYS)).hexdigest()
    except TypeError:  # half characters, whole numbers of more than 64 bits
        return None


class GivenOptions(NamedTuple):
    """What was asked for beside the situation: `rules` are folders and `packs` names, as they were given.

    Neither the day is among them, since a report has its own, nor the matcher, since all give the same.
    """

    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    profile: str | None = None
    parameters: Mapping[str, object] = {}
    missed: bool = False

    def to_dict(self) -> JsonObject:
        """The options as JSON data, under the names that the command line has for them."""
        return {
            "rules": list(self.rules),
            "pack": list(self.packs),
            "profile": self.profile,
            "set": dict(self.parameters),
            "all": self.missed,
        }


class Provenance(NamedTuple):
    """Which program made a report, by which rules, of which input, with which options.

    `layers` are the folders that the rules came from, the lowest first.
    """

    input: Input
    layers: tuple[str, ...]
    options: GivenOptions = GivenOptions()
    followcue: str = __version__

    def to_dict(self) -> JsonObject:
        """The provenance as JSON data."""
        return {
            "followcue": self.followcue,
            "layers": list(self.layers),
            "input": self.input.to_dict(),
            "options": self.options.to_dict(),
        }
