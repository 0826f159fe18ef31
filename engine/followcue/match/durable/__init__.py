"""The durable-rules matcher: the program on a Rete network, as a second opinion on the others."""

from followcue.match.durable.matcher import DurableMatcher

__all__ = ["DurableMatcher"]
