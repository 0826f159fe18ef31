"""The pages of a catalogue, by their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from followcue.authoring.catalogue.gather import PAGES, Catalogue, CatalogueEntry, RulePage, page_of_rule
from followcue.authoring.catalogue.picture import of_layers, of_rule
from followcue.authoring.catalogue.rule_sentence import SentencePiece
from followcue.evaluation.report.web_page.fill import LINKS, filler
from followcue.evaluation.report.wording import full_day, plain

INDEX = "index.html"


class IndexPage(NamedTuple):
    """A page of entries, and what its heading says."""

    page: str
    heading: str
    entries: tuple[CatalogueEntry, ...]


def pages(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """The name and the text of every page; raises `HtmlUnavailable` without the template library."""
    fill = filler(
        styles=("tokens.css", "page.css", "catalogue.css"),
        words={"plain": plain, "href": _href, "full_day": full_day, "address": _address},
    )
    search = filler(
        styles=("tokens.css", "page.css", "catalogue.css"),
        scripts=("search.js",),
        words={"plain": plain, "href": _href, "full_day": full_day, "address": _address},
    )
    indices = _indices(catalogue)
    common: dict[str, object] = {"catalogue": catalogue, "pack": catalogue.pack, "indices": indices}
    yield INDEX, search("catalogue.html.j2", common)
    for index in indices:
        yield index.page, fill("entries.html.j2", common | {"index": index})
    picture = of_layers(catalogue.layers, catalogue.pack)
    yield "map.html", fill("map.html.j2", common | {"picture": picture})
    rules = list(catalogue.rules)
    for place, rule in enumerate(rules):
        before, after = (_at(rules, place - 1), _at(rules, place + 1))
        yield (
            page_of_rule(rule.info.id),
            fill(
                "rule.html.j2",
                common
                | {
                    "rule": rule,
                    "picture": of_rule(rule.info.id, catalogue.near, catalogue.pack),
                    "before": before,
                    "after": after,
                },
            ),
        )


def _at(rules: list[RulePage], place: int) -> RulePage | None:
    return rules[place] if 0 <= place < len(rules) else None


def _indices(catalogue: Catalogue) -> tuple[IndexPage, ...]:
    found = (
        IndexPage(PAGES["action"], "Actions", catalogue.actions),
        IndexPage(PAGES["event"], "Events and records", catalogue.events),
        IndexPage(PAGES["conclusion"], "Conclusions", catalogue.conclusions),
        IndexPage(PAGES["parameter"], "Parameters", catalogue.parameters),
        IndexPage(PAGES["source"], "Sources", catalogue.sources),
    )
    return tuple(index for index in found if index.entries)


def _href(piece: SentencePiece) -> str:
    """Where a piece of a sentence leads."""
    return f"{PAGES[piece.sort]}#{piece.sort}-{piece.name}"


def _address(entry: CatalogueEntry) -> str:
    """Where a source can be read, if it has an address of the web."""
    return entry.address if entry.address.lower().startswith(LINKS) else ""
