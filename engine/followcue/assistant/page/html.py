"""The report as one page for a browser: what to do, a timeline of each record of the scope, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from followcue.assistant.page.dossier import Dossier, Step
from followcue.assistant.page.timeline import Bar, Happened, Mark, Scale, bars, days_ahead, marks
from followcue.base.values import looks_like_date
from followcue.evaluation.advice.report import Action, Conclusion, Reason, Report
from followcue.evaluation.advice.window import calendar_day
from followcue.evaluation.advice.written import as_written
from followcue.evaluation.report.page.page import filler
from followcue.evaluation.report.sections import numbered, sections
from followcue.evaluation.report.words import addressee, full_day, name_of, plain, reason, short_day, sources
from followcue.evaluation.situation.situation import Event
from followcue.explain.explanation import ParameterUse
from followcue.language.model.vocabulary import Citation

LINKS = ("https://", "http://")
"""What an address begins with that a page links to."""


class Part(NamedTuple):
    """A section of the report: its heading, and its steps."""

    heading: str
    key: str
    steps: tuple[Step, ...]


class Lane(NamedTuple):
    """One step on a timeline."""

    step: Step
    bars: list[Bar]


class Course(NamedTuple):
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


def render(dossier: Dossier) -> str:
    """The page; raises `HtmlUnavailable` without the template library."""
    view = _View(dossier)
    fill = filler(styles=("page.css", "report.css"), scripts=("copy.js",), words=_words(dossier))
    return fill(
        "report.html.j2",
        {
            "dossier": dossier,
            "report": dossier.report,
            "parts": view.parts,
            "scale": view.scale,
            "courses": [course for course in view.courses if course.scope is not None],
            "whole": next((course for course in view.courses if course.scope is None), None),
            "scopes": view.plural,
            "reproduce": _command(dossier),
        },
    )


class _View:
    """One dossier, arranged as the page shows it."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._report = dossier.report
        self._steps = {id(step.action): step for step in dossier.steps}
        self._events = [(event, calendar_day(event.date)) for event in _in_time(dossier)]
        self.scale = Scale.around(self._report.as_of, self._days())

    @property
    def parts(self) -> list[Part]:
        """The sections of the report, in its order."""
        return [
            Part(found.heading, found.heading.lower().replace(" ", "-"), self._of(found.actions))
            for found in sections(self._report)
        ]

    @property
    def plural(self) -> str:
        """What several records of the scope are called: the key under which a situation lists them."""
        vocabulary = self._dossier.vocabulary
        scope = vocabulary.shape.scope
        path = vocabulary.kinds[scope].path if scope else ()
        return plain(path[0] if path else vocabulary.shape.whole)

    @property
    def courses(self) -> list[Course]:
        """The records of the scope, those with something pressing first, and the whole if it has anything."""
        pressing = dict.fromkeys(step.action.scope for part in self.parts for step in part.steps)
        others = dict.fromkeys(self._scopes())
        found = [self._course(key, scope) for key, scope in enumerate({**pressing, **others}, 1)]
        return [course for course in found if course.scope is not None or course.events or course.lanes]

    def _of(self, actions: tuple[Action, ...]) -> tuple[Step, ...]:
        return tuple(self._steps[id(action)] for action in actions)

    def _scopes(self) -> Iterator[str | None]:
        scope = self._dossier.vocabulary.shape.scope
        for row in self._dossier.situation.facts.get(scope or "", ()):
            yield str(row[0])
        yield None

    def _course(self, place: int, scope: str | None) -> Course:
        own = [(event, day) for event, day in self._events if event.scope == scope]
        conclusions = tuple(c for c in self._report.conclusions if c.scope == scope)
        today = self._report.as_of
        ahead = [day for c in conclusions for day in days_ahead(c.fields, c.fact, today)]
        happened = [Happened(day, plain(event.kind)) for event, day in own]
        steps = [step for part in self.parts for step in part.steps if step.action.scope == scope]
        return Course(
            key=f"course-{place}",
            scope=scope,
            name=name_of(scope, None, self._report) or plain(self._dossier.vocabulary.shape.whole),
            about=self._about(scope),
            events=tuple(event for event, _ in own),
            marks=marks(self.scale, happened, ahead),
            earlier=sum(day < self.scale.first for _, day in own),
            lanes=tuple(Lane(step, self._bars(step.action)) for step in steps),
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
        for step in self._dossier.steps:
            action = step.action
            yield from (day for day in (action.open, action.due, action.until) if day is not None)


def _in_time(dossier: Dossier) -> list[Event]:
    return sorted(dossier.situation.events.values(), key=lambda event: (event.at, event.scope or ""))


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
    numbers = {id(action): number for number, action in enumerate(numbered(report), 1)}
    return {
        "plain": plain,
        "number": lambda action: numbers.get(id(action)),
        "sentence_case": lambda text: text[:1].upper() + text[1:],
        "full_day": full_day,
        "short_day": short_day,
        "day": calendar_day,
        "when": lambda action: when(action, report),
        "window": window,
        "whom": lambda action: _whom(action, report),
        "who": lambda action: addressee(action, report),
        "reason": lambda because: reason(because, report),
        "said": lambda event: _said(event, report),
        "fields": lambda conclusion: _fields(conclusion, report),
        "value": lambda use: _value(use.value if isinstance(use, ParameterUse) else use),
        "cited": lambda citation: sources([citation]),
        "link": lambda citation: _link(citation, known),
        "title": lambda citation: known.get(citation.source, {}).get("title", ""),
    }


def when(action: Action, report: Report) -> str:
    """By when or from when, in few words: `8 days late`, `by Mon 23 Nov, in 2 days`."""
    today = report.as_of
    if action.status == "overdue" and action.due:
        late = (today - action.due).days
        return f"{late} {'day' if late == 1 else 'days'} late"
    if action.status == "missed":
        return "missed"
    for word, day in (
        ("until", action.until),
        ("from", action.open if action.status == "upcoming" else None),
        ("by", action.due),
    ):
        if day is not None:
            return "today" if day == today and word == "by" else f"{word} {short_day(day)}"
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


def _whom(action: Action, report: Report) -> str:
    """The person and the subject, where the scope goes without saying."""
    person, subject = (name_of(key, action.scope, report) for key in (action.to, action.about))
    return " ".join(filter(None, [person, f"({subject})" if subject else None]))


def _said(event: Event, report: Report) -> str:
    """The fields of an event, with names for keys."""
    because = Reason(event.kind, event.scope, calendar_day(event.date), event.fields, None)
    _, _, fields = reason(because, report).partition(", ")
    note = event.fields.get("note")
    return "; ".join(filter(None, [fields, note if isinstance(note, str) else None]))


def _fields(conclusion: Conclusion, report: Report) -> str:
    return ", ".join(
        f"{plain(name)} {_named(value, conclusion.scope, report)}"
        for name, value in conclusion.fields.items()
    )


def _named(value: object, scope: str | None, report: Report) -> str:
    if isinstance(value, str) and not looks_like_date(value):
        return name_of(value, scope, report) or value
    return _value(value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else plain(str(value))


def _link(citation: Citation, known: Mapping[str, Mapping[str, str]]) -> str | None:
    """Where the source can be read, if the vocabulary says so."""
    address = known.get(citation.source, {}).get("url", "")
    return address if address.lower().startswith(LINKS) else None
