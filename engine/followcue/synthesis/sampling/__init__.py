"""Situations made up for any pack: valid by its vocabulary, and such that its rules have something to say."""

from followcue.synthesis.sampling.situations import Size, situations, situations_for
from followcue.synthesis.sampling.variants import perturbed
from followcue.synthesis.situation_yaml import as_yaml

__all__ = ["Size", "as_yaml", "perturbed", "situations", "situations_for"]
