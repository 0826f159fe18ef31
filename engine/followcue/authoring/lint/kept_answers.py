"""Answers of a lint, kept for as long as all stays as it was that they rest on.

A search for a situation in which two rules meet takes long, and an edit of a third rule seldom matters to it.
So each answer is kept under a digest of what it rests on: the vocabulary, the rules, and all rules from which
something may reach them. Example: `a` recommends to wait and rests on `promised`, which `b` concludes; `c`
overrides `a`. An edit of `b` or `c` changes the digest of what rests on `a`; an edit of a rule that concludes
or recommends something else does not. The answer to an unchanged question is that which a search would give.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from followcue.evaluation.pipeline import LoadedPack
from followcue.language.logic import program as ir
from followcue.language.logic.walk import atoms_of
from followcue.language.model.pack import RECOMMENDATION, STEP, TIP, WARNING

_ADVICE = frozenset({RECOMMENDATION, TIP, WARNING, STEP})

_WORDS: Final[Any] = {
    "origin": "",
    "title": "",
    "advice_title": "",
    "say": "",
    "why": "",
    "do": (),
    "avoid": (),
    "cites": (),
}
"""What a rule tells people, and where it stands: nothing fires, opens or is overridden for it."""


class KeptAnswers:
    """What was found before, by the digests of what it rests on, and what is asked this time.

    `words` stands for the vocabulary: all that is not in the clauses and the rules.
    """

    def __init__(self, words: bytes = b"", before: Mapping[bytes, Any] | None = None) -> None:
        self.words = words
        self.asked: dict[bytes, Any] = {}
        """The answers to all that was asked, be they old or new."""
        self._before = before or {}

    def answer(self, digest: bytes, find: Callable[[], Any]) -> Any:
        """What was found before under a digest, or else what `find` finds now."""
        if digest not in self.asked:
            known = self._before
            self.asked[digest] = known[digest] if digest in known else find()
        return self.asked[digest]


class Foundations:
    """What the recommendations of a pack rest on."""

    def __init__(self, loaded: LoadedPack, words: bytes) -> None:
        self._pack = loaded.pack
        self._words = words
        self._by_rule: defaultdict[str, list[ir.Clause]] = defaultdict(list)
        self._makers: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for clause in loaded.program.clauses:
            self._by_rule[clause.rule].append(clause)
            if clause.head.relation not in _ADVICE:
                self._makers[clause.head.relation][clause.rule] = None
        self._overriders: defaultdict[str, list[str]] = defaultdict(list)
        self._advising: defaultdict[str | None, list[str]] = defaultdict(list)
        for name, info in self._pack.rules.items():
            self._advising[info.action].append(name)
            for lower in info.overrides:
                self._overriders[lower].append(name)
        self._written: dict[str, bytes] = {}

    def digest(self, *rules: str) -> bytes:
        """A digest of all that the reported recommendations of these rules rest on, and of which they are."""
        found: set[str] = set()
        waiting = [name for rule in rules for name in (rule, *self._advising[self._pack.rules[rule].action])]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._beneath(name)
        digest = hashlib.sha256(self._words)
        for part in (*(rule.encode() for rule in rules), *self._texts(found)):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()

    def _beneath(self, rule: str) -> Iterable[str]:
        """The rules that this one rests on directly, and those that may override it."""
        yield from self._overriders[rule]
        for clause in self._by_rule[rule]:
            for atom in atoms_of(clause):
                yield from self._makers[atom.relation]

    def _texts(self, rules: Collection[str]) -> Iterable[bytes]:
        """What these rules mean, in the order of the pack; their words and places do not matter."""
        for name in self._pack.rules:
            if name in rules:
                if name not in self._written:
                    info = self._pack.rules[name]._replace(**_WORDS)
                    self._written[name] = repr((info, self._by_rule[name])).encode()
                yield self._written[name]
