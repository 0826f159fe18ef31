"""What the files of a pack were found to say, remembered: after an edit of one file only that is compiled.

A rule is compiled by itself, with nothing but what rules see of the vocabulary: its names and types, not its
texts and values. So as long as they see the same, what was found for a document of rules, and for a rule in
it, holds for the same one again; `checked_document` gives the same one where its text has not changed. Things
are known by identity, and are held here, so that nothing else can take their place.

    edit of rules/silence.yaml               its rules are read and compiled, all others are known
    a title, a parameter's value             all rules are known
    a field, a type, the name of anything    everything is read and compiled

That rules see no more is not for the reader to believe: the rest is taken away before they are compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from followcue.base.diagnostic import Diagnostic
from followcue.base.rows import NOTHING
from followcue.language.documents.document import Document
from followcue.language.logic.program import Clause
from followcue.language.model.read_vocabulary import read_vocabulary
from followcue.language.model.rules import Rule, RuleFile
from followcue.language.model.vocabulary import Parameter, Vocabulary

_MOST_VOCABULARIES = 4

_Thing = TypeVar("_Thing")
_Found = TypeVar("_Found")


class Known(Generic[_Thing, _Found]):
    """What was found for things at the last time; what is not asked for again is forgotten."""

    def __init__(self) -> None:
        self._last: Mapping[int, tuple[_Thing, _Found]] = {}

    def each(self, things: Sequence[_Thing], find: Callable[[_Thing], _Found]) -> list[_Found]:
        """What is found for each, those of the last time being known."""
        last, now = self._last, {}
        for thing in things:
            held = last.get(id(thing))
            now[id(thing)] = held if held is not None else (thing, find(thing))
        self._last = now
        return [now[id(thing)][1] for thing in things]


class KnownRules:
    """What is known of rules that are written with a vocabulary; `seen` is what they see of it."""

    def __init__(self, seen: Vocabulary) -> None:
        self.seen = seen
        self.files: Known[Document, tuple[RuleFile, list[Diagnostic]]] = Known()
        self.rules: Known[Rule, tuple[list[Clause], list[Diagnostic]]] = Known()


class KnownWords:
    """A vocabulary with the mistakes in it, and what is known of rules that are written with it."""

    def __init__(self, documents: tuple[tuple[Document, ...], ...]) -> None:
        self._documents = documents
        self.vocabulary, problems = read_vocabulary(documents)
        self.problems: tuple[Diagnostic, ...] = tuple(problems)

    @cached_property
    def of_rules(self) -> KnownRules:
        """What is known of rules, where the vocabulary could be read."""
        assert self.vocabulary is not None
        return _of_rules(as_rules_see_it(self.vocabulary))


def as_rules_see_it(vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary without its texts, places and values of parameters, which compile to nothing."""
    return vocabulary._replace(
        kinds={name: kind._replace(says="", tell="") for name, kind in vocabulary.kinds.items()},
        actions={
            name: action._replace(title="", say="", do=(), avoid=(), origin="")
            for name, action in vocabulary.actions.items()
        },
        parameters={
            name: Parameter(name, parameter.type, None) for name, parameter in vocabulary.parameters.items()
        },
        sources=dict.fromkeys(vocabulary.sources, NOTHING),
        messages={name: kind._replace(says="") for name, kind in vocabulary.messages.items()},
        known_as=NOTHING,
    )


def _of_rules(seen: Vocabulary) -> KnownRules:
    """The same known rules for an equal vocabulary, of the last few."""
    found = next((known for known in _rules if known.seen == seen), None) or KnownRules(seen)
    _rules[:] = [found, *(known for known in _rules if known is not found)][:_MOST_VOCABULARIES]
    return found


_rules: list[KnownRules] = []


class _Same:
    """Documents as a key: the same ones, not such that say the same."""

    def __init__(self, documents: tuple[tuple[Document, ...], ...]) -> None:
        self.documents = documents
        self._ids = tuple(tuple(map(id, layer)) for layer in documents)

    def __hash__(self) -> int:
        return hash(self._ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._ids == other._ids


@lru_cache(_MOST_VOCABULARIES)
def _words(key: _Same) -> KnownWords:
    return KnownWords(key.documents)


def words_of(layers: Sequence[tuple[Document, ...]]) -> KnownWords:
    """The vocabulary that these documents declare, and what is known with it."""
    return _words(_Same(tuple(layers)))


def forget() -> None:
    """Begin anew, as a new process does."""
    _words.cache_clear()
    _rules.clear()
