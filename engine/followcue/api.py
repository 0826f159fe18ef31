"""The engine for programs: evaluate one situation, or any number of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import TYPE_CHECKING, Literal, TypeAlias

from followcue.assistant.plan.agenda import Plan
from followcue.base import clock
from followcue.base.clock import Clock
from followcue.base.diagnostic import Diagnostic, InvalidInput, Span
from followcue.base.extras import Unavailable, require
from followcue.base.limits import USUAL, LimitExceeded, Limits
from followcue.base.timeout import in_time
from followcue.evaluation import pipeline
from followcue.evaluation.advice.report import Action, Conclusion, Ground, Reason, Report, Step
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import COMPILED
from followcue.evaluation.pipeline import LoadedPack, Options, load_pack
from followcue.evaluation.situation.records import situations_from_records
from followcue.explain.explanation import Explanation, Why
from followcue.explain.why_not.answer import WhyNot
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document, read_file
from followcue.language.folders import UnknownPack
from followcue.language.model.vocabulary import Citation

if TYPE_CHECKING:
    from followcue.assistant.draft.write import Drafts

__all__ = [
    "Action",
    "Citation",
    "Conclusion",
    "Diagnostic",
    "Document",
    "Explanation",
    "Ground",
    "InvalidInput",
    "LimitExceeded",
    "Limits",
    "LoadedPack",
    "MatcherUnavailable",
    "Plan",
    "Reason",
    "Report",
    "Span",
    "Step",
    "Unavailable",
    "UnknownPack",
    "Why",
    "WhyNot",
    "evaluate",
    "evaluate_many",
    "load_pack",
    "plan",
    "render_html",
    "situations_from_records",
    "to_ics",
    "why",
    "why_not",
    "write_drafts",
]

SituationInput: TypeAlias = Document | Mapping[str, object] | os.PathLike[str] | str | bytes
"""A situation: read already, as data, as the path of a file, or as YAML or JSON text.

Text has several lines or begins with `{`; any other `str` is a path.
"""


def evaluate(
    situation: SituationInput,
    rules: LoadedPack | None = None,
    *,
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    matcher: str = COMPILED,
    missed: bool = False,
    limits: Limits = USUAL,
    today: Clock = clock.today,
) -> Report:
    """What to do next in one situation.

    `rules` are those of `load_pack`; the shipped ones if left out. `as_of`, `profile` and `parameters` win
    over the situation's own; `missed` also lists what can no longer be done. `limits` are what it may take.
    `today` is asked where no day is given.

    Raises `InvalidInput` with every mistake in the situation, `LimitExceeded` where the rules derive too
    much, and `MatcherUnavailable` where the matcher cannot run; `ValueError` for a limit out of its bounds.
    """
    with in_time(limits):
        return pipeline.evaluate(
            rules or load_pack(),
            as_document(situation, limits),
            Options(as_of, profile, parameters, matcher, missed, limits, today),
        )


def evaluate_many(
    situations: Iterable[SituationInput],
    rules: LoadedPack | None = None,
    *,
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    matcher: str = COMPILED,
    missed: bool = False,
    limits: Limits = USUAL,
    today: Clock = clock.today,
) -> Iterator[Report]:
    """The report on each situation in turn, as `evaluate` gives it; holds one situation at a time."""
    loaded = rules or load_pack()
    options = Options(as_of, profile, parameters, matcher, missed, limits, today)
    for situation in situations:
        with in_time(limits):
            report = pipeline.evaluate(loaded, as_document(situation, limits), options)
        yield report


def plan(
    situation: SituationInput,
    rules: LoadedPack | None = None,
    *,
    as_of: date | None = None,
    until: date | None = None,
    days: int | None = None,
    assume: Literal["silence", "arranged", "done"] = "arranged",
    scope: str | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    limits: Limits = USUAL,
    today: Clock = clock.today,
) -> Plan:
    """Everything that will come up from `as_of` to the day `until`, or for so many `days` (90, if not said).

    `assume` says what happens meanwhile: only what the file says of days to come (`silence`), that each
    appointment takes place on its day as well (`arranged`), or also that every action is done on its due day,
    or as it opens if it has none (`done`). `scope` is the key of one record,
    and leaves out all others. The other arguments are those of `evaluate`, as are its exceptions.
    """
    from followcue.assistant.plan.plan import plan as planned

    with in_time(limits):
        found = planned(
            rules or load_pack(),
            as_document(situation, limits),
            Options(as_of, profile, parameters, limits=limits, today=today),
            until=until,
            days=days,
            assume=assume,
        )
    return found.plan.of(scope)


def to_ics(
    situation: SituationInput,
    rules: LoadedPack | None = None,
    *,
    name: str,
    as_of: date | None = None,
    until: date | None = None,
    days: int | None = None,
    scope: str | None = None,
    alarm: time | None = time(9),
    entries: Literal["events", "todos"] = "events",
    previous: str | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    limits: Limits = USUAL,
    today: Clock = clock.today,
) -> str:
    """What will come up, as the text of an iCalendar file of that `name`. Needs the extra `ics`.

    Importing it again updates the entries of the same name. `alarm` is the time of day at which to be
    reminded of what is due, None for never. `entries`: write things to do as events, or as to-dos. `previous`
    is the text of the file written before: what is gone since is cancelled. The other arguments are those of
    `plan`. Raises `Unavailable` without the extra, and `InvalidInput` also where `previous` is no calendar.
    """
    from followcue.assistant.plan.calendar_file.export import export_ics

    require("ics")
    with in_time(limits):
        return export_ics(
            rules or load_pack(),
            as_document(situation, limits),
            Options(as_of, profile, parameters, limits=limits, today=today),
            name=name,
            until=until,
            days=days,
            scope=scope,
            alarm=alarm,
            entries=entries,
            previous=previous,
        )


def why(
    situation: SituationInput,
    action: str | None = None,
    rules: LoadedPack | None = None,
    *,
    scope: str | None = None,
    to: str | None = None,
    about: str | None = None,
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    matcher: str = COMPILED,
    missed: bool = False,
    depth: int | None = None,
    limits: Limits = USUAL,
    today: Clock = clock.today,
) -> Explanation:
    """Why `evaluate` recommends an action, or warns: down to the events, records and parameters beneath it.

    `scope`, `to` and `about` choose among several by the keys of the situation; without an `action`, all are
    explained. `depth` is how many conclusions are followed down. The other arguments are those of `evaluate`,
    as are its exceptions. Raises `Unknown` for names that nothing has, and `NotRecommended` where the report
    has no such action, both public.
    """
    from followcue.explain.tree import DEEPEST
    from followcue.explain.wanted import Wanted
    from followcue.explain.why import why as explained

    with in_time(limits):
        return explained(
            rules or load_pack(),
            as_document(situation, limits),
            Wanted.of(action, scope, to, about),
            Options(as_of, profile, parameters, matcher, missed, limits, today),
            depth=DEEPEST if depth is None else min(depth, DEEPEST),
        )


def why_not(
    situation: SituationInput,
    action: str,
    rules: LoadedPack | None = None,
    *,
    scope: str | None = None,
    to: str | None = None,
    about: str | None = None,
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    matcher: str = COMPILED,
    depth: int | None = None,
    changes: bool = True,
    limits: Limits = USUAL,
    today: Clock = clock.today,
) -> WhyNot:
    """Why `evaluate` does not recommend an action, and the smallest changes after which it would.

    For each rule that could: what is missing or in the way, and why. `scope`, `to` and `about` say for whom,
    by the keys of the situation. Each of the `changes` was tried; False leaves out the search for them.
    `depth` is how many conclusions are followed down. The other arguments are those of `evaluate`, as are its
    exceptions. Raises `Unknown` for names that nothing has, which is public. An action that is recommended is
    an answer too: `is_recommended` says so.
    """
    from followcue.explain.wanted import Wanted
    from followcue.explain.why_not.why_not import DEPTH
    from followcue.explain.why_not.why_not import why_not as explained

    with in_time(limits):
        return explained(
            rules or load_pack(),
            as_document(situation, limits),
            Wanted.of(action, scope, to, about),
            Options(as_of, profile, parameters, matcher, limits=limits, today=today),
            depth=DEPTH if depth is None else depth,
            changes=changes,
        )


def write_drafts(
    situation: SituationInput,
    action: str | None = None,
    *,
    scope: str | None = None,
    to: str | None = None,
    me: str | None = None,
    point: str | None = None,
    rules: Sequence[str | os.PathLike[str]] = (),
    packs: Sequence[str] = (),
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    missed: bool = False,
    cache: bool = True,
    limits: Limits = USUAL,
    today: Clock = clock.today,
) -> Drafts:
    """Drafts of messages, one for every person who is to get one, and the report behind them.

    `action` is an action by its name, its id or its title, or a step by its number, its id or its title: that
    is one message that says all its actions. Without it, there are drafts of the steps to do first. `scope`
    and `to` choose by the keys of the situation; `me` is the name to sign with, before the one that the
    situation tells, `point` what only the one person would recognise. `rules` are folders, of rules or of
    messages; they and `packs` and `cache` are as in `load_pack`, the rest as in `evaluate`. Needs the extra
    `drafts`.

    Raises `Unknown` for names that nothing has, `NotRecommended` where nothing asks for the message,
    `DraftsUnavailable` without the template library, `UnknownPack`, `LimitExceeded`, and `InvalidInput` with
    every mistake in the situation, the rules or a template, and every missing value.
    """
    from followcue.assistant.draft.choose import WantedMessage
    from followcue.assistant.draft.write import write_drafts as written

    with in_time(limits):
        return written(
            as_document(situation, limits),
            WantedMessage(action, scope, to),
            Options(as_of, profile, parameters, missed=missed, limits=limits, today=today),
            me=me,
            point=point,
            rules=rules,
            packs=packs,
            cache=cache,
        )


def render_html(
    situation: SituationInput,
    *,
    me: str | None = None,
    rules: LoadedPack | Sequence[str | os.PathLike[str]] = (),
    packs: Sequence[str] = (),
    as_of: date | None = None,
    profile: str | None = None,
    parameters: Mapping[str, object] | None = None,
    matcher: str = COMPILED,
    missed: bool = False,
    cache: bool = True,
    limits: Limits = USUAL,
    today: Clock = clock.today,
) -> str:
    """The report on one situation as a page for a browser, in one file that needs no network.

    It shows the steps, the one to do first on top, with their drafts, which `me` signs; then what is waited
    for and what comes up, a timeline of each record of the scope, and reasons. `rules` are those of
    `load_pack`, or folders of rules or of messages. The other arguments are those of `write_drafts`. Needs
    the extra `html`.

    Raises `HtmlUnavailable` without the template library, `ValueError` for `packs` beside rules that are
    loaded, and otherwise what `write_drafts` raises.
    """
    from followcue.assistant.draft.message_files import folders_with_rules, message_files
    from followcue.assistant.page import report_page
    from followcue.assistant.page.dossier import dossier
    from followcue.evaluation.report.web_page.fill import HtmlUnavailable

    require("html", HtmlUnavailable)
    if isinstance(rules, LoadedPack) and packs:
        raise ValueError("`packs` go with folders: these rules are loaded already")
    with in_time(limits):
        if isinstance(rules, LoadedPack):
            loaded, messages = rules, message_files(*rules.sources) if rules.sources else {}
        else:
            loaded = load_pack(*folders_with_rules(rules), packs=packs, cache=cache)
            messages = message_files(rules, packs)
        found = dossier(
            loaded,
            as_document(situation, limits),
            messages,
            Options(as_of, profile, parameters, matcher, missed, limits, today),
            me=me,
        )
        return report_page.render(found)


def as_document(situation: SituationInput, limits: Limits = USUAL) -> Document:
    """The situation with the places of its values, as far as it has any."""
    if isinstance(situation, Document):
        return situation
    if isinstance(situation, bytes):
        return read_document(situation, "situation", limits)
    if isinstance(situation, str) and ("\n" in situation or situation.lstrip().startswith("{")):
        return read_document(situation, "situation", limits)
    if isinstance(situation, str | os.PathLike):
        return read_file(situation, limits)
    return Document.of(situation, max_depth=limits.depth)
