"""The dependency graph of a pack: what each rule reads and makes, and all of it in layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from followcue.explain.parameter_origins import parameters_of
from followcue.language.logic.program import Clause, Program
from followcue.language.logic.walk import atoms_of
from followcue.language.model.pack import Pack, is_helper


class Neighbours(NamedTuple):
    """What each rule `reads` (kinds of facts), the kinds that it `makes`, and its parameters.

    `makers` and `readers` are rules by kind, `advisers` by action, `users` by parameter.
    """

    reads: Mapping[str, tuple[str, ...]]
    makes: Mapping[str, tuple[str, ...]]
    parameters: Mapping[str, tuple[str, ...]]
    makers: Mapping[str, tuple[str, ...]]
    readers: Mapping[str, tuple[str, ...]]
    advisers: Mapping[str, tuple[str, ...]]
    users: Mapping[str, tuple[str, ...]]

    def readers_of(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """The rules that read one of these kinds."""
        return tuple(sorted({rule for kind in kinds for rule in self.readers.get(kind, ())}))


def neighbours(pack: Pack, program: Program) -> Neighbours:
    """The dependencies between the rules of a pack, every list sorted."""
    reads: dict[str, set[str]] = {rule: set() for rule in pack.rules}
    parameters: dict[str, set[str]] = {rule: set() for rule in pack.rules}
    makes: dict[str, tuple[str, ...]] = dict.fromkeys(pack.rules, ())
    for clause in program.clauses:
        reads[clause.rule] |= set(_read_by(clause))
        parameters[clause.rule] |= set(parameters_of(clause)) & pack.vocabulary.parameters.keys()
        made = clause.head.relation
        if made in pack.vocabulary.kinds and made not in makes[clause.rule]:
            makes[clause.rule] += (made,)
    return Neighbours(
        reads={rule: tuple(sorted(found)) for rule, found in reads.items()},
        makes=makes,
        parameters={rule: tuple(sorted(found)) for rule, found in parameters.items()},
        makers=_turned((kind, rule) for rule, kinds in makes.items() for kind in kinds),
        readers=_turned((kind, rule) for rule, found in reads.items() for kind in found),
        advisers=_turned(
            (action, rule.id)
            for rule in pack.rules.values()
            for action in (*rule.actions, *([rule.action] if rule.action else []))
        ),
        users=_turned((name, rule) for rule, found in parameters.items() for name in found),
    )


def _read_by(clause: Clause) -> Iterator[str]:
    names = (atom.relation.partition(".")[0] for atom in atoms_of(clause))
    return (name for name in names if not is_helper(name))


def _turned(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return {key: tuple(sorted(found[key])) for key in sorted(found)}


# --- all of it in layers
class Layers(NamedTuple):
    """Names in columns, each right of all that it depends on; `links` go from one name to a later one."""

    columns: tuple[tuple[str, ...], ...]
    links: tuple[tuple[str, str], ...]


def layers(near: Neighbours, program: Program) -> Layers:
    """The conclusions by what they depend on, and last the actions.

    Within a column, names stand near to what they depend on, as far as a few rounds of averaging bring them.
    """
    depends: dict[str, set[str]] = {kind: set() for kind in near.makers}
    for rule, kinds in near.makes.items():
        for kind in kinds:
            depends[kind] |= {read for read in near.reads[rule] if read in near.makers and read != kind}
    level = {kind: place for kind, place in _levels(program).items() if kind in depends}
    last = max(level.values(), default=0) + 1
    for action, rules in near.advisers.items():
        depends[_action(action)] = {
            read for rule in rules for read in near.reads[rule] if read in near.makers
        }
        level[_action(action)] = last
    columns = [sorted(name for name in level if level[name] == place) for place in range(last + 1)]
    links = sorted((on, name) for name, found in depends.items() for on in found if level[on] < level[name])
    return Layers(tuple(map(tuple, _untangled(columns, links))), tuple(links))


ACTION = "!"
"""What the name of an action begins with in a picture, where a conclusion may have the same name."""


def _action(name: str) -> str:
    return ACTION + name


def _levels(program: Program) -> dict[str, int]:
    """How far each conclusion is from the facts of the situation; those in a circle are equally far."""
    level: dict[str, int] = {}
    for component in program.components:
        clauses = [program.clauses[number] for number in component.clauses]
        heads = {clause.head.relation for clause in clauses}
        read = {kind for clause in clauses for kind in _read_by(clause)} - heads
        place = max((level[kind] + 1 for kind in read if kind in level), default=0)
        level |= dict.fromkeys(heads, place)
    return level


def _untangled(columns: Sequence[list[str]], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    near: dict[str, list[str]] = defaultdict(list)
    for one, other in links:
        near[one].append(other)
        near[other].append(one)
    found = [list(column) for column in columns]
    for _ in range(6):
        place = {name: at / max(len(column), 1) for column in found for at, name in enumerate(column)}
        for column in found:
            column.sort(key=lambda name: (_mean(place, near[name], place[name]), name))
    return found


def _mean(place: Mapping[str, float], names: Sequence[str], own: float) -> float:
    return round(sum(place[name] for name in names) / len(names), 9) if names else own
