"""The default matcher: a program as Python code made for it alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import TYPE_CHECKING, Any, TypeAlias

from followcue.evaluation.match.protocol import Derivation, Environment, Facts

if TYPE_CHECKING:
    from followcue.language.logic.program import Program

_Run: TypeAlias = Callable[..., list[Derivation]]


class CompiledMatcher:
    """Runs the code generated for a program: one version for the plain calendar, one that asks `shift`.

    Each version is made when it is first needed, so a program that never meets `shift` pays for one alone.
    """

    def __init__(self, program: Program) -> None:
        self._make: Callable[[bool], CodeType] = lambda calendar: compile_program(program, calendar=calendar)
        self._runs: dict[bool, _Run] = {}

    @classmethod
    def from_code(cls, make: Callable[[bool], CodeType]) -> CompiledMatcher:
        """A matcher from code that `compile_program` once gave; `make` fetches it for `calendar` or not.

        Code objects can be kept with `marshal`, as long as the Python version stays the same.
        """
        self = cls.__new__(cls)
        self._make = make
        self._runs = {}
        return self

    def run(self, facts: Facts, environment: Environment) -> Sequence[Derivation]:
        """Every derivation of the program's model of `facts`."""
        shift = environment.shift
        limits = environment.limits
        run = self._runs.get(shift is not None) or self._load(shift is not None)
        return run(facts, environment.parameters, environment.today, shift, limits.derivations, limits.steps)

    def _load(self, calendar: bool) -> _Run:
        """Two threads may both do this at first; they come to the same function."""
        namespace: dict[str, Any] = {}
        exec(self._make(calendar), namespace)
        run: _Run = namespace["run"]
        self._runs[calendar] = run
        return run


def compile_program(program: Program, *, calendar: bool) -> CodeType:
    """The code object for `program`; `calendar` if the environment will have a `shift`."""
    # Imported here: a matcher whose code comes from a cache does not need the generator.
    from followcue.evaluation.match.compiled.module import generate

    return compile(generate(program, calendar=calendar), "<followcue rules>", "exec")
