"""The report as one page for a browser: the one thing to do first, its message, and all else below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from followcue.assistant.draft.link import link_of
from followcue.assistant.page.dossier import Card, Dossier, DossierLine
from followcue.assistant.page.timeline import Bar, Happened, Mark, Scale, bars, days_ahead, marks
from followcue.evaluation.advice.report import Action, Conclusion, Reason, Report
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.report.listing import Listed
from followcue.evaluation.report.web_page.fill import LINKS, filler
from followcue.evaluation.report.wording import (
    addressee,
    by_when,
    fields_of,
    folded,
    full_day,
    name_of,
    plain,
    reason,
    rests_on,
    short_day,
    sources,
    value_in_words,
)
from followcue.evaluation.situation.situation import Event
from followcue.explain.explanation import ParameterUse
from followcue.language.model.vocabulary import Citation


class Lane(NamedTuple):
    """One line of the report on a timeline; `key` is what to link to, None where nothing tells of it."""

    line: DossierLine
    key: str | None
    bars: list[Bar]


class PageSection(NamedTuple):
    """Lines of the report under a heading, as far as they belong to no step."""

    heading: str
    key: str
    lines: tuple[DossierLine, ...]


class RecordView(NamedTuple):
    """What is known of one record of the scope, or of the whole where `scope` is None.

    `key` is for links; `earlier` is how many events lie before the scale. `is_over`: nothing is to be done,
    and nothing awaited.
    """

    key: str
    scope: str | None
    name: str
    about: str
    events: tuple[Event, ...]
    marks: list[Mark]
    earlier: int
    lanes: tuple[Lane, ...]
    conclusions: tuple[Conclusion, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is in the report."""
        return not self.lanes

    @property
    def tiers(self) -> int:
        """In how many lines labels stand beneath the dots."""
        return max((mark.tier + 1 for mark in self.marks if mark.label), default=0)


class Timelines(NamedTuple):
    """The records of the scope on one scale of days, those with something pressing first."""

    scale: Scale
    courses: list[RecordView]


def timelines(dossier: Dossier) -> Timelines:
    """What happened in each record, and what lies ahead, as the page shows it."""
    view = _View(dossier)
    return Timelines(view.scale, view.courses)


def render(dossier: Dossier) -> str:
    """The page; raises `HtmlUnavailable` without the template library."""
    view = _View(dossier)
    fill = filler(
        styles=("tokens.css", "page.css", "timeline.css", "report.css"),
        scripts=("report.js",),
        words=_words(dossier),
    )
    return fill(
        "report.html.j2",
        {
            "dossier": dossier,
            "report": dossier.report,
            "view": view,
            "scale": view.scale,
            "courses": [course for course in view.courses if course.scope is not None],
            "whole": next((course for course in view.courses if course.scope is None), None),
            "scopes": view.plural,
            "file": _file(dossier),
            "reproduce": _command(dossier),
        },
    )


class _View:
    """One dossier, arranged as the page shows it."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._report = dossier.report
        self._lines = {id(line.action): line for line in dossier.lines}
        self._cards = {card.listed.number: card for card in dossier.cards}
        self._events = [(event, calendar_day(event.date)) for event in _in_time(dossier)]
        self._keys = {id(line.action): card.key for card in dossier.cards for line in card.lines}
        self.scale = Scale.around(self._report.as_of, self._days())
        self._keys |= {id(line.action): "waiting" for line in self.waiting}
        for part in self.beside:
            self._keys |= {id(line.action): part.key for line in part.lines}

    # --- what to do
    @property
    def first(self) -> Card | None:
        """The one thing to do today."""
        return next(iter(self._of(self._dossier.listing.now)), None)

    @property
    def then(self) -> list[Card]:
        """The few steps to look at after it."""
        return self._of(self._dossier.listing.focus)[1:]

    @property
    def rest(self) -> list[Card]:
        """What can wait, those of one record together."""
        return sorted(self._of(self._dossier.listing.rest), key=self._in_order(self._dossier.listing.rest))

    @property
    def ahead(self) -> list[Card]:
        """What comes up, by its day."""
        return self._of(self._dossier.listing.ahead)

    @property
    def waiting(self) -> list[DossierLine]:
        """What is waited for, the nearest day first."""
        return [self._lines[id(action)] for action in self._dossier.listing.meanwhile if action.until]

    @property
    def beside(self) -> list[PageSection]:
        """What is in the report and in no step, but for waiting."""
        listed = self._dossier.listing
        found = (
            ("Take care", "care", listed.cautions),
            ("All the time", "always", tuple(a for a in listed.meanwhile if not a.until)),
            ("With the next message", "with-the-next", listed.riding),
            ("Missed", "missed", listed.missed),
            ("Skipped", "skipped", listed.skipped),
        )
        return [
            PageSection(heading, key, tuple(self._lines[id(action)] for action in actions))
            for heading, key, actions in found
            if actions
        ]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do, and nothing to wait for."""
        return not any(self._dossier.listing)

    @property
    def plural(self) -> str:
        """What several records of the scope are called: the key under which a situation lists them."""
        vocabulary = self._dossier.vocabulary
        scope = vocabulary.shape.scope
        path = vocabulary.kinds[scope].path if scope else ()
        return plain(path[0] if path else vocabulary.shape.whole)

    def _of(self, listed: Iterable[Listed]) -> list[Card]:
        return [self._cards[one.number] for one in listed]

    def _in_order(self, listed: Iterable[Listed]) -> Callable[[Card], int]:
        """The place of a card's record among them, by the first step of each."""
        places: dict[str | None, int] = {}
        for one in listed:
            places.setdefault(one.step.scope, len(places))
        return lambda card: places[card.listed.step.scope]

    # --- timelines
    @property
    def courses(self) -> list[RecordView]:
        """The records of the scope, those with something pressing first, and the whole if it has anything."""
        pressing = dict.fromkeys(action.scope for action in self._in_steps())
        others = dict.fromkeys(self._scopes())
        found = [self._course(key, scope) for key, scope in enumerate({**pressing, **others}, 1)]
        return [course for course in found if course.scope is not None or course.events or course.lanes]

    def _in_steps(self) -> Iterator[Action]:
        """All lines of the report as the page has them: by step, then what stands beside the steps."""
        yield from self._dossier.listing.cautions
        for card in self._dossier.cards:
            yield from (line.action for line in card.lines)
        yield from (line.action for line in self.waiting)
        yield from (line.action for part in self.beside for line in part.lines if part.key != "care")

    def _scopes(self) -> Iterator[str | None]:
        scope = self._dossier.vocabulary.shape.scope
        for row in self._dossier.situation.facts.get(scope or "", ()):
            yield str(row[0])
        yield None

    def _course(self, place: int, scope: str | None) -> RecordView:
        own = [(event, day) for event, day in self._events if event.scope == scope]
        conclusions = tuple(c for c in self._report.conclusions if c.scope == scope)
        today = self._report.as_of
        ahead = [day for c in conclusions for day in days_ahead(c.fields, c.fact, today)]
        happened = [Happened(day, plain(event.kind)) for event, day in own]
        lines = [self._lines[id(action)] for action in self._in_steps() if action.scope == scope]
        return RecordView(
            key=f"course-{place}",
            scope=scope,
            name=name_of(scope, None, self._report) or plain(self._dossier.vocabulary.shape.whole),
            about=self._about(scope),
            events=tuple(event for event, _ in own),
            marks=marks(self.scale, happened, ahead),
            earlier=sum(day < self.scale.first for _, day in own),
            lanes=tuple(
                Lane(line, self._keys.get(id(line.action)), self._bars(line.action)) for line in lines
            ),
            conclusions=conclusions,
        )

    def _bars(self, action: Action) -> list[Bar]:
        if action.open is None and action.due is None and action.until is None:
            return []
        return bars(self.scale, action.open, action.due, action.close, action.until)

    def _about(self, scope: str | None) -> str:
        """The fields of the record that say something: not its name, and not what goes without saying."""
        kind, vocabulary = self._dossier.vocabulary.shape.scope, self._dossier.vocabulary
        if scope is None or kind is None:
            return ""
        columns = vocabulary.relations[kind].columns
        defaults = {field.name: field.default for field in vocabulary.kinds[kind].fields}
        shown = name_of(scope, None, self._report)
        for row in self._dossier.situation.facts.get(kind, ()):
            if row[0] == scope:
                said = {
                    column.name: as_written(value, column.type)
                    for column, value in zip(columns[1:], row[1:], strict=True)
                    if value is not None and value not in (defaults.get(column.name), shown, scope)
                }
                return " · ".join(
                    str(value) if place == 0 else f"{plain(name)} {value}"
                    for place, (name, value) in enumerate(said.items())
                )
        return ""

    def _days(self) -> Iterator[date]:
        yield from (day for _, day in self._events)
        for line in self._dossier.lines:
            action = line.action
            yield from (day for day in (action.open, action.due, action.until) if day is not None)


def _in_time(dossier: Dossier) -> list[Event]:
    return sorted(dossier.situation.events.values(), key=lambda event: (event.at, event.scope or ""))


def _file(dossier: Dossier) -> str | None:
    """The situation file, if it is one, as a command takes it."""
    from shlex import quote

    name = dossier.provenance.input.name if dossier.provenance else "<stdin>"
    return None if name == "<stdin>" else quote(name)


def _command(dossier: Dossier) -> str | None:
    """The command that makes this page again."""
    if dossier.provenance is None:
        return None
    from shlex import join

    made, report = dossier.provenance, dossier.report
    options = made.options
    words = ["followcue", "evaluate", "-" if made.input.name == "<stdin>" else made.input.name]
    words += ["--as-of", report.as_of.isoformat()]
    words += [word for folder in options.rules for word in ("--rules", folder)]
    words += [word for pack in options.packs for word in ("--pack", pack)]
    words += ["--profile", options.profile] if options.profile else []
    words += [word for name, value in options.parameters.items() for word in ("--set", f"{name}={value}")]
    words += ["--all"] if options.missed else []
    return join([*words, "--format", "html"])


def _words(dossier: Dossier) -> Mapping[str, Callable[..., object]]:
    """What the template says things with."""
    report, known = dossier.report, dossier.vocabulary.sources
    return {
        "plain": plain,
        "sentence_case": lambda text: text[:1].upper() + text[1:],
        "full_day": full_day,
        "short_day": short_day,
        "day": calendar_day,
        "when": lambda action: when(action, report),
        "by_when": lambda card: _by_when(card, report),
        "is_lost_soon": lambda card: card.listed.lost_on(report.as_of) is not None,
        "folded": lambda cards: folded([card.listed for card in cards], report.as_of),
        "link": link_of,
        "gaps": gaps,
        "unlike": _unlike,
        "head": lambda title: title.partition(": ")[0],
        "tail": lambda title: title.partition(": ")[2],
        "window": window,
        "whom": lambda action: whom(action, report),
        "who": lambda action: addressee(action, report),
        "rests_on": lambda action: rests_on(action, report),
        "said": lambda event: told(event, report),
        "fields": lambda conclusion: fields_of(conclusion, report),
        "value": lambda use: value_in_words(use.value if isinstance(use, ParameterUse) else use),
        "cited": lambda citation: sources([citation]),
        "address": lambda citation: address_of(citation, known),
        "title": lambda citation: known.get(citation.source, {}).get("title", ""),
    }


def _by_when(card: Card, report: Report) -> str:
    """When a step is to be done, in few words: `today`, `by Mon 23 Nov`, `from Wed 2 Dec`; maybe none."""
    if card.listed.step.when == "ahead":
        return f"from {short_day(card.listed.step.open, report.as_of)}"
    return by_when(card.listed, report.as_of)


def _unlike(lines: Iterable[DossierLine]) -> list[DossierLine]:
    """One line of each action: how it is done is the same for all."""
    found: dict[str, DossierLine] = {}
    for line in lines:
        found.setdefault(line.action.action, line)
    return list(found.values())


def gaps(text: str) -> Iterator[tuple[str, bool]]:
    """The text of a message in pieces, each with whether it is a gap in brackets for a person to fill."""
    for place, piece in enumerate(_GAP.split(text)):
        if piece:
            yield piece, place % 2 == 1


_GAP = re.compile(r"(\[[^][]+\])")


def when(action: Action, report: Report) -> str:
    """By when or from when, in few words: `by Mon 23 Nov`, `best by Fri 13 Nov` for a day that has passed."""
    today = report.as_of
    if action.status in ("missed", "skipped"):
        return action.status
    for word, day in (
        ("until", action.until),
        ("from", action.open if action.status == "upcoming" else None),
        ("best by" if action.status == "overdue" else "by", action.due),
    ):
        if day is not None:
            return "today" if day == today and word == "by" else f"{word} {short_day(day, today)}"
    return "now" if action.open else "at any time"


def window(action: Action) -> str:
    """The days of the window as a sentence has them: `from Mon 2 Nov, by Fri 6 Nov, possible until 1 Dec`."""
    said = [
        ("from", action.open),
        ("by", action.due),
        ("possible until", action.close),
        ("until", action.until),
    ]
    return ", ".join(f"{word} {short_day(day)}" for word, day in said if day is not None)


def whom(action: Action, report: Report) -> str:
    """The person and the subject, where the scope goes without saying."""
    person, subject = (name_of(key, action.scope, report) for key in (action.to, action.about))
    return " ".join(filter(None, [person, f"({subject})" if subject else None]))


def told(event: Event, report: Report) -> str:
    """The fields of an event, with names for keys."""
    because = Reason(event.kind, event.scope, calendar_day(event.date), event.fields, None)
    _, _, fields = reason(because, report).partition(", ")
    note = event.fields.get("note")
    return "; ".join(filter(None, [fields, note if isinstance(note, str) else None]))


def address_of(citation: Citation, known: Mapping[str, Mapping[str, str]]) -> str | None:
    """Where the source can be read, if the vocabulary says so."""
    address = known.get(citation.source, {}).get("url", "")
    return address if address.lower().startswith(LINKS) else None
