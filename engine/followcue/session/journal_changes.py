"""Changes of a situation as new texts: the same as the commands `add`, `done`, `skip` and `edit` write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from followcue.assistant.journal.add import add, day_of
from followcue.assistant.journal.belonging import names_there
from followcue.assistant.journal.change_entry import change, inside, remove
from followcue.assistant.journal.entries import Entries
from followcue.assistant.journal.journal import Journal, JournalOutcome
from followcue.assistant.journal.mark_done import NotSaid, Unsaid, Which, done
from followcue.assistant.journal.parse_entry import pairs_of
from followcue.assistant.journal.skip import skip, unskip
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.wording import named, on_one_line, plain
from followcue.evaluation.situation.fields import in_words
from followcue.explain.wanted import Unknown
from followcue.language.model.vocabulary import Field, Kind
from followcue.session.params import Params, misasked


def added(journal: Journal, asked: Params) -> dict[str, Any]:
    """An event or a record that is new: `kind`, its `fields`, its `date` and `scope`."""
    key = asked.text_or_none("key")
    words = [*([key] if key else []), *asked.fields("fields")]
    notes = add(
        journal,
        asked.text("kind"),
        words,
        scope=asked.text_or_none("scope"),
        whole=asked.flag("whole"),
        on=asked.text_or_none("date"),
        sure=asked.flag("sure"),
    )
    return _answer(journal, notes=notes)


def scope_added(journal: Journal, asked: Params) -> dict[str, Any]:
    """A new record of the scope, by its `key` or its `name`, with `fields`."""
    scope = journal.loaded.pack.vocabulary.shape.scope
    if scope is None:
        raise misasked("the rules speak of no records to which events belong")
    key, name = asked.text_or_none("key"), asked.text_or_none("name")
    if not (key or name) and not asked.mapping("fields"):
        raise misasked(f"a new {in_words(scope)} needs a `name`")
    words = [word for word in (key, name) if word][:1]
    return _answer(journal, notes=add(journal, scope, [*words, *asked.fields("fields")]))


def settled(journal: Journal, asked: Params) -> dict[str, Any]:
    """A step or an action that was done, by its `id`; or what has to be said of it besides."""
    fields = asked.fields("fields")
    try:
        found = done(
            journal,
            Which([asked.text("id")]),
            fields,
            on=asked.text_or_none("date"),
            event=asked.text_or_none("event"),
            sure=asked.flag("sure"),
        )
    except NotSaid as problem:
        return {"asks": [_asked(one, journal) for one in problem.unsaid]}
    actions = [action for one in found for action in one.actions]
    left = [
        {"title": on_one_line(named(action, journal.before)), "because": why}
        for one in found
        for action, why in one.left
    ]
    said = [f"Done: {one.title}" for one in found]
    return {**_answer(journal, sentence="; ".join(said), expected=actions), "left": left}


def skipped(journal: Journal, asked: Params) -> dict[str, Any]:
    """A step or an action that is not to be advised, by its `id`, before the day `until` or ever."""
    until = asked.text_or_none("until")
    day = day_of(until, journal.today, "--until", view="ahead") if until else None
    found = skip(journal, Which([asked.text("id")]), until=day, because=asked.text_or_none("because"))
    said = "; ".join(f"Skipped: {one.title}" for one in found)
    return _answer(journal, sentence=said, expected=journal.outcome().gone)


def unskipped(journal: Journal, asked: Params) -> dict[str, Any]:
    """What was skipped is to be advised again."""
    found = unskip(journal, Which([asked.text("id")]))
    return _answer(journal, sentence="; ".join(f"Advised again: {one.title}" for one in found))


def edited(journal: Journal, asked: Params) -> dict[str, Any]:
    """An event or a record that stands on a `line`, with `changes` of its fields, or to `remove`."""
    pairs = pairs_of(asked.fields("changes"))
    takes_out = asked.flag("remove")
    if takes_out is bool(pairs):
        raise misasked("say either which `changes` are meant, or `remove`")
    entries = Entries(journal)
    line = asked.number("line", least=1, most=10**9)
    found = entries.meant([str(line)], having=[pair.name for pair in pairs])
    if len(found) > 1:
        lines = "; ".join(f"line {entry.line}: {entry.said}" for entry in found)
        raise Unknown(f"several entries stand on line {line}: {lines}")
    entry = found[0]
    if takes_out:
        more = inside(entry, entries.all)
        remove(journal, entry)
        said = f"Removed: {entry.said}" + (f", with the {more} that stood in it" if more else "")
    else:
        change(journal, entry, pairs, sure=asked.flag("sure"))
        said = f"{'Changed from' if entry.kind.is_event else 'Changed'}: {entry.said}"
    return _answer(journal, sentence=said)


# --- what came of it
def _answer(
    journal: Journal,
    *,
    sentence: str | None = None,
    notes: Iterable[str] = (),
    expected: Iterable[Action] = (),
) -> dict[str, Any]:
    """The new text, where it is new, what was written in a sentence, and what changes in the advice."""
    lines = [number for number, line in journal.edit.new_lines() if line.strip()]
    if sentence is None:
        entries = Entries(Journal(journal.edit, journal.loaded, journal.options)).all
        said = [entry.said for entry in entries if entry.line in lines]
        sentence = "; ".join(said) or None
    outcome = journal.outcome()
    return {
        "text": journal.edit.text,
        "line": lines[0] if lines else None,
        "end_line": lines[-1] if lines else None,
        "sentence": sentence or "",
        "notes": list(notes),
        "after": changes_in(outcome, expected),
        "warnings": [said for said in outcome.after.warnings if said not in outcome.before.warnings],
    }


def changes_in(outcome: JournalOutcome, expected: Iterable[Action] = ()) -> list[str]:
    """What is new in the advice, and what is gone, a line each; that what was done is gone is `expected`."""
    gone = [action for action in outcome.gone if action not in list(expected)]
    return [
        *_signed("!", outcome.cautions, outcome.after),
        *_signed("+", outcome.new, outcome.after),
        *_signed("~", outcome.moved, outcome.after),
        *_signed("-", gone, outcome.before),
    ]


def _signed(sign: str, actions: Iterable[Action], report: Report) -> list[str]:
    return [f"{sign} {on_one_line(named(action, report))}" for action in actions]


def _asked(unsaid: Unsaid, journal: Journal) -> dict[str, Any]:
    """A question for what only the person knows."""
    if not unsaid.fields:
        choices = [{"value": kind.name, "title": kind.says or plain(kind.name)} for kind in unsaid.kinds]
        return {"name": "event", "title": "Which was it?", "type": "choice", "choices": choices}
    kind, (field, *others) = unsaid.kinds[0], unsaid.fields
    found = field_data(field, kind, {})
    return {**found, "kind": kind.name, "or": [field_data(other, kind, {}) for other in others]}


# --- fields
def field_data(field: Field, kind: Kind, known: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """A field of a kind as a form needs it; `known` are the keys and names that it may refer to, by field."""
    names = known.get(field.name) or {}
    choices: list[dict[str, str]] | None = None
    if field.type.choices:
        choices = [{"value": word, "title": plain(word)} for word in field.type.choices]
    elif field.type.refers_to:
        choices = [{"value": key, "title": name} for key, name in names.items()]
    needs = [need.fields for need in kind.require if field.name in need.fields and not need.several_of]
    return {
        "name": field.name,
        "title": plain(field.name),
        "type": "choice" if field.type.choices else "reference" if field.type.refers_to else field.type.base,
        "choices": choices,
        "refers_to": list(field.type.refers_to),
        "many": field.many,
        "required": any(len(fields) == 1 for fields in needs),
        "one_of": list(next((fields for fields in needs if len(fields) > 1), ())),
        "default": None if field.default is None else str(field.default),
    }


def kind_data(journal: Journal, kind: Kind, scope: str | None) -> dict[str, Any]:
    """A kind of events or records as a form needs it, with what its fields may refer to in that record."""
    vocabulary = journal.loaded.pack.vocabulary
    there = journal.events(scope) if kind.is_event else []
    known = names_there(kind, scope, there, journal.edit.data, vocabulary)
    return {
        "kind": kind.name,
        "title": plain(kind.name),
        "says": kind.says,
        "role": kind.role,
        "scoped": kind.scoped and not vocabulary.is_scope(kind.name) and not kind.of_whole,
        "fields": [field_data(field, kind, known) for field in kind.fields],
    }
