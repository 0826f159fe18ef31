"""The vocabulary documents of all layers -> one vocabulary in which every name is known."""

from __future__ import annotations

from collections.abc import Sequence

from followcue.base.diagnostic import Diagnostic
from followcue.language.documents.document import Document
from followcue.language.model.declared import gather
from followcue.language.model.read_actions import read_actions
from followcue.language.model.read_kinds import read_kinds, read_types
from followcue.language.model.read_parameters import read_parameters, read_profiles
from followcue.language.model.read_shape import read_shape
from followcue.language.model.read_sources import read_items, read_sources
from followcue.language.model.relations import relations_of
from followcue.language.model.vocabulary import Vocabulary


def read_vocabulary(layers: Sequence[Sequence[Document]]) -> tuple[Vocabulary | None, list[Diagnostic]]:
    """The vocabulary of a pack and the layers on it, lowest first; None if anything in it is wrong.

    The documents have passed the schema check; what it could not see is in the diagnostics.
    """
    problems: list[Diagnostic] = []
    declared = gather(layers, problems)
    shape = read_shape(declared, problems)
    types = read_types(declared, problems)
    kinds = read_kinds(declared, types, problems)
    profiles = read_profiles(declared, problems)
    vocabulary = Vocabulary(
        shape=shape,
        types=types,
        kinds=kinds,
        actions=read_actions(declared, problems),
        parameters=read_parameters(declared, profiles, problems),
        profiles=profiles.names,
        default_profile=profiles.default,
        sources=read_sources(declared),
        items=read_items(declared, problems),
        relations=relations_of(kinds.values(), shape.scope),
    )
    return (None if problems else vocabulary), problems
