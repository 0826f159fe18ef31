"""What rules work out is seen: in texts, in tables, in tests."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from followcue import cli
from followcue.base.diagnostic import InvalidInput
from followcue.evaluation.match.registry import MATCHERS
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.language.documents.read import read_document
from followcue.testing.read_scenarios import read_scenarios
from followcue.testing.run import run_scenario

VOCABULARY = """\
pack: {name: loans, title: Loans}
situation:
  scope: applicant
  whole: desk
  records:
    applicant:
      in: applicants
      says: Somebody who wants a loan.
      fields: {name: text, income: number, debts: number, work: work}
  events: [applicants.events, events]
types: {work: {one of: [self_employed, employed]}}
events:
  applied: {says: They applied., fields: {within: duration, urgent: boolean, for: applicant}}
  paid: {says: They paid., fields: {amount: number}}
conclusions:
  risk:
    says: The risk.
    fields: {class: text, rate: number, from: date, stay: duration, who: applicant, sure: boolean}
  hidden: {says: Only for rules., internal: true}
actions:
  lend: {title: Lend the money, say: lend what they want}
  decline: {title: Decline the loan}
parameters:
  most: {says: Most debts., value: 100, profiles: {strict: 50}, cites: [own default]}
profiles: {usual: {says: As always., default: true}, strict: {says: Carefully.}}
"""

RULES = """\
rules:
  price:
    when: [applicant: {income: $i, debts: $d}, applied: {date: $day}]
    conclude: {risk: {class: a, rate: $i - $d, from: $day, stay: 2 weeks, who: $applicant, sure: true}}
  kept-to-itself:
    when: [applied]
    conclude: hidden
  lend:
    title: Lend
    when:
      - risk: {rate: $rate, from: $day}
      - applied: {within: $within, urgent: $urgent, for: $for}
      - applicant: {work: $work}
      - count paid as $n
      - sum paid.amount as $total
      - maybe paid: {amount: $amount}
      - where: $rate at least 0
    recommend:
      action: lend
      title: "Lend {for} at {rate} percent[, paid {amount}]"
      open: $day
      do:
        - "From {day} for {within}"
        - "Work: {work}, urgent: {urgent}"
        - "{n} times {total}"
        - "Ask for {amount}"
        - "At most {most}"
      avoid: ["More than {rate}[ or {amount}]"]
  decline:
    title: Decline
    when: [risk: {rate: $rate and less than 0}]
    caution: {action: decline, title: "Decline: {rate}"}
  noticed:
    when: [paid: {amount: $amount, date: $day}, applicant: {debts: less than $amount}]
    warn: "{amount} were paid on {day}, which is more than they owe"
  on-lending:
    cites: [own default]
    when: [paid: {amount: $amount}]
    tip: {action: lend, do: ["Thank them for {amount}"]}
  always:
    cites: [own default]
    tip: {action: lend, do: ["Never more than {most}"]}
"""

SITUATION = """\
as_of: 2026-03-12
applicants:
  ann:
    name: Ann Lee
    income: 200
    debts: 50
    work: self_employed
    events:
      - {date: 2026-03-09, event: applied, within: 2 weeks, urgent: false, for: bob}
      - {date: 2025-12-31, event: paid, amount: 70}
      - {date: 2026-03-10, event: paid, amount: 9}
  bob:
    name: Bob Roe
    income: 20
    debts: 50
    events:
      - {date: 2026-03-09, event: applied}
  cam:
    income: 60
    debts: 50
    work: employed
    events:
      - {date: 2026-03-09, event: applied, within: 1 day, urgent: true, for: ann}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pack = tmp_path / "loans"
    pack.mkdir()
    (pack / "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
    (pack / "rules.yaml").write_text(RULES, "utf-8")
    (tmp_path / "loans.yaml").write_text(SITUATION, "utf-8")
    return tmp_path


@pytest.fixture
def loaded(folder: Path) -> LoadedPack:
    return load_pack(folder / "loans", cache=False)


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(cli.main, [*words, "--rules", str(folder / "loans")])
    assert done.exit_code == 0, done.output
    return done.output


# --- in texts
@pytest.mark.parametrize("matcher", MATCHERS)
def test_texts_tell_values(loaded: LoadedPack, matcher: str) -> None:
    from followcue import MatcherUnavailable, evaluate

    try:
        report = evaluate(SITUATION, loaded, matcher=matcher)
    except MatcherUnavailable as error:
        pytest.skip(str(error))
    ann, cam = report.actions
    assert ann.title == "Lend Bob Roe at 150 percent, paid 70"
    assert ann.do == (
        "From 9 March for 14 days",
        "Work: self employed, urgent: no",
        "2 times 79",
        "Ask for 70",
        "Ask for 9",
        "At most 100",
        "Never more than 100",
        "Thank them for 70",
        "Thank them for 9",
    )
    assert ann.avoid == ("More than 150 or 70", "More than 150 or 9")
    assert cam.title == "Lend Ann Lee at 10 percent"
    assert cam.do == (
        "From 9 March for 1 day",
        "Work: employed, urgent: yes",
        "0 times 0",
        "At most 100",
        "Never more than 100",
    )
    assert cam.avoid == ("More than 10",)
    assert [caution.title for caution in report.cautions] == ["Decline: -30"]
    assert report.warnings == ("situation:10: 70 were paid on 31 December 2025, which is more than they owe",)
    assert [step.title for step in report.steps] == [
        "Lend Bob Roe at 150 percent, paid 70: Ann Lee",
        "Lend Ann Lee at 10 percent: cam",
    ]


COMPUTED = """\
rules:
  decline:
    title: Decline
    when:
      - applied: {date: $day, within: $within}
      - where: $late is today - $day
      - where: $answer is $day + $within
      - applicant: {income: $i, debts: $d}
      - where: $left is $i - $d
    recommend: {action: decline, do: ["For {late}, until {answer}[, with {left} left]"]}
"""
APPLIED = """\
as_of: 2026-12-12
applicants:
  ann: {name: Ann, income: 200, debts: 50, events: [{date: 2026-12-09, event: applied, within: 2 weeks}]}
"""


@pytest.mark.parametrize("matcher", MATCHERS)
def test_texts_tell_what_is_reckoned(folder: Path, matcher: str) -> None:
    """Which is told of each day anew, and reckoned as conditions are."""
    from followcue import MatcherUnavailable, evaluate

    (folder / "loans" / "rules.yaml").write_text(COMPUTED, "utf-8")
    loaded = load_pack(folder / "loans", cache=False)
    try:
        report = evaluate(APPLIED, loaded, matcher=matcher)
    except MatcherUnavailable as error:
        pytest.skip(str(error))
    assert report.actions[0].do == ("For 3 days, until 23 December, with 150 left",)
    assert report.next_change == report.as_of + timedelta(days=1)
    said = evaluate(APPLIED.replace("as_of", "params: {count: working_days}\nas_of"), loaded, matcher=matcher)
    assert said.actions[0].do == ("For 3 days, until 29 December, with 150 left",)


def test_what_is_reckoned_has_limits(folder: Path) -> None:
    from followcue import LimitExceeded, evaluate

    rules = COMPUTED.replace("$day + $within", "$day + $within * 1000000")
    (folder / "loans" / "rules.yaml").write_text(rules, "utf-8")
    with pytest.raises(LimitExceeded, match=r"after the year 9999 .*first at `decline`"):
        evaluate(APPLIED, load_pack(folder / "loans", cache=False))


def test_the_year_of_a_day_that_a_text_tells_ends(folder: Path) -> None:
    """`23 December` becomes `23 December 2026`."""
    from followcue import evaluate

    rules = COMPUTED.replace("For {late}, until", "Until").replace(
        "      - where: $late is today - $day\n", ""
    )
    (folder / "loans" / "rules.yaml").write_text(rules, "utf-8")
    report = evaluate(APPLIED, load_pack(folder / "loans", cache=False))
    assert report.actions[0].do == ("Until 23 December, with 150 left",)
    assert report.next_change == date(2027, 1, 1)


def test_parameters_are_told_as_they_are_in_force(loaded: LoadedPack) -> None:
    from followcue import evaluate

    ann, _ = evaluate(SITUATION, loaded, profile="strict").actions
    assert {"At most 50", "Never more than 50"} <= set(ann.do)
    ann, _ = evaluate(SITUATION, loaded, parameters={"most": 7}).actions
    assert {"At most 7", "Never more than 7"} <= set(ann.do)


def test_why_tells_what_was_told(folder: Path) -> None:
    said = run(folder, "why", str(folder / "loans.yaml"), "lend", "--application", "ann")
    assert "do: Ask for 70" in said
    assert "do: Thank them for 9" in said
    assert "{" not in said


def test_a_text_is_never_run(tmp_path: Path, folder: Path) -> None:
    for text in ("{{ rate }}", "{rate.__class__}", "{rate!r}", "{rate:>9}", "{% if rate %}", "{0}", "{}"):
        rules = RULES.replace("Lend {for} at {rate} percent[, paid {amount}]", text)
        (folder / "loans" / "rules.yaml").write_text(rules, "utf-8")
        with pytest.raises(InvalidInput, match=r"FC614: (.* is no name in braces|braces must)"):
            load_pack(folder / "loans", cache=False)
    evil = SITUATION.replace("Bob Roe", "'{rate} [x] {{ 7*7 }} %s'")
    from followcue import evaluate

    (folder / "loans" / "rules.yaml").write_text(RULES, "utf-8")
    report = evaluate(evil, load_pack(folder / "loans", cache=False))
    assert report.actions[0].title == "Lend {rate} [x] {{ 7*7 }} %s at 150 percent, paid 70"


# --- in a table, Markdown and a page
def test_conclusions_in_a_table(folder: Path) -> None:
    said = run(folder, "evaluate", str(folder / "loans.yaml"), "--conclusions")
    told = said[said.index("Concluded") :].splitlines()
    assert told[1:] == [
        "    Ann Lee  risk: class a, rate 150, from 2026-03-09, stay 14 days, who Ann",
        "             Lee, sure yes",
        "    Bob Roe  risk: class a, rate -30, from 2026-03-09, stay 14 days, who Bob",
        "             Roe, sure yes",
        "    cam      risk: class a, rate 10, from 2026-03-09, stay 14 days, who cam,",
        "             sure yes",
    ]
    of_cam = run(folder, "evaluate", str(folder / "loans.yaml"), "--conclusions", "--application", "cam")
    assert "Ann Lee  risk" not in of_cam
    assert "cam  risk: class a, rate 10" in of_cam
    assert "Concluded" not in run(folder, "evaluate", str(folder / "loans.yaml"))
    marked = run(folder, "evaluate", str(folder / "loans.yaml"), "--conclusions", "--format", "markdown")
    assert "## Concluded\n\n- Ann Lee: risk: class a, rate 150" in marked


def test_conclusions_on_a_page(folder: Path) -> None:
    pytest.importorskip("jinja2")
    page = run(folder, "evaluate", str(folder / "loans.yaml"), "--format", "html")
    assert "risk: class a, rate 150" in page


def test_conclusions_go_with_a_table(folder: Path) -> None:
    done = CliRunner().invoke(
        cli.main, ["evaluate", str(folder / "loans.yaml"), "--conclusions", "--format", "json"]
    )
    assert done.exit_code == 2
    assert "--conclusions goes with a table or Markdown" in done.output


# --- in tests
def scenario(loaded: LoadedPack, test: str) -> list[str]:
    from followcue.testing.failures import said_of

    body = "".join(f"  {line}\n" for line in SITUATION.splitlines())
    text = f"situation:\n{body}tests:\n  t:\n    {test}\n"
    (found,) = read_scenarios(read_document(text, "t.yaml"), loaded)
    return [line.strip() for line in said_of(run_scenario(found, loaded))][2:]


@pytest.mark.parametrize(
    "test",
    [
        "expect: [{conclusion: risk}]",
        "expect: [{conclusion: risk, applicant: ann, rate: 150, class: a}]",
        "expect: [{conclusion: risk, rate: -30, who: bob, stay: 2 weeks, from: 2026-03-09, sure: true}]",
        "reject: [{conclusion: risk, applicant: ann, rate: 10}, {conclusion: risk, class: b}]",
        "reject: [{conclusion: risk, rate:}, {conclusion: risk, applicant: null}]",
        "{exact: true, expect: [lend, decline, {conclusion: risk, rate: 10}]}",
    ],
)
def test_conclusions_are_expected(loaded: LoadedPack, test: str) -> None:
    assert scenario(loaded, test) == []


def of(who: str, rate: int) -> str:
    return (
        f"got       conclusion risk: applicant {who}, class a, rate {rate}, from 2026-03-09, "
        f"stay 14 days, who {who}, sure true"
    )


@pytest.mark.parametrize(
    ("test", "told"),
    [
        (
            "expect: [{conclusion: risk, applicant: ann, rate: 151}]",
            [
                "expected  conclusion risk: applicant ann, rate 151",
                of("ann", 150),
                of("bob", -30),
                of("cam", 10),
            ],
        ),
        (
            "reject: [{conclusion: risk, rate: 10}]",
            [
                "unwanted  conclusion risk: rate 10",
                of("cam", 10),
                "by price",
            ],
        ),
        (
            "{as_of: 2026-03-01, expect: [{conclusion: risk}]}",
            ["expected  conclusion risk", "got       no `risk`"],
        ),
    ],
)
def test_conclusions_are_missed(loaded: LoadedPack, test: str, told: list[str]) -> None:
    assert scenario(loaded, test) == told


@pytest.mark.parametrize(
    ("expected", "told", "hint"),
    [
        (
            "risk",
            "FC302: `risk` is a conclusion, and no action",
            "write `{conclusion: risk}`, with its fields",
        ),
        ("{conclusion: rsk}", "FC302: there is no conclusion `rsk`", "did you mean `risk`?"),
        ("{conclusion: lend}", "FC302: `lend` is an action, and no conclusion", "write `{action: lend}`"),
        ("{conclusion: applied}", "FC302: there is no conclusion `applied`", "known here: `hidden`, `risk`"),
        ("{conclusion: hidden}", "FC302: `hidden` is internal", "expect what it leads to"),
        (
            "{conclusion: risk, rat: 3}",
            "FC302: the conclusion `risk` has no field `rat`",
            "did you mean `rate`?",
        ),
        ("{conclusion: risk, rate: x}", "FC501: `rate` must be a whole number, not `x`", ""),
        ("{conclusion: risk, from: 2026-02-30}", "FC507: `from`: there is no 2026-02-30 in the calendar", ""),
        ("{conclusion: risk, stay: 3}", "FC508: `stay` must be a duration", ""),
        ("{conclusion: risk, applicant: anne}", "FC302: nothing in the situation is called `anne`", "`ann`?"),
        (
            "{conclusion: risk, who: bo}",
            "FC302: nothing in the situation is called `bo`",
            "did you mean `bob`?",
        ),
        ("{conclusion: risk, rate: [1]}", "FC201: `rate` must be text, a number, or true or false", ""),
        ("{action: lend, rate: 3}", "FC202: an expectation has no `rate`", ""),
        ("{action: lend, applicant: 3}", "FC201: `applicant` must be text, not a number", "put it in quotes"),
        ("{concluded: risk}", "FC202: an expectation has no `concluded`", "{conclusion: NAME}"),
    ],
)
def test_slips_in_expected_conclusions(loaded: LoadedPack, expected: str, told: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        scenario(loaded, f"expect: [{expected}]")
    (problem,) = raised.value.diagnostics
    assert told in f"{problem.code}: {problem.message}"
    assert hint in (problem.hint or "")
    assert problem.where.startswith("t.yaml:")


def test_mutation_sees_conclusions(folder: Path) -> None:
    tests = folder / "loans" / "tests"
    tests.mkdir()
    situation = "".join(f"  {line}\n" for line in SITUATION.splitlines())
    text = f"situation:\n{situation}tests:\n  t:\n    expect: [{{conclusion: risk, rate: 150}}]\n"
    (tests / "t.yaml").write_text(text, "utf-8")
    done = CliRunner().invoke(cli.main, ["test", str(folder / "loans"), "--mutate", "--rule", "price"])
    assert done.exit_code == 0, done.output
    assert "`class: a` is left out" in done.output
    assert "- {conclusion: risk, class: a}" in done.output or "conclusion: risk, applicant" in done.output
    (tests / "t.yaml").write_text(text.replace("rate: 150", "rate: 150, class: a"), "utf-8")
    done = CliRunner().invoke(cli.main, ["test", str(folder / "loans"), "--mutate", "--rule", "price"])
    assert "`class: a` is left out" not in done.output


def test_update_writes_what_was_concluded(folder: Path) -> None:
    pytest.importorskip("ruamel.yaml")
    file = folder / "t.yaml"
    file.write_text(
        "situation_file: loans.yaml\n"
        "tests:\n"
        "  t:\n"
        "    expect: [{conclusion: risk, applicant: ann, rate: 151, class: a}]\n"
        "    reject: [{conclusion: risk, applicant: cam}]\n",
        "utf-8",
    )
    run(folder, "test", str(file), "--update", "--yes")
    assert "{conclusion: risk, applicant: ann, rate: 150, class: a}" in file.read_text("utf-8")
    assert "2 tests" not in run(folder, "test", str(file))


# --- in reasons
def test_reasons_name_records_and_conclusions(loaded: LoadedPack) -> None:
    from followcue import Ground, evaluate

    report = evaluate(SITUATION, loaded)
    ann, cam = report.actions
    assert [reason.fact for reason in ann.because] == ["paid", "applied", "paid"]
    assert ann.grounds == (
        Ground("record", "applicant", "ann", None, {"debts": 50, "income": 200, "work": "self_employed"}, 3),
        Ground("conclusion", "risk", "ann", None, report.conclusions[0].fields, None),
    )
    (decline,) = report.cautions
    assert [reason.fact for reason in decline.because] == ["applied"]
    assert decline.grounds[0] == Ground("record", "applicant", "bob", None, {"debts": 50, "income": 20}, 12)
    told = decline.to_dict("applicant")["because"]
    assert isinstance(told, list)
    assert told[0] == {"fact": "applied", "applicant": "bob", "date": "2026-03-09", "fields": {}, "line": 17}
    assert told[1] == {
        "kind": "record",
        "fact": "applicant",
        "applicant": "bob",
        "id": None,
        "date": None,
        "fields": {"debts": 50, "income": 20},
        "line": 12,
    }
    assert [cam.grounds[0].scope, cam.grounds[0].line] == ["cam", 18]


SHOP = """\
pack: {name: shop, title: A shop}
situation:
  scope: order
  whole: shop
  records:
    order: {in: orders, says: An order., fields: {of: text, tags: list of text}}
    item: {in: orders.items, says: One thing of it., fields: {name: text, price: number, seller: clerk}}
    clerk: {in: clerks, says: Somebody who sells., fields: {name: text, new: boolean}}
    owner: {in: owner, single: true, says: Whose shop it is., fields: {name: text, strict: boolean}}
  events: [orders.events, events]
events: {called: {says: They called.}}
conclusions: {dear: {says: It is dear., fields: {price: number}}, seen: {says: Seen., internal: true}}
actions: {look: {title: Look at it}, praise: {title: Praise them}, count: {title: Count}}
profiles: {usual: {says: As always., default: true}}
"""
SHOP_RULES = """\
rules:
  dear:
    when: [max item.price as $p, where: $p more than 100]
    conclude: {dear: {price: $p}}
  seen:
    when: [owner: {strict: true}, order]
    conclude: seen
  look:
    title: Look
    when: [dear, seen, order: {tags: [urgent, late]}]
    recommend: {action: look}
  praise:
    title: Praise
    when: [item: {seller: $who, price: more than 100}, clerk: {id: $who, new: true}]
    recommend: {action: praise, about: $who}
  count:
    title: Count
    when: [order, count item as $n, where: $n at least 2]
    recommend: {action: count}
"""
SHOP_SITUATION = """\
as_of: 2026-03-12
owner: {name: Olga, strict: true}
clerks:
  kim: {name: Kim, new: true}
orders:
  o1:
    of: Ann
    tags: [late, big, urgent]
    items:
      a: {name: A, price: 120, seller: kim}
      b: {name: B, price: 90}
"""


def test_records_of_every_sort_are_named(tmp_path: Path) -> None:
    from followcue import evaluate

    (tmp_path / "vocabulary.yaml").write_text(SHOP, "utf-8")
    (tmp_path / "rules.yaml").write_text(SHOP_RULES, "utf-8")
    report = evaluate(SHOP_SITUATION, load_pack(tmp_path, cache=False))
    found = {action.action: action for action in report.actions}
    assert [action.because for action in report.actions] == [(), (), ()]
    assert [tuple(ground)[1:] for ground in found["look"].grounds] == [
        ("item", "o1", "a", {"price": 120}, 10),
        ("order", "o1", None, {"tags": ["late", "urgent"]}, 6),
        ("owner", None, None, {"strict": True}, 2),
        ("dear", "o1", None, {"price": 120}, None),
    ]
    assert [tuple(ground)[1:] for ground in found["praise"].grounds] == [
        ("clerk", None, "kim", {"new": True}, 4),
        ("item", "o1", "a", {"price": 120, "seller": "kim"}, 10),
    ]
    assert [tuple(ground)[1:] for ground in found["count"].grounds] == [
        ("item", "o1", "a", {}, 10),
        ("item", "o1", "b", {}, 11),
    ]
    from followcue.evaluation.report import as_json, markdown, table

    assert '"because": []' not in as_json.render(report)
    said = markdown.render(report)
    assert "- item A: price 120 (line 10)" in said
    assert "- order Ann: tags late and urgent (line 6)" in said
    assert "- dear: price 120" in said
    assert "- owner: strict yes (line 2)" in said
    whole = " ".join(table.render(report, more=True).split())
    assert "Praise them: Ann (Kim); clerk Kim: new yes (line 4); item A: price 120, seller Kim" in whole
