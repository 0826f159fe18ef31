"""Explanations: complete, minimal, the same however they came about, and told to whoever asks."""

from __future__ import annotations

import json
import random
import re
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import followcue
from fenced import blocks, rewrite, run_python
from followcue import InvalidInput, LoadedPack, MatcherUnavailable, cli, load_pack
from followcue.base import clock
from followcue.base.shipped import data_folder
from followcue.evaluation.advice.support import ClauseSupports, Node, by_row
from followcue.evaluation.match.protocol import Derivation
from followcue.evaluation.match.registry import MATCHERS
from followcue.evaluation.pipeline import evaluate_facts
from followcue.evaluation.situation.situation import EventKey, Situation
from followcue.explain.explanation import Explanation, FactMention, RuleWhy, Way
from followcue.explain.forms import as_json, as_markdown, as_text
from followcue.explain.tree import DEEPEST
from followcue.explain.wanted import NotRecommended, Unknown
from followcue.language.documents.read import read_file
from followcue.synthesis.sampling import Size, situations

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
GOLDEN = Path(__file__).parent / "cases" / "why"
PAGE = ROOT / "docs" / "why.md"
SILENCE = ROOT / "examples" / "silence-after-promise.yaml"
FORMS = {"txt": as_text, "md": as_markdown, "json": as_json}
SHOWN = [("silence-after-promise", "try_once_more"), ("first-interview", "send_thank_you")]


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@cache
def shipped() -> LoadedPack:
    return load_pack(cache=False)


@cache
def explained(example: Path) -> Explanation:
    """Everything that the report on an example says, explained."""
    return followcue.why(example, rules=shipped())


def settled(said: str) -> str:
    """What is said, but for lines of rule files and the version, which every edit of a rule changes."""
    said = re.sub(r"(rules/[\w/-]+\.yaml):\d+", r"\1:0", said)
    said = re.sub(r"\s*[│ ]*(\(?rules/)", r" \1", said)  # where the line breaks depends on them too
    return re.sub(r'"rules_version": "\w+"', '"rules_version": "any"', said).replace(f"{ROOT}/", "")


# --- what is said
@pytest.mark.slow
@pytest.mark.parametrize(("example", "action"), SHOWN)
@pytest.mark.parametrize("form", FORMS)
def test_examples_read_as_expected(
    example: str, action: str, form: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)  # lines are wrapped, so that the name of the file is to be the same everywhere
    explanation = followcue.why(f"examples/{example}.yaml", action, shipped())
    said = FORMS[form](explanation)
    expected = GOLDEN / f"{example}.{form}"
    if request.config.getoption("--rebaseline"):
        expected.write_text(said, encoding="utf-8")
    assert settled(said) == settled(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_json_fits_its_schema(example: Path) -> None:
    schema = json.loads((data_folder("schemas") / "why.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(as_json(explained(example))))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_everything_in_the_report_is_explained(example: Path) -> None:
    answer = explained(example)
    assert [why.action for why in answer.whys] == [*answer.report.cautions, *answer.report.actions]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_events_of_the_tree_are_those_of_the_report(example: Path) -> None:
    for why in explained(example).whys:
        told = {(fact.fact, fact.scope, fact.date, fact.line) for fact in why.events}
        assert told == {(r.fact, r.scope, r.date, r.line) for r in why.action.because}, why.action.action


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_conclusion_is_told_once_and_found_from_its_other_mentions(example: Path) -> None:
    for why in explained(example).whys:
        told = [fact for fact in conclusions(why.ways) if fact.told == "here"]
        rows = {(fact.fact, fact.rules[0].ways[0].derivation.row) for fact in told}
        assert len(rows) == len(told)
        numbers = {fact.number for fact in told}
        others = [fact for fact in conclusions(why.ways) if fact.told != "here"]
        assert all(fact.told == "elsewhere" and fact.number in numbers and not fact.rules for fact in others)
        assert not any(fact.number is None for fact in others)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_internal_shows(example: Path) -> None:
    said = as_text(explained(example)) + as_markdown(explained(example))
    assert not re.search(r"None|!recommendation|\$\w|#\d", said)
    lines = as_text(explained(example), width=100).replace(f"{ROOT}/", "").splitlines()
    assert max(map(len, lines)) <= 100


def test_the_sentence_says_why() -> None:
    why = followcue.why(SILENCE, "try_once_more", shipped()).whys[0]
    assert why.sentence.startswith("Try once more: Grace Adeyemi, Fernhill Hospital, by Sat 2026-03-21")
    assert "because of status checked 2026-03-16" in why.sentence
    assert "no status checked after 2026-03-16" in why.sentence
    assert "employment-guide G24" in why.sentence


def test_a_name_cannot_steer_the_terminal_or_the_document() -> None:
    data = yaml.safe_load(SILENCE.read_text("utf-8"))
    data["applications"]["fernhill"]["company"] = "Evil\u202e <b>*Corp*</b>"
    answer = followcue.why(data, "try_once_more", shipped())
    assert "\u202e" not in as_text(answer)
    assert "<b>" not in as_markdown(answer)


# --- the same however it came about
@pytest.mark.slow
@pytest.mark.parametrize("matcher", MATCHERS)
def test_every_matcher_leads_to_the_same_explanation(matcher: str) -> None:
    for example in EXAMPLES[:4]:
        try:
            answer = followcue.why(example, rules=shipped(), matcher=matcher)
        except MatcherUnavailable as reason:
            pytest.skip(str(reason))
        assert answer.to_dict() == explained(example).to_dict()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_order_changes_nothing(example: Path) -> None:
    data = yaml.safe_load(example.read_text("utf-8"))
    plain = without_places(followcue.why(data, rules=shipped()).to_dict())
    chance = random.Random(example.stem)
    for _ in range(3):
        assert without_places(followcue.why(shuffled(data, chance), rules=shipped()).to_dict()) == plain


def shuffled(data: Any, chance: random.Random) -> Any:
    """The same situation in another order; events of one day keep theirs, which has a meaning."""
    if isinstance(data, dict):
        return {key: shuffled(data[key], chance) for key in chance.sample(sorted(data), len(data))}
    if isinstance(data, list) and data and isinstance(data[0], dict):
        days = sorted({event["date"] for event in data})
        return [e for day in chance.sample(days, len(days)) for e in data if e["date"] == day]
    return data


def without_places(data: Any) -> Any:
    """The explanation but for the paths of keys, which follow the order of the situation."""
    if isinstance(data, dict):
        return {key: without_places(value) for key, value in data.items() if key != "place"}
    return [without_places(value) for value in data] if isinstance(data, list) else data


# --- complete and minimal
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_without_an_event_every_derivation_that_names_it_is_gone(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(EXAMPLES).map(case_of), label="example")
    way = data.draw(st.sampled_from(case.ways), label="way")
    keys = sorted(case.supports[way.derivation.clause].event_keys(way.derivation), key=repr)
    if keys:
        key = data.draw(st.sampled_from(keys), label="event")
        assert fixed(way.derivation) not in case.without(key)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_without_an_event_that_all_ways_rest_on_the_recommendation_is_gone(data: st.DataObject) -> None:
    """Unless rules for its absence derive anew what it led to: then these are what it rests on."""
    case = data.draw(st.sampled_from(EXAMPLES).map(case_of), label="example")
    way = data.draw(st.sampled_from(case.recommending), label="way")
    needed = sorted(case.needed(way.derivation), key=repr)
    if needed:
        key = data.draw(st.sampled_from(needed), label="event")
        left = case.without(key)
        found = fixed(way.derivation)
        assert found not in left or case.beneath(found, left) - case.derivations


class Case:
    """One example: its situation, its derivations, and what becomes of these without an event."""

    def __init__(self, example: Path) -> None:
        self.pack = shipped().pack
        self.situation = shipped().reader.read(read_file(example), today=clock.today)
        self.supports = ClauseSupports(self.pack.clauses, self.pack.vocabulary)
        self.derivations = frozenset(map(fixed, evaluate_facts(shipped(), self.situation).derivations))
        self.rows = by_row(self.pack.clauses, self.derivations)
        whys = explained(example).whys
        self.ways = [way for why in whys for way in why.ways]
        self.recommending = [way for why in whys for rule in why.rules for way in rule.ways]
        self._needed = self._needed_by_rows()

    def without(self, key: EventKey) -> frozenset[Derivation]:
        """The derivations of the situation without one event, all else as it was."""
        facts = {
            name: [row for row in rows if not self._is(name, row, key)]
            for name, rows in self.situation.facts.items()
        }
        situation: Situation = self.situation._replace(facts=facts)
        return frozenset(map(fixed, evaluate_facts(shipped(), situation).derivations))

    def _is(self, relation: str, row: tuple[Any, ...], key: EventKey) -> bool:
        vocabulary = self.pack.vocabulary
        if vocabulary.kinds[relation.partition(".")[0]].role != "event":
            return False
        names = [column.name for column in vocabulary.relations[relation].columns]
        scope = row[names.index("application")] if "application" in names else None
        return (scope, row[names.index("at")]) == key

    def needed(self, derivation: Derivation) -> frozenset[EventKey]:
        """The events without which there is no proof of a derivation."""
        support = self.supports[derivation.clause]
        premises = [self._needed[node] for node in support.premises(derivation)]
        return frozenset(support.event_keys(derivation)).union(*premises)

    def _needed_by_rows(self) -> dict[Node, frozenset[EventKey]]:
        """The events in all proofs of each derived row: the greatest solution, since proofs are finite."""
        everything = frozenset(key for d in self.derivations for key in self.supports[d.clause].event_keys(d))
        self._needed = {(name, row): everything for name, rows in self.rows.items() for row in rows}
        while True:
            found = {
                (name, row): frozenset.intersection(*map(self.needed, self.rows[name][row]))
                for name, row in self._needed
            }
            if found == self._needed:
                return found
            self._needed = found

    def beneath(self, derivation: Derivation, among: Iterable[Derivation]) -> set[Derivation]:
        """A derivation and all that it rests on, among those that there are."""
        rows: Mapping[str, Any] = by_row(self.pack.clauses, among)
        seen, pending = {derivation}, [derivation]
        while pending:
            current = pending.pop()
            for name, row in self.supports[current.clause].premises(current):
                fresh = [d for d in rows[name][row] if d not in seen]
                seen.update(fresh)
                pending += fresh
        return seen


@cache
def case_of(example: Path) -> Case:
    return Case(example)


def fixed(derivation: Derivation) -> Derivation:
    """The derivation with grouped rows in one order, to compare."""
    return derivation._replace(grouped=tuple(tuple(sorted(rows, key=repr)) for rows in derivation.grouped))


# --- depth
@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_depth_is_how_many_conclusions_are_followed(depth: int) -> None:
    why = followcue.why(SILENCE, "try_once_more", shipped(), depth=depth).whys[0]
    assert deepest(why.rules) == depth
    assert any(fact.told == "deeper" for fact in conclusions(why.ways))


def test_depth_cuts_where_the_whole_tree_is_deeper() -> None:
    whole = followcue.why(SILENCE, "try_once_more", shipped()).whys[0]
    assert deepest(whole.rules) > 5
    assert not any(fact.told == "deeper" for fact in conclusions(whole.ways))


@pytest.mark.slow
def test_a_long_chain_is_followed_as_far_as_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text(ROADS)
    (tmp_path / "rules.yaml").write_text(
        RULES.replace("reached: {from: $between}", "road: {town: $between, to: $town}")
    )
    towns = {
        f"t{n}": {"events": [{"date": "2026-03-01", "event": "road", "to": f"t{n + 1}", "miles": 40}]}
        for n in range(2 * DEEPEST)
    }
    chain = {"as_of": "2026-03-10", "towns": {**towns, f"t{2 * DEEPEST}": {}}}
    rules = load_pack(tmp_path, cache=False)
    last = f"t{2 * DEEPEST - 1}"
    allowed = followcue.Limits(report=2**30)
    answer = followcue.why(chain, "visit", rules, scope=last, about="t0", limits=allowed)
    assert deepest(answer.whys[0].rules) == DEEPEST
    for render in FORMS.values():
        assert render(answer)


def conclusions(ways: Iterable[Way]) -> Iterator[FactMention]:
    return (fact for way in ways for fact in way.all_facts if fact.role == "conclusion")


def deepest(rules: Iterable[RuleWhy]) -> int:
    facts = [fact for rule in rules for way in rule.ways for fact in way.all_facts if fact.rules]
    return max((1 + deepest(fact.rules) for fact in facts), default=0)


# --- another subject, and conclusions in a circle
ROADS = """
pack: {name: roads, title: Roads}
situation:
  scope: town
  records: {town: {in: towns, says: A town., fields: {name: text}}}
  events: [towns.events]
events:
  road: {says: A road was built., fields: {to: town, miles: number}, require: [to]}
  flood: {says: There was a flood.}
conclusions:
  reached: {says: One can come here from there., fields: {from: town}}
actions:
  visit: {title: Visit the town}
parameters:
  rest: {says: Days between two journeys., value: 2 days, profiles: {hasty: 0 days}, cites: [own default]}
  far: {says: What is far., value: 30, cites: [own default]}
profiles: {calm: {says: Slowly., default: true}, hasty: {says: Fast.}}
sources: {atlas: {title: Atlas}}
"""
RULES = """
rules:
  by-road:
    when: [road: {town: $other, to: $town}]
    conclude: {reached: {from: $other}}
  by-way-of:
    when: [reached: {from: $between}, reached: {town: $between, from: $start}]
    conclude: {reached: {from: $start}}
  visit-it:
    title: Visit what can be reached
    cites: [own reading of atlas]
    when:
      - reached: {from: $start}
      - sum road.miles as $miles
      - count road as $n
      - newest road: {date: $day}
      - where: $miles at least far and $n at least 1
      - no flood: {date: after $day - 1 week}
      - no flood: {town: any, date: on or after today}
    recommend: {action: visit, about: $start, open: later of ($day + rest and $day), due: $day + 2 * rest}
"""
TOWNS = {
    "as_of": "2026-03-10",
    "towns": {
        "ulm": {
            "name": "Ulm",
            "events": [{"date": "2026-03-01", "event": "road", "to": "bonn", "miles": 20}],
        },
        "bonn": {
            "name": "Bonn",
            "events": [
                {"date": "2026-03-02", "event": "road", "to": "ulm", "miles": 30},
                {"date": "2026-03-03", "event": "road", "to": "kiel", "miles": 10},
            ],
        },
        "kiel": {"name": "Kiel"},
    },
}


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> LoadedPack:
    folder = tmp_path_factory.mktemp("roads")
    (folder / "vocabulary.yaml").write_text(ROADS)
    (folder / "rules.yaml").write_text(RULES)
    return load_pack(folder, cache=False)


def test_a_circle_of_conclusions_is_told_once_round(roads: LoadedPack) -> None:
    answer = followcue.why(TOWNS, "visit", roads, scope="bonn", about="ulm")
    said = as_text(answer)
    assert said.count("reached: from Ulm") > 2
    assert "reached: from Ulm: see [" in said
    assert answer.to_dict()["whys"][0]["town"] == "bonn"  # type: ignore[index]


def test_aggregates_absence_and_windows_are_said_in_words(roads: LoadedPack) -> None:
    said = as_text(followcue.why(TOWNS, "visit", roads, scope="bonn", about="ulm"))
    for wanted in (
        "road, the sum of miles of 2: 40",
        "road, 2 in all",
        "road 2026-03-03, to Kiel, miles 10 (towns.bonn.events[1]), the newest of 2",
        "and there is no flood after 2026-03-03 - 7 days",
        "and there is no flood on or after today, for any town",
        "sum of miles of road 40 at least far and count of road 2 at least 1",
        "open 2026-03-05 = the later of (date of road 2026-03-03 + rest) and date of road 2026-03-03",
        "due 2026-03-07 = date of road 2026-03-03 + 2 * rest",
        "rest = 2 days: Days between two journeys (own default; ",
    ):
        assert wanted in re.sub(r"\n[│ ]*", " ", said), wanted


@pytest.mark.parametrize(
    ("options", "layer", "value"),
    [
        ({}, "pack", "2 days"),
        ({"profile": "hasty"}, "profile", "0 days"),
        ({"situation": TOWNS | {"params": {"rest": "1 week"}}}, "situation", "7 days"),
        ({"parameters": {"rest": "4 days"}}, "option", "4 days"),
    ],
)
def test_parameters_tell_where_they_come_from(
    options: dict[str, Any], layer: str, value: str, roads: LoadedPack
) -> None:
    situation = options.pop("situation", TOWNS)
    why = followcue.why(situation, "visit", roads, scope="bonn", about="ulm", **options).whys[0]
    rest = next(use for use in why.parameters if use.name == "rest")
    assert (rest.layer, rest.value) == (layer, value)
    assert rest.place.rpartition("/")[2] == {"option": "", "situation": "params.rest"}.get(
        layer, "vocabulary.yaml:15"
    )


def test_days_that_the_calendar_moved_are_told(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text(ROADS)
    (tmp_path / "rules.yaml").write_text(RULES.replace("later of ($day + rest and $day)", "$day"))
    roads = load_pack(tmp_path, cache=False)
    towns = {**TOWNS, "params": {"count": "working_days", "rest": "0 days"}}
    towns["towns"]["bonn"]["events"][1] = {"date": "2026-03-07", "event": "road", "to": "kiel", "miles": 10}
    why = followcue.why(towns, "visit", roads, scope="bonn", about="ulm").whys[0]
    said = [computed.text for computed in why.rules[0].ways[0].computed]
    assert said[0].endswith(", moved to a working day, 2026-03-09")
    assert "count" in [use.name for use in why.parameters]


# --- the command
def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, ["why", *arguments], input=text)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["try_once_mor"], 2, "did you mean `try_once_more`?"),
        (["--application", "fernhil"], 2, "did you mean `fernhill`?"),
        (["--to", "grece"], 2, "did you mean `grace`?"),
        (["--depth", "-1"], 2, "depth"),
        (["--depth", str(DEEPEST + 1)], 2, "depth"),
        (["send_thank_you"], 1, "`send_thank_you` is not recommended on Fri 2026-03-20; what is"),
        (["send_thank_you", "--application", "fernhill"], 1, "\n  try_once_more (Grace Adeyemi, "),
        (["--about", "nothing"], 1, "nothing about `nothing` is recommended on Fri 2026-03-20; what is"),
        (["--set", "unknown=1"], 3, "FC601"),
        (["--rules", "/nowhere"], 3, "FC101"),
    ],
)
def test_exit_codes(arguments: list[str], code: int, said: str) -> None:
    result = run(str(SILENCE), *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_what_is_recommended_instead_is_of_the_same_application() -> None:
    said = run(str(SILENCE), "send_thank_you", "--application", "fernhill").stderr
    assert "keep_searching" not in said


def test_an_empty_situation_has_nothing_to_explain(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text("as_of: 2026-11-21\napplications: {}\n")
    assert run(str(path)).exit_code == 0
    result = run("-", "send_thank_you", text=path.read_text())
    assert (result.exit_code, result.stdout) == (1, "")


def test_options_and_output(tmp_path: Path) -> None:
    target = tmp_path / "why.json"
    options = [
        "--profile=patient",
        "--as-of=2026-03-23",
        "--set",
        "check_within=4 days",
        "--matcher=reference",
    ]
    wanted = [str(SILENCE), "check_status", "--format", "json", "-o", str(target)]
    assert run(*wanted, *options).exit_code == 0
    answer = json.loads(target.read_text("utf-8"))
    layers = {use["name"]: use["layer"] for use in answer["whys"][0]["parameters"]}
    assert (layers["check_within"], layers["promised_grace"]) == ("option", "profile")


def test_the_same_through_the_api() -> None:
    with pytest.raises(Unknown, match="did you mean `try_once_more`"):
        followcue.why(SILENCE, "try_once_mor", shipped())
    with pytest.raises(NotRecommended, match="not recommended"):
        followcue.why(SILENCE, "send_thank_you", shipped())
    with pytest.raises(InvalidInput):
        followcue.why({"applications": 3}, rules=shipped())


@pytest.mark.slow
# --- how it is done among the steps
def test_every_action_says_which_step_it_is_part_of() -> None:
    """In all examples and made-up situations, also of what was missed and what is skipped."""
    made = islice(situations(shipped(), 3, Size(goals=3, noise=6)), 12)
    for situation in (*EXAMPLES, *made):
        answer = followcue.why(situation, rules=shipped(), missed=True)
        steps = {key: step for step in answer.report.steps for key in step.actions}
        for why in answer.whys:
            if why.is_caution:
                assert why.placement is None
                continue
            placed = why.placement
            assert placed is not None
            over = why.action.status in ("missed", "skipped")
            assert placed.step == (None if over else steps.get(why.action.id))
            assert re.search(r"vocabulary/actions\.yaml:\d+$", placed.origin)
            if placed.step is None:
                assert placed.notes[0].startswith("in no step: ")
            else:
                assert answer.report.steps[(placed.number or 0) - 1] == placed.step
                others = placed.step.actions
                assert len(others) == 1 or any(other in " ".join(placed.notes) for other in others)
                held_back = placed.step.when == "ahead" and why.action.status in ("due", "overdue")
                assert held_back == any(note.startswith("kept until ") for note in placed.notes)


PACK = """\
pack: {name: club, title: A club}
situation:
  scope: club
  whole: clubs
  records:
    club: {in: clubs, says: A club., fields: {name: text}, require: [name]}
    member: {in: clubs.members, says: Somebody., fields: {name: text}}
  events: [clubs.events]
events:
  met: {says: You met., fields: {with: member}, require: [with]}
messages:
  mail: {says: "Write to {person}", channel: email}
  call: {says: "Call {person}", channel: phone, office hours: true}
  card: {says: "Post a card to {person}", alone: true}
sittings: {desk: club}
actions:
  thank: {title: Thank them, priority: high, message: mail, fades: true}
  ring: {title: Ring them, message: call}
  greet: {title: Greet them, message: mail, rides: true, rides on: [thank]}
  post: {title: Post it, message: card}
  file: {title: File it, sitting: desk}
  tidy: {title: Tidy up, sitting: desk}
  hush: {title: Be quiet, standing: true, asks for silence: true}
profiles: {usual: {says: As ever., default: true}}
"""
MET = """\
rules:
  advise:
    title: Advise
    cites: [own default]
    when: [met: {with: $who, date: $day, note: %s}]
    recommend: {action: %s, to: $who, open: $day, due: $day}
  low-for-some:
    title: Not so urgent
    cites: [own default]
    when: [met: {with: $who, note: low}]
    step: {action: ring, to: $who, at most: low}
"""
QUIET = """\
  be-quiet:
    title: Be quiet
    cites: [own default]
    when: [met: {date: $day, note: hush}]
    recommend: {action: hush, until: $day + 30 days}
"""


def club(tmp_path: Path, *actions: str) -> LoadedPack:
    (tmp_path / "vocabulary.yaml").write_text(PACK)
    advise = "\n".join(MET.splitlines()[1:6])
    rules = [advise.replace("advise:", f"advise-{a}:") % (a, a) for a in actions if a != "hush"]
    rest = "\n".join(MET.splitlines()[6:])
    (tmp_path / "rules.yaml").write_text("rules:\n" + "\n".join([*rules, rest, QUIET]))
    return load_pack(tmp_path, cache=False)


@pytest.mark.parametrize(
    ("day", "notes", "asked", "said"),
    [
        (4, ("thank",), "thank", ["it counts as high"]),
        (
            14,
            ("thank",),
            "thank",
            ["it counts as normal and not as high: it is 12 days late"],
        ),
        (
            4,
            ("thank", "greet"),
            "greet",
            ["one message says it all, together with thank", "it rides: "],
        ),
        (
            4,
            ("greet",),
            "greet",
            ["in no step: it rides on the next message to Eve, Chess, with thank"],
        ),
        (
            4,
            ("thank", "post"),
            "post",
            ["kept until Thu 5 Mar: another message to the same person"],
        ),
        (4, ("file", "tidy"), "file", ["it is done in one sitting, together with tidy:chess:eve"]),
        (7, ("ring",), "ring", ["kept until Mon 9 Mar: offices are closed today"]),
        (
            4,
            ("ring", "low"),
            "ring",
            ["it counts as low and not as normal: a rule lets it count"],
        ),
        (4, ("thank", "hush"), "thank", ["kept until Wed 1 Apr: Be quiet: Chess"]),
        (
            4,
            ("hush",),
            "hush",
            ["in no step: it goes on", "messages there wait until Wed 1 Apr"],
        ),
    ],
)
def test_what_made_a_step_so_is_said(
    day: int, notes: tuple[str, ...], asked: str, said: list[str], tmp_path: Path
) -> None:
    loaded = club(tmp_path, "thank", "ring", "greet", "post", "file", "tidy")
    events = [{"date": "2026-03-02", "event": "met", "with": "eve", "note": note} for note in notes]
    chess = {"name": "Chess", "members": {"eve": {"name": "Eve"}}, "events": events}
    situation = {"as_of": f"2026-03-{day:02}", "clubs": {"chess": chess}}
    (why,) = followcue.why(situation, asked, loaded).whys
    assert why.placement is not None
    for wanted in said:
        assert any(note.startswith(wanted) for note in why.placement.notes), why.placement.notes
    if "low" in notes:
        assert [rule.source.rule for rule in why.placement.rules] == ["low-for-some"]
        assert "rule low-for-some: Not so urgent" in as_text(followcue.why(situation, asked, loaded))


def test_a_step_or_an_action_is_asked_about_by_number_and_id() -> None:
    report = followcue.evaluate(SILENCE, shipped())
    for number, step in enumerate(report.steps, 1):
        for word in (str(number), step.id):
            answer = followcue.why(SILENCE, word, shipped())
            assert [why.action.id for why in answer.whys] == list(step.actions)
    for action in report.actions:
        assert [w.action for w in followcue.why(SILENCE, action.id, shipped()).whys] == [action]
    for word in ("99", "0", "step:wait:fernhill"):
        with pytest.raises(
            Unknown, match=f"there is no (number|step) `?{word}`?: the report of Fri 2026-03-20 has 1 to "
        ):
            followcue.why(SILENCE, word, shipped())
    assert run(str(SILENCE), "1").stdout.count("step 1: ") == len(report.steps[0].actions)


# --- the page
def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    found = blocks(PAGE)
    answers: dict[int, str] = {}
    for number, block in enumerate(found):
        if block.label == "console":
            commands = [line for line in block.text.splitlines() if line.startswith("$ ")]
            answers[number] = "".join(f"{line}\n{printed(line)}" for line in commands)
        elif block.label == "python":
            answers[number + 1] = run_python(block, PAGE, {})
    if request.config.getoption("--rebaseline"):
        rewrite(PAGE, answers)
    else:
        assert {n: settled(found[n].text) for n in answers} == {n: settled(a) for n, a in answers.items()}


def printed(line: str) -> str:
    command = shlex.split(line.removeprefix("$ followcue "))
    return CliRunner().invoke(cli.main, command, prog_name="followcue").output
