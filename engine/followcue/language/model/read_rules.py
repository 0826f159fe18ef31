"""A rule file's document -> rules; every phrase is read, no name is looked up yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.language.documents.borrowed import hint_for
from followcue.language.documents.document import Document
from followcue.language.documents.plain import digits_of
from followcue.language.documents.schema_errors import described
from followcue.language.model.citations import CITING, parse_citation
from followcue.language.model.phrase import (
    PhraseError,
    parse_condition,
    parse_constraints,
    parse_expression,
    parse_test,
)
from followcue.language.model.rules import (
    HEAD_WORDS,
    AnyCondition,
    AnyOf,
    Assigned,
    Comparing,
    Condition,
    Demand,
    Every,
    Gathering,
    Mention,
    Pattern,
    Rule,
    RuleFile,
    RuleHead,
    StepHead,
    Where,
)
from followcue.language.model.syntax import (
    ConditionHead,
    Constant,
    Constraint,
    EveryHead,
    Expression,
    GatheringHead,
    Word,
)
from followcue.language.model.text_phrase import parse_text, parse_text_constraints
from followcue.language.model.vocabulary import Citation, Kind, StepChange, Vocabulary

HAS = "has"
"""The key beside `every …` under which stands what each of them has."""
WINDOW_FIELDS = ("to", "about", "open", "due", "close", "until", "channel")


def read_rules(
    document: Document, vocabulary: Vocabulary, shape_problems: Sequence[Diagnostic] = ()
) -> tuple[RuleFile, list[Diagnostic]]:
    """The rules of a schema-checked document, and the phrases in it that cannot be read.

    Rules that contain a shape problem are left out and named
    in `broken`, so that mentions of them are no mistakes.
    """
    reader = RuleReader(Where(document, ()), vocabulary)
    data = document.data if isinstance(document.data, dict) else {}
    entries = data.get("rules")
    entries = entries if isinstance(entries, dict) else {}
    broken = broken_entries(document, "rules", list(entries), shape_problems)
    rules = tuple(reader.rule(name, entry) for name, entry in entries.items() if name not in broken)
    disabled = reader.mentions(Where(document, ("disable",)), data.get("disable"))
    return RuleFile(rules, disabled, broken), reader.problems


def broken_entries(
    document: Document, section: str, names: list[str], problems: Iterable[Diagnostic]
) -> tuple[str, ...]:
    """The entries of a section in whose lines a problem stands; each reaches to the line before the next."""
    starts = [(span.line if (span := document.span((section, name), key=True)) else 0) for name in names]
    data = document.data if isinstance(document.data, dict) else {}
    others = [span.line for key in data if (span := document.span((key,), key=True))]
    last = min((line for line in others if starts and line > starts[-1]), default=1 << 60)
    ends = [*starts[1:], last][: len(starts)]
    lines = [problem.span.line for problem in problems if problem.span]
    return tuple(
        name
        for name, start, end in zip(names, starts, ends, strict=True)
        if any(start <= line < end for line in lines)
    )


T = TypeVar("T")


class RuleReader:
    """Reads the rules of one document and collects what is wrong with their phrases."""

    def __init__(self, root: Where, vocabulary: Vocabulary) -> None:
        self.root = root
        self.shape = vocabulary.shape
        self.kinds = vocabulary.kinds
        self.problems: list[Diagnostic] = []

    # --- rules
    def rule(self, name: str, entry: dict[str, Any]) -> Rule:
        """One rule of the file."""
        where = self.root / "rules" / name
        before = len(self.problems)
        rule = Rule(
            id=name,
            where=where.as_key(),
            title=entry.get("title", ""),
            cites=self.citations(where / "cites", entry.get("cites")),
            whole=self.speaks_of_whole(where / "for", entry.get("for")),
            profiles=self.mentions(where / "profiles", entry.get("profiles")),
            when=self.conditions(where / "when", entry.get("when")),
            head=self.head(where, entry),
            overrides=self.mentions(where / "overrides", entry.get("overrides")),
            replaces=self.mention(where / "replaces", entry.get("replaces")),
            refines=self.mention(where / "refines", entry.get("refines")),
            allow=tuple(entry.get("allow", ())),
        )
        return replace(rule, unread=len(self.problems) > before)

    def speaks_of_whole(self, where: Where, word: Any) -> bool:
        """Whether `for` names the whole."""
        known = [name for name in (self.shape.whole, self.shape.scope) if name]
        if word is not None and word not in known:
            message = f"`for` says what a rule speaks of, and there is no `{word}`"
            self.problems.append(where.problem("FC302", message, None, did_you_mean(str(word), known)))
        return bool(word == self.shape.whole)

    def mention(self, where: Where, name: Any) -> Mention | None:
        """A name that must be known elsewhere, if one is written."""
        return Mention(name, where) if isinstance(name, str) else None

    def mentions(self, where: Where, names: Any) -> tuple[Mention, ...]:
        """Names that must be known elsewhere."""
        if isinstance(names, str):
            return (Mention(names, where),)
        listed = names if isinstance(names, list) else []
        return tuple(Mention(name, where / i) for i, name in enumerate(listed) if isinstance(name, str))

    def citations(self, where: Where, cites: Any) -> tuple[tuple[Citation, Where], ...]:
        """Who says so, each with its place."""
        listed = cites if isinstance(cites, list) else []
        read = ((self.citation(where / i, text), where / i) for i, text in enumerate(listed))
        return tuple((citation, place) for citation, place in read if citation is not None)

    def citation(self, where: Where, text: str) -> Citation | None:
        """One citation; None after a mistake."""
        citation = parse_citation(text)
        if citation is None:
            self.problems.append(where.problem("FC310", f"`{text}` cites nothing", hint=CITING))
        return citation

    # --- heads
    def head(self, where: Where, entry: dict[str, Any]) -> RuleHead | None:
        """What a rule brings about; None after a mistake, and of a rule that only refines."""
        written = [word for word in HEAD_WORDS if word in entry]
        if len(written) != 1:
            if written or "refines" not in entry:
                says = " and ".join(f"`{word}`" for word in written) or "none"
                hint = "give it exactly one of `recommend`, `caution`, `conclude`, `tip`, `step`, `warn`"
                message = f"a rule brings about one thing, and this one has {says}"
                self.problems.append(where.as_key().problem("FC311", message, hint=hint))
            return None
        word = written[0]
        place = where / word
        if word == "tip" and not entry[word].get("do") and not entry[word].get("avoid"):
            hint = "say what to do under `do`, or what not to under `avoid`"
            self.problems.append(place.as_key().problem("FC313", "this tip says nothing", hint=hint))
        if word in ("recommend", "caution") and not entry.get("title") and "refines" not in entry:
            hint = "add `title:` with one line that can be read aloud"
            self.problems.append(where.as_key().problem("FC313", "advice needs a title", hint=hint))
        if word == "warn":
            return RuleHead("warn", str(entry[word]), {}, place)
        if word == "conclude":
            return self.conclusions(place, entry[word])
        if word == "step":
            return self.step(place, entry[word])
        return self.advice(word, place, entry[word])

    def conclusions(self, where: Where, entry: Any) -> RuleHead | None:
        """What a rule concludes: one thing, or several that hold together."""
        listed = enumerate(entry) if isinstance(entry, list) else [(None, entry)]
        heads: list[RuleHead] = []
        for number, item in listed:
            place = where if number is None else where / number
            named = {item: None} if isinstance(item, str) else item
            for name, fields in named.items():
                at = place if isinstance(item, str) else (place / name).as_key()
                values = self.assignments(place / name, fields or {}, self.text_fields([name]))
                head = RuleHead("conclude", name, values, at)
                if head in heads:
                    message = f"`{name}` is concluded twice, with the same fields"
                    self.problems.append(at.problem("FC318", message, hint="leave one of them out"))
                heads.append(head)
        return replace(heads[0], also=tuple(heads[1:])) if heads else None

    def advice(self, word: Any, where: Where, entry: dict[str, Any]) -> RuleHead:
        """A recommendation, a caution or a tip."""
        values = {name: entry[name] for name in WINDOW_FIELDS if name in entry}
        return RuleHead(
            word,
            entry["action"],
            self.assignments(where, values),
            where / "action",
            done_when=self.done_when(where / "done_when", entry.get("done_when")),
            priority=entry.get("priority"),
            do=tuple(entry.get("do", ())),
            avoid=tuple(entry.get("avoid", ())),
            say=entry.get("say", ""),
            why=entry.get("why", ""),
            title=entry.get("title", ""),
        )

    def step(self, where: Where, entry: dict[str, Any]) -> RuleHead | None:
        """How actions are done while the rule holds."""
        change = StepChange(
            rides=entry.get("rides"),
            rides_on=tuple(entry["rides on"]) if "rides on" in entry else None,
            in_silence=entry.get("in silence"),
            at_most=entry.get("at most"),
            tier=entry.get("tier"),
        )
        actions, groups = (self.mentions(where / key, entry.get(key)) for key in ("action", "group"))
        if not actions and not groups:
            hint = "name them under `action`, or their group under `group`"
            message = "this changes the steps of no action"
            self.problems.append(where.as_key().problem("FC313", message, hint=hint))
            return None
        if change == StepChange():
            hint = "say one of `rides`, `in silence`, `at most`, `tier`"
            message = "this changes nothing in how they are done"
            self.problems.append(where.as_key().problem("FC313", message, hint=hint))
            return None
        values: dict[str, Any] = {name: entry[name] for name in ("to", "about") if name in entry}
        place = where / ("action" if actions else "group")
        target = (*actions, *groups)[0].name
        head = StepHead(actions, groups, change)
        return RuleHead("step", target, self.assignments(where, values), place, step=head)

    def assignments(
        self, where: Where, values: Mapping[str, Any], text: Collection[str] = ()
    ) -> dict[str, Assigned]:
        """The values given to fields, of which those in `text` are of text."""
        read = {name: self.expression(where / name, value, name in text) for name, value in values.items()}
        return {
            name: Assigned(expression, where / name)
            for name, expression in read.items()
            if expression is not None
        }

    def done_when(self, where: Where, entry: Any) -> tuple[Pattern, ...]:
        """The patterns that settle an action."""
        if entry is None:
            return ()
        listed = (
            [(where / i, e) for i, e in enumerate(entry)] if isinstance(entry, list) else [(where, entry)]
        )
        read = (self.settling(place, item) for place, item in listed)
        return tuple(pattern for patterns in read for pattern in patterns)

    def settling(self, where: Where, entry: Any) -> list[Pattern]:
        """The patterns of one entry of `done_when`: a kind, or kinds with their demands."""
        items = (
            [(where, entry, {})]
            if isinstance(entry, str)
            else [((where / key).as_key(), key, fields) for key, fields in entry.items()]
        )
        patterns = []
        for place, key, fields in items:
            head = self.phrase(parse_condition, place, key)
            if head and not (isinstance(head, ConditionHead) and head.word == "there is"):
                hint = "name the event with its fields, as in `reminded: {to: $person}`"
                self.problems.append(
                    place.problem("FC312", "`done_when` takes events that settle it", head.at, hint)
                )
            elif isinstance(head, ConditionHead):
                patterns.append(self.pattern(head, place, fields))
        return patterns

    # --- conditions
    def conditions(self, where: Where, entries: Any) -> tuple[AnyCondition, ...]:
        """The conditions of a list."""
        listed = entries if isinstance(entries, list) else [] if entries is None else [entries]
        read = (self.condition(where / i, entry) for i, entry in enumerate(listed))
        return tuple(condition for conditions in read for condition in conditions)

    def condition(self, where: Where, entry: Any) -> list[AnyCondition]:
        """The conditions of one entry."""
        if isinstance(entry, str):
            return self.phrased(where, entry, {})
        read: list[AnyCondition] = []
        has = entry.get(HAS)
        for key, value in entry.items():
            place = where / key
            if key == HAS and (len(entry) > 1 or HAS not in self.kinds):
                if len(entry) == 1:
                    message = "this does not say of what it is said"
                    hint = f"write `every …:` before it, as in `every reader: {{id: $r}}` and `{HAS}: …`"
                    self.problems.append(place.as_key().problem("FC316", message, None, hint))
                continue
            if key.split()[:1] == ["every"]:
                read += self.every(place.as_key(), key, value, where / HAS if has is not None else None, has)
            elif key == "where":
                read += self.comparisons(place, value)
            elif key == "any of":
                read.append(self.any_of(place, value))
            else:
                read += self.phrased(place.as_key(), key, value)
        return read

    def comparisons(self, where: Where, value: Any) -> list[AnyCondition]:
        """The comparisons of one `where`."""
        listed = (
            [(where / i, v) for i, v in enumerate(value)] if isinstance(value, list) else [(where, value)]
        )
        tests = ((self.phrase(parse_test, place, text), place) for place, text in listed)
        return [Comparing(test, place) for test, place in tests if test is not None]

    def any_of(self, where: Where, entries: Any) -> AnyOf:
        """The alternatives of one `any of`."""
        alternatives = (
            self.conditions(where / i, entry)
            if isinstance(entry, list)
            else tuple(self.condition(where / i, entry))
            for i, entry in enumerate(entries)
        )
        return AnyOf(tuple(alternatives), where)

    def phrased(self, where: Where, text: str, fields: Any) -> list[AnyCondition]:
        """The condition of a phrase with its demands; none after a mistake."""
        head = self.phrase(parse_condition, where, text)
        if isinstance(head, EveryHead):
            return self.every(where, text, fields, None, None)
        if isinstance(head, GatheringHead):
            conditions = self.inner(Where(where.document, where.path), fields)
            if not fields:
                message = "there is nothing here to count" if head.word == "count" else "this gathers nothing"
                hint = "write the conditions beneath it, as in `count as $n: [lent, no returned]`"
                self.problems.append(where.problem("FC317", message, head.at, hint))
            return [Gathering(head.word, head.value, head.variable, head.each, conditions, where)]
        if head is None:
            return []
        if fields is not None and not isinstance(fields, dict):  # of heads the schema cannot tell
            message = f"`{text}` must be a mapping, not {described(fields)}"
            meant = hint_for("a kind", text) or did_you_mean(text, self.kinds)
            self.problems.append(where.problem("FC201", message, None, meant))
            return []
        pattern = self.pattern(head, where, fields)
        return [Condition(head.word, pattern, head.field, head.variable, head.each)]

    def inner(self, where: Where, entries: Any) -> tuple[AnyCondition, ...]:
        """Conditions within another: one, or a list of them."""
        if isinstance(entries, list):
            return self.conditions(where, entries)
        return tuple(self.condition(where, entries)) if entries else ()

    def every(self, where: Where, text: str, fields: Any, at: Where | None, has: Any) -> list[AnyCondition]:
        """Of each fact that fits, what stands under `has` holds."""
        head = self.phrase(parse_condition, where, text)
        if not isinstance(head, EveryHead):
            return []
        if at is None or not has:
            message = "this does not say what every one of them has"
            hint = f"write it under `{HAS}:`, right beneath `{text}:`"
            self.problems.append(where.problem("FC316", message, head.at, hint))
            return []
        return [Every(self.pattern(head, where, fields), self.inner(at, has))]

    def pattern(self, head: ConditionHead | EveryHead, where: Where, fields: Any) -> Pattern:
        """The facts of a condition, with what is demanded of their fields."""
        values_at = Where(where.document, where.path)
        text = self.text_fields(kind.text for kind in head.kinds)
        demands: list[Demand] = []
        for name, value in (fields or {}).items():
            place = values_at / name
            demands += [Demand(name, c, place) for c in self.constraints(place, value, name in text)]
        return Pattern(head.kinds, tuple(demands), where)

    def text_fields(self, kinds: Iterable[str]) -> set[str]:
        """The fields that are of text in each of these kinds."""
        found = [_text_fields(self.kinds[name]) for name in kinds if name in self.kinds]
        return set.intersection(*found) if found else set()

    def constraints(self, where: Where, value: Any, is_text: bool) -> tuple[Constraint, ...]:
        """What is demanded of one value; `is_text` if it is of text."""
        if isinstance(value, str):
            return self.phrase(parse_text_constraints if is_text else parse_constraints, where, value) or ()
        if isinstance(value, list):
            items = [self.expression(where / i, item, is_text) for i, item in enumerate(value)]
            return (Constraint("in", tuple(item for item in items if item is not None)),)
        expression = self.expression(where, value, is_text)
        return (Constraint("==", (expression,)),) if expression is not None else ()

    # --- phrases
    def expression(self, where: Where, value: Any, is_text: bool = False) -> Expression | None:
        """A value; None after a mistake."""
        if isinstance(value, bool):
            return Constant("bool", value)
        if isinstance(value, int):
            return self.digits(where, value) if is_text else Constant("number", value)
        if isinstance(value, float):
            return (
                self.digits(where, value)
                if is_text
                else self.phrase(parse_expression, where, digits_of(value))
            )
        if isinstance(value, str):
            return self.phrase(parse_text if is_text else parse_expression, where, value)
        self.problems.append(where.problem("FC301", "a value is a word, a number, `$variable` or a phrase"))
        return None

    def digits(self, where: Where, value: float) -> Expression | None:
        """A number where text is wanted is its digits, unless it was written otherwise, such as `007`."""
        span = where.span
        written = digits_of(value) if isinstance(value, float) else str(value)
        if span is None or span.length == len(written):
            return Constant("text", written)
        self.problems.append(
            where.problem("FC303", "this must be text, not a number", hint="put it in quotes")
        )
        return None

    def phrase(self, parse: Callable[[str], T], where: Where, text: Any) -> T | None:
        """What a phrase says; None after a mistake."""
        try:
            return parse(str(text))
        except PhraseError as error:
            literal = _plain_words(str(text)) if error.code == "FC301" else None
            if literal is not None and parse is parse_constraints:
                return (Constraint("==", (literal,)),)  # type: ignore[return-value]
            if literal is not None and parse is parse_expression:
                return literal  # type: ignore[return-value]
            hint = self.spelled(str(text)) if parse is parse_condition else None
            self.problems.append(where.problem(error.code, error.message, error.at, hint or error.hint))
            return None

    def spelled(self, text: str) -> str | None:
        """What was meant by a condition in which a name stands with spaces or hyphens."""
        for kind in self.kinds:
            if "_" in kind and kind.partition("_")[0] not in _CONDITION_WORDS:
                apart = re.compile(kind.replace("_", "[ -]"))
                if apart.search(text):
                    return f"did you mean `{apart.sub(kind, text)}`?"
        return None


_CONDITION_WORDS = ("no", "maybe", "newest", "oldest", "latest", "earliest", "count", "sum", "max", "min")
"""The words before a name, with which a name of several words is easily confused."""


def _text_fields(kind: Kind) -> set[str]:
    declared = {field.name for field in kind.fields if field.type.base == "text"}
    return declared | {"note"} if kind.is_event else declared


_PLAIN = re.compile(
    r"(?!(?:not|is|on|at|more|less|fewer|before|after|later|earlier)\b"
    r"|(?:years?|months?) +from\b|weekday +of\b|(?:first|last) +day +of\b|next +(?:anniversary|[0-9]))"
    r"[A-Za-z][\w ,.;:'&/-]*"
)


def _plain_words(text: str) -> Word | Constant | None:
    """Several plain words are text, such as `Data engineer`; its type is checked where it stands."""
    return Constant("text", text, (0, len(text))) if _PLAIN.fullmatch(text) else None
