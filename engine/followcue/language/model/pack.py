"""A pack made ready: all that an evaluation needs besides the situation, as values that a cache can keep."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from followcue.language.model.vocabulary import Citation, Vocabulary

HeadKind = Literal["recommend", "caution", "conclude", "tip", "warn"]

RECOMMENDATION = "!recommendation"
"""The relation of what `recommend` and `caution` rules derive; its columns are `RECOMMENDATION_COLUMNS`."""
RECOMMENDATION_COLUMNS = ("scope", "to", "about", "open", "due", "close", "until", "channel")

TIP = "!tip"
"""The relation of what `tip` rules derive; its columns are `TIP_COLUMNS`."""
TIP_COLUMNS = ("scope", "to", "about")

WARNING = "!warning"
"""The relation of what `warn` rules derive; its columns are `WARNING_COLUMNS`."""
WARNING_COLUMNS = ("scope",)


class RuleInfo(NamedTuple):
    """What advice needs to know of a rule besides its logic.

    `action` is set for recommendations, cautions and tips; the `title` of a `warn` rule is its warning.
    `always` marks a tip without conditions, which no clause derives. `origin` is `file:line` of the rule.
    """

    id: str
    head: HeadKind
    title: str = ""
    action: str | None = None
    priority: str | None = None
    always: bool = False
    do: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    cites: tuple[Citation, ...] = ()
    overrides: tuple[str, ...] = ()
    origin: str = ""


class ClauseInfo(NamedTuple):
    """How to read the derivations of one clause: its rule, and the relation of each row.

    `body` names one relation a body atom, `grouped` one an aggregate.
    """

    rule: str
    head: str
    body: tuple[str, ...]
    grouped: tuple[str, ...]


class Pack(NamedTuple):
    """Rules and vocabulary, loaded and checked; `version` hashes their content, `layers` are folder names."""

    name: str
    version: str
    layers: tuple[str, ...]
    vocabulary: Vocabulary
    rules: Mapping[str, RuleInfo]
    clauses: tuple[ClauseInfo, ...]
