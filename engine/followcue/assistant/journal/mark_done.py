"""Writing into a journal that actions were done: the events that settle them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from followcue.assistant.done_event import DoneEvent, done_events, settles
from followcue.assistant.journal.add import day_of
from followcue.assistant.journal.asker import Asker, confirm
from followcue.assistant.journal.belonging import names_there, with_keys
from followcue.assistant.journal.doubts import doubts_about
from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.parse_entry import COMMON, Pair, fields_of, pair_of, pairs_of
from followcue.base.diagnostic import Diagnostic, InvalidInput, Undecided, did_you_mean
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.listing import STEP, Listing, is_number, listing
from followcue.evaluation.report.wording import named, on_one_line, plain, weekday
from followcue.explain.meant import meant_by
from followcue.explain.wanted import NotRecommended, Unknown, Wanted, subject_of
from followcue.language.logic.program import Atom
from followcue.language.model.vocabulary import Field, Kind


class NothingToWrite(Exception):
    """No event settles an action; the text says what ends it instead."""


class Unsaid(NamedTuple):
    """What only the person knows: one of the `fields` of an event; without any, which of `kinds` it was."""

    kinds: tuple[Kind, ...]
    fields: tuple[Field, ...] = ()


class NotSaid(Undecided):
    """What happened is known to the person alone, and was not said; the hints name what to say."""

    unsaid: tuple[Unsaid, ...] = ()

    def __init__(self, diagnostics: Iterable[Diagnostic], unsaid: Iterable[Unsaid] = ()) -> None:
        super().__init__(diagnostics)
        self.unsaid = tuple(unsaid)


class Which(NamedTuple):
    """What was done: steps by number or id, or a step or action by its title as shown, an action by its id or
    name; the rest narrows down a name."""

    words: Sequence[str]
    scope: str | None = None
    to: str | None = None
    about: str | None = None


class Done(NamedTuple):
    """What was done at one go, a step or an action, with `title`: the actions settled by it.

    `left` are actions of the step that nothing was written for, each with the reason. `channel` is what was
    written because the title of the step says it, and `doubts` are what may be a slip in what was written.
    """

    title: str
    actions: tuple[Action, ...]
    left: tuple[tuple[Action, str], ...] = ()
    channel: str | None = None
    doubts: tuple[Diagnostic, ...] = ()


class Saying(NamedTuple):
    """What is said of the events: fields, their day, which of several kinds, and who can be asked."""

    day: date
    pairs: Sequence[Pair] = ()
    event: str | None = None
    asker: Asker | None = None


def done(
    journal: Journal,
    which: Which,
    fields: Sequence[str],
    *,
    on: str | None = None,
    event: str | None = None,
    sure: bool = False,
    asker: Asker | None = None,
) -> tuple[Done, ...]:
    """Write the events that settle what is meant, and give it; raises `InvalidInput`, nothing saved.

    All actions of a step are settled, as far as events settle them. `fields` are FIELD=VALUE of these events,
    `event` is the kind where several settle an action. What the events need and nobody has said is asked for,
    and unless `sure`, whether what is doubtful is meant; raises `NotSaid` and `Undecided` where nobody can be
    asked, `Unknown` and `NotRecommended` for what is not in the report, and `NothingToWrite`.
    """
    pairs = pairs_of(fields)
    on = next((pair.value for pair in pairs if pair.name == "date"), on) if on is None else on
    day = day_of(on, journal.today, asker=asker)
    saying = Saying(day, [pair for pair in pairs if pair.name != "date"], event, asker)
    found = tuple(_settle_all(journal, meant, saying) for meant in chosen(journal, which))
    if not sure:
        confirm(asker, tuple(dict.fromkeys(doubt for one in found for doubt in one.doubts)))
    return found


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words that say what was done, and those that are fields."""
    return [w for w in words if pair_of(w) is None], [w for w in words if pair_of(w) is not None]


# --- which
class NamedStep(NamedTuple):
    """A step, or a single action, that words name."""

    title: str
    actions: tuple[Action, ...]


def chosen(journal: Journal, which: Which) -> tuple[NamedStep, ...]:
    """The steps or the action that are meant; raises `Unknown` and `NotRecommended` for what is not there."""
    report = journal.before
    known = journal.loaded.pack.vocabulary.actions
    if all(is_number(word) or word.startswith(STEP) for word in which.words):
        steps = [meant_by(word, report, known).step for word in dict.fromkeys(which.words)]
        return tuple(NamedStep(on_one_line(one.step.title), one.actions) for one in steps if one)
    word = " ".join(which.words)
    try:
        found = meant_by(word, report, known)
    except Unknown:
        if len(which.words) == 1:
            raise
        raise Unknown("say either numbers of the report, or the name of one action") from None
    if found.step:
        return (NamedStep(on_one_line(found.step.step.title), found.step.actions),)
    wanted = found.wanted or Wanted()
    asked = Wanted(
        wanted.action, *(own or of_word for own, of_word in zip(which[1:], wanted[1:], strict=True))
    )
    advised = found.actions or report.actions
    actions = [one for one in advised if asked.fits(subject_of(one)) and one not in report.cautions]
    if not actions:
        raise NotRecommended(_instead(word, listing(report), report))
    if len(actions) > 1:
        said = "\n".join(_line(action, report) for action in actions)
        raise Unknown(f"`{word}` is advised several times; say which by its id, or with --to:\n{said}")
    return (NamedStep(on_one_line(named(actions[0], report)), (actions[0],)),)


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
class _Written(NamedTuple):
    """An event that was written: its kind, the channel if the title says it, and what may be a slip."""

    kind: Kind
    channel: str | None
    doubts: tuple[Diagnostic, ...] = ()


def _settle_all(journal: Journal, meant: NamedStep, saying: Saying) -> Done:
    """Settle a step or an action; of several actions, those that need no more than what is said."""
    is_one = len(meant.actions) == 1
    written: list[_Written] = []
    settled: list[Action] = []
    left: list[tuple[Action, NothingToWrite | NotSaid]] = []
    lacking: list[Diagnostic] = []
    unsaid: list[Unsaid] = []
    for action in meant.actions:
        try:
            if _still(journal, action):
                written.append(_settle(journal, action, saying, one_of_several=not is_one))
        except (NothingToWrite, NotSaid) as problem:
            if is_one:
                raise
            if isinstance(problem, NotSaid) and problem.diagnostics[0].code == _NEEDS:
                lacking += problem.diagnostics
                unsaid += problem.unsaid
            left.append((action, problem))
        else:
            settled.append(action)
    if lacking:
        raise NotSaid(lacking, unsaid)
    if not settled:
        raise left[0][1]
    if not is_one:
        _check_used([one.kind for one in written], saying, journal)
    channel = next((one.channel for one in written if one.channel), None)
    return Done(
        meant.title,
        tuple(settled),
        tuple((action, _short(action, problem, journal)) for action, problem in left),
        channel,
        tuple(doubt for one in written for doubt in one.doubts),
    )


_NEEDS, _SEVERAL = "FC526", "FC525"
"""What only the person knows: a field that the event needs, and which of several events it was."""


def _short(action: Action, problem: NothingToWrite | NotSaid, journal: Journal) -> str:
    """Why nothing was written, in a few words, and what to say to have it written."""
    if not isinstance(problem, NotSaid):
        return ""
    found = done_events(journal.loaded, journal.edit.document, action, journal.today, journal.options)
    kinds = list(dict.fromkeys(settling.kind for settling in found))
    return f"say which it was: done {action.id} --event {' or '.join(kinds)}"


def _check_used(kinds: Sequence[Kind], saying: Saying, journal: Journal) -> None:
    """Raises `InvalidInput` for what was said and is of no use to any of the events written."""
    event = saying.event
    if event is not None and event.replace("-", "_") not in [kind.name for kind in kinds]:
        message = f"nothing in this step is done by `{event}`"
        hint = did_you_mean(event.replace("-", "_"), [kind.name for kind in kinds])
        raise InvalidInput([Diagnostic("FC524", message, hint=hint, place=event)])
    unused = [pair for pair in saying.pairs if not any(_has(kind, pair) for kind in kinds)]
    if unused and kinds:
        fields_of(kinds[-1], unused, journal.today)


def _has(kind: Kind, pair: Pair) -> bool:
    return any(field.name == pair.name for field in (*COMMON, *kind.fields))


def _settle(journal: Journal, action: Action, saying: Saying, *, one_of_several: bool) -> _Written:
    """Write the event that settles an action; `one_of_several` takes only what fits it.

    Of the channel only what the step shows is taken for said: nobody sees what a rule has in mind.
    """
    step = listing(journal.before).step_of(action)
    shown = action._replace(channel=step.step.channel if step else None)
    found = done_events(journal.loaded, journal.edit.document, shown, journal.today, journal.options)
    event = saying.event
    if one_of_several and event is not None and event.replace("-", "_") not in [s.kind for s in found]:
        event = None
    possible = [s for s in found if event or s.missing or _settles(journal, action, s)]
    if not possible:
        raise NothingToWrite(_what_ends(journal, action))
    kind = _kind(journal, action, possible, saying._replace(event=event), one_of_several)
    own = [pair for pair in saying.pairs if _has(kind, pair)] if one_of_several else list(saying.pairs)
    best = next(s for s in possible if s.kind == kind.name)
    own += _asked_for(kind, best, [pair.name for pair in own], action, journal, saying.asker)
    fields = fields_of(kind, own, journal.today, base=saying.day, asker=saying.asker)
    known = {name: value for name, value in best.fields.items() if name not in best.guessed}
    there, vocabulary = journal.events(best.scope), journal.loaded.pack.vocabulary
    names = names_there(kind, best.scope, there, journal.edit.data, vocabulary)
    whole = {**known, **with_keys(kind, fields, names, saying.asker)}
    doubts = tuple(doubts_about(kind, saying.day, whole, there, journal.today))
    journal.add_event(kind, best.scope, saying.day, whole)
    taken = shown.channel if known.get("channel") == shown.channel and "channel" not in fields else None
    return _Written(kind, taken, doubts)


def _asked_for(
    kind: Kind, best: DoneEvent, given: Sequence[str], action: Action, journal: Journal, asker: Asker | None
) -> list[Pair]:
    """What the event needs and nobody has said; raises `NotSaid` where nobody can be asked."""
    needed = [*best.missing, *((name,) for name in best.guessed)]
    missing = [names for names in needed if not set(names) & set(given)]
    if missing and asker is None:
        types = {field.name: field for field in (*COMMON, *kind.fields)}
        unsaid = [Unsaid((kind,), tuple(types[name] for name in names if name in types)) for names in missing]
        raise NotSaid([_lacking(kind, names) for names in missing], unsaid)
    found = []
    for names in missing:
        assert asker is not None
        said = on_one_line(named(action, journal.before))
        name = names[0] if len(names) == 1 else names[asker.which(f"{said}: what do you know?", names)]
        choices = next((field.type.choices for field in kind.fields if field.name == name), ())
        found.append(Pair(name, asker.value(f"{said}: {plain(name)}", choices)))
    return found


def _settles(journal: Journal, action: Action, done: DoneEvent) -> bool:
    return settles(journal.loaded, journal.edit.document, action, done, journal.options)


def _kind(
    journal: Journal, action: Action, possible: Sequence[DoneEvent], saying: Saying, one_of_several: bool
) -> Kind:
    """The kind of event to write: the one that is wanted, the only one, or the one that is chosen."""
    kinds = journal.loaded.pack.vocabulary.kinds
    names = list(dict.fromkeys(done.kind for done in possible))
    if saying.event is not None:
        wanted = saying.event.replace("-", "_")
        if wanted not in names:
            message = f"`{action.action}` is not done by `{saying.event}`"
            hint = did_you_mean(wanted, names)
            raise InvalidInput([Diagnostic("FC524", message, hint=hint, place=saying.event)])
        return kinds[wanted]
    if len(names) == 1:
        return kinds[names[0]]
    if saying.asker is None:
        bare = {
            one.kind for one in possible if not (one.missing or one.guessed or _says_how(kinds[one.kind]))
        }
        if len(bare) == 1:
            return kinds[bare.pop()]  # it says only that it was done; the others say more
    meanings = [f"{name}: {kinds[name].says.removesuffix('.')}" for name in names]
    if saying.asker is not None:
        question = f"{on_one_line(named(action, journal.before))}: which was it?"
        answers = [*meanings, *(["none of these yet"] if one_of_several else [])]
        place = saying.asker.which(question, answers)
        if place < len(names):
            return kinds[names[place]]
    message = f"`{action.action}` can be done in several ways: say with --event which one it was"
    problem = Diagnostic(_SEVERAL, message, hint="; ".join(meanings), place=action.action)
    raise NotSaid([problem], [Unsaid(tuple(kinds[name] for name in names))])


def _says_how(kind: Kind) -> bool:
    """Whether events of a kind must say one of several words, such as the channel."""
    required = {name for need in kind.require for name in need.fields}
    return any(field.name in required and field.type.choices for field in kind.fields)


def _lacking(kind: Kind, names: Sequence[str]) -> Diagnostic:
    types = {field.name: field.type for field in kind.fields}
    choices = [choice for name in names if name in types for choice in types[name].choices]
    example = f"{names[0]}={choices[0] if choices else '…'}"
    hint = f"add {example}" + (f", or another of {', '.join(choices[1:])}" if choices[1:] else "")
    wanted = " or ".join(f"`{name}`" for name in names)
    return Diagnostic(_NEEDS, f"`{kind.name}` needs {wanted}", hint=hint, place=kind.name)


# --- what is settled by no event
def _what_ends(journal: Journal, action: Action) -> str:
    """That there is nothing to write, and what ends an action: its last day, or what its rules exclude."""
    title = on_one_line(named(action, journal.before))
    lines = [f"nothing to write down for `{title}`: no event says that it is done"]
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
