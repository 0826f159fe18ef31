"""Situations made up for any pack: valid by its vocabulary, and such that its rules have something to say."""

from followcue.generate.perturb import perturbed
from followcue.generate.situations import Size, situations, situations_for
from followcue.generate.written import as_yaml

__all__ = ["Size", "as_yaml", "perturbed", "situations", "situations_for"]
