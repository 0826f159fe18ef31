"""What a question is about: the names that people give, and whether anything has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from followcue.base.diagnostic import did_you_mean
from followcue.evaluation.advice.recommendation import Subject
from followcue.evaluation.advice.report import Action
from followcue.evaluation.situation.situation import Situation
from followcue.language.documents.plain import normal
from followcue.language.model.vocabulary import Vocabulary


class Unknown(Exception):
    """What is asked for has a name that nothing has."""


class NotRecommended(Exception):
    """What is asked for is not recommended; the text names what is."""


class Wanted(NamedTuple):
    """What is asked about; what is left out means any. `scope` and `to` are keys of the situation.

    `action` is a name, or any other word for actions that `explain.meant` knows.
    """

    action: str | None = None
    scope: str | None = None
    to: str | None = None
    about: str | None = None

    @classmethod
    def of(cls, *names: str | None) -> Wanted:
        """The question with its names in the form in which a situation has them."""
        return cls(*(name and normal(name) for name in names))

    def fits(self, subject: Subject) -> bool:
        """Whether the question is about something with that subject."""
        return all(want in (None, given) for want, given in zip(self, subject, strict=True))


def subject_of(action: Action) -> Subject:
    """What an action is about: by this it is the same one in another report."""
    return action.action, action.scope, action.to, action.about


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
