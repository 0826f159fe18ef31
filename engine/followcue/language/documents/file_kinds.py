"""Which kind of file stands in the place of another: told once, instead of each of its keys.

`followcue evaluate rules.yaml` is a slip of one word on the command line, a vocabulary called `words.yaml` a
slip of a name. None of the keys of such a file is a mistake by itself: the file is in the wrong place.

    misplaced({"pack": …, "actions": …}, "situation", own={"loans", "as_of"})
    # "this is a vocabulary, and no situation", and where a vocabulary belongs

A file with a key that only the wanted kind has is one of that kind, whatever else stands in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from followcue.base.named_tuple import NamedTuple

_CALLED = {
    "tests": "file of tests",
    "rules": "file of rules",
    "vocabulary": "vocabulary",
    "situation": "situation",
}

_TELLING = {
    "tests": ("tests",),
    "rules": ("rules", "tables", "disable"),
    "vocabulary": ("pack", "actions", "conclusions", "parameters", "types", "sources", "items"),
    "situation": ("as_of", "params", "skips"),
}
"""The keys at the top that tell each kind; a file that has some of several is of the first of these."""

_AMONG_RULES = {
    "tests": "tests stand in the folder `tests/` of a pack",
    "rules": "rules stand in files of their own, beside `vocabulary.yaml`",
    "vocabulary": "call it `vocabulary.yaml`, or put it into the folder `vocabulary/`",
    "situation": "situations stand outside the folder of the rules",
}
_ON_THE_COMMAND_LINE = {
    "tests": "`followcue test` runs it",
    "rules": "name its folder, as in `--rules my-rules`",
    "vocabulary": "name its folder, as in `--rules my-rules`",
    "situation": "`followcue evaluate` judges it",
}


class Misplaced(NamedTuple):
    """What is said of a file in the place of another, and the key at its top that tells its kind."""

    message: str
    hint: str
    key: str


def misplaced(data: object, wanted: str, own: Collection[str]) -> Misplaced | None:
    """What stands in the place of the `wanted` kind; None where nothing tells that it is another.

    `own` are the keys that only the wanted kind has: one of them is enough.
    """
    if not isinstance(data, Mapping) or not data.keys().isdisjoint(own):
        return None
    for kind, keys in _TELLING.items():
        key = next((key for key in data if key in keys), None)
        if key is not None and kind != wanted:
            hints = _AMONG_RULES if wanted in ("rules", "vocabulary") else _ON_THE_COMMAND_LINE
            return Misplaced(f"this is a {_CALLED[kind]}, and no {_CALLED[wanted]}", hints[kind], key)
    return None


def own_keys(kind: str) -> Collection[str]:
    """The keys at the top of a file that only files of that kind have."""
    return _TELLING.get(kind, ())
