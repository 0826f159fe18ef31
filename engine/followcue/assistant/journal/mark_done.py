"""Writing into a journal that actions were done: the events that settle them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from followcue.explain.names import NotRecommended, Unknown, known_name

from followcue.assistant.journal.add import day_of, pairs_of
from followcue.assistant.journal.journal import Journal, subject_of
from followcue.assistant.journal.parse_entry import Pair, fields_of, pair_of
from followcue.assistant.journal.result_text import named
from followcue.assistant.settle import Settling, settles, settling_events
from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.sections import numbered
from followcue.evaluation.report.words import weekday
from followcue.language.logic.program import Atom
from followcue.language.model.vocabulary import Kind


class NothingToWrite(Exception):
    """No event settles an action; the text says what ends it instead."""


class Which(NamedTuple):
    """What was done: numbers of the report, or an action by its name; the rest narrows it down."""

    words: Sequence[str]
    scope: str | None = None
    to: str | None = None
    about: str | None = None


def done(
    journal: Journal, which: Which, fields: Sequence[str], *, on: str | None = None, event: str | None = None
) -> tuple[Action, ...]:
    """Write the events that settle the actions meant, and give these; raises `InvalidInput`, nothing saved.

    `fields` are FIELD=VALUE of these events, `event` is the kind where several settle an action. Raises
    `Unknown` and `NotRecommended` for what is not in the report, and `NothingToWrite`.
    """
    pairs = pairs_of(fields)
    chosen = _chosen(journal, which)
    for action in chosen:
        if _still(journal, action):
            _settle(journal, action, pairs, on, event)
    return chosen


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words that say what was done, and those that are fields."""
    return [w for w in words if pair_of(w) is None], [w for w in words if pair_of(w) is not None]


# --- which
def _chosen(journal: Journal, which: Which) -> tuple[Action, ...]:
    listed = numbered(journal.before)
    if all(word.isascii() and word.isdigit() for word in which.words):
        return tuple(_numbered(int(word), listed, journal.before) for word in dict.fromkeys(which.words))
    if len(which.words) > 1:
        raise Unknown("say either numbers of the report, or the name of one action")
    name = which.words[0].replace("-", "_")
    known_name("action", name, journal.loaded.pack.vocabulary.actions)
    found = [action for action in listed if _is_meant(action, name, which)]
    if not found:
        raise NotRecommended(_instead(name, listed, journal.before))
    if len(found) > 1:
        said = "\n".join(_line(action, listed, journal.before) for action in found)
        raise Unknown(f"`{name}` is advised several times; say which by its number, or with --to:\n{said}")
    return (found[0],)


def _numbered(number: int, listed: Sequence[Action], report: Report) -> Action:
    if not 0 < number <= len(listed):
        known = f"1 to {len(listed)}" if listed else "none at all"
        raise Unknown(f"there is no number {number}: the report of {weekday(report.as_of)} has {known}")
    return listed[number - 1]


def _is_meant(action: Action, name: str, which: Which) -> bool:
    return (
        action.action == name
        and which.scope in (None, action.scope)
        and which.to in (None, action.to)
        and which.about in (None, action.about)
    )


def _instead(name: str, listed: Sequence[Action], report: Report) -> str:
    said = f"`{name}` is not recommended on {weekday(report.as_of)}, or not so"
    lines = [_line(action, listed, report) for action in listed]
    return "\n".join([f"{said}; what is recommended:", *lines] if lines else [said])


def _line(action: Action, listed: Sequence[Action], report: Report) -> str:
    return f"{listed.index(action) + 1:>4}  {action.action}: {named(action, report)}"


def _still(journal: Journal, action: Action) -> bool:
    """Whether an action is still advised, maybe with other days, after what was written just now."""
    return any(subject_of(other) == subject_of(action) for other in journal.report().actions)


# --- what to write
def _settle(
    journal: Journal, action: Action, pairs: Sequence[Pair], on: str | None, event: str | None
) -> None:
    found = settling_events(journal.loaded, journal.edit.document, action, journal.today, **journal.options)
    possible = [s for s in found if event or s.missing or _settles(journal, action, s)]
    if not possible:
        raise NothingToWrite(_what_ends(journal, action))
    kind = _kind(journal, action, possible, event)
    fields = fields_of(kind, pairs, journal.today)
    best = next(s for s in possible if s.kind == kind.name)
    missing = [names for names in best.missing if not set(names) & fields.keys()]
    if missing:
        raise InvalidInput([_lacking(kind, names) for names in missing])
    journal.add_event(kind, best.scope, day_of(on, journal.today), {**best.fields, **fields})


def _settles(journal: Journal, action: Action, settling: Settling) -> bool:
    return settles(journal.loaded, journal.edit.document, action, settling, **journal.options)


def _kind(journal: Journal, action: Action, possible: Sequence[Settling], event: str | None) -> Kind:
    """The kind of event to write: the one that is wanted, or the only one."""
    kinds = journal.loaded.pack.vocabulary.kinds
    names = list(dict.fromkeys(settling.kind for settling in possible))
    if event is not None:
        wanted = event.replace("-", "_")
        if wanted not in names:
            message = f"`{event}` does not settle `{action.action}`"
            raise InvalidInput([Diagnostic("FC524", message, hint=did_you_mean(wanted, names), place=event)])
        return kinds[wanted]
    if len(names) > 1:
        message = f"several events settle `{action.action}`: say with --event which one it was"
        said = "; ".join(f"{name}: {kinds[name].says.removesuffix('.')}" for name in names)
        raise InvalidInput([Diagnostic("FC525", message, hint=said, place=action.action)])
    return kinds[names[0]]


def _lacking(kind: Kind, names: Sequence[str]) -> Diagnostic:
    types = {field.name: field.type for field in kind.fields}
    choices = [choice for name in names if name in types for choice in types[name].choices]
    example = f"{names[0]}={choices[0] if choices else '…'}"
    hint = f"add {example}" + (f", or another of {', '.join(choices[1:])}" if choices[1:] else "")
    wanted = " or ".join(f"`{name}`" for name in names)
    return Diagnostic("FC526", f"`{kind.name}` needs {wanted}", hint=hint, place=kind.name)


# --- what is settled by no event
def _what_ends(journal: Journal, action: Action) -> str:
    """That there is nothing to write, and what ends an action: its last day, or what its rules exclude."""
    lines = [f"nothing is to be written: no event of itself settles `{action.action}`"]
    if day := action.until or action.close:
        lines.append(f"  it ends by itself after {weekday(day)}")
    excluded = list(dict.fromkeys(_excluded(journal, action)))
    if excluded:
        lines += ["  it ends with any of:", *(f"    {said}" for said in excluded)]
    elif len(lines) == 1:
        lines.append("  it ends when what it rests on is no longer so")
    return "\n".join(lines)


def _excluded(journal: Journal, action: Action) -> Iterator[str]:
    """What the rules behind an action do not want to see, as the vocabulary says it."""
    kinds = journal.loaded.pack.vocabulary.kinds
    for clause in journal.loaded.program.clauses:
        if clause.rule in action.rules:
            for atom in clause.body:
                yield from _absent(journal, atom)
            for atom in clause.negated:
                kind = kinds.get(atom.relation.partition(".")[0])
                if kind is not None:
                    yield f"{kind.name}: {kind.says}" if kind.says else kind.name


def _absent(journal: Journal, atom: Atom) -> Iterator[str]:
    """The fields of a record that a rule wants to be empty."""
    vocabulary = journal.loaded.pack.vocabulary
    if atom.relation in vocabulary.shape.records:
        columns = vocabulary.relations[atom.relation].columns
        for test in atom.tests:
            if test.op == "absent":
                yield f"{atom.relation}: its `{columns[test.column].name}` is in the file"
