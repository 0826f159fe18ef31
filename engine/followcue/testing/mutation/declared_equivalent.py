"""What the test files say no situation can show: `equivalent`, by rule and by the words of the change.

The name of a table stands for each of its rows. Of what all rows share the words are those of the change
without `in all rows`, which there is no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.language.documents.document import Document
from followcue.language.model.decision_table import table_of
from followcue.language.model.declared import unknown
from followcue.language.model.pack import Pack
from followcue.language.model.rules import Where

EQUIVALENT = "equivalent"


IN_ALL_ROWS = " in all rows"
"""What ends the words of a change of what all rows of a table share."""


class Claim(NamedTuple):
    """A change of a rule that means the same, why, and where it is said; `rows` are those of a table."""

    rule: str
    says: str
    reason: str
    where: Where
    rows: tuple[str, ...] = ()

    @property
    def names(self) -> Iterator[tuple[str, str]]:
        """The rules and the words of the changes that it can mean."""
        if not self.rows:
            yield self.rule, self.says
        for row in self.rows:
            yield from ((row, self.says), (row, self.says + IN_ALL_ROWS))


def claims_in(documents: Iterable[Document], rules: Collection[str]) -> tuple[Claim, ...]:
    """All that the test files say means the same; `rules` are the names of those in force."""
    rows: dict[str, list[str]] = {}
    for rule in rules:
        if (table := table_of(rule)) is not None:
            rows.setdefault(table, []).append(rule)
    return tuple(
        claim._replace(rows=tuple(rows.get(claim.rule, ())))
        for document in documents
        for claim in _claims(document)
        if claim.rule in rules or claim.rule in rows
    )


def mistakes_in_claims(document: Document, pack: Pack) -> Iterator[Diagnostic]:
    """Claims about rules and tables that do not exist."""
    known = dict.fromkeys([*pack.rules, *filter(None, map(table_of, pack.rules))])
    for rule in _written(document):
        if rule not in known and not pack.has_rule(rule):
            yield unknown("rule", rule, known, Where(document, (EQUIVALENT, rule), key=True))


def reasons(claims: Iterable[Claim]) -> Mapping[tuple[str, str], str]:
    """The reason of each claim by its rule and words."""
    return {name: claim.reason for claim in claims for name in claim.names}


def refuse_unknown(claims: Iterable[Claim], known: Collection[tuple[str, str]]) -> None:
    """Raises `InvalidInput` for claims about changes that nobody makes: the rule may have been rewritten."""
    problems = []
    for claim in claims:
        if not any(name in known for name in claim.names):
            rules = {rule for rule, _ in claim.names}
            of_rule = [says for rule, says in known if rule in rules]
            hint = did_you_mean(claim.says, of_rule) or "leave it out, or take the words of `--mutate`"
            message = f"nothing like this changes in `{claim.rule}`"
            problems.append(claim.where.as_key().problem("FC810", message, hint=hint))
    if problems:
        raise InvalidInput(problems)


def refuse_noticed(claims: Iterable[Claim], noticed: Mapping[tuple[str, str], str]) -> None:
    """Raises `InvalidInput` for claims about changes that a test notices: these mean something else."""
    problems = []
    for claim in claims:
        by = next((noticed[name] for name in claim.names if name in noticed), None)
        if by is not None:
            message = f"this means something else: the test `{by}` notices it"
            problems.append(claim.where.as_key().problem("FC811", message, hint="leave it out"))
    if problems:
        raise InvalidInput(problems)


def _claims(document: Document) -> Iterator[Claim]:
    for rule, changes in _written(document).items():
        for says, reason in changes.items():
            yield Claim(rule, says, reason, Where(document, (EQUIVALENT, rule, says)))


def _written(document: Document) -> Mapping[str, Mapping[str, str]]:
    data: Any = document.data
    written: Mapping[str, Mapping[str, str]] = data.get(EQUIVALENT, {}) if isinstance(data, dict) else {}
    return written
