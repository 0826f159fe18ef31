"""Rules that nobody answers for: without a source, or without a test that exercises them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from followcue.authoring.lint.context import Book
from followcue.authoring.lint.finding import Finding


def uncited_rules(book: Book) -> Iterator[Finding]:
    """One finding for each rule that cites nothing, in a pack that has sources."""
    if not book.vocabulary.sources:
        return
    for rule in book.rules.values():
        if not rule.cites:
            message = f"`{rule.id}` does not say who says so"
            hint = "add `cites:` with a source and item, or `own default`"
            yield Finding(rule.where.problem("FC360", message, hint=hint), "warning", rule.id)


def untested_rules(book: Book, exercised: Collection[str]) -> Iterator[Finding]:
    """One finding for each rule that no test of the pack exercises."""
    for rule in book.rules.values():
        if rule.id not in exercised:
            message = f"no test exercises `{rule.id}`"
            hint = "write one that expects what it says; `followcue test --figures` shows what is missing"
            yield Finding(rule.where.problem("FC361", message, hint=hint), "warning", rule.id)
