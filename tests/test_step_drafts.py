"""Drafts of steps: one text that says all of it, whatever a situation leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from followcue.api import as_document
from followcue.assistant.draft.context import NAMELESS
from followcue.assistant.draft.message_files import message_files
from followcue.assistant.draft.write import Draft, Writer
from followcue.evaluation.advice.report import Report, Step
from followcue.evaluation.pipeline import LoadedPack, evaluate, load_pack
from followcue.language.model.vocabulary import Kind, Type
from followcue.synthesis.sampling import situations
from followcue.synthesis.solver.witness import Witnesses

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
PACKS: tuple[tuple[str, ...], ...] = ((), ("common-practice",))
ANY = 40
"""How many situations are made up."""

HOLE = re.compile(
    r"  |\s[.,;:?!]|None|Dear,|\b(of|at|until|with)[.,;:?!]"
    r"|\b(of|at|on|by|for|until|with) (of|at|on|by|for)\b"
)
"""What a sentence looks like where something was left out of it."""

GAP = re.compile(r"\[[^\]]*\]")


@cache
def shipped(packs: tuple[str, ...] = ()) -> LoadedPack:
    return load_pack(packs=packs, cache=False)


def told(situation: Any, packs: tuple[str, ...] = (), me: str | None = None) -> Iterator[tuple[Step, Draft]]:
    """Every step of a situation that is a message, with its drafts."""
    report, writer = writer_of(situation, packs, me)
    for step in report.steps:
        for draft in writer.of_step(step):
            yield step, draft


def writer_of(situation: Any, packs: tuple[str, ...] = (), me: str | None = None) -> tuple[Report, Writer]:
    loaded, document = shipped(packs), as_document(situation)
    report = evaluate(loaded, document)
    read = loaded.reader.read(document, as_of=report.as_of, today=lambda _: report.as_of)
    return report, Writer(message_files(packs=packs), loaded.pack.vocabulary, read, report, me)


def messages(packs: tuple[str, ...]) -> set[str]:
    """The actions that are messages or have one; with packs, only those that these bring."""
    vocabulary = shipped(packs).pack.vocabulary
    found = {name for name, kind in vocabulary.actions.items() if kind.message} | {
        *message_files(packs=packs)
    }
    return found - messages(()) if packs else found


# --- whatever is missing
def bare(data: dict[str, Any], packs: tuple[str, ...]) -> dict[str, Any]:
    """The situation without any text that its vocabulary does not demand: roles, names, addresses, notes."""
    kinds = shipped(packs).pack.vocabulary.kinds

    def stripped(fields: dict[str, Any], kind: Kind) -> dict[str, Any]:
        demanded = {name for requirement in kind.require for name in requirement.fields}
        spare = {field.name for field in kind.fields if field.type == Type("text", "text") and not field.many}
        return {key: value for key, value in fields.items() if key not in (spare - demanded) | {"note"}}

    def listed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [stripped(event, kinds[event["event"]]) for event in events]

    found = dict(data)
    found["applications"] = {
        key: {
            **stripped(record, kinds["application"]),
            "contacts": {k: stripped(c, kinds["contact"]) for k, c in record.get("contacts", {}).items()},
            "events": listed(record.get("events", [])),
        }
        for key, record in data.get("applications", {}).items()
    }
    return found


def holes(draft: Draft) -> list[str]:
    """Where a draft is not whole: it has a subject and a text, and no sentence lacks a word.

    What is in brackets is for a person to fill.
    """
    first, empty, *_ = draft.text.split("\n")
    found = [] if first.startswith("Subject: ") and empty == "" and len(draft.body) > 40 else [draft.text]
    return found + [line for line in GAP.sub("it", draft.text).split("\n") if HOLE.search(line)]


@pytest.mark.parametrize("packs", PACKS, ids=["shipped", "common-practice"])
def test_every_message_has_a_draft_with_everything_optional_missing(packs: tuple[str, ...]) -> None:
    loaded, wanted = shipped(packs), messages(packs)
    witnesses, drafted = Witnesses(loaded), set()
    for rule in sorted(loaded.pack.rules.values(), key=lambda rule: rule.id):
        least = witnesses.situation(rule.id, due=True) if rule.action in wanted else None
        if least is None:  # it only ever changes another rule, or comes up on a later day
            continue
        for step, draft in told(bare(dict(least), packs), packs):
            assert holes(draft) == [], step.title
            assert NAMELESS in draft.text
            drafted |= {name.partition(":")[0] for name in draft.said}
    assert wanted - drafted == set()


@pytest.mark.parametrize("packs", PACKS, ids=["shipped", "common-practice"])
def test_every_step_that_is_a_message_has_one_draft_that_says_all_of_it(packs: tuple[str, ...]) -> None:
    loaded, seen = shipped(packs), 0
    texts = message_files(packs=packs)
    made = [*islice(situations(loaded, 7), ANY), *EXAMPLES]
    for situation in (*made, *(bare(one, packs) for one in made if isinstance(one, dict))):
        report, writer = writer_of(situation, packs, "Robin Vale")
        for step in report.steps:
            wanted = [name for name in step.actions if name.partition(":")[0] in texts]
            drafts = writer.of_step(step)
            assert [list(draft.said) for draft in drafts] == ([wanted] if wanted else [])
            assert all(draft.text.count("Robin Vale") == 1 for draft in drafts)
            assert [holes(draft) for draft in drafts] == [[] for draft in drafts]
            seen += len(wanted) > 1
    assert seen > 5, "some steps say several things"
