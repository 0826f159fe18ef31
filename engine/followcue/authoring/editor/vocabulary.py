"""From the words of a pack to a JSON Schema of its vocabulary, and of that of a layer over it."""

from __future__ import annotations

from collections.abc import Mapping

from followcue.authoring.editor.citing import citation
from followcue.authoring.editor.parts import Schema, described, general_schema, one_of, ref
from followcue.authoring.editor.words import Words
from followcue.language.model.vocabulary import Vocabulary

REQUIRING = (
    "Fields that must be there: `a`; `a or b` (at least one); `a if several` (once there were several events "
    "that could be meant), `a if several kind` (events of that kind count)."
)


def vocabulary_schema(words: Words) -> Schema:
    """The JSON Schema of the files of the vocabulary: names are new or known, what they point to is known."""
    vocabulary = words.vocabulary
    schema = general_schema("vocabulary")
    defs = schema["$defs"]
    for name in ("record", "event", "conclusion"):
        properties = defs[name]["properties"]
        properties["fields"]["additionalProperties"] = ref("known-type")
        if "require" in properties:
            properties["require"]["description"] = REQUIRING
    defs["conclusion"]["properties"]["of"] = one_of([vocabulary.shape.whole])
    for choice in defs["type"]["anyOf"]:
        if "id of" in choice["properties"]:
            choice["properties"]["id of"]["items"] = one_of(_said(vocabulary, "event", "record"))
    defs["action"]["properties"]["contradicts"]["items"] = one_of(words.actions)
    parameter = defs["parameter"]["properties"]
    parameter["cites"]["items"] = ref("citation")
    parameter["profiles"]["propertyNames"] = one_of(vocabulary.profiles)
    parameter["profiles"]["properties"] = dict.fromkeys(
        vocabulary.profiles, parameter["profiles"]["additionalProperties"]
    )
    defs["item"]["properties"]["sources"]["items"] = one_of(
        {name: about.get("title", "") for name, about in vocabulary.sources.items()}
    )
    for section, kind, known in (
        ("events", "event", _said(vocabulary, "event")),
        ("conclusions", "conclusion", _said(vocabulary, "conclusion")),
        ("parameters", "parameter", {p.name: p.says for p in vocabulary.parameters.values()}),
    ):
        schema["properties"][section]["properties"] = {
            name: described(says, ref(kind)) for name, says in known.items()
        }
    defs |= {"known-type": _types(vocabulary), "citation": citation(words)}
    return schema


def _types(vocabulary: Vocabulary) -> Schema:
    """The types of fields, alone and as lists."""
    return one_of([*vocabulary.types, *(f"list of {name}" for name in vocabulary.types)])


def _said(vocabulary: Vocabulary, *roles: str) -> Mapping[str, str]:
    return {kind.name: kind.says for kind in vocabulary.kinds.values() if kind.role in roles}
