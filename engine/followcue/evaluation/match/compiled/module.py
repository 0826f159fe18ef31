"""A program as the source of one Python module whose function `run` gives its derivations.

For a program of one clause, "advise x if seen x and nothing done for x", the heart of it reads:

    def i0(rows):                                # an index: here only the keys of the rows of `done`
        return {row[0] for row in rows}

    def g0(R, S, emit):                          # a group of clauses
        r0 = R[0]
        r1 = R[1]
        if r0:                                   # which none of those within can do without
            x0 = S[0]
            for b0 in r0:
                v0 = b0[0]
                if v0 is not None:
                    if x0 is None:
                        x0 = S[0] = i0(r1) if r1 else {}
                    if v0 not in x0:
                        emit((0, (v0,), (b0,), ()))

`run` takes the facts as they come, each kind to its place in R, and calls the groups that can fire: those
that wait for a kind that is there, or for a relation that an earlier group may have derived. So nothing is
paid for rules about kinds of facts that do not occur, however many there are.

Names: R the rows of all relations, r of one, K where those of a kind go, x an index, S the indexes built so
far, i their builders, L what is known of long lists of rows (`long_lists`), g a group, b the row of a body
atom, v a value, n a row under test, c the rows tried next, u a row that several clauses look at and its
columns, a the rows of an aggregate, t its result, w those rows as a derivation keeps them, o a row it chose,
h the row derived, q rows not yet looked at, z the one that is, y an index that grows meanwhile, p a
parameter, k the rest of a long clause. They are made here: nothing that an author wrote becomes a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from functools import reduce
from itertools import groupby
from operator import or_

from followcue.evaluation.match.compiled.clause import ClauseWriter, looked_at_first
from followcue.evaluation.match.compiled.code_writer import CodeWriter, indented
from followcue.evaluation.match.compiled.row_finder import SharedRow
from followcue.evaluation.match.compiled.schedule import Unit, UnitGroup, groups
from followcue.evaluation.match.compiled.scope import FunctionScope, Module
from followcue.language.logic.program import Program
from followcue.language.logic.walk import civil_functions

_OPENING = """\
from itertools import repeat
from followcue.base.values import quotient
from followcue.evaluation.match.compiled.long_lists import FEW, between, ends, extreme, furthest, total
from followcue.evaluation.match.refusals import BEFORE, BEYOND, WIDEST
from followcue.evaluation.match.refusals import exceeded, off_the_calendar, too_many_derivations, too_wide
from followcue.evaluation.match.protocol import Derivation
"""


def generate(program: Program, *, calendar: bool) -> str:
    """The source of the module for `program`; `calendar` if the environment's `shift` is to move days.

    The same program gives the same text, to the byte.
    """
    module = Module(program, calendar=calendar)
    functions: list[_GroupFunction] = []
    derived: set[str] = set()
    for number, group in enumerate(groups(program)):
        functions.append(_GroupFunction(module, number, group, derived))
        derived |= functions[-1].heads
    written = [line for function in functions for line in function.lines]
    waiting = _waiting(functions)
    lines = [
        *module.index_functions(),
        *written,
        *_places(module, waiting),
        *_run(module, functions, waiting),
    ]
    used = civil_functions(program)
    functions_used = f"from followcue.base.civil import {', '.join(used)}\n" if used else ""
    return _OPENING + functions_used + "\n".join(lines) + "\n"


# --- the functions
class _GroupFunction:
    """The function that runs a group's parts one after another; `derived` the groups before may have."""

    def __init__(self, module: Module, number: int, group: UnitGroup, derived: Set[str]) -> None:
        self.number = number
        self.anchors = group.anchors
        self.heads = group.heads(module.program)
        self._uses: dict[str, None] = {}
        body = [line for anchor, parts in _by_anchor(group) for line in self._block(module, anchor, parts)]
        rows = [line for name in module.places for line in self._rows(module, name, derived)]
        self._arguments = ", ".join(sorted({*self._uses, "R"}.difference(module.names.values())))
        if "steps" in self._uses:
            body.append("return steps")
        self.lines = [f"def g{number}({self._arguments}):", *indented([*rows, *body])]

    def call(self) -> str:
        """The statement that runs it."""
        call = f"g{self.number}({self._arguments})"
        return f"steps = {call}" if "steps" in self._uses else call

    def _rows(self, module: Module, name: str, derived: Set[str]) -> list[str]:
        """The statements that fetch a relation's rows, if any are used here."""
        local, place = module.names[name], f"R[{module.places[name]}]"
        if local not in self._uses:
            return []
        if name not in self.heads:
            return [f"{local} = {place}"]
        if name not in derived:
            return [f"{local} = {place} = {{}}"]
        return [f"{local} = {place}", f"if not {local}:", f"    {local} = {place} = {{}}"]

    def _block(self, module: Module, anchor: str | None, parts: Iterable[Unit]) -> list[str]:
        """The parts that all need `anchor`; those that look through one relation first share that loop."""
        known = [] if anchor is None else [FunctionScope(module, self._uses).use(module.names[anchor])]
        loops: dict[str, list[Unit]] = {}
        for part in parts:
            loops.setdefault(part.loop or f"alone {part.clauses[0]}", []).append(part)
        return _under(known, [line for alike in loops.values() for line in self._loop(module, alike, known)])

    def _loop(self, module: Module, alike: list[Unit], known: list[str]) -> list[str]:
        scope = FunctionScope(module, self._uses)
        if len(alike) > 1:
            return _shared(scope, [part.clauses[0] for part in alike], known)
        part = alike[0]
        return _recursive(scope, part) if part.recursive else _single(scope, part.clauses[0], known)


def _by_anchor(group: UnitGroup) -> Iterator[tuple[str | None, Iterable[Unit]]]:
    for (_, anchor), parts in groupby(group.parts, lambda part: (part.depth, part.anchor)):
        yield anchor, parts


def _shared(scope: FunctionScope, numbers: list[int], known: list[str]) -> list[str]:
    """Clauses that all begin with the rows of one relation, in one loop over those."""
    relation = looked_at_first(scope.module.program.clauses[numbers[0]])
    assert relation is not None
    row = SharedRow(len(scope.module.program.relations[relation].columns))
    rows = scope.use(scope.module.names[relation])
    outer = scope.writer
    within = []
    for number in numbers:
        scope.writer = CodeWriter(scope.uses, loops=1)
        clause = ClauseWriter(scope, number, shared=row)
        clause.write()
        outer.define(scope.writer.definitions)
        guard = [condition for condition in clause.guard if condition not in (*known, rows)]
        within += _under(guard, scope.writer.body)
    outer.add(f"for {row.name} in {rows}:", *indented([*row.fetching(), *within]))
    scope.writer = outer
    return scope.lines()


def _single(scope: FunctionScope, number: int, known: list[str]) -> list[str]:
    """A clause that does not use its own component, where `known` holds already."""
    clause = ClauseWriter(scope, number)
    clause.write()
    return _under([condition for condition in clause.guard if condition not in known], scope.lines())


def _recursive(scope: FunctionScope, component: Unit) -> list[str]:
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


def _firings(scope: FunctionScope, component: Unit, heads: list[str], head: str) -> list[str]:
    """What follows from a new row `z` of `head`, which stands for each atom in turn."""
    outer, scope.writer = scope.writer, CodeWriter(scope.uses, loops=2)
    for number in component.clauses:
        for given, atom in enumerate(scope.module.program.clauses[number].body):
            if atom.relation == head:
                ClauseWriter(scope, number, growing=heads, given=given).write()
    firings = scope.writer.lines()
    scope.writer = outer
    return firings


def _follow(scope: FunctionScope, head: str, firings: list[str]) -> list[str]:
    """The loop over the new rows of `head`: each joins those looked at before, then has its consequences."""
    queue = _queue(scope, head)
    each = [f"z = {queue}.pop()", *scope.spend("1"), *_insertions(scope, head), *firings]
    return [f"while {queue}:", *indented(each)]


def _insertions(scope: FunctionScope, head: str) -> list[str]:
    """Put `z` into the indexes over `head`."""
    lines = []
    for index, name in scope.growing.items():
        if index.relation == head:
            tests = scope.conditions(index.fixed, "z")
            insertion = index.insertion(name, "z")
            lines += [f"if {' and '.join(tests)}:", f"    {insertion}"] if tests else [insertion]
    return lines


def _queue(scope: FunctionScope, head: str) -> str:
    return f"q{scope.module.names[head]}"


# --- what runs them
def _waiting(functions: list[_GroupFunction]) -> Counter[str]:
    """The groups that can fire only if some relations have rows: for each such, a number with a bit each."""
    waiting: Counter[str] = Counter()
    for function in functions:
        for anchor in function.anchors or ():
            waiting[anchor] |= 1 << function.number
    return waiting


def _places(module: Module, waiting: Counter[str]) -> list[str]:
    """For each kind of facts: where its rows go, whether none may come twice, the groups that wait for it."""
    kinds = [name for name in module.places if not module.program.relations[name].derived]
    return [
        "K = {",
        *(
            f"    {name!r}: ({module.places[name]}, {name in module.listed}, {hex(waiting[name])}),"
            for name in kinds
        ),
        "}",
    ]


def _run(module: Module, functions: list[_GroupFunction], waiting: Counter[str]) -> list[str]:
    """The function that puts the rows in their places and calls the groups."""
    lines = [
        "out = []",
        "emit = out.append",
        "steps = 0",
        f"R = [()] * {len(module.places)}",
        f"S = [None] * {len(module.indexes)}",
        "L = {}",
        "awake = 0",
        "for name, rows in F.items():",
        "    if name in K:",
        "        place, distinct, waiting = K[name]",
        "        R[place] = dict.fromkeys(rows) if distinct and len(rows) > 1 else rows",
        "        awake |= waiting",
    ]
    for function in functions:
        own = 1 << function.number
        awaken = reduce(or_, (waiting[head] for head in function.heads)) & -own & ~own
        call = [
            function.call(),
            *([f"awake |= {hex(awaken)}"] if awaken else []),
            "if len(out) > max_derivations:",
            "    too_many_derivations(max_derivations, out)",
        ]
        lines += call if function.anchors is None else _under([f"awake & {hex(own)}"], call)
    lines.append("return list(map(tuple.__new__, repeat(Derivation), out))")
    return ["def run(F, P, today, shift, max_derivations, max_steps):", *indented(lines)]


def _under(conditions: list[str], lines: list[str]) -> list[str]:
    return [f"if {' and '.join(conditions)}:", *indented(lines)] if conditions else lines
