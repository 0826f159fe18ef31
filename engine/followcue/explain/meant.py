"""What people mean by a word: a step or actions of a report, by any name that these have.

All commands that speak of advice take the same words, and this is the one place that knows them:

    2                            the step of that number in the report
    step:remind:emma:kim         a step by its id, or by that of another of its actions
    remind:emma:kim              an action by its id
    remind                       an action by its name, wherever it is advised
    Write to Kim: ask for Emma   a step by its title as it is shown
    Ask for it: Kim, Emma        an action by its title, with or without whom it is for
    ask for Emma                 an action by its part of the title of a step
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from followcue.base.diagnostic import did_you_mean, nearest
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.listing import STEP, Listed, is_number, listing, plain
from followcue.evaluation.report.wording import addressee, deadline, named, on_one_line, weekday
from followcue.evaluation.situation.situation import Situation
from followcue.explain.wanted import NotRecommended, Unknown, Wanted, known_names, subject_of
from followcue.language.documents.plain import normal
from followcue.language.model.vocabulary import ActionKind, Vocabulary


class Meant(NamedTuple):
    """What a word means: a step, or actions of the report (cautions too), or what to look for.

    Of these three one is there. `wanted` has the name of an action, or what an id of another day says.
    """

    step: Listed | None = None
    actions: tuple[Action, ...] = ()
    wanted: Wanted | None = None

    @property
    def advised(self) -> tuple[Action, ...]:
        """The actions of the report that are meant; of a step all that it has."""
        return self.step.actions if self.step else self.actions


def meant_by(word: str, report: Report, known: Mapping[str, ActionKind]) -> Meant:
    """What a word means in a report; `known` are the actions of the rules.

    Raises `Unknown` for numbers and steps that the report does not have, and for what is no name at all.
    """
    listed, word = listing(report), normal(word)
    if is_number(word) or word.startswith(STEP):
        step = listed.step(word)
        if step is None:
            has = f"1 to {len(listed.steps)}" if listed.steps else "none at all"
            called = f"number {word}" if is_number(word) else f"step `{word}`"
            raise Unknown(f"there is no {called}: the report of {weekday(report.as_of)} has {has}")
        return Meant(step)
    name = word.replace("-", "_")
    if name in known:
        return Meant(wanted=Wanted(name))
    advice = (*report.cautions, *report.actions)
    found = tuple(one for one in advice if one.id == word)
    if found:
        return Meant(actions=found)
    if word.partition(":")[0] in known:
        return Meant(wanted=_of_id(word))
    return _titled(word, report, known)


# --- for questions about a report
class ReportLine(NamedTuple):
    """One line of a report."""

    action: Action
    is_caution: bool


def chosen(
    wanted: Wanted, report: Report, vocabulary: Vocabulary, situation: Situation
) -> tuple[ReportLine, ...]:
    """The cautions and actions that are meant, in the order of the report, those of a step in its own.

    Raises `Unknown` for names that nothing has, and `NotRecommended` if there is no such line; asked about
    everything, no line is an answer too.
    """
    found = meant_by(wanted.action, report, vocabulary.actions) if wanted.action else Meant()
    ids = [action.id for action in found.advised]
    asked = _narrowed(found.wanted or Wanted(), wanted)
    known_names(asked._replace(action=None), vocabulary, situation)
    lines = [*(ReportLine(c, True) for c in report.cautions), *(ReportLine(a, False) for a in report.actions)]
    those = tuple(
        line for line in lines if asked.fits(subject_of(line.action)) and (not ids or line.action.id in ids)
    )
    if ids:
        those = tuple(sorted(those, key=lambda line: ids.index(line.action.id)))
    if not those and wanted != Wanted():
        others = [line for line in lines if wanted.scope in (None, line.action.scope)]
        there = f" for `{wanted.scope}`" if wanted.scope else ""
        raise _not_recommended(wanted, report, others, f"what is recommended{there}", "nor is anything else")
    return those


def one_action(wanted: Wanted, report: Report, vocabulary: Vocabulary, situation: Situation) -> Wanted:
    """The question about the one action that its word means: of a step the leading one; by its bare name.

    Raises `Unknown` for names that nothing has.
    """
    found = meant_by(wanted.action or "", report, vocabulary.actions)
    fitting = [action for action in found.advised if wanted._replace(action=None).fits(subject_of(action))]
    if found.step or len(fitting) == 1:
        asked = Wanted(*subject_of((fitting or list(found.advised))[0]))
    elif found.advised:
        asked = wanted._replace(action=found.advised[0].action)
    else:
        asked = _narrowed(found.wanted or Wanted(), wanted)
    known_names(asked, vocabulary, situation)
    return asked


def _narrowed(found: Wanted, wanted: Wanted) -> Wanted:
    """What was found for the word, for whom and about what the question says besides."""
    said = (given or own for own, given in zip(found[1:], wanted[1:], strict=True))
    return Wanted(found.action, *said)


def _not_recommended(
    wanted: Wanted, report: Report, others: Iterable[ReportLine], are: str, nor: str
) -> NotRecommended:
    """That nothing wanted is recommended; then `are`, and the `others` that are, or `nor` without any."""
    what = f"`{wanted.action}`" if wanted.action else "nothing"
    places = ((" for ", wanted.scope), (" to ", wanted.to), (" about ", wanted.about))
    where = "".join(f"{word}`{key}`" for word, key in places if key is not None)
    verb = "is not recommended" if wanted.action else "is recommended"
    said = f"{what}{where} {verb} on {weekday(report.as_of)}"
    lines = [_described(line, report) for line in others]
    if not lines:
        return NotRecommended(f"{said}, {nor}" if wanted.action else said)
    return NotRecommended("\n".join([f"{said}; {are}:", *lines]))


def _described(line: ReportLine, report: Report) -> str:
    action = line.action
    who, when = addressee(action, report), deadline(action, report.as_of)
    kind = ", a caution" if line.is_caution else ""
    return f"  {action.action}" + (f" ({who})" if who else "") + (f", {when}" if when else "") + kind


# --- titles
def _titled(word: str, report: Report, known: Mapping[str, ActionKind]) -> Meant:
    """What is shown under this title, or what the rules call so."""
    listed = listing(report)
    for said in _spellings(word):
        step = listed.titled(said)
        if step is not None:
            return Meant(step)
        advice = (*report.cautions, *report.actions)
        found = tuple(one for one in advice if plain(said) in map(plain, _called(one, report, known)))
        if found:
            return Meant(actions=found)
        names = [name for name, kind in known.items() if plain(kind.title) == plain(said)]
        if names:
            return Meant(wanted=Wanted(names[0]))
    raise Unknown(_said_of_unknown(word, report, known))


def _spellings(word: str) -> Iterator[str]:
    """A title as it may be typed: a table says behind it, in brackets, by when."""
    yield word
    if word.endswith(")") and " (" in word:
        yield word.rpartition(" (")[0]


def _said_of_unknown(word: str, report: Report, known: Mapping[str, ActionKind]) -> str:
    said = f"there is no action `{word}`"
    shown, others = _shown(report, known), (kind.title for kind in known.values())
    near = _nearest_title(word, shown) or _nearest_title(word, others)
    if near is not None and " " in word:
        return f"{said}; did you mean `{near}`?"
    hint = did_you_mean(word.replace("-", "_"), known)
    if hint is None and near is not None:
        hint = f"did you mean `{near}`?"
    return said + (f"; {hint}" if hint else "")


def _shown(report: Report, known: Mapping[str, ActionKind]) -> Iterator[str]:
    """All that a report calls what it advises."""
    yield from (on_one_line(one.step.title) for one in listing(report).steps)
    for one in (*report.cautions, *report.actions):
        yield from _called(one, report, known)


def _called(action: Action, report: Report, known: Mapping[str, ActionKind]) -> tuple[str, ...]:
    """Its title, the same with whom it is for, and its part of the title of a step."""
    kind = known.get(action.action)
    return (action.title, on_one_line(named(action, report)), *([kind.say] if kind and kind.say else []))


def _nearest_title(word: str, titles: Iterable[str]) -> str | None:
    """The title that begins like this, or is written much like it."""
    spelt = {plain(title): title for title in reversed(list(titles))}
    begun = [title for key, title in spelt.items() if key.startswith(plain(word))]
    if begun:
        return min(begun, key=lambda title: (len(title), title))
    close = nearest(plain(word), spelt)
    return None if close is None else spelt[close]


def _of_id(word: str) -> Wanted:
    """What the id of an action says: name, record of the scope, person, subject."""
    parts = [part.replace("%3A", ":").replace("%25", "%") for part in word.split(":")]
    action, scope, to, about = (*parts, "", "", "")[:4]
    return Wanted(action, scope or None, to or None, about or None)
