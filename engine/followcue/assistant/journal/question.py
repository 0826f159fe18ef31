"""One question for the value of a field: what is offered, what `?` tells, and what an answer stands for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from followcue.assistant.journal.asker import Asker
from followcue.assistant.journal.find_record import key_meant
from followcue.assistant.journal.parse_entry import Pair, fields_of
from followcue.assistant.journal.typed_day import EXAMPLES, TIME
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.report.wording import plain
from followcue.evaluation.situation.fields import UNFIT, Days, converter, in_words, refuse
from followcue.language.model.read_values import described
from followcue.language.model.vocabulary import Field, Kind

EVERYBODY, NOBODY = "all", "-"


class ValueQuestion(NamedTuple):
    """A question for a field of a kind; `everybody` offers all that the field may refer to.

    `base` is the day from which days ahead are looked for.
    """

    field: Field
    kind: Kind
    label: str
    needed: bool = False
    everybody: bool = False
    base: date | None = None

    def default(self, known: Mapping[str, str]) -> str | None:
        """What is meant where nothing is typed; None where something has to be."""
        if self.everybody and known:
            return EVERYBODY
        if self.field.default is not None:
            return str(self.field.default)
        if self.needed:
            return next(iter(known)) if len(known) == 1 else None
        return ""

    def text(self, known: Mapping[str, str]) -> str:
        """The question, with what may be answered."""
        if self.field.type.choices:
            return f"{self.label} ({', '.join(self.field.type.choices)})"
        if known:
            said = ", ".join(f"{number} {name}" for number, name in enumerate(known.values(), 1))
            return f"{self.label} ({said}{'' if self.needed else f'; {NOBODY} for none'})"
        examples = {"date": "2026-11-05, monday, in 2 weeks", "duration": "5 days", "bool": "yes, no"}
        example = "14:30, 2pm" if self.field.name == TIME else examples.get(self.field.type.base)
        return f"{self.label} ({example})" if example else self.label

    def help(self, known: Mapping[str, str]) -> str:
        """What to answer, and what becomes of it."""
        if known:
            what = "numbers or names, with commas between them" if self.field.many else "a number or a name"
            what += f"; {EVERYBODY} for all" if self.field.many else ""
        elif self.field.type.base == "date":
            what = f"a day: {EXAMPLES}"
        else:
            what = described(self.field.type).replace("`", "")
        leave = "It is needed." if self.needed else "Enter alone leaves it out or takes what is in brackets."
        return f"    {plain(self.field.name)} of this {in_words(self.kind.name)}: {what}.\n    {leave}"

    def value(self, answer: str, known: Mapping[str, str], today: date, asker: Asker | None) -> str:
        """The answer as `add` takes it: keys for names and numbers, days and times as a file has them.

        Raises `InvalidInput` for an answer that is none.
        """
        if known:
            return self._keys(answer, known, asker)
        name = self.field.name
        try:
            found = fields_of(self.kind, [Pair(name, answer)], today, base=self.base, asker=asker)
        except InvalidInput as problem:
            raise InvalidInput([self._shorter(told, answer) for told in problem.diagnostics]) from None
        value = found[name]
        convert = converter(self.field.type, Days())
        for member in value if isinstance(value, list) else [value]:
            try:
                if not self.field.type.refers_to:
                    convert(member)
            except UNFIT:
                code, message, hint = refuse(name, self.field.type, member)
                raise InvalidInput([Diagnostic(code, message, hint=hint, place=name)]) from None
        if isinstance(value, str) and name != TIME and TIME in found:
            return f"{value} {found[TIME]}"
        return value if isinstance(value, str) else answer

    def _shorter(self, problem: Diagnostic, answer: str) -> Diagnostic:
        """What is wrong with an answer, without the choices, which stand in the question."""
        return (
            problem._replace(message=f"`{answer}` is none of these") if self.field.type.choices else problem
        )

    def _keys(self, answer: str, known: Mapping[str, str], asker: Asker | None) -> str:
        """The keys of what is meant by numbers and names."""
        if answer == NOBODY and not self.needed:
            return ""
        if answer.lower() == EVERYBODY and self.field.many:
            return ",".join(known)
        keys = list(known)
        found = []
        for word in answer.split(",") if self.field.many else [answer]:
            word = word.strip()
            if word not in known and word.isdecimal():
                if not 1 <= int(word) <= len(keys):
                    message = f"there is no number {word}: 1 to {len(keys)}"
                    raise InvalidInput([Diagnostic("FC505", message, place=self.field.name)])
                word = keys[int(word) - 1]
            if word:
                kind = self.field.type.refers_to[0]
                found.append(key_meant(word, known, kind, self.field.name, asker))
        return ",".join(dict.fromkeys(found))
