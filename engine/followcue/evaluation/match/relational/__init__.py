"""The relational matcher: the program as SQL, a statement a clause, for many situations at once.

Every relation is a table; every row belongs to a situation (`s`) and has a number (`id`). A clause fills a
table of its derivations, which name the rows that they rest on by these numbers:

    create table d4 as                          -- clause 4: overdue(x) from lent(x, day), no returned(x)
    select a0.s, a0.id b0, a0.c0 h0             -- the situation, the row used, the row derived
    from r0 a0 join env e on e.s = a0.s
    where a0.c1 < e.today and not exists (select 1 from r1 n where n.s = a0.s and n.c0 = a0.c0)

and each relation takes the distinct rows of the clauses that derive it, component by component; a recursive
component goes round until nothing is new.
"""

from followcue.evaluation.match.relational.matcher import RelationalMatcher

__all__ = ["RelationalMatcher"]
