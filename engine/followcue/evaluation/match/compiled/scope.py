"""What pieces of generated code share: numbered names, indexes over relations, parameters fetched once."""

from __future__ import annotations

from dataclasses import dataclass, field

from followcue.evaluation.match.compiled.code_writer import CodeWriter, indented
from followcue.evaluation.match.compiled.spelling import Speller, tuple_text
from followcue.language.logic.program import Clause, Expr, Param, Program, Test


@dataclass(frozen=True, slots=True)
class RowIndex:
    """The rows of a relation that pass `fixed`, by the values of `columns`; or (`keys_only`) just those."""

    relation: str
    columns: tuple[int, ...]
    fixed: tuple[Test, ...]
    keys_only: bool = False

    @property
    def empty(self) -> str:
        """The source text of such an index without rows."""
        return "{}" if self.columns else "[]"

    def key(self, row: str) -> str:
        """The source text of the key of `row`."""
        items = [f"{row}[{column}]" for column in self.columns]
        return items[0] if len(items) == 1 else tuple_text(items)

    def insertion(self, index: str, row: str) -> str:
        """The statement that puts `row` into `index`."""
        return (
            f"{index}.setdefault({self.key(row)}, []).append({row})"
            if self.columns
            else f"{index}.append({row})"
        )


class Module:
    """What all functions of one generated module share."""

    def __init__(self, program: Program, *, calendar: bool) -> None:
        self.program = program
        self.calendar = calendar
        self.read = frozenset(name for clause in program.clauses for name in relations_read(clause))
        read = [name for name in program.relations if name in self.read]
        self.places = {name: place for place, name in enumerate(read)}
        self.names = {name: f"r{place}" for name, place in self.places.items()}
        self.listed = frozenset(name for clause in program.clauses for name in relations_listed(clause))
        self.indexes: dict[RowIndex, int] = {}
        self.parameters: dict[str, int] = {}

    def index_functions(self) -> list[str]:
        """The functions that build the indexes asked for so far."""
        return [line for index in self.indexes for line in self._index_function(index)]

    def index_call(self, index: RowIndex, scope: FunctionScope) -> str:
        """What builds `index`, which `scope` needs."""
        inner = FunctionScope(self)
        inner.conditions(index.fixed, "row")
        arguments = [scope.use(name) for name in (self.names[index.relation], *sorted(inner.uses))]
        return f"i{self.indexes[index]}({', '.join(arguments)}) if {arguments[0]} else {index.empty}"

    def _index_function(self, index: RowIndex) -> list[str]:
        scope = FunctionScope(self)
        writer = scope.writer
        if index.keys_only:
            tests = " and ".join(scope.conditions(index.fixed, "row"))
            writer.add(f"return {{{index.key('row')} for row in rows{' if ' if tests else ''}{tests}}}")
        else:
            writer.add(f"found = {index.empty}")
            with writer.block():
                writer.open("for row in rows:")
                writer.when(scope.conditions(index.fixed, "row"))
                writer.add(index.insertion("found", "row"))
            writer.add("return found")
        arguments = ", ".join(("rows", *sorted(scope.uses)))
        return [f"def i{self.indexes[index]}({arguments}):", *indented(scope.lines())]


@dataclass(slots=True)
class FunctionScope:
    """A piece of code whose parameters and indexes are fetched once, in `setup`, before its loops.

    `clause` is the number of the one that is being written.
    """

    module: Module
    uses: dict[str, None] = field(default_factory=dict)
    setup: dict[str, None] = field(default_factory=dict)
    growing: dict[RowIndex, str] = field(default_factory=dict)
    functions: int = 0
    clause: int = 0
    writer: CodeWriter = field(init=False)

    def __post_init__(self) -> None:
        self.writer = CodeWriter(self.uses)

    def use(self, name: str) -> str:
        """Take `name` from outside."""
        return self.writer.use(name)

    def lines(self) -> list[str]:
        """All that was written."""
        return [*self.setup, *self.writer.lines()]

    def function_name(self) -> str:
        """A name for one more function inside this code."""
        self.functions += 1
        return f"k{self.functions - 1}"

    def spend(self, steps: str) -> list[str]:
        """The statements that count steps, and give up where a limit is passed."""
        for name in ("out", "steps", "max_steps", "max_derivations"):
            self.use(name)
        return [
            f"steps += {steps}",
            "if steps > max_steps or len(out) > max_derivations:",
            f"    exceeded(out, max_derivations, max_steps, {self.clause})",
        ]

    def parameter(self, name: str) -> str:
        """The local name of a parameter."""
        local = f"p{self.module.parameters.setdefault(name, len(self.module.parameters))}"
        self.setup[f"{local} = {self.use('P')}[{name!r}]"] = None
        return local

    def index(self, index: RowIndex) -> str:
        """The local name of an index over a relation that is complete; the first use in a run builds it."""
        number = self.module.indexes.setdefault(index, len(self.module.indexes))
        name = f"x{number}"
        kept = f"{self.use('S')}[{number}]"
        if self.writer.elsewhere:  # there it is a name of its own
            self.writer.add(f"{name} = {kept}")
        else:
            self.setup[f"{name} = {kept}"] = None
        build = f"{name} = {kept} = {self.module.index_call(index, self)}"
        self.writer.add(f"if {name} is None:", f"    {build}")
        return name

    def growing_index(self, index: RowIndex) -> str:
        """The local name of an index over a relation that grows while it is read."""
        if index not in self.growing:
            self.growing[index] = f"y{len(self.growing)}"
            self.setup[f"{self.growing[index]} = {index.empty}"] = None
        return self.growing[index]

    def conditions(self, tests: tuple[Test, ...], row: str) -> list[str]:
        """The conditions that say that `row` passes tests without variables."""
        speller = Speller(self.outer, calendar=self.module.calendar)
        return [text for test in tests for text in speller.test(test, f"{row}[{test.column}]")]

    def outer(self, expr: Expr | str) -> str:
        """The name of what an expression takes from outside the clause."""
        if isinstance(expr, Param):
            return self.parameter(expr.name)
        assert isinstance(expr, str)
        return self.use(expr)


def relations_read(clause: Clause) -> list[str]:
    """The relations that a clause looks at."""
    return [*relations_listed(clause), *(atom.relation for atom in clause.negated)]


def relations_listed(clause: Clause) -> list[str]:
    """The relations whose single rows a clause looks at, so that no row may come twice."""
    atoms = [*clause.body, *(aggregate.atom for aggregate in clause.aggregates)]
    return [atom.relation for atom in atoms]
