"""Citations as an editor offers them: every source and item of a pack, in each of the ways to cite."""

from __future__ import annotations

import re

from followcue.authoring.editor.parts import Schema, one_of
from followcue.authoring.editor.words import Words


def citation(words: Words) -> Schema:
    """What may stand in the `cites` of a rule or a parameter."""
    return {"anyOf": [one_of(_offered(words)), {"type": "string", "pattern": _rest(words)}]}


def _offered(words: Words) -> dict[str, str]:
    """The citations to choose from, each with what the item says."""
    offered = {"own default": "No source says so."}
    for source, about in words.vocabulary.sources.items():
        offered[source] = about.get("title", "")
    for item, sources in words.vocabulary.items.items():
        offered |= {f"{source}/{item}": words.items.get(item, "") for source in sources}
    for item, sources in words.vocabulary.items.items():
        says = words.items.get(item, "")
        offered |= {f"own reading of {source}/{item}": f"Read into: {says}" for source in sources}
        offered[f"own default for {item}"] = f"Not said in: {says}"
    return offered


def _rest(words: Words) -> str:
    """The ways to cite that are rarely meant."""
    vocabulary = words.vocabulary
    cited = "|".join(re.escape(source) + _items_of(source, words) for source in vocabulary.sources) or "(?!)"
    alone = "|".join(map(re.escape, vocabulary.items)) or "[A-Z][A-Za-z0-9.-]*"
    return rf"^(?:{cited}|own (?:reading of|default for) (?:{cited}|{alone}))$"


def _items_of(source: str, words: Words) -> str:
    """The items that may stand behind a source; any, where the pack lists none at all."""
    if not words.vocabulary.items:
        return "(?:/[A-Z][A-Za-z0-9.-]*)?"
    found = [re.escape(item) for item, sources in words.vocabulary.items.items() if source in sources]
    return f"(?:/(?:{'|'.join(found)}))?" if found else ""
