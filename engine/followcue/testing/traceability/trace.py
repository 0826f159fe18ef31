"""Traceability: from each source's items to the rules that carry them and the tests that exercise them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os.path import basename, splitext

from followcue.language.documents.read import read_document
from followcue.language.folders import RuleFolder
from followcue.language.logic.compile_pack import is_vocabulary
from followcue.language.model.pack import Pack
from followcue.testing.run import Result


@dataclass(frozen=True, slots=True)
class TracedRule:
    """A rule, what it makes of a source (text, own reading, own default), and the tests that exercise it.

    `about` are those of the tests whose authors name the rule.
    """

    rule: str
    basis: str
    tests: tuple[str, ...]
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TracedItem:
    """An item of one source: what it says in our words, who carries it, and the tests through those rules.

    `about` are the tests whose authors name the item, as far as the runs bear them out. An item that no
    single rule can carry has a `remark` instead, which says where it stands.
    """

    item: str
    says: str
    rules: tuple[TracedRule, ...]
    tests: tuple[str, ...]
    about: tuple[str, ...]
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class TracedSource:
    """A source, what is known of it, and its items in the order of the vocabulary."""

    source: str
    known: Mapping[str, str]
    items: tuple[TracedItem, ...]


@dataclass(frozen=True, slots=True)
class Traceability:
    """All sources; `own` are the rules that rest on none. `gaps` are sentences, none where all is well."""

    sources: tuple[TracedSource, ...]
    own: tuple[TracedRule, ...]
    gaps: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """The same as JSON data."""
        return {
            "sources": [_source_data(source) for source in self.sources],
            "own": [_rule_data(rule) for rule in self.own],
            "gaps": list(self.gaps),
        }


def trace(
    pack: Pack, says: Mapping[str, str], results: Sequence[Result], remarks: Mapping[str, str]
) -> Traceability:
    """Who carries and who exercises what: `says` are the items' texts, `results` those of tests that ran."""
    return _Tracer(pack, says, results, remarks).trace()


def item_texts(folders: Iterable[RuleFolder]) -> dict[str, str]:
    """What each item says, from the vocabulary in the folders, later ones over earlier ones."""
    texts: dict[str, str] = {}
    for folder in folders:
        for name, content in folder.files.items():
            data = read_document(content, folder.origin + name).data if is_vocabulary(name) else None
            items = data.get("items") if isinstance(data, dict) else None
            for item, declared in items.items() if isinstance(items, dict) else ():
                texts[item] = str(declared.get("says", ""))
    return texts


class _Tracer:
    """Looks up, for one pack, what was worked out once about its rules and tests."""

    def __init__(
        self, pack: Pack, says: Mapping[str, str], results: Sequence[Result], remarks: Mapping[str, str]
    ) -> None:
        self._pack = pack
        self._says = says
        self._remarks = remarks
        self._results = results
        self._exercised = [(_name(result), result.exercised) for result in results]
        self._tests = {rule: self._through({rule}) for rule in pack.rules}

    def trace(self) -> Traceability:
        sources = tuple(self._source(source) for source in self._pack.vocabulary.sources)
        own = [
            self._rule(rule.id, "own default")
            for rule in self._pack.rules.values()
            if not any(citation.source in self._pack.vocabulary.sources for citation in rule.cites)
        ]
        return Traceability(sources, tuple(own), tuple(self._gaps(sources)))

    def _source(self, source: str) -> TracedSource:
        vocabulary = self._pack.vocabulary
        items = (item for item, sources in vocabulary.items.items() if source in sources)
        return TracedSource(
            source, vocabulary.sources[source], tuple(self._item(source, item) for item in items)
        )

    def _item(self, source: str, item: str) -> TracedItem:
        rules = [
            self._rule(rule.id, citation.basis)
            for rule in self._pack.rules.values()
            for citation in rule.cites
            if citation.item == item and citation.source == source
        ]
        through = self._through({rule.rule for rule in rules})
        about = [_name(result) for result in self._results if item in result.scenario.items]
        return TracedItem(
            item=item,
            says=self._says.get(item, ""),
            rules=tuple(rules),
            tests=through,
            about=tuple(name for name in about if name in through),
            remark=self._remarks.get(item),
        )

    def _rule(self, rule: str, basis: str) -> TracedRule:
        tests = self._tests[rule]
        about = (_name(result) for result in self._results if rule in result.scenario.rules)
        return TracedRule(rule, basis, tests, tuple(name for name in about if name in tests))

    def _through(self, rules: set[str]) -> tuple[str, ...]:
        """The tests that exercise one of the rules, in the order of the suite."""
        return tuple(name for name, exercised in self._exercised if not rules.isdisjoint(exercised))

    def _gaps(self, sources: Iterable[TracedSource]) -> list[str]:
        items = [
            f"no rule carries {source.source}/{item.item}"
            for source in sources
            for item in source.items
            if not item.rules and item.remark is None
        ]
        return items + [
            f"no test exercises the rule `{rule}`" for rule in self._tests if not self._tests[rule]
        ]


def _name(result: Result) -> str:
    """A test by its file and id: `waiting/asked-too-early`."""
    return f"{splitext(basename(result.scenario.file))[0]}/{result.scenario.id}"


def _source_data(source: TracedSource) -> dict[str, object]:
    items = [
        {
            "item": item.item,
            "says": item.says,
            "rules": [_rule_data(rule) for rule in item.rules],
            "tests": list(item.tests),
            "about": list(item.about),
            "remark": item.remark,
        }
        for item in source.items
    ]
    return {"source": source.source, **source.known, "items": items}


def _rule_data(rule: TracedRule) -> dict[str, object]:
    return {"rule": rule.rule, "basis": rule.basis, "tests": list(rule.tests), "about": list(rule.about)}
