"""Which edits are to blame for a change of advice: found by trying them, one at a time, on the old pack.

Idea: an edit is to blame if the old pack shows the change with this edit alone. Where none does, groups of
edits are tried: first those that made an earlier change together, then all suspects, thinned out by leaving
out halves, quarters and so on, as in delta debugging.

    edits     1 the window opens later    2 a new conclusion `quiet`    3 a rule demands `quiet`
    change    remind(emma) is gone
    old + 1: there       old + 2: there       old + 3: there, for it is no pack without 2
    old + 1, 2, 3: gone       without 1: gone       without 2: there       without 3: there
    -> edits 2 and 3 together

Invariant: the old pack with the edits of one group shows this part of the change. Nothing is concluded from
what an edit says, but that of a rule which neither recommends the action nor lies beneath such a rule cannot
have a hand in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from followcue.authoring.versions.mix import Mixer
from followcue.authoring.versions.named_situations import NamedSituation
from followcue.authoring.versions.pack_edits import PackEdit
from followcue.authoring.versions.report_changes import FIELDS, AdviceChange, Key, ReportEntry, entries
from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.evaluation.match.registry import COMPILED
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate_facts
from followcue.evaluation.situation.situation import Situation
from followcue.language.logic.program import Program
from followcue.language.logic.walk import atoms_of

FEW_FACTS = 60
"""Up to so many facts the matcher that needs little preparation will do, ..."""

FEW_TRIALS = 30
"""... for so many trials of one pack; for more the other one is worth its preparation."""

MOST_PACKS = 128
"""How many packs in between are kept."""

ReportEntries = Mapping[Key, ReportEntry]


EditGroup: TypeAlias = tuple[PackEdit, ...]
"""Edits that suffice together, and of which none can be left out; often a single one."""


class Blame(NamedTuple):
    """Who made a change: for each field that changed, or for "" where an entry came or went, some groups.

    Each group suffices by itself. A part without any group is one that nobody was found for.
    """

    parts: Mapping[str, tuple[EditGroup, ...]]

    @property
    def is_one(self) -> bool:
        """Whether the same edits made all of it."""
        return len(set(self.parts.values())) == 1

    @property
    def edits(self) -> tuple[PackEdit, ...]:
        """All edits of all groups, each once."""
        every = (edit for groups in self.parts.values() for group in groups for edit in group)
        return tuple(dict.fromkeys(every))


class BlameSearch:
    """Finds the edits to blame for changes between two packs; keeps what it tried."""

    def __init__(self, old: LoadedPack, new: LoadedPack, edits: Sequence[PackEdit]) -> None:
        self._old = old
        self._new = new
        self._edits = tuple(edits)
        self._mixer = Mixer(old, new, edits)
        self._packs: dict[frozenset[PackEdit], LoadedPack | None] = {}
        self._groups: dict[EditGroup, None] = {}
        self._trials: Counter[int] = Counter()
        self._by_action: dict[str, frozenset[str]] = {}

    def with_new_words(self) -> LoadedPack | None:
        """The old pack with the new vocabulary, which can read what was written for the new pack."""
        return self.pack(self._mixer.needed)

    def blame(
        self, asked: NamedSituation, changes: Iterable[AdviceChange], *, new_words: bool = False
    ) -> tuple[Blame, ...]:
        """Who made each of these changes; `new_words` if the situation takes the new vocabulary."""
        case = _Case(self, asked, self._mixer.needed if new_words else frozenset())
        return tuple(self._blame(case, change) for change in changes)

    def _blame(self, case: _Case, change: AdviceChange) -> Blame:
        """The edits to blame for each field that changed, or for an entry that came or went."""
        suspects = self._suspects(change)
        parts = {part: self._culprits(suspects, case, change, part) for part in change.fields or ("",)}
        if change.kind == "gained" and parts[""]:
            parts |= self._finish(suspects, case, change, parts[""][0])
        return Blame(parts)

    def _finish(
        self, suspects: Sequence[PackEdit], case: _Case, change: AdviceChange, made: EditGroup
    ) -> dict[str, tuple[EditGroup, ...]]:
        """Who made the fields of a new entry other than they are by the edits that `made` it come."""
        others = [edit for edit in suspects if edit not in made]
        found = {
            field: self._culprits(others, case, change, field, made)
            for field in FIELDS
            if others and not case.shows(made, change, field)
        }
        return {field: groups for field, groups in found.items() if groups}

    def _culprits(
        self,
        suspects: Sequence[PackEdit],
        case: _Case,
        change: AdviceChange,
        part: str,
        given: EditGroup = (),
    ) -> tuple[EditGroup, ...]:
        """The groups that each bring about this part of a change, on top of what is `given`."""

        def brings(chosen: Sequence[PackEdit]) -> bool:
            return case.shows((*given, *chosen), change, part)

        alone: list[EditGroup] = [(edit,) for edit in suspects if brings((edit,))]
        if alone:
            return tuple(alone)
        among = set(suspects)
        for group in self._groups:
            if among.issuperset(group) and brings(group):
                return (group,)
        for all_of in (suspects, self._edits):
            if brings(all_of):
                group = _smallest(all_of, brings)
                self._groups[group] = None
                return (group,)
        return ()

    # --- suspects
    def _suspects(self, change: AdviceChange) -> tuple[PackEdit, ...]:
        """The edits that can have a hand in it: of the rules behind this action, and not only of words."""
        name, sort = change.key.name, change.key.sort
        if sort == "warning":
            return tuple(edit for edit in self._edits if edit not in self._mixer.needed)
        rules = self._relevant(name)
        return tuple(
            edit
            for edit in self._edits
            if edit not in self._mixer.needed
            and not (edit.section == "rules" and edit.name not in rules)
            and not (edit.section == "actions" and edit.name != name)
        )

    def _relevant(self, action: str) -> frozenset[str]:
        if action not in self._by_action:
            found = _behind(self._old, action) | _behind(self._new, action)
            self._by_action[action] = frozenset(found)
        return self._by_action[action]

    # --- trying
    def pack(self, chosen: Iterable[PackEdit]) -> LoadedPack | None:
        """The old pack with these edits; None where they make no pack without the others."""
        key = frozenset(chosen)
        if key not in self._packs:
            if len(self._packs) >= MOST_PACKS:
                gone = self._packs.pop(next(iter(self._packs)))
                self._trials.pop(id(gone), None)
            self._packs[key] = self._mixer.mix(key)
        return self._packs[key]

    def entries(self, pack: LoadedPack, asked: NamedSituation) -> ReportEntries | None:
        """What a pack says of a situation; None where it cannot read or judge it."""
        try:
            situation = asked.read(pack)
            report = evaluate_facts(pack, situation, Options(matcher=self._matcher(pack, situation))).report
        except (InvalidInput, LimitExceeded):
            return None
        return entries(report, pack.pack)

    def _matcher(self, pack: LoadedPack, situation: Situation) -> str:
        """The matcher that is likely to answer first; all of them answer the same."""
        self._trials[id(pack)] += 1
        often = self._trials[id(pack)] > FEW_TRIALS
        small = sum(map(len, situation.facts.values())) <= FEW_FACTS
        return COMPILED if often or not small else "reference"


class _Case:
    """One situation, and what packs in between say of it."""

    def __init__(self, search: BlameSearch, asked: NamedSituation, given: frozenset[PackEdit]) -> None:
        self._given = given
        self._search = search
        self._asked = asked
        self._known: dict[frozenset[PackEdit], ReportEntries | None] = {}

    def shows(self, chosen: Sequence[PackEdit], change: AdviceChange, part: str) -> bool:
        """Whether with these edits this part of an entry is as it is in the new pack."""
        key = self._given.union(chosen)
        if key not in self._known:
            pack = self._search.pack(key)
            self._known[key] = self._search.entries(pack, self._asked) if pack else None
        found = self._known[key]
        if found is None:
            return False
        entry = found.get(change.key)
        if not part:
            return (entry is None) == (change.new is None)
        return entry is not None and change.new is not None and entry.get(part) == change.new.get(part)


def _smallest(all_of: Sequence[PackEdit], brings: Callable[[Sequence[PackEdit]], bool]) -> EditGroup:
    """A part of these edits of which none can be left out."""
    kept = list(all_of)
    size = max(1, len(kept) // 2)
    while True:
        start = 0
        while start < len(kept):
            rest = kept[:start] + kept[start + size :]
            if rest and brings(rest):
                kept = rest
            else:
                start += size
        if size == 1:
            return tuple(kept)
        size = max(1, size // 2)


# --- which rules can matter to an action
def _behind(loaded: LoadedPack, action: str) -> set[str]:
    """The rules that recommend an action or speak of it, those that override these, and all beneath them."""
    rules = loaded.pack.rules
    found = {name for name, rule in rules.items() if rule.action == action}
    waiting = list(found)
    program = loaded.program
    by_rule = _clauses_by(program, lambda number: program.clauses[number].rule)
    by_head = _clauses_by(program, lambda number: program.clauses[number].head.relation)
    while waiting:
        name = waiting.pop()
        beneath = {
            program.clauses[number].rule
            for clause in by_rule.get(name, ())
            for relation in {atom.relation for atom in atoms_of(program.clauses[clause])}
            if program.relations[relation].derived
            for number in by_head.get(relation, ())
        }
        over = {other for other, rule in rules.items() if name in rule.overrides}
        for more in sorted((beneath | over) - found):
            found.add(more)
            waiting.append(more)
    return found


def _clauses_by(program: Program, of: Callable[[int], str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number in range(len(program.clauses)):
        found.setdefault(of(number), []).append(number)
    return found
