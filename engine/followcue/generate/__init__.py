"""Situations made up for any pack: valid by its vocabulary, and such that its rules have something to say."""

from followcue.generate.perturb import perturbed
from followcue.generate.situations import Size, situations, situations_for

__all__ = ["Size", "perturbed", "situations", "situations_for"]
