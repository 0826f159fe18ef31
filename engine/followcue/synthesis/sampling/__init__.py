"""Situations made up for any pack: valid by its vocabulary, and such that its rules have something to say."""

from followcue.synthesis.as_yaml import as_yaml
from followcue.synthesis.sampling.perturb import perturbed
from followcue.synthesis.sampling.situations import Size, situations, situations_for

__all__ = ["Size", "as_yaml", "perturbed", "situations", "situations_for"]
