"""A catalogue: all there is to say of a pack, gathered as values that pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from followcue.authoring.catalogue.examples import Examples, examples
from followcue.authoring.catalogue.neighbours import Layers, Neighbours, layers, neighbours
from followcue.authoring.catalogue.rule_sentence import SentencePiece, sentence
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.pipeline import LoadedPack
from followcue.evaluation.report.wording import plain, sources
from followcue.language.folders import read_folder, shipped_folder, shipped_layers
from followcue.language.model.pack import Pack, RuleInfo
from followcue.language.model.vocabulary import Citation, Kind, Parameter
from followcue.testing.coverage.coverage import Coverage, Share
from followcue.testing.run import Result
from followcue.testing.traceability.trace import item_texts


class Ref(NamedTuple):
    """A name that a page refers to: what it is called there, and the page with its place."""

    text: str
    href: str


class FactLine(NamedTuple):
    """A line of facts: what they are, and each of them, with or without a reference."""

    label: str
    values: tuple[Ref | str, ...]


class CatalogueEntry(NamedTuple):
    """Something that has a name: an event, a conclusion, an action, a parameter, a source or an item."""

    key: str
    name: str
    title: str
    facts: tuple[FactLine, ...]
    address: str = ""


class RulePage(NamedTuple):
    """A rule and all that is known of it."""

    info: RuleInfo
    sentence: tuple[SentencePiece, ...]
    cites: tuple[Ref, ...]
    parameters: tuple[tuple[Parameter, tuple[str, ...]], ...]
    facts: tuple[FactLine, ...]
    examples: Examples
    seen: Share | None

    @property
    def title(self) -> str:
        """What the rule is called."""
        return self.info.title or plain(self.info.id.replace("-", " ")).capitalize()


class Chapter(NamedTuple):
    """The rules of one file, in its order."""

    name: str
    rules: tuple[RulePage, ...]


class Catalogue(NamedTuple):
    """Everything of one pack, in the order of its pages."""

    pack: Pack
    chapters: tuple[Chapter, ...]
    events: tuple[CatalogueEntry, ...]
    conclusions: tuple[CatalogueEntry, ...]
    actions: tuple[CatalogueEntry, ...]
    parameters: tuple[CatalogueEntry, ...]
    sources: tuple[CatalogueEntry, ...]
    layers: Layers
    near: Neighbours
    tests: int
    coverage: Coverage | None

    @property
    def rules(self) -> Iterator[RulePage]:
        """Every rule."""
        return (rule for chapter in self.chapters for rule in chapter.rules)


def catalogue(
    loaded: LoadedPack,
    results: Sequence[Result],
    says: Mapping[str, str],
    coverage: Coverage | None = None,
) -> Catalogue:
    """The catalogue of a pack whose tests came out like this; `says` are the texts of its items."""
    return _Gatherer(loaded, results, says, coverage).catalogue()


def texts_of_items(folders: Sequence[str], packs: Sequence[str]) -> dict[str, str]:
    """What each item of the sources says, in the pack that these folders make."""
    return item_texts([shipped_folder(), *shipped_layers(packs), *map(read_folder, folders)])


def page_of_rule(rule: str) -> str:
    """The name of the page of a rule."""
    return f"rule-{rule}.html"


PAGES = {
    "event": "events.html",
    "record": "events.html",
    "conclusion": "conclusions.html",
    "action": "actions.html",
    "parameter": "parameters.html",
    "source": "sources.html",
}
"""The page that tells of names of each sort."""


def ref(sort: str, name: str, text: str | None = None) -> Ref:
    """A reference to a name of that sort."""
    return Ref(text or name, f"{PAGES[sort]}#{sort}-{name}")


class _Gatherer:
    def __init__(
        self,
        loaded: LoadedPack,
        results: Sequence[Result],
        says: Mapping[str, str],
        coverage: Coverage | None,
    ) -> None:
        self._loaded = loaded
        self._pack = loaded.pack
        self._vocabulary = loaded.pack.vocabulary
        self._says = says
        self._results = results
        self._coverage = coverage
        self._near = neighbours(loaded.pack, loaded.program)
        self._examples = examples(loaded.pack, results)

    def catalogue(self) -> Catalogue:
        kinds = self._vocabulary.kinds.values()
        return Catalogue(
            pack=self._pack,
            chapters=tuple(self._chapters()),
            events=tuple(self._kind(kind) for kind in kinds if kind.role != "conclusion"),
            conclusions=tuple(self._kind(kind) for kind in kinds if kind.role == "conclusion"),
            actions=tuple(self._actions()),
            parameters=tuple(self._parameter(one) for one in self._vocabulary.parameters.values()),
            sources=tuple(self._sources()),
            layers=layers(self._near, self._loaded.program),
            near=self._near,
            tests=len(self._results),
            coverage=self._coverage,
        )

    # --- rules
    def _chapters(self) -> Iterator[Chapter]:
        by_file: dict[str, list[RulePage]] = {}
        for rule in self._loaded.rules:
            if rule.id in self._pack.rules:
                info = self._pack.rules[rule.id]
                file = info.origin.rpartition(":")[0]
                page = self._rule(info, sentence(rule, self._vocabulary))
                by_file.setdefault(file, []).append(page)
        for file in sorted(by_file):
            yield Chapter(file, tuple(sorted(by_file[file], key=lambda page: _line(page.info))))

    def _rule(self, info: RuleInfo, said: tuple[SentencePiece, ...]) -> RulePage:
        near = self._near
        makes = near.makes[info.id]
        parameters = (self._vocabulary.parameters[name] for name in near.parameters[info.id])
        facts = [
            FactLine("Reads", tuple(self._kind_ref(kind) for kind in near.reads[info.id])),
            FactLine("Makes", (self._kind_ref(makes),) if makes else ()),
            FactLine(
                "Advises", (ref("action", info.action, self._title(info.action)),) if info.action else ()
            ),
            FactLine("Read by", self._rules(near.readers.get(makes, ()) if makes else ())),
            FactLine("Overrides", self._rules(info.overrides)),
            FactLine("Do", info.do),
            FactLine("Avoid", info.avoid),
        ]
        return RulePage(
            info=info,
            sentence=said,
            cites=tuple(map(self._cited, info.cites)),
            parameters=tuple((one, tuple(self._values(one))) for one in parameters),
            facts=tuple(fact for fact in facts if fact.values),
            examples=self._examples[info.id],
            seen=self._seen(info.id),
        )

    def _seen(self, rule: str) -> Share | None:
        if self._coverage is None:
            return None
        return Coverage(tuple(item for item in self._coverage.items if item.rule == rule)).share()

    def _rules(self, ids: Iterable[str]) -> tuple[Ref, ...]:
        return tuple(Ref(rule, page_of_rule(rule)) for rule in ids)

    def _title(self, action: str) -> str:
        return self._vocabulary.actions[action].title if action in self._vocabulary.actions else action

    def _kind_ref(self, name: str) -> Ref:
        return ref(self._vocabulary.kinds[name].role, name, plain(name))

    def _cited(self, citation: Citation) -> Ref:
        told = sources([citation])
        known = citation.source in self._vocabulary.sources
        place = citation.item if citation.item in self._vocabulary.items else citation.source
        return ref("source", place or citation.source, told) if known else Ref(told, "")

    # --- names
    def _kind(self, kind: Kind) -> CatalogueEntry:
        fields = tuple(
            f"{field.name} ({'list of ' if field.many else ''}{field.type.name})" for field in kind.fields
        )
        facts = [
            FactLine("Fields", fields),
            FactLine("Made by", self._rules(self._near.makers.get(kind.name, ()))),
            FactLine("Read by", self._rules(self._near.readers.get(kind.name, ()))),
        ]
        return _entry(kind.role, kind.name, kind.says, facts)

    def _actions(self) -> Iterator[CatalogueEntry]:
        for action in self._vocabulary.actions.values():
            rules = self._near.advisers.get(action.name, ())
            of = {head: [rule for rule in rules if self._pack.rules[rule].head == head] for head in _HEADS}
            facts = [
                FactLine("Priority", (action.priority,)),
                FactLine("Do", action.do),
                FactLine("Avoid", action.avoid),
                *(FactLine(_HEADS[head], self._rules(ids)) for head, ids in of.items()),
            ]
            yield _entry("action", action.name, action.title, facts)

    def _parameter(self, parameter: Parameter) -> CatalogueEntry:
        values = dict(zip(self._vocabulary.profiles, self._values(parameter), strict=True))
        facts = [
            FactLine("Values", tuple(f"{profile}: {value}" for profile, value in values.items())),
            FactLine("Sources", tuple(map(self._cited, parameter.cites))),
            FactLine("Used by", self._rules(self._near.users.get(parameter.name, ()))),
        ]
        return _entry("parameter", parameter.name, parameter.says, facts)

    def _values(self, parameter: Parameter) -> Iterator[str]:
        """The value in each profile, in the order of the vocabulary's profiles."""
        for profile in self._vocabulary.profiles:
            value = as_written(parameter.profiles.get(profile, parameter.value), parameter.type.base)
            yield _shown(value)

    def _sources(self) -> Iterator[CatalogueEntry]:
        carriers: dict[str, list[str]] = {}
        for rule in self._pack.rules.values():
            for citation in rule.cites:
                for name in dict.fromkeys(filter(None, (citation.source, citation.item))):
                    carriers.setdefault(name, []).append(rule.id)
        for name, known in self._vocabulary.sources.items():
            about = tuple(f"{key}: {value}" for key, value in known.items() if key not in ("title", "url"))
            facts = [FactLine("About", about)]
            if not self._vocabulary.items:
                facts.append(FactLine("Carried by", self._rules(dict.fromkeys(carriers.get(name, ())))))
            yield _entry("source", name, known.get("title", ""), facts, known.get("url", ""))
        for item, by in self._vocabulary.items.items():
            facts = [
                FactLine("Said by", tuple(ref("source", name) for name in by)),
                FactLine("Carried by", self._rules(dict.fromkeys(carriers.get(item, ())))),
            ]
            yield _entry("source", item, self._says.get(item, ""), facts)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


_HEADS = {"recommend": "Recommended by", "caution": "Cautioned by", "tip": "Tips", "step": "In steps"}


def _line(info: RuleInfo) -> int:
    return int(info.origin.rpartition(":")[2])


def _entry(sort: str, name: str, title: str, facts: Sequence[FactLine], address: str = "") -> CatalogueEntry:
    return CatalogueEntry(
        f"{sort}-{name}", name, title, tuple(fact for fact in facts if fact.values), address
    )
