"""What the test files say no situation can show: `equivalent`, by rule and by the words of the change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.language.documents.document import Document
from followcue.language.model.declared import unknown
from followcue.language.model.pack import Pack
from followcue.language.model.rules import Where

EQUIVALENT = "equivalent"


class Claim(NamedTuple):
    """A change of a rule that means the same, why, and where this is said."""

    rule: str
    says: str
    reason: str
    where: Where


def claims_in(documents: Iterable[Document]) -> tuple[Claim, ...]:
    """All that the test files say means the same."""
    return tuple(claim for document in documents for claim in _claims(document))


def mistakes_in_claims(document: Document, pack: Pack) -> Iterator[Diagnostic]:
    """Claims about rules that do not exist."""
    for rule in _written(document):
        if rule not in pack.rules:
            yield unknown("rule", rule, pack.rules, Where(document, (EQUIVALENT, rule), key=True))


def reasons(claims: Iterable[Claim]) -> Mapping[tuple[str, str], str]:
    """The reason of each claim by its rule and words."""
    return {(claim.rule, claim.says): claim.reason for claim in claims}


def refuse_unknown(claims: Iterable[Claim], known: Collection[tuple[str, str]]) -> None:
    """Raises `InvalidInput` for claims about changes that nobody makes: the rule may have been rewritten."""
    problems = []
    for claim in claims:
        if (claim.rule, claim.says) not in known:
            of_rule = [says for rule, says in known if rule == claim.rule]
            hint = did_you_mean(claim.says, of_rule) or "leave it out, or take the words of `--mutate`"
            message = f"nothing like this changes in `{claim.rule}`"
            problems.append(claim.where.as_key().problem("FC810", message, hint=hint))
    if problems:
        raise InvalidInput(problems)


def refuse_noticed(claims: Iterable[Claim], noticed: Mapping[tuple[str, str], str]) -> None:
    """Raises `InvalidInput` for claims about changes that a test notices: these mean something else."""
    problems = []
    for claim in claims:
        by = noticed.get((claim.rule, claim.says))
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
