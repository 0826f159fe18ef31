"""The traceability of a pack as a page, a table or data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from followcue.testing.coverage.figures import Figures
from followcue.testing.traceability.trace import Traceability, TracedItem, TracedRule, TracedSource

MOST_TESTS = 4
"""How many tests are named before the others are only counted."""

INTRODUCTION = """\
# Guidance: what the sources say, and where it is

Made by `followcue sources --format markdown`; do not edit. For each source: what each item says in our words,
the rules that carry it, and the tests that exercise those rules (found by running them). *Own reading* marks
what we read into a text, *own default* what no source says.
"""


OWN = "Rules that no source speaks of: terms that others are made of, and own defaults."


def as_json(found: Traceability, figures: Figures) -> str:
    """Everything, as JSON."""
    data = {**found.to_dict(), "figures": _figure_data(figures)}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_table(found: Traceability, figures: Figures) -> str:
    """For a terminal: one paragraph an item."""
    lines: list[str] = []
    for source in found.sources:
        lines += [_heading(source), ""]
        for item in source.items:
            lines += [
                f"{item.item:5} {item.says}",
                f"      rules: {_rules(item, '')}",
                f"      tests: {_tests(item)}",
            ]
        lines.append("")
    lines += [f"Rules of our own: {len(found.own)}", *_gap_lines(found), *_figure_lines(figures)]
    return "\n".join(lines) + "\n"


def as_markdown(found: Traceability) -> str:
    """A page for the documentation; it names the tests that are about something, and seldom changes."""
    return "\n".join((INTRODUCTION, *_page(found))) + "\n"


def _page(found: Traceability) -> Iterator[str]:
    yield from (f"- {line}" for line in _gap_lines(found))
    for source in found.sources:
        yield from ("", f"## {_heading(source)}", "", "| item | says | rules | tests |", "|---|---|---|---|")
        for item in source.items:
            told = map(_cell, (item.item, item.says, _rules(item, "`"), _first(item.about, item.tests)))
            yield f"| {' | '.join(told)} |"
    yield from ("", "## Our own", "", OWN, "", "| rule | tests |", "|---|---|")
    for rule in found.own:
        yield f"| `{rule.rule}` | {_first(rule.about, rule.tests)} |"


def _heading(source: TracedSource) -> str:
    known = [source.known[key] for key in ("title", "author", "publisher", "date") if key in source.known]
    return f"{source.source}: {', '.join(known)}" if known else source.source


def _rules(item: TracedItem, quote: str) -> str:
    if item.rules:
        return ", ".join(_rule(rule, quote) for rule in item.rules)
    return item.remark or "none"


def _rule(rule: TracedRule, quote: str) -> str:
    return f"{quote}{rule.rule}{quote}" + ("" if rule.basis == "text" else f" ({rule.basis})")


def _tests(item: TracedItem) -> str:
    """The tests that are about the item, then the others that exercise its rules."""
    others = [name for name in item.tests if name not in item.about]
    return _named([*item.about, *others])


def _first(about: Sequence[str], tests: Sequence[str]) -> str:
    """The tests that are about it; where there are none, one that exercises it."""
    return ", ".join(about or tests[:1]) or "none"


def _named(tests: Sequence[str]) -> str:
    more = len(tests) - MOST_TESTS
    named = ", ".join(tests[:MOST_TESTS])
    return f"{named} and {more} more" if more > 0 else named or "none"


def _figure_lines(figures: Figures) -> list[str]:
    return [
        f"Tests: {figures.tests}, with {figures.checks} checks",
        f"Rules exercised: {figures.rules}",
        f"Window edges seen on both sides: {figures.edges}",
    ]


def _figure_data(figures: Figures) -> dict[str, object]:
    return {
        "tests": figures.tests,
        "checks": figures.checks,
        "rules": {"of": figures.rules.of, "missing": list(figures.rules.missing)},
        "edges": {"of": figures.edges.of, "missing": list(figures.edges.missing)},
    }


def _gap_lines(found: Traceability) -> list[str]:
    return [f"Gap: {gap}" for gap in found.gaps] or ["Gaps: none"]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
