"""What the author of a rule file said: rules, conditions and heads, each with its place, not yet typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from followcue.base.diagnostic import Diagnostic, Span
from followcue.language.documents.document import Document, Path
from followcue.language.model.pack import HeadKind
from followcue.language.model.syntax import (
    At,
    ConditionWord,
    Constraint,
    Expression,
    GatheringWord,
    Name,
    Test,
    Variable,
)
from followcue.language.model.vocabulary import Citation, StepChange

if TYPE_CHECKING:
    from followcue.language.model.decision_table import Table


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a document, as the path of a value or of its key."""

    document: Document
    path: Path
    key: bool = False

    def problem(self, code: str, message: str, at: At | None = None, hint: str | None = None) -> Diagnostic:
        """A diagnostic here, or at a part of the phrase that stands here."""
        return self.document.problem(code, message, self.path, key=self.key, hint=hint, within=at)

    @property
    def span(self) -> Span | None:
        """The place in the text."""
        return self.document.span(self.path, key=self.key)

    def __truediv__(self, step: str | int) -> Where:
        return Where(self.document, (*self.path, step))

    def as_key(self) -> Where:
        """The key of this value, instead of the value."""
        return Where(self.document, self.path, key=True)


def _where() -> Where:
    place: Where = field(compare=False, repr=False)
    return place


@dataclass(frozen=True, slots=True)
class Demand:
    """A field of a pattern and what is demanded of it."""

    field: str
    constraint: Constraint
    where: Where = _where()


@dataclass(frozen=True, slots=True)
class Pattern:
    """Facts of one of several kinds that meet all demands."""

    kinds: tuple[Name, ...]
    demands: tuple[Demand, ...]
    where: Where = _where()


@dataclass(frozen=True, slots=True)
class Condition:
    """A pattern and the word before it; `field` and `variable` for the words that need them.

    `each` are the variables by which a count, a sum or an extreme is grouped.
    """

    word: ConditionWord
    pattern: Pattern
    field: Name | None = None
    variable: Variable | None = None
    each: tuple[Variable, ...] = ()

    @property
    def where(self) -> Where:
        """Where the condition's own words stand."""
        return self.pattern.where


@dataclass(frozen=True, slots=True)
class Comparing:
    """A comparison that must hold (`where:`)."""

    test: Test
    where: Where = _where()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternatives, each a list of conditions, of which at least one must hold."""

    alternatives: tuple[tuple[AnyCondition, ...], ...]
    where: Where = _where()


@dataclass(frozen=True, slots=True)
class TableCell:
    """What a row of a decision table asks of the value of one `column`, called as its author wrote it."""

    column: str
    value: Expression
    constraints: tuple[Constraint, ...]
    where: Where = _where()
    of_days: bool | None = field(default=None, compare=False, repr=False)
    """Whether the value is a day, as far as the conditions tell it."""
    head: Where | None = field(default=None, compare=False, repr=False)
    """Where the column stands in the head of the table."""


@dataclass(frozen=True, slots=True)
class NoRowAbove:
    """None of these rows of a decision table fits, each given by what it asks."""

    rows: tuple[tuple[TableCell, ...], ...]
    where: Where = _where()


@dataclass(frozen=True, slots=True)
class Gathering:
    """One value of all ways to satisfy some conditions: `sum of $hours * $rate as $total: […]`."""

    word: GatheringWord
    value: Expression | None
    variable: Variable
    each: tuple[Variable, ...]
    conditions: tuple[AnyCondition, ...]
    where: Where = _where()


@dataclass(frozen=True, slots=True)
class Every:
    """Of each fact that fits the pattern, conditions hold: `every interview: {…}`, `has: …`."""

    word: ClassVar = "every"
    pattern: Pattern
    has: tuple[AnyCondition, ...]

    @property
    def where(self) -> Where:
        """Where the pattern stands."""
        return self.pattern.where


AnyCondition: TypeAlias = Condition | Comparing | AnyOf | Gathering | Every | TableCell | NoRowAbove


def within(condition: AnyCondition) -> tuple[tuple[AnyCondition, ...], ...]:
    """The lists of conditions inside of one: its alternatives, what it gathers, what each has."""
    match condition:
        case AnyOf(alternatives):
            return alternatives
        case Gathering():
            return (condition.conditions,)
        case Every():
            return (condition.has,)
    return ()


@dataclass(frozen=True, slots=True)
class Assigned:
    """A value given to a field of a head."""

    expression: Expression
    where: Where = _where()


@dataclass(frozen=True, slots=True)
class RuleHead:
    """What a rule brings about.

    `target` is the action, the conclusion, or the text of a warning. `values` are its fields; `done_when` the
    patterns of which any settles it; `title`, `do`, `avoid`, `say` and `why` sentences with its variables, as
    is the text of a warning. `also` are the further conclusions of a rule that draws several.
    """

    kind: HeadKind
    target: str
    values: Mapping[str, Assigned]
    where: Where = _where()
    done_when: tuple[Pattern, ...] = ()
    priority: str | None = None
    do: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    say: str = ""
    why: str = ""
    step: StepHead | None = None
    title: str = ""
    also: tuple[RuleHead, ...] = ()

    @property
    def each(self) -> tuple[RuleHead, ...]:
        """This one and the further conclusions, each by itself."""
        return (replace(self, also=()), *self.also) if self.also else (self,)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of all that it brings about."""
        return (self.target, *(head.target for head in self.also))

    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Each text that people read, and the keys beneath the head that lead to it."""
        if self.kind == "warn":
            yield (), self.target
        for key, text in (("title", self.title), ("say", self.say), ("why", self.why)):
            if text:
                yield (key,), text
        for key, texts in (("do", self.do), ("avoid", self.avoid)):
            for number, text in enumerate(texts):
                yield (key, number), text


@dataclass(frozen=True, slots=True)
class StepHead:
    """What a `step` rule changes: how the `actions`, and those of the `groups`, are done."""

    actions: tuple[Mention, ...]
    groups: tuple[Mention, ...]
    change: StepChange


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that must be known elsewhere (a rule, a profile), and where it is mentioned."""

    name: str
    where: Where = _where()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `whole` if it speaks of the whole instead of each record; no head if it only refines.

    `allow` are the codes of lints that its author has looked at and means. `unread`: some of it could not be
    read, so that what is missing in it may be no further mistake.
    """

    id: str
    where: Where = _where()
    title: str = ""
    cites: tuple[tuple[Citation, Where], ...] = ()
    whole: bool = False
    profiles: tuple[Mention, ...] = ()
    when: tuple[AnyCondition, ...] = ()
    head: RuleHead | None = None
    overrides: tuple[Mention, ...] = ()
    replaces: Mention | None = None
    refines: Mention | None = None
    allow: tuple[str, ...] = ()
    unread: bool = False

    @property
    def is_always_a_tip(self) -> bool:
        """Whether this is a tip for every case: without conditions, person or subject, or values to tell."""
        head = self.head
        if head is None or head.kind != "tip" or self.when or head.values:
            return False
        return not any("{" in text for _, text in head.texts())


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The rules and tables of one file, what it disables, and the ids of those too broken to be read."""

    rules: tuple[Rule, ...]
    disabled: tuple[Mention, ...] = ()
    broken: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


HEAD_WORDS: tuple[HeadKind, ...] = (
    "recommend",
    "caution",
    "conclude",
    "tip",
    "step",
    "warn",
)
