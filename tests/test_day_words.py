"""Days in words: what each means, told by hand, on days around the ends of years and months."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followcue.assistant.journal.day_words import View, read_day, read_time
from followcue.evaluation.report.wording import full_day, short_day

TABLE = """\
# Sat 2026-11-21, back: what has happened
today                       2026-11-21
Today                       2026-11-21
  today                     2026-11-21
now                         2026-11-21
tonight                     2026-11-21
this morning                2026-11-21
yesterday                   2026-11-20
YESTERDAY                   2026-11-20
last night                  2026-11-20
tomorrow                    2026-11-22
the day before yesterday    2026-11-19
day before yesterday        2026-11-19
the day after tomorrow      2026-11-23
monday                      2026-11-16
Monday                      2026-11-16
mon                         2026-11-16
mon.                        2026-11-16
on monday                   2026-11-16
tuesday                     2026-11-17
tue                         2026-11-17
tues                        2026-11-17
wed                         2026-11-18
wednesday                   2026-11-18
thu                         2026-11-19
thurs                       2026-11-19
friday                      2026-11-20
saturday                    2026-11-21
sat                         2026-11-21
sunday                      2026-11-15
last monday                 2026-11-16
last friday                 2026-11-20
last saturday               2026-11-14
last sun                    2026-11-15
past wed                    2026-11-18
this thursday               2026-11-19
this sunday                 2026-11-22
next tue                    2026-11-24
next saturday               2026-11-28
next sunday                 2026-11-22 or 2026-11-29
coming sunday               2026-11-22
this coming friday          2026-11-27
friday next week            2026-11-27
monday last week            2026-11-09
sunday this week            2026-11-22
5 oct                       2026-10-05
oct 5                       2026-10-05
5. oct                      2026-10-05
5th oct                     2026-10-05
oct 5th                     2026-10-05
5th of October              2026-10-05
the 5th of october          2026-10-05
1st november                2026-11-01
2nd nov                     2026-11-02
3rd nov.                    2026-11-03
5-oct                       2026-10-05
5oct                        2026-10-05
mon 5 oct                   2026-10-05
Monday, 5 October           2026-10-05
monday the 5th of october   2026-10-05
tue 5 oct                   ! 5 October 2026 is a Monday, no Tuesday
5 october 2026              2026-10-05
5 oct 2026                  2026-10-05
5-oct-2026                  2026-10-05
October 5, 2026             2026-10-05
october 5th, 2026           2026-10-05
Mon, 5 Oct 2026             2026-10-05
5 oct 26                    2026-10-05
sept 9                      2026-09-09
9 sep 2026                  2026-09-09
5 may                       2026-05-05 or 2027-05-05
may 5                       2026-05-05 or 2027-05-05
22 may                      2026-05-22
21 may                      2026-05-21 or 2027-05-21
21 nov                      2026-11-21
22 nov                      2025-11-22 or 2026-11-22
5 dec                       2025-12-05 or 2026-12-05
05.10.2026                  2026-10-05
5.10.2026                   2026-10-05
5.10.26                     2026-10-05
5.10.                       2026-10-05
5.10                        2026-10-05
10.5.2026                   2026-05-10
25.10.2026                  2026-10-25
10.25.2026                  ! did you mean 25.10.2026?
31.11.2026                  ! that month ends on 2026-11-30
5/10/2026                   2026-05-10 or 2026-10-05
10/5/2026                   2026-05-10 or 2026-10-05
05/10/2026                  2026-05-10 or 2026-10-05
5-10-2026                   2026-05-10 or 2026-10-05
5/10/26                     2026-05-10 or 2026-10-05
10/10/2026                  2026-10-10
25/10/2026                  2026-10-25
10/25/2026                  2026-10-25
25/10                       2026-10-25
13/13/2026                  ! there is no month 13
30/2/2026                   ! there is no 30 February 2026
2026-10-05                  2026-10-05
2026-1-5                    2026-01-05
2026/10/05                  2026-10-05
2026.10.05                  2026-10-05
20261005                    2026-10-05
2026-11-31                  ! that month ends on 2026-11-30
2026-13-01                  ! there is no month 13
2026-02-29                  ! that month ends on 2026-02-28
2024-02-29                  2024-02-29
1899-12-31                  ! 1899 is not a year between 1900 and 2200
2201-01-01                  ! 2201 is not a year between 1900 and 2200
3 days ago                  2026-11-18
1 day ago                   2026-11-20
a day ago                   2026-11-20
three days ago              2026-11-18
in 2 weeks                  2026-12-05
in two weeks                2026-12-05
2 weeks from now            2026-12-05
a week from today           2026-11-28
a week ago                  2026-11-14
an day ago                  2026-11-20
a fortnight ago             2026-11-07
1 month ago                 2026-10-21
in a month                  2026-12-21
a year ago                  2025-11-21
3 days                      2026-11-18 or 2026-11-24
0 days ago                  2026-11-21
in 99999 weeks              ! 3943 is not a year between 1900 and 2200
99999 years ago             ! too far off
2026-10-05 10:00            2026-10-05 10:00
2026-10-05T10:00            2026-10-05 10:00
2026-10-05 at 10:00         2026-10-05 10:00
2026-10-05 10:00:00         2026-10-05 10:00
5 oct 14:30                 2026-10-05 14:30
oct 5 at 2pm                2026-10-05 14:00
monday 2pm                  2026-11-16 14:00
sat 9:05                    2026-11-21 09:05
2pm monday                  2026-11-16 14:00
14:30 on 5 oct              2026-10-05 14:30
yesterday at noon           2026-11-20 12:00
yesterday 12am              2026-11-20 00:00
5 oct 25:00                 ! there is no such time of day
5 oct 13pm                  ! there is no such time of day
soon                        !
next week                   !
october                     !
10                          !
                            !
12:30                       !
5 october 2026 maybe        !
yesterdy                    ! did you mean `yesterday`?
tomorow                     ! did you mean `tomorrow`?
5 otcober                   ! did you mean `5 october`?
wendesday                   ! did you mean `wednesday`?
3 dyas ago                  ! did you mean `3 days ago`?
32 oct                      ! there is no 32 October 2026
0 oct                       ! there is no 0 October 2026
31 nov                      ! that month ends on 2025-11-30
2026-10-05 10:00+02:00      !
# Sat 2026-11-21, ahead: what was told for later
monday                      2026-11-23
friday                      2026-11-27
sunday                      2026-11-22
by friday                   2026-11-27
saturday                    2026-11-21 or 2026-11-28
next tue                    2026-11-24
last friday                 2026-11-20
5 dec                       2026-12-05
5 jan                       2027-01-05
1.1.                        2027-01-01
21 may                      2027-05-21
23 may                      2027-05-23
24 may                      2026-05-24 or 2027-05-24
5 oct                       2026-10-05 or 2027-10-05
mon 5 oct                   2026-10-05
tue 5 oct                   2027-10-05
thu 5 oct                   ! 5 October 2027 is a Tuesday, no Thursday
20 nov                      2026-11-20 or 2027-11-20
in 3 days                   2026-11-24
tomorrow 9am                2026-11-22 09:00
# Sat 2026-11-21, ahead from Mon 2026-11-16: what was told on Monday, typed on Saturday
friday                      2026-11-20
monday                      2026-11-16 or 2026-11-23
tuesday                     2026-11-17
18 nov                      2026-11-18
tomorrow                    2026-11-22
next friday                 2026-11-27
# Sat 2026-11-21, either: of a record, nobody says
monday                      2026-11-16 or 2026-11-23
saturday                    2026-11-21
5 dec                       2025-12-05 or 2026-12-05
yesterday                   2026-11-20
# Mon 2026-11-30, back: a week begins, a month ends
monday                      2026-11-30
last monday                 2026-11-23
last friday                 2026-11-27
next monday                 2026-12-07
next tue                    2026-12-01 or 2026-12-08
this sunday                 2026-12-06
tomorrow                    2026-12-01
1 month ago                 2026-10-30
in 3 months                 2027-02-28
31 oct                      2026-10-31
# Thu 2026-12-31, back: the last day of a year
tomorrow                    2027-01-01
friday                      2026-12-25
in 2 days                   2027-01-02
31 dec                      2026-12-31
1 jan                       2026-01-01 or 2027-01-01
friday this week            2027-01-01
monday next week            2027-01-04
in 2 months                 2027-02-28
# Thu 2026-12-31, ahead
friday                      2027-01-01
2 jan                       2027-01-02
31.12.                      2026-12-31
# Fri 2027-01-01, back: the first day of a year
yesterday                   2026-12-31
thursday                    2026-12-31
31 dec                      2026-12-31
1 week ago                  2026-12-25
28.12.                      2026-12-28
last friday                 2026-12-25
monday this week            2026-12-28
# Thu 2024-02-29, back: a leap day
today                       2024-02-29
yesterday                   2024-02-28
29 feb                      2024-02-29
a year ago                  2023-02-28
in a year                   2025-02-28
in 4 years                  2028-02-29
1 month ago                 2024-01-29
# Fri 2024-03-01, back: the day after one
yesterday                   2024-02-29
thu                         2024-02-29
29.2.                       2024-02-29
2/29                        2024-02-29
1 day ago                   2024-02-29
# Tue 2023-02-28, back: a year without one
tomorrow                    2023-03-01
29 feb                      ! there is no 29 February 2022
29.2.2023                   ! that month ends on 2023-02-28
# Tue 2023-02-28, ahead
29 feb                      ! there is no 29 February 2023
# Sun 2100-02-28, back: a hundred years divide by four and have none
tomorrow                    2100-03-01
29.2.2100                   ! that month ends on 2100-02-28
"""

HEAD = re.compile(r"# (\w{3}) (\S+), (back|ahead|either)(?: from (\w{3}) (\S+?))?(?::.*)?")


class Row(NamedTuple):
    today: date
    view: View
    base: date | None
    words: str
    meant: str


def rows() -> list[Row]:
    found = []
    for line in TABLE.splitlines():
        if head := HEAD.fullmatch(line):
            weekday, today, view, base_weekday, base = head.groups()
            assert short_day(date.fromisoformat(today)).startswith(weekday)
            assert base is None or short_day(date.fromisoformat(base)).startswith(base_weekday)
        else:
            start = date.fromisoformat(base) if base else None
            row = Row(date.fromisoformat(today), cast(View, view), start, line[:28], line[28:])
            found.append(row)
    return found


def test_the_table_is_large() -> None:
    assert len(rows()) >= 200
    assert len(set(rows())) == len(rows())


@pytest.mark.parametrize("row", [pytest.param(r, id=f"{r.today} {r.view} {r.words.strip()}") for r in rows()])
def test_words_mean_the_day_that_was_told_by_hand(row: Row) -> None:
    got = read_day(row.words, row.today, row.view, row.base)
    if row.meant.startswith("!"):
        assert got.days == ()
        assert got.wrong is not None
        assert row.meant[2:] in f"{got.wrong} {got.hint}"
        return
    said = " or ".join(day.isoformat() for day in sorted(got.days))
    assert (f"{said} {got.time}" if got.time else said) == row.meant, got


@pytest.mark.parametrize(
    ("words", "time"),
    [
        *[("14:30", "14:30"), ("2pm", "14:00"), ("2 PM", "14:00"), ("2:30 pm", "14:30"), ("14.30", "14:30")],
        *[("14h30", "14:30"), ("9 a.m.", "09:00"), ("12am", "00:00"), ("12 pm", "12:00"), ("noon", "12:00")],
        *[("at 9:05", "09:05"), ("23:59", "23:59"), ("0:00", "00:00"), ("10:00:30", "10:00")],
        *[("24:00", ""), ("25:00", ""), ("10:60", ""), ("13pm", ""), ("0am", "")],
        *[("9", None), ("soon", None), ("", None), ("10:5", None), ("after lunch", None)],
    ],
)
def test_times(words: str, time: str | None) -> None:
    assert read_time(words) == time


DAYS = st.dates(date(1901, 1, 1), date(2199, 12, 31))


@given(day=DAYS, today=DAYS)
def test_a_day_written_whole_means_itself(day: date, today: date) -> None:
    """As the program writes days, and as people do where the order is plain."""
    ways = [day.isoformat(), full_day(day), f"{day.day}.{day.month}.{day.year}", f"{day:%Y%m%d}"]
    assert {read_day(way, today).days for way in ways} == {(day,)}
    slashed = read_day(f"{day.day}/{day.month}/{day.year}", today).days
    assert day in slashed
    assert len(slashed) == (2 if day.day <= 12 and day.day != day.month else 1)


@given(today=DAYS, base=DAYS, weekday=st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
def test_a_weekday_is_the_nearest_of_its_side(today: date, base: date, weekday: str) -> None:
    (back,) = read_day(weekday, today).days
    assert 0 <= (today - back).days < 7
    ahead = read_day(weekday, today, "ahead", base).days
    assert 0 <= (ahead[0] - base).days < 7
    for day in (back, *ahead):
        assert short_day(day).lower().startswith(weekday)


@given(
    words=st.sampled_from(["mon", "last sun", "yesterday", "5 oct", "29 feb", "a month ago", "in 2 weeks"])
)
@pytest.mark.parametrize("today", [date.min, date.max])
def test_the_ends_of_the_calendar_are_no_accident(words: str, today: date) -> None:
    for view in ("back", "ahead", "either"):
        got = read_day(words, today, cast(View, view))
        assert bool(got.days) == (got.wrong is None)


@given(text=st.text(max_size=30), today=DAYS)
def test_whatever_is_typed_is_read_or_told(text: str, today: date) -> None:
    for view in ("back", "ahead", "either"):
        got = read_day(text, today, cast(View, view))
        assert bool(got.days) == (got.wrong is None)
