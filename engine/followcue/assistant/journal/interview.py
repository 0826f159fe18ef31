"""The questions with which a situation file is begun, made of the vocabulary's own words.

Every answer is checked when it is given, so that a wrong one is asked for again and no other is lost. What
only shows when the whole entry is written brings the same questions again, with those answers offered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from followcue.assistant.journal.add import add, day_of
from followcue.assistant.journal.asker import Asker
from followcue.assistant.journal.find_kind import kind_named
from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.made_id import made_key
from followcue.assistant.journal.parse_entry import has_time
from followcue.assistant.journal.question import ValueQuestion
from followcue.assistant.journal.typed_day import EXAMPLES, TIME
from followcue.base.diagnostic import InvalidInput, NotMeant
from followcue.base.terminal import ask, confirm, tell
from followcue.evaluation.pipeline import USUALLY, LoadedPack, Options
from followcue.evaluation.report.wording import full_day, plain
from followcue.evaluation.situation.reading_plan import shown_by
from followcue.language.documents.edit import Edit
from followcue.language.model.vocabulary import Field, Kind

MOST = 50
"""How many records or events are asked for: nobody types more at a time."""

FEW = 3
"""How many fields of a record are asked for that may be left out: the first ones that the vocabulary has."""


class Interview:
    """Asks for the first record, for those inside it, and for what happened to it so far.

    A wrong answer is asked for again, and no other one; `asker` is asked what may be a slip.
    """

    def __init__(self, edit: Edit, loaded: LoadedPack, asker: Asker, options: Options = USUALLY) -> None:
        self._edit = edit
        self._loaded = loaded
        self._options = options
        self._asker = asker
        self._vocabulary = loaded.pack.vocabulary
        self._today = Journal(edit, loaded, options).today
        self._known: dict[str, dict[str, str]] = {}  # by kind: keys of records or ids of events, and names

    def ask(self) -> None:
        """Ask all questions; raises `click.Abort` where the answers are broken off."""
        shape = self._vocabulary.shape
        for kind in (self._vocabulary.kinds[name] for name in shape.records):
            if kind.single:
                continue  # nothing hangs on it, so nobody is asked
            if kind.name == shape.scope:
                self._record(kind, first=True)
            elif len(kind.path) == 1 or kind.path[:-1] == self._around():
                for _ in range(MOST):
                    if not self._record(kind, first=False):
                        break
        self._events()

    def _around(self) -> tuple[str, ...]:
        """The keys that lead to the records of the scope."""
        scope = self._vocabulary.shape.scope
        return self._vocabulary.kinds[scope].path if scope else ()

    # --- records
    def _record(self, kind: Kind, *, first: bool) -> bool:
        """Ask for one record; False if none (or no other one) is wanted."""
        tell(f"\n{kind.says or plain(kind.name).capitalize()}", aside=False)
        naming, *others = self._asked(kind)
        ending = "" if first else " (nothing to go on)"
        said: dict[str, str] = {}
        while True:
            question = ValueQuestion(naming, kind, f"{plain(naming.name)}{ending}", needed=first)
            name = self._answer(question, said.get(naming.name))
            if not name:
                return False
            said = {naming.name: name, **self._fields(others, kind, said, self._today)}
            key = made_key(name, kind, self._known.get(kind.name, {}))
            if self._added(kind.name, [key, *self._words(said, kind)]):
                self._known.setdefault(kind.name, {})[key] = name
                return True
            if not first and not confirm("Once more?", default=True):
                return True

    def _asked(self, kind: Kind) -> list[Field]:
        """The fields to ask for: what names a record, what is required, and the first few others."""
        required = {name for need in kind.require for name in need.fields[:1]}
        shown = shown_by(kind, True)
        fields = [field for field in kind.fields if not field.many]
        naming = next((f for f in fields if f.name == shown), None) or (fields or list(kind.fields))[0]
        needed = [f for f in kind.fields if f.name in required and f is not naming]
        others = [f for f in fields if f.name not in required and f is not naming]
        return [naming, *needed, *others[:FEW]]

    # --- events
    def _events(self) -> None:
        tell("\nWhat happened so far, the oldest first?", aside=False)
        for _ in range(MOST):
            name = ask("event (? lists them, nothing to end)", default="", show_default=False)
            if not name.strip():
                return
            if name.strip() == "?":
                listed = "".join(f"  {kind.name}: {kind.says}\n" for kind in self._vocabulary.events)
                tell(listed, nl=False, aside=False)
            else:
                try:
                    kind = kind_named(name, self._vocabulary, "?")
                except InvalidInput as problem:
                    tell(_said(problem), aside=False)
                    continue
                if kind.is_event:
                    self._event(kind)
                else:
                    more = f"    more {plain(kind.name)}s can be written down afterwards, with followcue add"
                    tell(more, aside=False)

    def _event(self, kind: Kind) -> None:
        """Ask for one event, again where it cannot be added, with what was said as the answers offered."""
        said: dict[str, str] = {}
        while True:
            day = self._day(said.get("date", "today"))
            said = {"date": day.isoformat(), **self._fields(self._of_event(kind), kind, said, day)}
            if self._added(kind.name, [f"date={said['date']}", *self._words(said, kind)]):
                self._learn_ids()
                return
            if not confirm("Once more?", default=True):
                return

    def _learn_ids(self) -> None:
        """Take note of the ids by which later events may name earlier ones."""
        scope = next(iter(self._known.get(self._vocabulary.shape.scope or "", ())), None)
        for event in Journal(self._edit, self._loaded, self._options).events(scope):
            if "id" in event:
                self._known.setdefault(event["event"], {})[event["id"]] = event["id"]

    def _day(self, default: str) -> date:
        """The day of an event."""
        while True:
            answer = str(ask("  date", default=default)).strip()
            if answer == "?":
                tell(f"    the day on which it happened: {EXAMPLES}", aside=False)
                continue
            try:
                day = day_of(answer, self._today, asker=self._asker)
            except InvalidInput as problem:
                tell(_said(problem), aside=False)
                continue
            if answer != day.isoformat():
                tell(f"    {full_day(day)}", aside=False)
            return day

    def _of_event(self, kind: Kind) -> list[Field]:
        """What to ask of an event: what is required, who took part, and the hour."""
        required = {name for need in kind.require if not need.several_of for name in need.fields}
        people = {name for name in self._known if not self._vocabulary.is_scope(name)}
        people &= set(self._vocabulary.shape.records)
        return [
            field
            for field in kind.fields
            if field.name in required
            or set(field.type.refers_to) & people
            or (field.name == TIME and has_time(kind))
        ]

    # --- questions
    def _fields(
        self, fields: Sequence[Field], kind: Kind, said: Mapping[str, str], base: date
    ) -> dict[str, str]:
        """The answers to the questions for some fields; those of before are offered again."""
        required = {need.fields for need in kind.require if not need.several_of}
        lists = [field for field in fields if field.many and self._choices(field)]
        answers: dict[str, str] = {}
        for field in fields:
            needed = (field.name,) in required
            everybody = kind.is_event and lists[:1] == [field]
            question = ValueQuestion(field, kind, f"  {plain(field.name)}", needed, everybody, base)
            answer = self._answer(question, said.get(field.name) or answers.get(field.name))
            if field.type.base == "date" and " " in answer:
                answer, answers[TIME] = answer.split()
            answers[field.name] = answer
        return answers

    def _answer(self, question: ValueQuestion, before: str | None) -> str:
        """The answer to a question as `add` takes it; empty if there is none. A wrong one is asked again."""
        field = question.field
        known = self._choices(field)
        default = before or question.default(known)
        while True:
            asked = question.text(known)
            answer = str(ask(asked, default=default, show_default=bool(default))).strip()
            if answer == "?":
                tell(question.help(known), aside=False)
            elif not answer and question.needed:
                default = None
            elif not answer:
                return ""
            else:
                try:
                    return question.value(answer, known, self._today, self._asker)
                except InvalidInput as problem:
                    tell(_said(problem), aside=False)

    def _choices(self, field: Field) -> dict[str, str]:
        """What a field may refer to, as far as it is known by now: keys and names."""
        return {key: name for of in field.type.refers_to for key, name in self._known.get(of, {}).items()}

    def _words(self, said: Mapping[str, str], kind: Kind) -> list[str]:
        """The answers as words of `add`, without those that say what holds anyway."""
        usual = {field.name: str(field.default) for field in kind.fields if field.default is not None}
        return [
            f"{name}={value}"
            for name, value in said.items()
            if name != "date" and value and usual.get(name) != value
        ]

    def _added(self, name: str, words: Sequence[str]) -> bool:
        """Whether it could be added; if not, it is said why, and nothing has changed."""
        edit = Edit(self._edit.text, self._edit.name)
        try:
            add(Journal(edit, self._loaded, self._options), name, words, asker=self._asker)
        except InvalidInput as problem:
            tell(str(problem), aside=False)
            return False
        except NotMeant:
            return False
        self._edit.take(edit)
        return True


def _said(problem: InvalidInput) -> str:
    """What is wrong with an answer: the place is plain, so it is left out."""
    lines = [line for found in problem.diagnostics for line in (found.message, found.hint) if line]
    return "\n".join(f"    {line}" for said in lines for line in said.splitlines())
