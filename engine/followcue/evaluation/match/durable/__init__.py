"""The durable-rules matcher: the program on a Rete network, as a second opinion on the others.

program      planner    what runs in the network, what on the host, as a `plan`
                        (by `strata`; joins in an `order`; rules for each `body` and `negation`)
plan         network    rulesets in JSON, of `condition`s on `fields` that hold `codes`
rulesets     contract   checked against what the engine is known to run exactly
facts        evaluation facts sent (`facts`), activations completed on the host, what they derive sent too
                        (`layout` is prepared for all runs; `host` guards the engine, `grouping` computes
                        aggregates, `meter` and `growth` end what asks for too much)
derivations  matcher    all of that behind the matchers' protocol
"""

from followcue.evaluation.match.durable.matcher import DurableMatcher

__all__ = ["DurableMatcher"]
