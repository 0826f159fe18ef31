"""The rules of a bench for people: each with its sentence and sources, its lines, and its tests."""

from __future__ import annotations

from typing import NamedTuple

from followcue.authoring.catalogue.rule_sentence import sentence, text_of
from followcue.base.diagnostic import Span
from followcue.evaluation.report.wording import sources
from followcue.language.logic.compile_pack import CompiledPack
from followcue.language.model.decision_table import table_of
from followcue.language.model.rules import Rule
from followcue.session.outline import outline
from followcue.session.pack_bench import GiveUp, PackBench, document_of, go_on
from followcue.testing.scenario import Scenario


class ListedRule(NamedTuple):
    """A rule in a list of all; `span` covers its name, `pack` is the layer that it stands in."""

    id: str
    title: str
    sentence: str
    sources: tuple[str, ...]
    span: Span
    pack: str


def listed_rules(bench: PackBench) -> tuple[ListedRule, ...]:
    """Every rule in force, in the order of the files; of the last rules that had no mistakes."""
    return tuple(_listed(bench, one) for one in _placed(bench))


class _PlacedRule(NamedTuple):
    """A rule and where its name stands: all that is needed to find it, without its sentence."""

    span: Span
    rule: Rule
    compiled: CompiledPack


def _placed(bench: PackBench) -> list[_PlacedRule]:
    if bench.state.ready is None:
        return []
    compiled = bench.state.ready.compiled
    found = [
        _PlacedRule(span, rule, compiled)
        for rule in compiled.rules
        if rule.id in compiled.pack.rules and (span := rule.where.as_key().span) is not None
    ]
    return sorted(found, key=lambda one: one.span)


def _listed(bench: PackBench, placed: _PlacedRule) -> ListedRule:
    span, rule, compiled = placed
    info = compiled.pack.rules[rule.id]
    said = text_of(sentence(rule, compiled.pack.vocabulary))
    cited = tuple(sources([citation]) for citation in info.cites)
    return ListedRule(rule.id, info.title, said, cited, span, _layer(bench, span.file))


def _layer(bench: PackBench, name: str) -> str:
    """The name of the layer that a file lies in."""
    layers = bench.state.texts.layers()
    return next((layer.name for layer in layers if name.removeprefix(layer.origin) in layer.files), "")


def rule_at(bench: PackBench, name: str, line: int) -> ListedRule | None:
    """The rule on a line of a file: of a table the row on it, or its first one."""
    document = document_of(bench.text(name), name)
    if document is None or bench.kind(name) != "rules":
        return None
    entry = next(
        (one for one in outline(document, "rules", line) if one.span.line <= line <= one.last_line), None
    )
    if entry is None:
        return None
    mine = [one for one in _placed(bench) if entry.name in (one.rule.id, table_of(one.rule.id))]
    above = [one for one in mine if one.span.line <= line]
    found = above[-1] if above else next(iter(mine), None)
    return _listed(bench, found) if found else None


def last_line_of(bench: PackBench, rule: ListedRule) -> int:
    """The last line of a rule; of a row, that of the line before the next one."""
    name = rule.span.file
    text = bench.text(name)
    document = document_of(text, name)
    lines = text.splitlines()
    end = len(lines)
    if document is not None:
        entries = outline(document, "rules", end)
        end = next((e.last_line for e in entries if e.span.line <= rule.span.line <= e.last_line), end)
    others = [
        one.span.line
        for one in _placed(bench)
        if one.span.file == name and rule.span.line < one.span.line <= end
    ]
    end = min([end, *(line - 1 for line in others)])
    while end > rule.span.line and _says_nothing(lines[end - 1] if end <= len(lines) else ""):
        end -= 1
    return end


def _says_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def exercising(bench: PackBench, rule: str, give_up: GiveUp = go_on) -> tuple[Scenario, ...]:
    """The tests that exercise a rule, in their order; raises `InvalidInput` while there are mistakes."""
    return bench.exercised(give_up).get(rule, ())
