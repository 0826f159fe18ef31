"""Writing into a journal that actions were done: the events that settle them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from followcue.assistant.done_event import DoneEvent, done_events, settles
from followcue.assistant.journal.add import day_of
from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.parse_entry import COMMON, Pair, fields_of, pair_of, pairs_of
from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.listing import STEP, Listing, is_number, listing, plain
from followcue.evaluation.report.wording import named, on_one_line, weekday
from followcue.explain.wanted import NotRecommended, Unknown, known_name, subject_of
from followcue.language.logic.program import Atom
from followcue.language.model.vocabulary import Kind


class NothingToWrite(Exception):
    """No event settles an action; the text says what ends it instead."""


class Which(NamedTuple):
    """What was done: steps by number or id, or a step or action by its title as shown, an action by its id or
    name; the rest narrows down a name."""

    words: Sequence[str]
    scope: str | None = None
    to: str | None = None
    about: str | None = None


class Done(NamedTuple):
    """What was done at one go, a step or an action, with `title`: the actions settled by it.

    `left` are actions of the step that nothing was written for, each with the reason.
    """

    title: str
    actions: tuple[Action, ...]
    left: tuple[tuple[Action, str], ...] = ()


def done(
    journal: Journal, which: Which, fields: Sequence[str], *, on: str | None = None, event: str | None = None
) -> tuple[Done, ...]:
    """Write the events that settle what is meant, and give it; raises `InvalidInput`, nothing saved.

    All actions of a step are settled, as far as events settle them. `fields` are FIELD=VALUE of these events,
    `event` is the kind where several settle an action. Raises `Unknown` and `NotRecommended` for what is not
    in the report, and `NothingToWrite`.
    """
    pairs = pairs_of(fields)
    return tuple(_settle_all(journal, meant, pairs, on, event) for meant in chosen(journal, which))


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words that say what was done, and those that are fields."""
    return [w for w in words if pair_of(w) is None], [w for w in words if pair_of(w) is not None]


# --- which
class Meant(NamedTuple):
    """A step, or a single action, that words name."""

    title: str
    actions: tuple[Action, ...]


def chosen(journal: Journal, which: Which) -> tuple[Meant, ...]:
    """The steps or the action that are meant; raises `Unknown` and `NotRecommended` for what is not there."""
    report = journal.before
    listed = listing(report)
    if all(is_number(word) or word.startswith(STEP) for word in which.words):
        return tuple(_step(word, listed, report) for word in dict.fromkeys(which.words))
    if len(which.words) > 1:
        raise Unknown("say either numbers of the report, or the name of one action")
    word = which.words[0]
    titled = listed.titled(word)
    if titled is not None:
        return (Meant(on_one_line(titled.step.title), titled.actions),)
    found = [action for action in report.actions if action.id == word or plain(action.title) == plain(word)]
    if not found:
        name = word.replace("-", "_")
        known_name("action", name, journal.loaded.pack.vocabulary.actions)
        found = [action for action in report.actions if _is_meant(action, name, which)]
        if not found:
            raise NotRecommended(_instead(name, listed, report))
    if len(found) > 1:
        said = "\n".join(_line(action, report) for action in found)
        raise Unknown(f"`{word}` is advised several times; say which by its id, or with --to:\n{said}")
    return (Meant(on_one_line(named(found[0], report)), (found[0],)),)


def _step(word: str, listed: Listing, report: Report) -> Meant:
    found = listed.step(word)
    if found is not None:
        return Meant(on_one_line(found.step.title), found.actions)
    if not is_number(word):
        raise Unknown(f"there is no step `{word}` on {weekday(report.as_of)}")
    known = f"1 to {len(listed.steps)}" if listed.steps else "none at all"
    raise Unknown(f"there is no number {word}: the report of {weekday(report.as_of)} has {known}")


def _is_meant(action: Action, name: str, which: Which) -> bool:
    return (
        action.action == name
        and which.scope in (None, action.scope)
        and which.to in (None, action.to)
        and which.about in (None, action.about)
    )


def _instead(name: str, listed: Listing, report: Report) -> str:
    said = f"`{name}` is not recommended on {weekday(report.as_of)}, or not so"
    lines = [f"{one.number:>4}  {on_one_line(one.step.title)}" for one in listed.steps]
    return "\n".join([f"{said}; what is recommended:", *lines] if lines else [said])


def _line(action: Action, report: Report) -> str:
    return f"  {action.id}: {on_one_line(named(action, report))}"


def _still(journal: Journal, action: Action) -> bool:
    """Whether an action is still advised, maybe with other days, after what was written just now."""
    return any(subject_of(other) == subject_of(action) for other in journal.report().actions)


# --- what to write
def _settle_all(
    journal: Journal, meant: Meant, pairs: Sequence[Pair], on: str | None, event: str | None
) -> Done:
    """Settle a step or an action; of several actions, those that need no more than what is given."""
    if len(meant.actions) == 1:
        (action,) = meant.actions
        if _still(journal, action):
            _settle(journal, action, pairs, on, event)
        return Done(meant.title, meant.actions)
    kinds: list[Kind] = []
    problems: list[tuple[Action, NothingToWrite | InvalidInput]] = []
    settled: list[Action] = []
    for action in meant.actions:
        try:
            if _still(journal, action):
                kinds.append(_settle(journal, action, pairs, on, event, one_of_several=True))
        except (NothingToWrite, InvalidInput) as problem:
            if isinstance(problem, InvalidInput) and problem.diagnostics[0].code not in _LACKING:
                raise
            problems.append((action, problem))
        else:
            settled.append(action)
    if not settled:
        raise problems[0][1]
    _check_used(kinds, pairs, event, journal)
    left = tuple((action, _short(action, problem, journal)) for action, problem in problems)
    return Done(meant.title, tuple(settled), left)


_LACKING = ("FC525", "FC526")
"""What is wrong where only the person knows what happened."""


def _short(action: Action, problem: NothingToWrite | InvalidInput, journal: Journal) -> str:
    """Why nothing was written, in a few words, and what to say to have it written."""
    if not isinstance(problem, InvalidInput):
        return "no event of itself settles it"
    found = done_events(journal.loaded, journal.edit.document, action, journal.today, journal.options)
    kinds = list(dict.fromkeys(settling.kind for settling in found))
    if len(kinds) == 1:
        return problem.diagnostics[0].message
    return f"which was it: {', '.join(kinds)}? Say `done … {action.id} --event …`"


def _check_used(kinds: Sequence[Kind], pairs: Sequence[Pair], event: str | None, journal: Journal) -> None:
    """Raises `InvalidInput` for what was given and is of no use to any of the events written."""
    if event is not None and event.replace("-", "_") not in [kind.name for kind in kinds]:
        message = f"`{event}` settles nothing of this step"
        hint = did_you_mean(event.replace("-", "_"), [kind.name for kind in kinds])
        raise InvalidInput([Diagnostic("FC524", message, hint=hint, place=event)])
    unused = [pair for pair in pairs if not any(_has(kind, pair) for kind in kinds)]
    if unused:
        fields_of(kinds[-1], unused, journal.today)


def _has(kind: Kind, pair: Pair) -> bool:
    return any(field.name == pair.name for field in (*COMMON, *kind.fields))


def _settle(
    journal: Journal,
    action: Action,
    pairs: Sequence[Pair],
    on: str | None,
    event: str | None,
    *,
    one_of_several: bool = False,
) -> Kind:
    """Write the event that settles an action, and give its kind; `one_of_several` takes only what fits it."""
    found = done_events(journal.loaded, journal.edit.document, action, journal.today, journal.options)
    if one_of_several and event is not None and event.replace("-", "_") not in [s.kind for s in found]:
        event = None
    possible = [s for s in found if event or s.missing or _settles(journal, action, s)]
    if not possible:
        raise NothingToWrite(_what_ends(journal, action))
    kind = _kind(journal, action, possible, event)
    own = [pair for pair in pairs if _has(kind, pair)] if one_of_several else pairs
    fields = fields_of(kind, own, journal.today)
    best = next(s for s in possible if s.kind == kind.name)
    missing = [names for names in best.missing if not set(names) & fields.keys()]
    if missing:
        raise InvalidInput([_lacking(kind, names) for names in missing])
    journal.add_event(kind, best.scope, day_of(on, journal.today), {**best.fields, **fields})
    return kind


def _settles(journal: Journal, action: Action, done: DoneEvent) -> bool:
    return settles(journal.loaded, journal.edit.document, action, done, journal.options)


def _kind(journal: Journal, action: Action, possible: Sequence[DoneEvent], event: str | None) -> Kind:
    """The kind of event to write: the one that is wanted, or the only one."""
    kinds = journal.loaded.pack.vocabulary.kinds
    names = list(dict.fromkeys(done.kind for done in possible))
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
