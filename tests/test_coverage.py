"""What the tests of a pack have seen of its rules: each point only where a check shows it."""

from __future__ import annotations

import re
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from followcue.cli import main
from followcue.testing.coverage.coverage import Share, percent
from plants import MORE, TESTS, run, write


def missing(folder: Path, tests: str) -> list[str]:
    result = run(write(folder, tests), "--coverage")
    assert result.exit_code == 0, result.output
    return [line.strip()[2:] for line in result.output.splitlines() if line.strip().startswith("^")]


def test_what_no_check_shows_is_named(tmp_path: Path) -> None:
    found = missing(tmp_path, TESTS)
    assert "`days: at least 3` of `dry`: never decided" in found
    assert "`days: at least 3` of `dry`: never just below" in found
    assert "`no alone`: never decided" in found
    assert "`due: $day + patience`: never the day after" in found
    assert "`at: after $at` of `watered`: never needed" in found
    assert "nobody-is-there: never led to something" in found


def test_checks_on_the_other_sides_show_everything(tmp_path: Path) -> None:
    found = missing(tmp_path, TESTS + MORE)
    assert found == []


def test_a_condition_that_failed_among_others_has_not_decided(tmp_path: Path) -> None:
    two = TESTS + (
        "  away-and-hardly-dry:\n    situation:\n      as_of: 2026-05-05\n      events:\n"
        "        - {date: 2026-05-01, event: dry, plant: fern, days: 2}\n"
        "        - {date: 2026-05-01, event: away, until: 2026-05-09}\n    reject: [water]\n"
    )
    assert "`no alone`: never decided (it failed, but never alone)" in missing(tmp_path, two)


def test_tests_that_fail_see_nothing(tmp_path: Path) -> None:
    pack = write(tmp_path, TESTS.replace("due: 2026-05-03", "due: 2026-05-04"))
    result = run(pack, "--coverage")
    assert result.exit_code == 1
    assert "rules that led to something: 0 of 2 (0.0%)" in result.output


@pytest.mark.parametrize(
    ("seen", "of", "said"),
    [(0, 0, "100.0%"), (9997, 10000, "99.9%"), (99999, 100000, "99.9%"), (1, 3, "33.3%"), (7, 7, "100.0%")],
)
def test_only_what_is_complete_is_a_hundred(seen: int, of: int, said: str) -> None:
    assert percent(Share(seen, of).fraction) == said


def test_the_least_is_compared_exactly(tmp_path: Path) -> None:
    pack = write(tmp_path, TESTS + MORE)
    assert run(pack, "--min-coverage", "100").exit_code == 0
    pack = write(tmp_path, TESTS)
    told = run(pack, "--coverage").output
    seen, of = map(int, re.findall(r"coverage: (\d+) of (\d+)", told)[0])
    exact = Fraction(seen * 100, of)
    assert run(pack, "--min-coverage", f"{exact.numerator}/{exact.denominator}").exit_code == 0
    above = exact + Fraction(1, 10**9)
    short = run(pack, "--min-coverage", f"{above.numerator}/{above.denominator}")
    assert short.exit_code == 1
    assert "less than the" in short.output


@pytest.mark.parametrize("wrong", ["101", "-1", "much", "1/0", ""])
def test_what_is_no_percentage_is_refused(tmp_path: Path, wrong: str) -> None:
    result = run(write(tmp_path), "--min-coverage", wrong)
    assert result.exit_code == 2
    assert "is not a percentage from 0 to 100" in result.output


def test_what_an_author_excuses_is_not_counted(tmp_path: Path) -> None:
    excused = 'equivalent: {water-dry-plants: {"`no alone` is left out": Somebody is always there}}\n' + TESTS
    result = run(write(tmp_path, excused), "--coverage")
    assert result.exit_code == 0, result.output
    assert "not counted, since no situation can show it: 1" in result.output
    assert "`no alone`: never" not in result.output


def test_an_excuse_for_nothing_is_a_mistake(tmp_path: Path) -> None:
    wrong = 'equivalent: {water-dry-plants: {"`no alone` is left": Whatever}}\n' + TESTS
    result = run(write(tmp_path, wrong), "--coverage")
    assert result.exit_code == 3
    assert "FC810: nothing like this changes in `water-dry-plants`" in result.output
    assert "did you mean ``no alone` is left out`?" in result.output


def test_an_excuse_for_a_rule_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    result = run(write(tmp_path, "equivalent: {water-plants: {this: that}}\n" + TESTS))
    assert result.exit_code == 3
    assert "FC302: there is no rule `water-plants`" in result.output


class Page(HTMLParser):
    """Collects what a page refers to, and the states of its lines."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.lines: list[str] = []
        self.focusable = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.links += [value for key, value in attrs if key in ("src", "href") and value]
        classes = (found.get("class") or "").split()
        if "line" in classes:
            self.lines += classes[1:]
            self.focusable += "tabindex" in found


def test_the_page_holds_everything_it_needs(tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    pack = write(tmp_path, TESTS)
    assert run(pack, "--coverage-html", page).exit_code == 0
    text = page.read_text("utf-8")
    read = Page()
    read.feed(text)
    assert all(link.startswith("#") for link in read.links)
    assert not any(word in text for word in ("<script", "url(", "@import"))
    assert {"seen", "partly", "unseen"} <= set(read.lines)
    assert read.focusable == len(read.lines)
    assert "prefers-color-scheme: dark" in text
    assert "never just below" in text
    first = text
    run(pack, "--coverage-html", page)
    assert page.read_text("utf-8") == first


def test_what_rules_say_is_only_text_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    pack = write(tmp_path, TESTS)
    rules = (pack / "rules.yaml").read_text().replace("title: Water the plant", "title: <img src=x> & more")
    (pack / "rules.yaml").write_text(rules)
    assert run(pack, "--coverage-html", page).exit_code == 0
    assert "&lt;img src=x&gt; &amp; more" in page.read_text("utf-8")


def test_no_test_of_such_a_name_is_a_failure(tmp_path: Path) -> None:
    pack = write(tmp_path, TESTS + MORE)
    assert "9 checks in 4 tests" not in run(pack, "--run", "other-*").output
    assert "1 check in 1 test: all as expected" in run(pack, "--run", "other-*").output
    assert "1 check in 1 test: all as expected" in run(pack, "--run", "her-day").output
    nothing = run(pack, "--run", "somebody")
    assert nothing.exit_code == 1
    assert "no test is called like this: somebody" in nothing.output


@pytest.mark.large
@pytest.mark.parametrize("options", [(), ("--pack", "common-practice")])
def test_the_tests_of_a_shipped_pack_see_everything(options: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["test", *options, "--min-coverage", "100", "--no-cache"])
    assert result.exit_code == 0, result.output


def test_another_fact_than_the_newest_may_stand_below_the_bound(tmp_path: Path) -> None:
    pack = write(tmp_path, NEWEST_TESTS)
    (pack / "rules.yaml").write_text(NEWEST, "utf-8")
    result = run(pack, "--coverage")
    assert "bounds at, just below and just above: 3 of 3 (100.0%)" in result.output


NEWEST = """\
rules:
  ask-who-came-last:
    title: Ask whoever came last
    when:
      - dry: {plant: $plant, date: $dry}
      - newest watered: {plant: $plant, date: $day and after $dry}
    recommend: {action: ask, about: $plant, open: $day}
  water-it:
    title: Water the plant
    when: [dry: {plant: $plant}]
    recommend: {action: water, about: $plant}
"""
NEWEST_TESTS = """\
tests:
  who-came-last:
    situation:
      as_of: 2026-05-05
      events: [{date: 2026-05-02, event: dry, plant: fern}]
    expect: [{action: water, about: fern}]
    checks:
      - add: &days
          - {date: 2026-05-01, event: watered, plant: fern}
          - {date: 2026-05-02, event: watered, plant: fern}
          - {date: 2026-05-03, event: watered, plant: fern}
          - {date: 2026-05-04, event: watered, plant: ivy}
        as_of: 2026-05-03
        expect: [{action: ask, about: fern, open: 2026-05-03, status: due}]
      - {as_of: 2026-05-04, add: *days, expect: [{action: ask, about: fern, open: 2026-05-03, status: due}]}
      - {as_of: 2026-05-02, add: *days, expect: [water], reject: [ask]}
"""


WORDS = """\
pack: {name: shop}
situation:
  scope: order
  records: {order: {in: orders, fields: {size: number, cost: money}, require: [size, cost]}}
  events: [orders.events]
types: {money: {decimal: 2}, rate: {decimal: 4}}
events: {placed: {says: Placed., fields: {by: text}}}
conclusions:
  fee: {says: Fee., fields: {cents: number}}
  part: {says: Part., fields: {of: rate}}
actions: {pack: {title: Pack it}, look: {title: Look at it}}
parameters: {dear: {says: Dear., value: 5.00}, much: {says: Much., value: 50%}}
"""
RULES = """\
tables:
  fees:
    hit: only
    complete: true
    when: [placed: {by: $who}, order: {size: $size}]
    columns: [$size, cents]
    conclude: fee
    rows:
      small: [at most 2, 10]
      large: [more than 2, 20]
rules:
  its-part: {conclude: {part: {of: 0.25}}}
  pack-it:
    title: Pack it
    when: [fee: {cents: $cents}, placed: {by: $by}]
    recommend: {action: pack, title: "Pack it for {by} and {cents} cents"}
  look-at-it:
    title: Look at it
    when:
      - order: {cost: $cost}
      - part: {of: $part}
      - where: $cost more than dear and $part at most much
    recommend: {action: look}
"""


def shop(folder: Path, checks: list[str], equivalent: str = "") -> Path:
    pack = folder / "shop"
    (pack / "tests").mkdir(parents=True)
    (pack / "vocabulary.yaml").write_text(WORDS, "utf-8")
    (pack / "rules.yaml").write_text(RULES, "utf-8")
    text = equivalent + "tests:\n" + "".join(checks)
    (pack / "tests" / "shop.yaml").write_text(text, "utf-8")
    return pack


def order(number: int, size: int, cost: str, expect: str, *, placed: bool = True) -> str:
    events = "[{date: 2026-05-01, event: placed, by: Ann}]" if placed else "[]"
    return (
        f"  order-{number}:\n    situation: {{as_of: 2026-05-04, orders: {{x: {{size: {size}, cost: {cost}, "
        f"events: {events}}}}}}}\n    {expect}\n"
    )


ALL_SIZES = [
    order(size, size, "1.00", f"expect: [{{conclusion: fee, cents: {cents}}}, pack]")
    for size, cents in ((1, 10), (2, 10), (3, 20))
]


def test_a_gap_in_what_the_rows_of_the_first_table_share_is_shown_at_its_place(tmp_path: Path) -> None:
    result = run(shop(tmp_path, ALL_SIZES), "--coverage")
    assert "`placed: {by: $who}`: never decided" in result.output
    assert "!    5     when: [placed: {by: $who}, order: {size: $size}]" in result.output


def test_what_is_always_there_need_not_be_seen_to_fail(tmp_path: Path) -> None:
    found = run(shop(tmp_path, ALL_SIZES), "--coverage").output
    assert "`order: {size: $size}`: never failed" not in found
    assert "`part: {of: $part}`: never failed" not in found
    assert "not counted, since no situation can show it: 3" in found


def test_the_name_of_a_table_excuses_what_its_rows_share(tmp_path: Path) -> None:
    excuse = 'equivalent:\n  fees: {"`placed: {by: $who}` is left out": All orders are placed}\n'
    result = run(shop(tmp_path, ALL_SIZES, excuse), "--coverage")
    assert "`placed: {by: $who}`" not in result.output, result.output
    wrong = run(shop(tmp_path / "wrong", ALL_SIZES, excuse.replace("fees", "feess")), "--coverage")
    assert "there is no rule `feess`" in wrong.output
    assert "did you mean `fees`?" in wrong.output


def test_a_value_that_only_a_title_tells_need_not_decide(tmp_path: Path) -> None:
    found = run(shop(tmp_path, ALL_SIZES), "--coverage").output
    assert "`cents: $cents` of `fee`: never decided" not in found
    assert "`by: $by` of `placed`: never decided" not in found


def test_beside_a_decimal_is_its_last_place(tmp_path: Path) -> None:
    costs = [
        order(n, 1, cost, f"{wanted}: [look]")
        for n, (cost, wanted) in enumerate([("4.99", "reject"), ("5.00", "reject"), ("5.01", "expect")])
    ]
    found = run(shop(tmp_path, costs), "--coverage").output
    assert "dear`: never" not in found
    farther = [text.replace("5.01", "6.00") for text in costs]
    assert "dear`: never just above" in run(shop(tmp_path / "farther", farther), "--coverage").output


def test_changes_move_a_decimal_by_its_last_place(tmp_path: Path) -> None:
    found = run(shop(tmp_path, ALL_SIZES), "--mutate", "--tries", "0").output
    assert "dear - 0.01" in found or "dear + 0.01" in found
    assert "much + 0.0001" in found
    assert "dear + 1 " not in found
