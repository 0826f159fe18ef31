"""What options name, as people say it: `--application` and `--to` by name, `--until` in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from followcue.cli.at_terminal import somebody

if TYPE_CHECKING:
    from followcue.evaluation.pipeline import LoadedPack, Options
    from followcue.explain.wanted import Wanted
    from followcue.language.documents.document import Document
    from followcue.language.model.vocabulary import Vocabulary


def wanted_said(wanted: Wanted, vocabulary: Vocabulary, data: object) -> Wanted:
    """What is asked about, with keys for the record of the scope and the person; raises `Unknown`."""
    from followcue.assistant.journal.find_record import person_said, scope_said

    scope = scope_said(wanted.scope, data, vocabulary)
    return wanted._replace(scope=scope, to=person_said(wanted.to, scope, data, vocabulary))


def scope_said(scope: str | None, vocabulary: Vocabulary, data: object) -> str | None:
    """The key of the record of the pack's scope that is said by key or name; raises `Unknown`."""
    if scope is None:
        return None
    from followcue.explain.wanted import Wanted

    return wanted_said(Wanted(scope=scope), vocabulary, data).scope


def until_said(
    until: str | None, loaded: LoadedPack, document: Document, options: Options, situation: str
) -> date | None:
    """The day until which to look, such as `friday` or `in 2 weeks`, from the day of evaluation on.

    Raises `InvalidInput` for what is no day, `Undecided` for what is two, with nobody to ask.
    """
    from followcue.assistant.journal.add import day_of
    from followcue.base.values import parse_date

    if until is None:
        return None
    if (day := parse_date(until)) is not None:
        return day
    today = date.fromordinal(loaded.read(document, options).as_of)
    return day_of(until, today, "--until", view="ahead", asker=somebody(situation))
