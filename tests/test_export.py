"""Calendar files: what another program reads in them, and what happens when they are imported again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import followcue
from followcue import InvalidInput, cli
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.language.documents.plain import UNPRINTABLE
from followcue.language.documents.read import read_file

icalendar = pytest.importorskip("icalendar")
vobject = pytest.importorskip("vobject")

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
FIRST = ROOT / "examples" / "first-interview.yaml"


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@cache
def shipped() -> LoadedPack:
    return load_pack()


def ics(situation: Any = FIRST, **options: Any) -> str:
    return followcue.to_ics(situation, shipped(), **{"name": "search", **options})


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, ["export", *arguments], input=text)


def entries(text: str) -> dict[str, Any]:
    """The entries by UID, as a parser reads them that has nothing to do with the one that wrote them."""
    calendar = vobject.readOne(text)
    calendar.validate(raiseException=True)
    found = [*calendar.contents.get("vevent", []), *calendar.contents.get("vtodo", [])]
    by_uid = {entry.uid.value: entry for entry in found}
    assert len(by_uid) == len(found), "a UID stands once"
    return by_uid


def entry(text: str, title: str) -> Any:
    """The entry of that title, or the one whose title begins so."""
    found = [one for one in entries(text).values() if one.summary.value.startswith(title)]
    (one,) = [one for one in found if one.summary.value == title] or found
    return one


class Calendar:
    """A calendar program: an entry with a known UID replaces the other if it is no older a revision."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def take(self, text: str) -> None:
        for uid, new in entries(text).items():
            old = self.known.get(uid)
            if old is None or int(new.sequence.value) >= int(old.sequence.value):
                self.known[uid] = new

    @property
    def shown(self) -> dict[str, date]:
        """What is not cancelled, with its first day."""
        return {
            e.summary.value: e.dtstart.value for e in self.known.values() if e.status.value != "CANCELLED"
        }


# --- one file
OFFERS = ROOT / "examples" / "two-offers.yaml"
ASKED = "Call Henrik Dahl, Lumen Instruments: ask where things stand"


def steps(example: Path) -> list[Any]:
    return list(followcue.evaluate(read_file(example), shipped()).steps)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_each_step_of_now_is_one_entry(example: Path) -> None:
    titles = [one.summary.value for one in entries(ics(example)).values()]
    for step in steps(example):
        if step.when == "now":
            assert titles.count(step.title) == 1


def test_an_entry_covers_its_window() -> None:
    asked = entry(ics(), ASKED)
    assert (asked.dtstart.value, asked.dtend.value) == (date(2026, 9, 26), date(2026, 10, 2))
    assert asked.dtstart.value_param == "DATE"
    assert asked.dtend.value - asked.dtstart.value == timedelta(days=6), "the end is the first day after it"
    said = asked.description.value
    assert "\nDue 2026-10-01.\n" in said
    assert "\nSince: timeline promised 2026-09-14" in said
    assert "\nDo: " in said
    assert "\nAvoid: " in said
    assert "\nSources: recruiter-mindset G18" in said
    assert "(line" not in said


def test_what_is_late_stands_on_today_alone() -> None:
    for step in steps(OFFERS):
        if step.when == "now" and step.late:
            found = entry(ics(OFFERS), step.title)
            assert (found.dtstart.value, found.dtend.value) == (date(2026, 6, 18), date(2026, 6, 19))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_alarms_ring_for_what_presses_and_does_not_fade_alone(example: Path) -> None:
    report = followcue.evaluate(read_file(example), shipped())
    kinds = shipped().pack.vocabulary.actions
    actions = {action.id: action for action in report.actions}
    text = ics(example)
    for step in report.steps:
        if step.when == "now":
            held = [actions[name] for name in step.actions]
            firm = [a for a in held if not kinds[a.action].fades and a.priority in ("urgent", "high")]
            pressing = step.urgency in ("urgent", "high")
            assert ("valarm" in entry(text, step.title).contents) == bool(firm and pressing)


def test_an_alarm_rings_on_the_last_day() -> None:
    answer = entry(ics(ROOT / "examples" / "offer-while-waiting.yaml"), "Write to Ines Prado")
    (alarm,) = answer.contents["valarm"]
    days = (date(2026, 5, 27) - answer.dtstart.value).days
    assert alarm.trigger.value == timedelta(days=days, hours=9)
    assert alarm.action.value == "DISPLAY"


def test_the_alarm_may_ring_at_another_time_or_never() -> None:
    example = ROOT / "examples" / "agency-heavy.yaml"
    (alarm,) = entry(ics(example, alarm=time(18, 30)), "Write to Hope Arden").contents["valarm"]
    assert alarm.trigger.value == timedelta(hours=18, minutes=30)
    assert "VALARM" not in ics(example, alarm=None)


def test_what_goes_on_all_the_time_is_no_entry() -> None:
    titles = [one.summary.value for one in entries(ics()).values()]
    assert not [title for title in titles if title.startswith(("Keep searching", "Give them time"))]


def test_an_interview_ahead_is_an_entry_without_anything_to_do() -> None:
    ahead = entry(ics(ROOT / "examples" / "whole-search.yaml", entries="todos"), "An interview lies ahead")
    assert ahead.name == "VEVENT"
    assert ahead.dtstart.value == date(2026, 2, 19)


# --- appointments
SCHEDULED = {
    "date": "2026-11-20",
    "event": "interview_scheduled",
    "id": "onsite",
    "for": "2026-11-26",
    "with": ["dana", "lee"],
}
AHEAD = "An interview lies ahead"
THANKS = "Write to Lee Wong, Acme: say thank you"
IF = " (if the interview takes place)"


def search(*events: dict[str, Any], **keys: Any) -> dict[str, Any]:
    contacts = {
        "dana": {"name": "Dana Ruiz", "role": "recruiter"},
        "lee": {"name": "Lee Wong", "role": "hiring_manager"},
    }
    acme = {"company": "Acme", "contacts": contacts, "events": list(events)}
    return {"as_of": "2026-11-23", "applications": {"acme": acme}, **keys}


def at(hour: str, **keys: Any) -> str:
    return ics(search({**SCHEDULED, "time": hour}, **keys))


def test_an_interview_stands_at_its_hour_in_the_time_zone_of_the_file() -> None:
    text = at("14:30", timezone="Europe/Berlin")
    assert "DTSTART;TZID=Europe/Berlin:20261126T143000" in text
    for begin in (entry(text, AHEAD).dtstart.value, read_back(text, AHEAD)["DTSTART"].dt):
        assert begin.replace(tzinfo=None) == datetime(2026, 11, 26, 14, 30)
        assert begin.utcoffset() == timedelta(hours=1)
    ahead = entry(text, AHEAD)
    assert (ahead.transp.value, ahead.summary.value) == ("OPAQUE", "An interview lies ahead: Acme (onsite)")
    (alarm,) = ahead.contents["valarm"]
    assert alarm.trigger.value == timedelta(hours=-1)
    assert "VALARM" not in ics(search({**SCHEDULED, "time": "14:30"}), alarm=None)


@pytest.mark.parametrize(
    ("zone", "day", "offset"),
    [
        ("America/New_York", "2027-03-12", -5),
        ("America/New_York", "2027-03-15", -4),
        ("America/New_York", "2027-11-05", -4),
        ("America/New_York", "2027-11-08", -5),
        ("Australia/Sydney", "2027-04-02", 11),
        ("Australia/Sydney", "2027-04-05", 10),
        ("Asia/Kolkata", "2027-07-01", 5.5),
        ("UTC", "2027-07-01", 0),
    ],
)
def test_a_file_tells_the_clocks_of_its_time_zone(zone: str, day: str, offset: float) -> None:
    """Whoever reads the description of the zone in the file, and knows no zones, finds the same moment."""
    when = date.fromisoformat(day)
    scheduled = {**SCHEDULED, "date": str(when - timedelta(days=5)), "for": day, "time": "09:15"}
    text = ics(search(scheduled, timezone=zone), as_of=when - timedelta(days=3))
    begin = read_back(text, AHEAD)["DTSTART"].dt.replace(tzinfo=None)
    assert begin == datetime.combine(when, time(9, 15))
    assert offset_in(text, zone, begin) == timedelta(hours=offset)


def offset_in(text: str, zone: str, begin: datetime) -> timedelta:
    """How far a zone is from UTC by the rules of RFC 5545: the latest onset before the moment counts."""
    if zone == "UTC":
        assert "DTSTART:20270701T091500Z" in text
        return timedelta()
    (described,) = (part for part in icalendar.Calendar.from_ical(text).walk("VTIMEZONE"))
    assert described["TZID"] == zone
    onsets: list[tuple[datetime, timedelta]] = []
    for part in described.subcomponents:
        more = part.get("RDATE", [])
        days = [when.dt for dates in (more if isinstance(more, list) else [more]) for when in dates.dts]
        onsets += [(onset, part["TZOFFSETTO"].td) for onset in (part["DTSTART"].dt, *days) if onset <= begin]
    return max(onsets)[1]


def read_back(text: str, title: str) -> Any:
    """The entry of that title as the library reads it that wrote it."""
    found = icalendar.Calendar.from_ical(text).walk("VEVENT")
    (one,) = (one for one in found if str(one["SUMMARY"]).startswith(title))
    return one


def test_without_a_time_zone_the_hour_is_that_of_the_calendar() -> None:
    text = at("9:05")
    assert "DTSTART:20261126T090500\r\n" in text
    assert "DTEND:20261126T100500\r\n" in text
    assert "VTIMEZONE" not in text


def test_without_an_hour_it_is_the_whole_day_and_an_unusual_one_is_told() -> None:
    whole = entry(ics(search(SCHEDULED, timezone="Europe/Berlin")), AHEAD)
    assert (whole.dtstart.value, whole.transp.value) == (date(2026, 11, 26), "TRANSPARENT")
    (alarm,) = whole.contents["valarm"]
    assert alarm.trigger.value == timedelta(hours=9)
    for odd in ("half past two", "24:00", "14:60", "\u0661\u0664:30"):
        found = entry(at(odd), AHEAD)
        assert found.dtstart.value == date(2026, 11, 26)
        assert found.summary.value == f"An interview lies ahead: Acme (onsite, at {odd})"


def test_a_new_day_and_a_new_hour_move_the_same_entry() -> None:
    first = at("14:30")
    moved = {"date": "2026-11-23", "event": "interview_rescheduled", "interview": "onsite", "by": "employer"}
    program = Calendar()
    program.take(first)
    for change, begin in [
        ({**moved, "to": "2026-11-27", "time": "10:00"}, datetime(2026, 11, 27, 10)),
        ({**moved, "to": "2026-11-26", "time": "15:00"}, datetime(2026, 11, 26, 15)),
        ({**moved, "to": "2026-11-30"}, date(2026, 11, 30)),
    ]:
        text = ics(search({**SCHEDULED, "time": "14:30"}, change), previous=first)
        assert entry(text, AHEAD).dtstart.value == begin, "the hour of before is not that of another day"
        program.take(text)
        assert [day for title, day in program.shown.items() if title.startswith(AHEAD)] == [begin]
        assert entry(text, THANKS).dtstart.value == (begin.date() if isinstance(begin, datetime) else begin)
    gone = ics(search({**SCHEDULED, "time": "14:30"}, moved), previous=first)
    assert entry(gone, AHEAD).status.value == "CANCELLED"
    assert entry(gone, THANKS).status.value == "CANCELLED"


def test_the_thank_you_of_the_evening_is_there_before_the_interview() -> None:
    text = at("14:30")
    thanks = entry(text, THANKS)
    assert thanks.summary.value == THANKS + IF
    assert thanks.dtstart.value == date(2026, 11, 26)
    assert entry(text, "Draft your follow-up messages").dtend.value == date(2026, 11, 27)
    to_dana = [e for e in entries(text).values() if e.summary.value.startswith("Write to Dana")]
    assert [e.dtstart.value for e in to_dana].count(date(2026, 11, 26)) == 1, (
        "one message a day to one person"
    )
    for later in to_dana:
        assert later.summary.value.endswith(IF)


@pytest.mark.parametrize("day", ["2026-11-25", "2026-11-26", "2026-11-27"])
def test_the_entry_is_the_same_once_the_interview_is_recorded(day: str) -> None:
    held = {"date": "2026-11-26", "event": "interview", "id": "onsite", "with": ["dana", "lee"]}
    before = ics(search(SCHEDULED), as_of=min(date.fromisoformat(day), date(2026, 11, 26)))
    after = ics(search(SCHEDULED, held), as_of=date(2026, 11, 27), previous=before)
    assert entry(before, THANKS).uid.value == entry(after, THANKS).uid.value
    assert entry(after, THANKS).summary.value == THANKS
    assert entry(after, THANKS).status.value == "CONFIRMED"
    assert IF not in after


def test_on_the_day_both_what_is_before_and_what_is_after_are_there() -> None:
    text = ics(search(SCHEDULED), as_of=date(2026, 11, 26))
    assert entry(text, "Draft your follow-up messages").dtend.value == date(2026, 11, 27)
    assert entry(text, AHEAD).dtstart.value == date(2026, 11, 26)
    assert entry(text, THANKS).dtstart.value == date(2026, 11, 26)


def test_what_is_supposed_is_an_entry_also_where_the_message_is_known() -> None:
    """Of a message that is put off until the interview, its thank-you has an entry of its own."""
    talk = entry(
        ics(OFFERS), "Write to Ola Nkemelu, Kite Bridges: tell them about your offer and its day, ask"
    )
    assert "say thank you (if the interview takes place)" in talk.summary.value
    assert talk.dtstart.value == date(2026, 6, 23)


def test_todos_are_due_on_their_due_day() -> None:
    text = ics(entries="todos")
    asked = entry(text, ASKED)
    assert (asked.name, asked.status.value) == ("VTODO", "NEEDS-ACTION")
    assert (asked.dtstart.value, asked.due.value) == (date(2026, 9, 26), date(2026, 10, 1))
    offered = ics(ROOT / "examples" / "offer-while-waiting.yaml", entries="todos")
    (alarm,) = entry(offered, "Write to Ines Prado").contents["valarm"]
    assert (alarm.trigger.value, alarm.trigger.related_param) == (timedelta(hours=9), "END")


@pytest.mark.parametrize("kind", ["events", "todos"])
@pytest.mark.parametrize("example", EXAMPLES[:5], ids=lambda path: path.stem)
def test_another_parser_reads_the_examples(example: Path, kind: str) -> None:
    text = ics(example, entries=kind)
    assert entries(text)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")), "long lines are folded"
    assert text.count("\n") == text.count("\r\n")


def test_awkward_names_come_back_as_they_were() -> None:
    name = 'Ü; "Co",\\ Ltd:\nBEGIN:VEVENT\n🦆 ' + "long " * 30
    events = [{"date": "2026-11-09", "event": "applied"}]
    situation = {"as_of": "2026-11-10", "applications": {"a": {"company": name, "events": events}}}
    [asked] = [one for one in entries(ics(situation)).values() if name.strip() in one.summary.value]
    assert len(asked.contents["categories"]) == 1


def test_the_same_day_gives_the_same_bytes_whenever_it_is_written() -> None:
    assert ics() == ics()
    assert "DTSTAMP:20260915T000000Z" in ics()


# --- the next file
def test_a_later_file_updates_what_an_earlier_one_brought() -> None:
    program = Calendar()
    program.take(ics())
    before = dict(program.shown)
    program.take(ics(parameters={"promised_grace": "3 days"}))
    changed = {title for title, day in program.shown.items() if before.get(title) != day}
    assert before.keys() == program.shown.keys(), "nothing is there twice"
    assert any(title.startswith(ASKED) for title in changed)


def done(example: Path, scope: str, **event: str) -> dict[str, Any]:
    """The situation of an example with one event more."""
    data: Any = read_file(example).data
    record = data["applications"][scope]
    more = {**record, "events": [*record["events"], event]}
    return {**data, "applications": {**data["applications"], scope: more}}


def test_what_is_done_is_cancelled_if_the_last_file_is_named() -> None:
    program = Calendar()
    first = ics()
    program.take(first)
    title = "Write to Tess Moreau, Lumen Instruments: say thank you"
    assert title in program.shown
    thanked = done(
        FIRST, "lumen", date="2026-09-15", event="thank_you_sent", to="tess", interview="first-round"
    )
    later = ics(thanked, previous=first)
    program.take(later)
    assert title not in program.shown
    (gone,) = (one for one in entries(later).values() if one.status.value == "CANCELLED")
    assert gone.summary.value == title
    assert "valarm" not in gone.contents
    assert [other for other in program.shown if other.startswith(ASKED)]
    assert "CANCELLED" not in ics(thanked, previous=later), "it is cancelled once"


def test_what_has_been_stays_in_the_calendar() -> None:
    example = ROOT / "examples" / "whole-search.yaml"
    later = ics(example, as_of=date(2026, 2, 25), previous=ics(example))
    assert "An interview lies ahead" not in later
    todos = ics(example, entries="todos", as_of=date(2026, 2, 25), previous=ics(example, entries="todos"))
    cancelled = [one.name for one in entries(todos).values() if one.status.value == "CANCELLED"]
    assert set(cancelled) <= {"VTODO"}


def test_what_has_not_changed_keeps_its_stamps() -> None:
    first = ics()
    assert ics(previous=first) == first
    asked = ASKED
    later = entry(ics(as_of=date(2026, 9, 17), previous=first), asked)
    assert later.sequence.value == entry(first, asked).sequence.value
    moved = entry(ics(previous=first, parameters={"promised_grace": "3 days"}), asked)
    assert int(moved.sequence.value) == int(entry(first, asked).sequence.value) + 1


def test_another_calendar_has_other_uids() -> None:
    assert not entries(ics()).keys() & entries(ics(name="other")).keys()
    assert "CANCELLED" not in ics(name="search", previous="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")


def test_entries_of_others_are_left_alone() -> None:
    theirs = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:theirs\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert "theirs" not in ics(previous=theirs)


# --- the command
def test_the_command_writes_a_file_named_for_the_situation(tmp_path: Path) -> None:
    target = tmp_path / "search.ics"
    assert run(str(FIRST), "-o", str(target)).exit_code == 0
    assert target.read_bytes().decode() == ics(name="first-interview")
    result = run(str(FIRST), "--previous", str(target), "-o", str(target))
    assert (result.exit_code, target.read_bytes().decode()) == (0, ics(name="first-interview"))


def test_standard_input_and_one_application() -> None:
    text = (ROOT / "examples" / "whole-search.yaml").read_text()
    result = run("-", "--application", "elm", "--alarm", "none", text=text)
    assert result.exit_code == 0
    titles = [one.summary.value for one in entries(result.stdout_bytes.decode()).values()]
    assert titles == ["Write to Elm Vehicles: ask whether your application arrived"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--application", "lume"], 2, "there is no application `lume`; did you mean `lumen`?"),
        (["--alarm", "25:00"], 2, "'25:00' is no time of day such as 09:00, nor `none`"),
        (["--previous", str(FIRST)], 3, "FC632: this is no calendar file"),
        (["--previous", "nowhere.ics"], 3, "nowhere.ics: FC101"),
        (["--until", "2020-01-01"], 3, "FC630"),
        (["--format", "xlsx"], 2, "'xlsx' is not one of 'ics', 'csv'"),
    ],
)
def test_what_cannot_be_written_is_refused(arguments: list[str], code: int, said: str) -> None:
    result = run(str(FIRST), *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


# --- texts from elsewhere
KEYS = st.text(
    st.sampled_from([*'\n\r\t;,:\\"^', "\x85", "\u2028", "é", "\U0001f600"]) | st.characters(codec="utf-8"),
    min_size=1,
    max_size=20,
).filter(lambda text: not UNPRINTABLE.search(text) and text.strip())
ONE_LINE = re.compile(r"[A-Za-z0-9-]+[;:][^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*")


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(KEYS, KEYS, KEYS, KEYS)
def test_no_text_makes_a_line_of_its_own(key: str, contact: str, event: str, company: str) -> None:
    """Keys, ids and names go through the escaping of the file, those of properties of ours too."""
    inside = {
        "company": company,
        "contacts": {contact: {"name": company, "role": "recruiter"}},
        "events": [
            {"event": "applied", "date": "2026-11-02"},
            {"event": "interview", "id": event, "date": "2026-11-20", "with": [contact]},
        ],
    }
    try:
        text = ics({"as_of": "2026-11-21", "applications": {key: inside}})
    except InvalidInput:
        return  # a text that no situation may hold
    assert text.endswith("\r\n")
    unfolded = text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert all(ONE_LINE.fullmatch(line) for line in unfolded)
    names = [line.partition(":")[0].partition(";")[0] for line in unfolded]
    assert set(names) <= PROPERTIES
    assert names.count("X-FOLLOWCUE-KEY") == names.count("UID") > 0
    for part in icalendar.Calendar.from_ical(text).subcomponents:
        assert part["X-FOLLOWCUE-KEY"]


PROPERTIES = {
    *("BEGIN", "END", "PRODID", "VERSION", "CALSCALE", "METHOD", "X-WR-CALNAME", "UID", "SUMMARY", "TRIGGER"),
    *("DESCRIPTION", "DTSTART", "DTEND", "DUE", "PRIORITY", "CATEGORIES", "STATUS", "TRANSP", "ACTION"),
    *("DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "X-FOLLOWCUE-KEY"),
}
