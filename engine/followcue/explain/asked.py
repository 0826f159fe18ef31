"""Which lines of a report an explanation is wanted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.listing import STEP, is_number, listing
from followcue.evaluation.report.words import addressee, deadline, weekday
from followcue.evaluation.situation.situation import Situation
from followcue.explain.names import NotRecommended, Unknown, known_name
from followcue.language.model.vocabulary import Vocabulary


class Wanted(NamedTuple):
    """What is asked about; what is left out means any. `scope` and `to` are keys of the situation.

    `action` is a name, or the id of an action; or a step by its number or id, which means all its actions.
    """

    action: str | None = None
    scope: str | None = None
    to: str | None = None
    about: str | None = None


class Line(NamedTuple):
    """One line of a report."""

    action: Action
    is_caution: bool


def chosen(wanted: Wanted, report: Report, vocabulary: Vocabulary, situation: Situation) -> tuple[Line, ...]:
    """The cautions and actions that are meant, in the order of the report.

    Raises `Unknown` for names that nothing has, and `NotRecommended` if there is no such line; asked about
    everything, no line is an answer too.
    """
    lines = [*(Line(c, True) for c in report.cautions), *(Line(a, False) for a in report.actions)]
    ids = _ids(wanted.action, report)
    known_names(wanted._replace(action=None) if ids else wanted, vocabulary, situation)
    found = tuple(line for line in lines if _is_meant(line.action, wanted, ids))
    if ids:
        found = tuple(sorted(found, key=lambda line: ids.index(line.action.id)))
    if not found and wanted != Wanted():
        raise NotRecommended(_instead(wanted, report, lines))
    return found


def _ids(word: str | None, report: Report) -> tuple[str, ...]:
    """The ids that a word stands for: that of an action, or all of a step by its number or id.

    Raises `Unknown` for a number or an id that no step has.
    """
    if word is None:
        return ()
    if not (is_number(word) or word.startswith(STEP)):
        return tuple({a.id for a in (*report.cautions, *report.actions) if a.id == word})
    listed = listing(report)
    step = listed.step(word)
    if step is None:
        known = f"1 to {len(listed.steps)}" if listed.steps else "none at all"
        raise Unknown(f"there is no step {word}: the report of {weekday(report.as_of)} has {known}")
    return step.step.actions


def known_names(wanted: Wanted, vocabulary: Vocabulary, situation: Situation) -> None:
    """Raises `Unknown` for names that nothing has."""
    known_name("action", wanted.action, vocabulary.actions)
    scope = vocabulary.shape.scope
    known_name(scope or "scope", wanted.scope, _keys(vocabulary, situation, of_scope=True) if scope else ())
    known_name("person", wanted.to, _keys(vocabulary, situation, of_scope=False))


def _keys(vocabulary: Vocabulary, situation: Situation, *, of_scope: bool) -> Iterator[str]:
    """The keys of the records of the scope, or of all other records."""
    for name in vocabulary.shape.records:
        if (name == vocabulary.shape.scope) is of_scope:
            columns = [column.name for column in vocabulary.relations[name].columns]
            place = columns.index(name if of_scope else "id")
            for row in situation.facts.get(name, ()):
                yield str(row[place])


def _is_meant(action: Action, wanted: Wanted, ids: Sequence[str]) -> bool:
    return (
        (action.id in ids if ids else wanted.action in (None, action.action))
        and wanted.scope in (None, action.scope)
        and wanted.to in (None, action.to)
        and wanted.about in (None, action.about)
    )


def _instead(wanted: Wanted, report: Report, lines: Iterable[Line]) -> str:
    """That it is not recommended, and what is: in the same scope, if one is named."""
    what = f"`{wanted.action}`" if wanted.action else "nothing"
    places = ((" for ", wanted.scope), (" to ", wanted.to), (" about ", wanted.about))
    where = "".join(f"{word}`{key}`" for word, key in places if key is not None)
    verb = "is not recommended" if wanted.action else "is recommended"
    said = f"{what}{where} {verb} on {weekday(report.as_of)}"
    others = [_told(line, report) for line in lines if wanted.scope in (None, line.action.scope)]
    if not others:
        return f"{said}, nor is anything else" if wanted.action else said
    there = f" for `{wanted.scope}`" if wanted.scope else ""
    return "\n".join([f"{said}; what is recommended{there}:", *others])


def _told(line: Line, report: Report) -> str:
    action = line.action
    who, when = addressee(action, report), deadline(action, report.as_of)
    kind = ", a caution" if line.is_caution else ""
    return f"  {action.action}" + (f" ({who})" if who else "") + (f", {when}" if when else "") + kind
