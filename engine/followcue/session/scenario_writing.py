"""A scenario test made of a situation and of what is advised in it, or of why something is not, for a file.

Idea: what is shown today is demanded of the future. Of advice: every action with its days, no other, and the
rules that recommend them. Of an absence: that the action is rejected today, and expected after the smallest
change that would bring it, so that the test says something of the rule that is missing.

    shown on 20 March              as_of: 2026-03-20
    Try once more, to Grace,       expect: [{action: try_once_more, to: grace, due: 2026-03-21}]
    by 21 March                    exact: true
                                   rules: [one-message-more]

Invariant: what is written passes by the rules of now, and fails where a rule that it names is disabled.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any, NamedTuple, TypeAlias

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.extras import require
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.pipeline import Options, evaluate_facts
from followcue.explain.wanted import Wanted
from followcue.explain.why_not.answer import Counterfactual, WhyNot
from followcue.explain.why_not.situation_edits import Add, Setting, Wait, with_edits
from followcue.explain.why_not.why_not import why_not
from followcue.language.documents.document import Document
from followcue.language.documents.edit import Edit
from followcue.session.pack_bench import PackBench
from followcue.synthesis.plain_data import copied
from followcue.synthesis.situation_yaml import as_yaml
from followcue.testing.find import TESTS
from followcue.testing.mutation.mutants import mutants_of
from followcue.testing.mutation.mutation import Grounded, grounded, noticing
from followcue.testing.read_scenarios import read_scenarios
from followcue.testing.run import exercised_rules, result_of

Data: TypeAlias = dict[str, Any]

USUAL_FILE = "situations.yaml"
"""The file of tests that a test is put into unless somebody names one."""

_SHOWN = ("to", "about", "status", "open", "due", "close", "until")


class WrittenTest(NamedTuple):
    """A file of tests with a new one in it: its whole text, the name and line of the test.

    `rules` are those without which it fails.
    """

    file: str
    text: str
    name: str
    line: int
    rules: tuple[str, ...]


def scenario_of_advice(
    bench: PackBench, name: str, file: str | None, document: Document, options: Options
) -> WrittenTest:
    """A test that demands what is advised in a situation, no more and no less; raises `InvalidInput`."""
    loaded = bench.loaded
    situation = loaded.read(document, options)
    report = evaluate_facts(loaded, situation, Options()).report
    heads = loaded.pack.rules
    rules = list(
        dict.fromkeys(
            rule
            for action in (*report.cautions, *report.actions)
            for rule in action.rules
            if heads[rule].head in ("recommend", "caution")
        )
    )
    data = {
        "title": name,
        **({"rules": rules} if rules else {}),
        **_situation(document, options),
        "as_of": date.fromordinal(situation.as_of).isoformat(),
        "expect": list(_expected(report)),
        "exact": True,
    }
    if not data["expect"]:
        del data["expect"]
    return _written(bench, name, file, {"": data})


def scenario_of_absence(
    bench: PackBench, name: str, file: str | None, document: Document, options: Options, wanted: Wanted
) -> WrittenTest:
    """A test that an action is not recommended, and is after the smallest change that would bring it.

    Raises `InvalidInput`, and `Unknown` or `NotRecommended` as `why_not` does.
    """
    loaded = bench.loaded
    situation = loaded.read(document, options)
    answer = why_not(loaded, document, wanted, options)
    if answer.is_recommended:
        message = f"`{answer.action}` is recommended on this day: there is nothing to explain"
        raise InvalidInput([document.problem("FC911", message, ())])
    change = next(iter(answer.changes), None)
    absent = {
        "as_of": date.fromordinal(situation.as_of).isoformat(),
        "reject": [_absent(answer, change)],
    }
    base = {"title": name, **_situation(document, options)}
    if change is None:
        return _written(bench, name, file, {"": {**base, **absent}})
    then = change.then
    expected = {
        **_named(answer.action, then.scope, then.to, then.about, answer.report),
        "status": then.status,
        **_days({"open": then.open, "due": then.due}),
    }
    day = change.as_of.isoformat()
    if all(isinstance(edit, Add | Wait | Setting) for edit in change.edits):
        after = {"as_of": day, **_added(change, answer), "expect": [expected]}
        tests = {"": {**base, "checks": [absent, after]}}
    else:
        tried = with_edits(_plain(document), change.edits)
        changed = {"title": f"{name}, after a change", **_situation(tried.document, options)}
        settings = {"profile": tried.profile} if tried.profile else {}
        tests = {
            "": {**base, **absent},
            "-after": {**changed, **settings, "as_of": day, "expect": [expected]},
        }
    return _written(bench, name, file, tests)


def _absent(answer: WhyNot, change: Counterfactual | None) -> Data:
    """What is rejected: the action; where it is there for others or for later, as it is after the change."""
    report = answer.report
    if change is None or not any(
        line.action == answer.action for line in (*report.cautions, *report.actions)
    ):
        return _named(answer.action, answer.scope, answer.to, answer.about, report)
    then = change.then
    return {**_named(answer.action, then.scope, then.to, then.about, report), "status": then.status}


def _added(change: Counterfactual, answer: WhyNot) -> Data:
    """The events and settings of a change, as a check lays them over a situation."""
    events, found = [], {}
    parameters: Data = {}
    for edit in change.edits:
        match edit:
            case Add(_, scope, event):
                of = {answer.report.scope_key: scope} if scope is not None else {}
                events.append({**of, **dict(event)})
            case Setting("profile", value):
                found["profile"] = value
            case Setting(name, value):
                parameters[name] = value
    return {**found, **({"params": parameters} if parameters else {}), **({"add": events} if events else {})}


# --- the situation
def _situation(document: Document, options: Options) -> Data:
    """The situation without its day, and what it was read with."""
    data = {key: value for key, value in _plain(document).items() if key != "as_of"}
    settings: Data = {}
    if options.profile is not None:
        settings["profile"] = options.profile
    if options.parameters:
        settings["params"] = copied(dict(options.parameters))
    return {**settings, "situation": data}


def _plain(document: Document) -> Data:
    data = copied(document.data)
    assert isinstance(data, dict), "what has been read is a mapping"
    return data


# --- demands
def _expected(report: Report) -> Iterator[Data]:
    for sort, actions in (("caution", report.cautions), ("action", report.actions)):
        for action in actions:
            yield {sort: action.action, **_shown(action, report)}


def _shown(action: Action, report: Report) -> Data:
    told = action.to_dict(report.scope_key)
    return {key: told[key] for key in (report.scope_key, *_SHOWN) if told.get(key) is not None}


def _named(action: str, scope: str | None, to: str | None, about: str | None, report: Report) -> Data:
    keys = {"action": action, report.scope_key: scope, "to": to, "about": about}
    return {key: value for key, value in keys.items() if value is not None}


def _days(days: Mapping[str, date | None]) -> Data:
    return {key: day.isoformat() for key, day in days.items() if day is not None}


# --- the file
def _written(bench: PackBench, name: str, file: str | None, tests: Mapping[str, Data]) -> WrittenTest:
    """The file with the tests at its end; raises `InvalidInput` where they would not pass."""
    require("edit")
    path = file or _usual_file(bench)
    text = bench.tests.get(path, "")
    free = _free(_slug(name), set(_names(text, path)), tests)
    named = {f"{free}{ending}": data for ending, data in tests.items()}
    if text.strip():
        edit = Edit(text, path)
        edit.update(("tests",), named)
    else:
        edit = Edit(text + as_yaml({"tests": named}), path)
    mine = [one for one in read_scenarios(edit.document, bench.loaded) if one.id in named]
    ran = [grounded(bench.loaded, scenario) for scenario in mine]
    for scenario, found in zip(mine, ran, strict=True):
        if not result_of(scenario, found.outcomes, bench.loaded.pack).passed:
            raise InvalidInput([Diagnostic("FC610", "this test would not pass as it stands", place=path)])
    span = edit.document.span(("tests", free), key=True)
    return WrittenTest(path, edit.text, free, span.line if span else 1, _rests_on(bench, ran))


def _rests_on(bench: PackBench, ran: Sequence[Grounded]) -> tuple[str, ...]:
    """The rules that are exercised, and without which one of the tests fails."""
    exercised = sorted(exercised_rules(outcome for found in ran for outcome in found.outcomes))
    gone = [mutant for mutant in mutants_of(bench.loaded, exercised) if mutant.info is None]
    noticed = {gone[number].rule for number, _ in noticing(bench.loaded, ran, gone)}
    return tuple(rule for rule in exercised if rule in noticed)


def _usual_file(bench: PackBench) -> str:
    folders = bench.state.texts.folders
    usual = os.path.join(folders[-1].origin if folders else "", TESTS, USUAL_FILE)
    return usual if usual in bench.tests else next(iter(sorted(bench.tests)), usual)


def _names(text: str, path: str) -> Iterable[str]:
    data = Edit(text, path).data if text.strip() else {}
    tests = data.get("tests") if isinstance(data, dict) else None
    return tests if isinstance(tests, dict) else ()


def _slug(name: str) -> str:
    """A name of small letters, digits and `-`, of what somebody calls a test."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-").lstrip("-0123456789") or "test"


def _free(name: str, taken: Collection[str], endings: Iterable[str]) -> str:
    """The name, with a number where it is taken."""
    for number in count(1):
        tried = name if number == 1 else f"{name}-{number}"
        if not any(f"{tried}{ending}" in taken for ending in endings):
            return tried
    raise AssertionError("there is always another number")
