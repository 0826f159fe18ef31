"""Which lines of a report a question is about: names that people give, and the lines that they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from followcue.base.diagnostic import did_you_mean
from followcue.evaluation.advice.recommendation import Subject
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.listing import STEP, is_number, listing, plain
from followcue.evaluation.report.wording import addressee, deadline, weekday
from followcue.evaluation.situation.situation import Situation
from followcue.language.model.vocabulary import Vocabulary


class Unknown(Exception):
    """What is asked for has a name that nothing has."""


class NotRecommended(Exception):
    """What is asked for is not recommended; the text names what is."""


class Wanted(NamedTuple):
    """What is asked about; what is left out means any. `scope` and `to` are keys of the situation.

    `action` is a name, or the id of an action; or a step by its number or id, which means all its actions.
    """

    action: str | None = None
    scope: str | None = None
    to: str | None = None
    about: str | None = None

    def fits(self, subject: Subject) -> bool:
        """Whether the question is about something with that subject."""
        return all(want in (None, given) for want, given in zip(self, subject, strict=True))


class ReportLine(NamedTuple):
    """One line of a report."""

    action: Action
    is_caution: bool


def subject_of(action: Action) -> Subject:
    """What an action is about: by this it is the same one in another report."""
    return action.action, action.scope, action.to, action.about


def chosen(
    wanted: Wanted, report: Report, vocabulary: Vocabulary, situation: Situation
) -> tuple[ReportLine, ...]:
    """The cautions and actions that are meant, in the order of the report.

    Raises `Unknown` for names that nothing has, and `NotRecommended` if there is no such line; asked about
    everything, no line is an answer too.
    """
    ids = _ids(wanted.action, report)
    asked = wanted._replace(action=None) if ids else wanted
    known_names(asked, vocabulary, situation)
    lines = [*(ReportLine(c, True) for c in report.cautions), *(ReportLine(a, False) for a in report.actions)]
    found = tuple(
        line for line in lines if asked.fits(subject_of(line.action)) and (not ids or line.action.id in ids)
    )
    if ids:
        found = tuple(sorted(found, key=lambda line: ids.index(line.action.id)))
    if not found and wanted != Wanted():
        others = [line for line in lines if wanted.scope in (None, line.action.scope)]
        there = f" for `{wanted.scope}`" if wanted.scope else ""
        raise not_recommended(wanted, report, others, f"what is recommended{there}", "nor is anything else")
    return found


def _ids(word: str | None, report: Report) -> tuple[str, ...]:
    """The ids that a word stands for: an action by id or title, all of a step by number, id or title.

    Raises `Unknown` for a number or an id that no step has.
    """
    if word is None:
        return ()
    if not (is_number(word) or word.startswith(STEP)):
        shown = listing(report).titled(word)
        if shown is not None:
            return shown.step.actions
        advice = (*report.cautions, *report.actions)
        return tuple(dict.fromkeys(a.id for a in advice if a.id == word or plain(a.title) == plain(word)))
    listed = listing(report)
    step = listed.step(word)
    if step is None:
        known = f"1 to {len(listed.steps)}" if listed.steps else "none at all"
        raise Unknown(f"there is no step {word}: the report of {weekday(report.as_of)} has {known}")
    return step.step.actions


def not_recommended(
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


def known_names(wanted: Wanted, vocabulary: Vocabulary, situation: Situation) -> None:
    """Raises `Unknown` for names that nothing has."""
    known_name("action", wanted.action, vocabulary.actions)
    scope = vocabulary.shape.scope
    known_name(scope or "scope", wanted.scope, _keys(vocabulary, situation, of_scope=True) if scope else ())
    known_name("person", wanted.to, _keys(vocabulary, situation, of_scope=False))


def known_name(kind: str, name: str | None, known: Iterable[str]) -> None:
    """Raises `Unknown` for a name that is not among those known."""
    names = list(known)
    if name is not None and name not in names:
        hint = did_you_mean(name, names)
        raise Unknown(f"there is no {kind} `{name}`" + (f"; {hint}" if hint else ""))


def _keys(vocabulary: Vocabulary, situation: Situation, *, of_scope: bool) -> Iterator[str]:
    """The keys of the records of the scope, or of all other records."""
    for name in vocabulary.shape.records:
        if vocabulary.is_scope(name) is of_scope and not vocabulary.kinds[name].single:
            place = vocabulary.relations[name].column(name if of_scope else "id")
            for row in situation.facts.get(name, ()):
                yield str(row[place])
