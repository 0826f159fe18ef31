"""A program as the source of one Python module whose function `run` gives its derivations.

For a program of one clause, "advise x if seen x and nothing done for x", the heart of it reads:

    def i0(rows):                                # an index: here only the keys of the rows of `done`
        return {row[0] for row in rows}

    def g0(S, emit, r0, r1):                     # a group of components that all need a row of `seen`
        x0 = S[0]
        if x0 is None:
            x0 = S[0] = i0(r1)
        for b0 in r0:
            v0 = b0[0]
            if v0 is not None:
                if v0 not in x0:
                    emit((0, (v0,), (b0,), ()))

Names: r the rows of a relation, x an index, S the indexes built so far, i their builders, g a group, b the
row of a body atom, v a value, n a row under test, c the rows tried next, a the rows of an aggregate, t its
result, w those rows as a derivation keeps them, o a row it chose, h the row derived, q rows not yet looked
at, z the one that is, y an index that grows meanwhile, p a parameter, k the rest of a long clause. They are
made here: nothing that an author wrote becomes a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from followcue.logic.program import Component, Program
from followcue.match.compiled.clause import ClauseWriter, relations_needed
from followcue.match.compiled.scope import Module, Scope, relations_read
from followcue.match.compiled.writer import Writer, indented

_LARGEST_GROUP = 24

_OPENING = """\
from itertools import repeat
from followcue.match.limits import WIDEST, exceeded, too_many_derivations, too_wide
from followcue.match.protocol import Derivation
"""


def generate(program: Program, *, calendar: bool) -> str:
    """The source of the module for `program`; `calendar` if the environment's `shift` is to move days.

    The same program gives the same text, to the byte.
    """
    module = Module(program, calendar=calendar)
    groups = [_GroupFunction(module, number, group) for number, group in enumerate(_groups(program))]
    run = _run_function(module, groups)
    lines = [*module.index_functions(), *(line for group in groups for line in group.lines), *run]
    return _OPENING + "\n".join(lines) + "\n"


# --- which components go together
@dataclass(frozen=True, slots=True)
class _Group:
    """Components of which none can derive anything without a row of `anchor`, if there is one."""

    anchor: str | None
    components: tuple[Component, ...]


def _groups(program: Program) -> list[_Group]:
    """The components in an order that respects who uses whom, gathered by what they cannot do without.

    So a run pays nothing for the rules about kinds of facts that do not occur.
    """
    anchors = _anchors(program)
    places: dict[tuple[int, str], list[Component]] = {}
    for component, depth, anchor in zip(program.components, _depths(program), anchors, strict=True):
        places.setdefault((depth, anchor or ""), []).append(component)
    return [
        _Group(anchor or None, tuple(part))
        for (_, anchor), components in sorted(places.items(), key=lambda place: place[0][0])
        for part in _parts(components)
    ]


def _parts(components: list[Component]) -> Iterable[list[Component]]:
    for start in range(0, len(components), _LARGEST_GROUP):
        yield components[start : start + _LARGEST_GROUP]


def _depths(program: Program) -> list[int]:
    """For each component the number of components on the longest way to it."""
    depths: list[int] = []
    reached: dict[str, int] = {}
    for component in program.components:
        clauses = [program.clauses[number] for number in component.clauses]
        depth = max(
            (reached.get(name, 0) for clause in clauses for name in relations_read(clause)), default=0
        )
        depths.append(depth)
        for clause in clauses:
            reached[clause.head.relation] = max(reached.get(clause.head.relation, 0), depth + 1)
    return depths


def _anchors(program: Program) -> list[str | None]:
    """For each component the rarest of the relations that it cannot do without."""
    needs = [_needs(program, component) for component in program.components]
    popularity = Counter(name for names in needs for name in names)
    return [min(names, key=lambda name: (popularity[name], name), default=None) for names in needs]


def _needs(program: Program, component: Component) -> set[str]:
    clauses = [program.clauses[number] for number in component.clauses]
    own = {clause.head.relation for clause in clauses}
    return reduce(set[str].intersection, (set(relations_needed(clause)) - own for clause in clauses))


# --- the functions
class _GroupFunction:
    """The function that runs a group's components one after another."""

    def __init__(self, module: Module, number: int, group: _Group) -> None:
        self.name = f"g{number}"
        self.anchor = group.anchor
        self.uses: dict[str, None] = {}
        body = [line for component in group.components for line in self._component(module, component)]
        if "steps" in self.uses:
            body.append("return steps")
        self.lines = [f"def {self.name}({self._arguments()}):", *indented(body)]

    def call(self) -> str:
        """The statement that runs it."""
        call = f"{self.name}({self._arguments()})"
        return f"steps = {call}" if "steps" in self.uses else call

    def _arguments(self) -> str:
        return ", ".join(sorted(self.uses))

    def _component(self, module: Module, component: Component) -> list[str]:
        if component.recursive:
            return _recursive(Scope(module, self.uses), component)
        return [line for number in component.clauses for line in _single(Scope(module, self.uses), number)]


def _single(scope: Scope, number: int) -> list[str]:
    """A clause that does not use its own component."""
    clause = ClauseWriter(scope, number)
    clause.write()
    return _under(clause.guard, scope.lines())


def _recursive(scope: Scope, component: Component) -> list[str]:
    """Clauses that use each other's heads: each new row in turn is joined with those looked at before it."""
    module = scope.module
    clauses = module.program.clauses
    heads = list(dict.fromkeys(clauses[number].head.relation for number in component.clauses))
    writer = scope.writer
    for number in component.clauses:
        if not any(atom.relation in heads for atom in clauses[number].body):
            start = ClauseWriter(scope, number, growing=heads)
            with writer.block():
                writer.when(start.guard)
                start.write()
    firings = {head: _firings(scope, component, heads, head) for head in heads}
    # Only now is it known which indexes over each relation the clauses want.
    follow = [line for head, lines in firings.items() for line in _follow(scope, head, lines)]
    queues = [f"{_queue(scope, head)} = list({scope.use(module.names[head])})" for head in heads]
    again = f"while {' or '.join(_queue(scope, head) for head in heads)}:"
    return [*queues, *scope.lines(), again, *indented(follow)]


def _firings(scope: Scope, component: Component, heads: list[str], head: str) -> list[str]:
    """What follows from a new row `z` of `head`, which stands for each atom in turn."""
    outer, scope.writer = scope.writer, Writer(scope.uses, loops=2)
    for number in component.clauses:
        for given, atom in enumerate(scope.module.program.clauses[number].body):
            if atom.relation == head:
                ClauseWriter(scope, number, growing=heads, given=given).write()
    firings = scope.writer.lines()
    scope.writer = outer
    return firings


def _follow(scope: Scope, head: str, firings: list[str]) -> list[str]:
    """The loop over the new rows of `head`: each joins those looked at before, then has its consequences."""
    queue = _queue(scope, head)
    each = [f"z = {queue}.pop()", *scope.spend("1"), *_insertions(scope, head), *firings]
    return [f"while {queue}:", *indented(each)]


def _insertions(scope: Scope, head: str) -> list[str]:
    """Put `z` into the indexes over `head`."""
    lines = []
    for index, name in scope.growing.items():
        if index.relation == head:
            tests = scope.conditions(index.fixed, "z")
            insertion = index.insertion(name, "z")
            lines += [f"if {' and '.join(tests)}:", f"    {insertion}"] if tests else [insertion]
    return lines


def _queue(scope: Scope, head: str) -> str:
    return f"q{scope.module.names[head]}"


def _under(conditions: list[str], lines: list[str]) -> list[str]:
    return [f"if {' and '.join(conditions)}:", *indented(lines)] if conditions else lines


def _run_function(module: Module, groups: list[_GroupFunction]) -> list[str]:
    """The function that fetches the rows and calls the groups."""
    lines = [
        "out = []",
        "emit = out.append",
        "steps = 0",
        f"S = [None] * {len(module.indexes)}",
        "get = F.get",
    ]
    for name, relation in module.program.relations.items():
        if name in module.read:
            lines += _rows(module.names[name], name, derived=relation.derived, distinct=name in module.listed)
    for group in groups:
        lines += _under(
            [] if group.anchor is None else [module.names[group.anchor]],
            [group.call(), "if len(out) > max_derivations:", "    too_many_derivations(max_derivations)"],
        )
    lines.append("return list(map(tuple.__new__, repeat(Derivation), out))")
    return ["def run(F, P, today, shift, max_derivations, max_steps):", *indented(lines)]


def _rows(local: str, name: str, *, derived: bool, distinct: bool) -> list[str]:
    """The statements that fetch a relation's rows: each once, where it matters."""
    if derived:
        return [f"{local} = {{}}"]
    fetch = f"{local} = get({name!r}, ())"
    return (
        [fetch, f"if {local} and len({local}) > 1:", f"    {local} = dict.fromkeys({local})"]
        if distinct
        else [fetch]
    )
