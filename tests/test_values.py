"""Every public value and exception can be pickled and copied, and goes through a pool of processes."""

from __future__ import annotations

import copy
import inspect
import multiprocessing
import pickle
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from importlib import util
from pathlib import Path
from typing import Any

import pytest

import followcue
from followcue.assistant.journal.mark_done import NotSaid
from followcue.base.diagnostic import Undecided
from followcue.evaluation.situation.mistakes import TooManyMistakes
from followcue.language.documents.read import read_document

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "whole-search.yaml"
PACK = ROOT / "examples" / "packs" / "invoice-reminders"
WRONG = {"as_of": "2026-01-01", "applications": {"a": {"compny": "A"}}, "extra": 1}

STAYS = {"ReloadingPack": "stays in the process"}
"""What cannot leave its process, and what is then said."""

WAYS: dict[str, Callable[[Any], Any]] = {
    "pickled": lambda value: pickle.loads(pickle.dumps(value)),
    "pickled by the oldest protocol with classes": lambda value: pickle.loads(pickle.dumps(value, 2)),
    "copied": copy.copy,
    "copied deeply": copy.deepcopy,
}


@cache
def rules() -> followcue.LoadedPack:
    return followcue.load_pack()


def refused(ask: Callable[[], object]) -> Exception:
    try:
        ask()
    except Exception as problem:
        return problem
    raise AssertionError("nothing was refused")


REFUSALS: dict[str, Callable[[], object]] = {
    "InvalidInput": lambda: followcue.evaluate(WRONG, rules()),
    "LimitExceeded": lambda: followcue.evaluate(EXAMPLE, rules(), limits=followcue.Limits(steps=1)),
    "MatcherUnavailable": lambda: followcue.evaluate(EXAMPLE, rules(), matcher="none"),
    "NotRecommended": lambda: followcue.why(EXAMPLE, "review_offer", rules()),
    "Unknown": lambda: followcue.why(EXAMPLE, "no such thing", rules()),
    "UnknownPack": lambda: followcue.load_pack(packs=["no such thing"]),
}
UNAVAILABLE = ("Unavailable", "DraftsUnavailable", "HtmlUnavailable", "WatchUnavailable")
"""Raised where a package is missing, with one sentence."""


TEXT = "as_of: 2026-01-01\napplications:\n  a: {company: 'A', events: []}\n"


@cache
def values() -> dict[str, Any]:
    """One of each public class, by its name."""
    report = followcue.evaluate(EXAMPLE, rules())
    explained = followcue.why(EXAMPLE, None, rules())
    invalid = refused(REFUSALS["InvalidInput"])
    assert isinstance(invalid, followcue.InvalidInput)
    found = {
        "Action": report.actions[0],
        "Citation": report.actions[0].sources[0],
        "Conclusion": report.conclusions[0],
        "Diagnostic": invalid.diagnostics[0],
        "Document": read_document(TEXT, "a.yaml"),
        "Edit": followcue.Edit(TEXT, "a.yaml"),
        "Explanation": explained,
        "Ground": next(ground for action in report.actions for ground in action.grounds),
        "Limits": followcue.Limits(steps=7),
        "LoadedPack": rules(),
        "Plan": followcue.plan(EXAMPLE, rules()),
        "Reason": report.actions[0].because[0],
        "Reload": followcue.Reload(rules(), False, (), invalid.diagnostics, ValueError("a fault")),
        "Report": report,
        "Span": followcue.Span("a.yaml", 1, 2),
        "Step": report.steps[0],
        "Why": explained.whys[0],
        "WhyNot": followcue.why_not(EXAMPLE, "send_thank_you", rules()),
    }
    if util.find_spec("jinja2"):
        found["Drafts"] = followcue.write_drafts(EXAMPLE, me="Robin Vale")
        found["Draft"] = found["Drafts"].drafts[0]
    found |= {name: refused(ask) for name, ask in REFUSALS.items()}
    return found | {name: getattr(followcue, name)("this needs that") for name in UNAVAILABLE}


def told(value: Any) -> Any:
    """What a value says: by it equal ones are known that are no tuples."""
    match value:
        case BaseException():
            return type(value), value.args, vars(value)
        case followcue.LoadedPack():
            return value.pack
        case followcue.Edit():
            return value.name, value.text, value.data
        case followcue.Document():
            return value.name, value.data, value.span(("applications", "a", "company"))
        case followcue.Reload():
            return *value[1:4], told(value.pack), told(value.fault)
    return value


CLASSES = [name for name in followcue.__all__ if inspect.isclass(getattr(followcue, name))]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [name for name in CLASSES if name not in STAYS])
def test_a_value_stays_what_it_is(name: str, way: str) -> None:
    if name in ("Draft", "Drafts"):
        pytest.importorskip("jinja2", reason="the extra `drafts` is not installed")
    value = values()[name]
    assert isinstance(value, getattr(followcue, name))
    again = WAYS[way](value)
    assert type(again) is type(value)
    assert told(again) == told(value)
    if isinstance(value, Exception | followcue.Diagnostic | followcue.Reload):
        assert str(again) == str(value)


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_leave_its_process_says_so(way: str) -> None:
    pack = followcue.ReloadingPack(PACK)
    with pytest.raises(TypeError, match=r"stays in the process .*: hand on its `pack`"):
        WAYS[way](pack)


@pytest.mark.parametrize("problem", [Undecided, NotSaid, partial(TooManyMistakes, place="a.yaml")])
@pytest.mark.parametrize("way", WAYS)
def test_so_do_the_kinds_of_invalid_input(problem: Callable[[Any], Any], way: str) -> None:
    raised = problem([followcue.Diagnostic("FC101", "this is wrong", followcue.Span("a.yaml", 1, 2))])
    assert told(WAYS[way](raised)) == told(raised)


def test_a_pack_that_was_unpickled_judges_alike(tmp_path: Path) -> None:
    """Also one with folders of its own, after these have gone, and with every matcher that is there."""
    folder = tmp_path / "mine"
    shutil.copytree(PACK, folder)
    loaded = followcue.load_pack(folder, cache=False)
    packed = pickle.dumps(loaded)
    shutil.rmtree(folder)
    (example, *_) = sorted(PACK.glob("examples/*.yaml"))
    again = pickle.loads(packed)
    for matcher in ("compiled", "reference"):
        asked = partial(followcue.evaluate, example, matcher=matcher)
        assert asked(again) == asked(loaded)


def test_one_wrong_situation_does_not_break_a_pool() -> None:
    usual = followcue.Limits().steps
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        asked = [
            pool.submit(followcue.evaluate, situation, rules(), limits=followcue.Limits(steps=steps))
            for situation, steps in ((WRONG, usual), (EXAMPLE, 1), (EXAMPLE, usual))
        ]
        wrong, much, right = ((each.exception(), each) for each in asked)
        assert told(wrong[0]) == told(values()["InvalidInput"])
        assert told(much[0]) == told(values()["LimitExceeded"])
        assert right[0] is None
        assert right[1].result() == values()["Report"]
