"""A pack made ready: all that an evaluation needs besides the situation, as values that a cache can keep."""

from collections.abc import Mapping
from typing import Literal

from followcue.base.named_tuple import NamedTuple
from followcue.base.rows import ColumnType
from followcue.language.model.vocabulary import Citation, StepChange, Vocabulary

HeadKind = Literal["recommend", "caution", "conclude", "tip", "step", "warn"]

RECOMMENDATION = "!recommendation"
"""The relation of what `recommend` and `caution` rules derive; its columns are `RECOMMENDATION_COLUMNS`."""
RECOMMENDATION_COLUMNS = ("scope", "to", "about", "open", "due", "close", "until", "channel")

TIP = "!tip"
"""The relation of what `tip` rules derive; its columns are `TIP_COLUMNS`."""
TIP_COLUMNS = ("scope", "to", "about")

STEP = "!step"
"""The relation of what `step` rules derive; its columns are `TIP_COLUMNS`."""

WARNING = "!warning"
"""The relation of what `warn` rules derive; its columns are `WARNING_COLUMNS`."""
WARNING_COLUMNS = ("scope",)


HELPER = "!of "
"""What the names of relations begin with that a rule makes for itself, of conditions within others."""


def is_helper(relation: str) -> bool:
    """Whether the rows of a relation only serve the rule that makes them."""
    return relation.startswith(HELPER)


class RuleInfo(NamedTuple):
    """What advice needs to know of a rule besides its logic.

    `action` is set for recommendations, cautions and tips; the `title` of a `warn` rule is its warning.
    `always` marks a tip without conditions, which no clause derives. `origin` is `file:line` of the rule.
    `advice_title` is what it calls its action, which is named by the action's own title where this is empty;
    that and `do`, `avoid`, `say` and `why` are sentences with the rule's variables, as is the warning of a
    `warn` rule. A `step` rule changes how `actions` are done.
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
    say: str = ""
    why: str = ""
    actions: tuple[str, ...] = ()
    step: StepChange | None = None
    advice_title: str = ""


class ValueAt(NamedTuple):
    """Where the value of a variable stands in a derivation of a clause.

    `part` is `body`, `grouped` (a row that an aggregate chose), `count` (how many it counted), `sum` (of a
    column of what it summed), or one of two that stand in no row: `parameter`, and `reckoned` by the
    expression `by` of the program `of` others; `place` and `column` are positions there. `base` and
    `refers_to` are those of its type, `is_word` if that is one of words to choose from.
    """

    name: str
    part: Literal["body", "grouped", "count", "sum", "parameter", "reckoned"]
    place: int
    column: int
    base: ColumnType
    refers_to: tuple[str, ...] = ()
    is_word: bool = False
    by: object = None
    of: "tuple[ValueAt, ...]" = ()


class ClauseInfo(NamedTuple):
    """How to read the derivations of one clause: its rule, and the relation of each row.

    `body` names one relation a body atom, `grouped` one an aggregate; `values` say where the variables stand
    that the sentences of its rule name. `asked` are, of each relation of both, the columns of which the
    clause demands something.
    """

    rule: str
    head: str
    body: tuple[str, ...]
    grouped: tuple[str, ...]
    values: tuple[ValueAt, ...] = ()
    asked: tuple[tuple[int, ...], ...] = ()


class Pack(NamedTuple):
    """Rules and vocabulary, loaded and checked; `version` hashes their content, `layers` are folder names.

    `gone` names the rules, tables and rows of tables that a layer took away.
    """

    name: str
    version: str
    layers: tuple[str, ...]
    vocabulary: Vocabulary
    rules: Mapping[str, RuleInfo]
    clauses: tuple[ClauseInfo, ...]
    gone: frozenset[str] = frozenset()

    def has_rule(self, name: str) -> bool:
        """Whether a rule is called so, be it one that a layer took away, of which tests below it speak."""
        return name in self.rules or name in self.gone or name.partition("/")[0] in self.gone
