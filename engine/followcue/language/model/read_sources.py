"""Declarations of sources and items -> who says what; citations of them, every name checked."""

from __future__ import annotations

from collections.abc import Mapping

from followcue.language.model.citations import CITING, UNWRITTEN, parse_citation
from followcue.language.model.declared import Declaration, Declared, Problems, unknown
from followcue.language.model.rules import Where
from followcue.language.model.vocabulary import Citation


def read_sources(declared: Declared) -> dict[str, Mapping[str, str]]:
    """What is known of each source: title, author and so on."""
    return {
        name: {key: str(value) for key, value in source.value.items()}
        if isinstance(source.value, dict)
        else {}
        for name, source in declared["sources"].items()
    }


def read_items(declared: Declared, problems: Problems) -> dict[str, tuple[str, ...]]:
    """The sources of each item."""
    for item in declared["items"].values():
        for source, where in item.texts("sources"):
            if source not in declared["sources"]:
                problems.append(unknown("source", source, declared["sources"], where))
    return {name: item.words("sources") for name, item in declared["items"].items()}


def read_citations(of: Declaration, declared: Declared, problems: Problems) -> tuple[Citation, ...]:
    """The `cites` of a declaration: a source, `SOURCE/ITEM`, `own reading of SOURCE` or `own default`."""
    found = [_citation(text, where, declared, problems) for text, where in of.texts("cites")]
    return tuple(citation for citation in found if citation)


def _citation(text: str, where: Where, declared: Declared, problems: Problems) -> Citation | None:
    citation = parse_citation(text)
    if citation is None:
        problems.append(where.problem("FC310", f"`{text}` cites nothing", hint=CITING))
        return None
    if citation.source not in (*declared["sources"], *UNWRITTEN):
        problems.append(unknown("source", citation.source, declared["sources"], where))
    if citation.item is not None and citation.item not in declared["items"]:
        problems.append(unknown("item", citation.item, declared["items"], where))
    return citation
