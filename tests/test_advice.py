"""Advice on hand-made derivations: windows, merging, exceptions, tips, reasons, order."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest

from followcue.base.calendar import WorkingDays
from followcue.base.rows import Column, Relation, Row
from followcue.evaluation.advice.advise import Advisor, advise
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.situation.situation import Event, Situation
from followcue.language.model.pack import (
    RECOMMENDATION,
    RECOMMENDATION_COLUMNS,
    TIP,
    TIP_COLUMNS,
    ClauseInfo,
    Pack,
    RuleInfo,
)
from followcue.language.model.vocabulary import (
    ActionKind,
    Citation,
    Field,
    Kind,
    Parameter,
    Shape,
    Type,
    Vocabulary,
)

TEXT, DATE = Type("text", "text"), Type("date", "date")
DURATION, MOMENT = Type("duration", "duration"), Type("moment", "moment")
TODAY = date(2026, 11, 18).toordinal()  # a Wednesday

SCOPE = Column("patient", "text")
COMMON = (SCOPE, Column("date", "date"), Column("at", "moment"), Column("id", "text"), Column("note", "text"))


def relation(name: str, *columns: Column, derived: bool = False) -> Relation:
    return Relation(name, columns, derived)


RELATIONS = [
    relation("patient", SCOPE, Column("name", "text")),
    relation("visit", *COMMON),
    relation("visit.with", *COMMON, Column("with", "text")),
    relation("call", *COMMON),
    relation(
        "ill", SCOPE, Column("since", "date"), Column("for", "duration"), Column("at", "moment"), derived=True
    ),
    relation("hidden", SCOPE, derived=True),
    relation(RECOMMENDATION, *(Column(name, "text") for name in RECOMMENDATION_COLUMNS), derived=True),
    relation(TIP, *(Column(name, "text") for name in TIP_COLUMNS), derived=True),
]
KINDS = [
    Kind("patient", "record", (Field("name", TEXT),)),
    Kind("visit", "event", (Field("with", TEXT, many=True),)),
    Kind("call", "event", ()),
    Kind("ill", "conclusion", (Field("since", DATE), Field("for", DURATION), Field("at", MOMENT))),
    Kind("hidden", "conclusion", (), internal=True),
]
ACTIONS = [
    ActionKind("ring", "Ring", do=("Ask how it is", "Be brief"), avoid=("Ringing at night",)),
    ActionKind("rest", "Rest", standing=True, keep="until", contradicts=("run",)),
    ActionKind("run", "Run", priority="low"),
]
VOCABULARY = Vocabulary(
    shape=Shape("patient", "ward", ("patient",), (("patients", "events"),)),
    types={},
    kinds={kind.name: kind for kind in KINDS},
    actions={action.name: action for action in ACTIONS},
    parameters={
        "pause": Parameter("pause", DURATION, 2),
        "limit": Parameter("limit", Type("number", "number"), 3),
    },
    profiles=("calm",),
    default_profile="calm",
    sources={},
    items={},
    relations={relation.name: relation for relation in RELATIONS},
)


class Ward:
    """Collects rules and their derivations, and asks for advice."""

    def __init__(self) -> None:
        self.rules: dict[str, RuleInfo] = {}
        self.clauses: list[ClauseInfo] = []
        self.derivations: list[Derivation] = []
        self.events: dict[tuple[str | None, int], Event] = {}

    def event(self, day: int, scope: str | None = "ann", kind: str = "visit", line: int | None = None) -> Row:
        """An event so many days from today, and its row."""
        number = TODAY + day
        at = number * 2**20 + len(self.events)
        self.events[scope, at] = Event(kind, scope, number, at, {"n": len(self.events)}, line)
        return (scope, number, at, None, None)

    def derive(
        self,
        rule: str,
        head: str,
        row: Row,
        body: Iterable[tuple[str, Row]] = (),
        grouped: Iterable[tuple[str, tuple[Row, ...]]] = (),
    ) -> None:
        body, grouped = list(body), list(grouped)
        self.rules.setdefault(rule, RuleInfo(rule, "conclude"))
        relations = tuple(name for name, _ in body), tuple(name for name, _ in grouped)
        self.clauses.append(ClauseInfo(rule, head, *relations))
        rows = tuple(row for _, row in body), tuple(rows for _, rows in grouped)
        self.derivations.append(Derivation(len(self.clauses) - 1, row, *rows))

    def recommend(
        self,
        rule: str,
        action: str = "ring",
        to: str | None = None,
        about: str | None = None,
        *,
        scope: str | None = "ann",
        open: int | None = None,
        due: int | None = None,
        close: int | None = None,
        until: int | None = None,
        channel: str | None = None,
        head: str = "recommend",
        body: Iterable[tuple[str, Row]] = (),
        **info: Any,
    ) -> None:
        """A recommendation with days counted from today."""
        known = RuleInfo(rule, head, action=action, origin=f"{rule}.yaml:7", **info)  # type: ignore[arg-type]
        self.rules.setdefault(rule, known)
        days = (None if day is None else TODAY + day for day in (open, due, close, until))
        self.derive(rule, RECOMMENDATION, (scope, to, about, *days, channel), body)

    def tip(self, rule: str, row: Row | None, action: str = "ring", **info: Any) -> None:
        """A tip that was derived for `row`, or without a row one that always holds."""
        self.rules[rule] = RuleInfo(rule, "tip", action=action, always=row is None, **info)
        if row is not None:
            self.derive(rule, TIP, row)

    @property
    def pack(self) -> Pack:
        return Pack("ward", "v1", ("ward",), VOCABULARY, self.rules, tuple(self.clauses))

    @property
    def situation(self) -> Situation:
        return Situation(TODAY, "calm", {"pause": 2, "limit": 3}, {}, self.events, ("mind",), {"ann": "Ann"})

    def advise(self, **options: Any) -> Report:
        return Advisor(self.pack).advise(self.situation, self.derivations, **options)

    def only(self, **options: Any) -> Action:
        (action,) = self.advise(**options).actions
        return action


def days(**expected: int) -> Mapping[str, date]:
    return {name: date.fromordinal(TODAY + day) for name, day in expected.items()}


@pytest.mark.parametrize(
    ("window", "status"),
    [
        ({}, "due"),
        ({"open": 1}, "upcoming"),
        ({"open": 0, "due": 0, "close": 0}, "due"),
        ({"open": -3, "due": -1}, "overdue"),
        ({"open": -3, "due": -2, "close": -1}, "missed"),
    ],
)
def test_the_first_and_last_day_belong_to_the_window(window: dict[str, int], status: str) -> None:
    ward = Ward()
    ward.recommend("r", **window)
    assert ward.only(missed=True).status == status


def test_what_is_missed_is_listed_on_request_alone() -> None:
    ward = Ward()
    ward.recommend("r", close=-1)
    assert ward.advise().actions == ()
    assert ward.only(missed=True).status == "missed"


def test_the_same_action_is_listed_once_with_all_that_led_to_it() -> None:
    ward = Ward()
    first, second = ward.event(-9), ward.event(-5)
    ward.recommend(
        "b",
        open=-2,
        due=4,
        close=9,
        channel="phone",
        body=[("visit", second)],
        do=("Smile",),
        priority="low",
        cites=(Citation("book", "G1"),),
    )
    ward.recommend("a", open=-3, due=5, body=[("visit", first)], do=("Wait", "Be brief"), priority="high")
    action = ward.only()
    assert {name: getattr(action, name) for name in ("open", "due")} == days(open=-3, due=4)
    assert action.close is None, "one of the two never closes"
    assert (action.priority, action.channel, action.rules) == ("high", "phone", ("a", "b"))
    assert action.do == ("Wait", "Be brief", "Smile", "Ask how it is")
    assert action.sources == (Citation("book", "G1"),)
    assert [reason.fields["n"] for reason in action.because] == [0, 1]


@pytest.mark.parametrize("other", [{"to": "bo"}, {"about": "x"}, {"scope": "bob"}, {"action": "run"}])
def test_other_persons_subjects_scopes_and_actions_stay_apart(other: dict[str, str]) -> None:
    ward = Ward()
    ward.recommend("a")
    ward.recommend("b", **other)  # type: ignore[arg-type]
    assert len(ward.advise().actions) == 2


def test_a_missed_recommendation_takes_nothing_from_one_that_is_open() -> None:
    ward = Ward()
    ward.recommend("missed", open=-9, due=-8, close=-7)
    ward.recommend("open", open=-1, due=3)
    assert ward.only().rules == ("open",)
    assert [(a.status, a.rules) for a in ward.advise(missed=True).actions] == [
        ("due", ("open",)),
        ("missed", ("missed",)),
    ]


def test_without_a_channel_or_priority_the_first_channel_and_the_actions_priority_count() -> None:
    ward = Ward()
    ward.recommend("a")
    ward.recommend("b", channel="mail")
    ward.recommend("c", channel="phone")
    action = ward.only()
    assert (action.channel, action.priority) == ("mail", "normal")


def test_of_standing_actions_the_latest_of_a_scope_is_kept_and_always_due() -> None:
    ward = Ward()
    ward.recommend("a", "rest", "bo", until=3, open=5)
    ward.recommend("b", "rest", "cy", until=7)
    ward.recommend("c", "rest", "cy", scope="bob", until=1)
    found = {(a.scope, a.to, a.until, a.status, a.open) for a in ward.advise().actions}
    assert found == {
        ("ann", "cy", date.fromordinal(TODAY + 7), "due", None),
        ("bob", "cy", date.fromordinal(TODAY + 1), "due", None),
    }


def test_cautions_are_apart_and_always_due() -> None:
    ward = Ward()
    ward.recommend("c", "run", head="caution", open=4, due=-5)
    report = ward.advise()
    assert report.actions == ()
    assert [(c.action, c.status, c.due) for c in report.cautions] == [("run", "due", None)]


@pytest.mark.parametrize(
    ("winner", "loser", "withdrawn"),
    [
        ({}, {}, True),
        ({}, {"to": "bo", "about": "x"}, True),
        ({"to": "bo"}, {"to": "bo"}, True),
        ({"to": "bo"}, {"to": "cy"}, False),
        ({"about": "x"}, {}, False),
        ({}, {"scope": "bob"}, False),
        ({"due": -2}, {}, True),
        ({"open": 1}, {}, False),
        ({"close": -1}, {}, False),
    ],
)
def test_an_open_recommendation_withdraws_what_its_rule_overrides(
    winner: dict[str, Any], loser: dict[str, Any], withdrawn: bool
) -> None:
    ward = Ward()
    ward.recommend("winner", "ring", overrides=("loser",), **winner)
    ward.recommend("loser", "run", **loser)
    assert ("run" not in {action.action for action in ward.advise().actions}) == withdrawn


def test_a_withdrawn_recommendation_withdraws_nothing() -> None:
    ward = Ward()
    ward.recommend("z-first", "ring", overrides=("middle",))
    ward.recommend("middle", "run", overrides=("a-last",))
    ward.recommend("a-last", "rest")
    assert [action.rules for action in ward.advise().actions] == [("a-last",), ("z-first",)]


def test_a_contradiction_is_a_warning_that_names_both_places() -> None:
    ward = Ward()
    ward.recommend("a", "rest")
    ward.recommend("b", "run")
    (own, warning) = ward.advise().warnings
    assert own == "mind"
    assert warning == (
        "`rest` and `run` contradict each other for ann: a (a.yaml:7) and b (b.yaml:7); "
        "let one rule override the other"
    )
    ward = Ward()
    ward.recommend("a", "rest")
    ward.recommend("b", "run", open=1)
    assert ward.advise().warnings == ("mind",), "what lies ahead contradicts nothing yet"


def test_tips_ride_on_the_actions_they_fit() -> None:
    ward = Ward()
    ward.recommend("r", to="bo")
    ward.tip("t-always", None, do=("Breathe",), cites=(Citation("book", "G2"),))
    ward.tip("t-bo", ("ann", "bo", None), do=("Greet Bo",), avoid=("Haste",))
    ward.tip("t-cy", ("ann", "cy", None), do=("Greet Cy",))
    ward.tip("t-other", None, action="run", do=("Stretch",))
    action = ward.only()
    assert action.rules == ("r", "t-always", "t-bo")
    assert action.do == ("Ask how it is", "Be brief", "Breathe", "Greet Bo")
    assert action.avoid == ("Ringing at night", "Haste")
    assert action.sources == (Citation("book", "G2"),)


def test_reasons_are_the_events_beneath_through_all_derivations_and_circles() -> None:
    ward = Ward()
    a, b, c, d = (ward.event(-day) for day in (1, 2, 3, 4))
    unused = ward.event(-5)
    ward.derive("one", "hidden", ("ann",), [("visit", a), ("patient", ("ann", "Ann"))])
    ward.derive("two", "hidden", ("ann",), [("visit.with", (*b, "bo"))], [("call", (c, d))])
    ill = ("ann", TODAY, 3, 5)
    ward.derive("three", "ill", ill, [("hidden", ("ann",))])
    ward.derive("circle", "hidden", ("ann",), [("ill", ill)])
    ward.derive("aside", "hidden", ("bob",), [("visit", unused)])
    ward.recommend("r", body=[("ill", ill), ("visit", d)])
    action = ward.only()
    assert [reason.fields["n"] for reason in action.because] == [3, 2, 1, 0]
    assert action.since is not None
    assert action.since.fields["n"] == 3, "the one that the rule itself matches"


def test_events_of_the_whole_and_of_one_day_are_reasons_in_the_order_of_the_file() -> None:
    ward = Ward()
    late, early = ward.event(-1, "ann", line=9), ward.event(-1, None, line=4)
    ward.recommend("r", body=[("visit", late), ("visit", early)])
    assert [(r.scope, r.line) for r in ward.only().because] == [(None, 4), ("ann", 9)]


def test_conclusions_are_listed_as_written_without_moments_and_internal_ones() -> None:
    ward = Ward()
    ward.derive("two", "ill", ("bob", None, 1, 7))
    ward.derive("one", "ill", ("ann", TODAY, 14, 7))
    ward.derive("two", "ill", ("ann", TODAY, 14, 7))
    ward.derive("x", "hidden", ("ann",))
    assert ward.advise().to_dict()["conclusions"] == [
        {
            "fact": "ill",
            "patient": "ann",
            "fields": {"since": "2026-11-18", "for": "14 days"},
            "rules": ["one", "two"],
        },
        {"fact": "ill", "patient": "bob", "fields": {"for": "1 day"}, "rules": ["two"]},
    ]


def test_order_is_overdue_due_upcoming_missed_then_day_priority_and_names() -> None:
    ward = Ward()
    ward.recommend("missed", "run", "0", close=-1)
    ward.recommend("up-late", "ring", "1", open=5)
    ward.recommend("up-soon", "ring", "2", open=2)
    ward.recommend("no-day", "ring", "3")
    ward.recommend("low", "run", "4", due=1)
    ward.recommend("high", "ring", "5", due=1, priority="high")
    ward.recommend("late", "run", "6", due=-1)
    ward.recommend("bob", "ring", "5", due=1, priority="high", scope="bob")
    ordered = [action.rules[0] for action in ward.advise(missed=True).actions]
    assert ordered == ["late", "high", "bob", "low", "no-day", "up-soon", "up-late", "missed"]


def test_the_order_of_derivations_changes_nothing() -> None:
    ward = Ward()
    for place in range(12):
        row = ward.event(-place % 5)
        ward.recommend(f"r{place}", "ring", "bo", due=place, body=[("visit", row)], channel=f"c{place % 3}")
        ward.recommend(f"s{place}", "rest", f"p{place % 2}", until=place % 4)
        ward.derive(f"i{place % 3}", "ill", (f"p{place % 2}", None, place % 4, None))
    expected = ward.advise().to_dict()
    for seed in range(20):
        random.Random(seed).shuffle(ward.derivations)
        assert ward.advise().to_dict() == expected


def test_nothing_opens_on_a_weekend_where_working_days_count() -> None:
    ward = Ward()
    ward.recommend("saturday", open=3, due=3, close=4)
    ward.recommend("waits", "rest", until=4)
    rest, ring = ward.advise(working_day=WorkingDays().on_or_after).actions
    assert {name: getattr(ring, name) for name in ("open", "due", "close")} == days(open=5, due=5, close=5)
    assert rest.until == date.fromordinal(TODAY + 5)


def test_days_beyond_all_calendars_are_shown_as_the_last_day() -> None:
    ward = Ward()
    ward.recommend("r", open=10**9)
    assert ward.only().open == date.max


def test_the_report_says_under_which_parameters_and_rules_it_was_made() -> None:
    report = advise(Ward().pack, Ward().situation, ())
    assert report.parameters == {"limit": 3, "pause": "2 days"}
    assert (report.profile, report.rules_version, report.scope_key) == ("calm", "v1", "patient")


def test_a_pack_without_a_scope_calls_it_scope() -> None:
    ward = Ward()
    vocabulary = VOCABULARY._replace(shape=Shape(None, "ward", (), (("events",),)))
    pack = ward.pack._replace(vocabulary=vocabulary)
    assert advise(pack, ward.situation, ()).scope_key == "scope"
