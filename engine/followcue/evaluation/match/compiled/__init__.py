"""The default matcher: each program becomes Python source made for it alone.

`planner` puts a clause's conditions in order, `clause` writes them as loops, `parts` says which clauses go
together, `module` makes functions of them, `matcher` runs the result, which asks `long_lists` of many rows.
"""

from followcue.evaluation.match.compiled.matcher import CompiledMatcher, compile_program

__all__ = ["CompiledMatcher", "compile_program"]
