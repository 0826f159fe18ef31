"""The engine as programs use it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import followcue
import followcue.synthesis
from followcue import Document, InvalidInput, LoadedPack, evaluate, evaluate_many, load_pack

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SITUATION = {
    "as_of": "2026-11-21",
    "applications": {"acme": {"company": "Acme", "events": [{"date": "2026-11-20", "event": "applied"}]}},
}


@pytest.fixture(scope="module")
def rules() -> LoadedPack:
    return load_pack(cache=False)


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert followcue.__version__ == project["version"]


@pytest.mark.parametrize("module", [followcue, followcue.synthesis], ids=["followcue", "synthesis"])
def test_every_public_name_is_there(module: ModuleType) -> None:
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = module.nonsense


def test_an_import_alone_imports_no_rooms() -> None:
    program = (
        "import sys, followcue, followcue.synthesis; print(*(m for m in sys.modules if 'followcue' in m))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    rooms = {"followcue", "followcue.base", "followcue.base.version", "followcue.synthesis"}
    assert set(result.stdout.split()) == rooms


@pytest.mark.parametrize(
    "given",
    [
        lambda path: path,
        str,
        lambda path: path.read_text(encoding="utf-8"),
        lambda path: path.read_bytes(),
        lambda path: followcue.Document.of(SITUATION),
        lambda path: SITUATION,
    ],
    ids=["path", "name", "text", "bytes", "document", "data"],
)
def test_a_situation_may_be_given_in_many_forms(
    given: Callable[[Path], Document | dict[str, object]], rules: LoadedPack, tmp_path: Path
) -> None:
    path = tmp_path / "situation.yaml"
    path.write_text(
        "as_of: 2026-11-21\n"
        "applications: {acme: {company: Acme, events: [{date: 2026-11-20, event: applied}]}}\n"
    )
    report = evaluate(given(path), rules)
    assert report.as_of == date(2026, 11, 21)
    assert "acme" in {action.scope for action in report.actions}


def test_options_win_and_the_clock_is_asked_last(rules: LoadedPack) -> None:
    assert evaluate(SITUATION, rules, as_of=date(2026, 12, 1), profile="patient").profile == "patient"
    without = {"applications": {}, "timezone": "Asia/Tokyo"}
    zones: list[str | None] = []

    def today(zone: str | None) -> date:
        zones.append(zone)
        return date(2027, 1, 1)

    assert evaluate(without, rules, today=today).as_of == date(2027, 1, 1)
    assert zones == ["Asia/Tokyo"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-12-01", "as_of: FC604: `as_of` must be a `datetime.date`, not `2026-12-01`"),
        (
            date(1026, 12, 1),
            "as_of: FC604: `as_of`: 1026-12-01 is not a year between 1900 and 2200\n"
            "  hint: did you mean 2026-12-01?",
        ),
    ],
)
@pytest.mark.parametrize("situation", [SITUATION, {"applications": {}}])
def test_a_day_that_is_none_is_told(
    day: Any, said: str, situation: dict[str, object], rules: LoadedPack
) -> None:
    with pytest.raises(InvalidInput) as raised:
        evaluate(situation, rules, as_of=day)
    assert str(raised.value) == said


def test_mistakes_in_data_are_told_by_their_path(rules: LoadedPack) -> None:
    with pytest.raises(InvalidInput) as raised:
        evaluate({"applications": {"acme": {"events": []}}}, rules)
    (problem,) = raised.value.diagnostics
    assert problem.where.startswith("applications.acme")


def test_many_situations_are_taken_one_at_a_time(rules: LoadedPack) -> None:
    taken = []

    def situations() -> object:
        for path in EXAMPLES:
            taken.append(path)
            yield path

    reports = evaluate_many(situations(), rules)  # type: ignore[arg-type]
    assert next(reports) == evaluate(EXAMPLES[0], rules)
    assert taken == EXAMPLES[:1]
    assert len(list(reports)) == len(EXAMPLES) - 1


def test_records_become_situations(rules: LoadedPack) -> None:
    records = [
        {"situation": "s1", "event": "application", "application": "acme", "company": "Acme"},
        {"situation": "s1", "event": "applied", "application": "acme", "date": "2026-11-20"},
    ]
    grouped = followcue.situations_from_records(records, rules.pack.vocabulary)
    (report,) = evaluate_many((data for _, data in grouped), rules, as_of=date(2026, 11, 21))
    assert report.actions == evaluate(SITUATION, rules).actions


@pytest.mark.slow
def test_one_pack_serves_many_threads(rules: LoadedPack) -> None:
    fresh = load_pack(cache=False)  # so that the threads meet it before anything in it was used
    expected = [evaluate(path, rules) for path in EXAMPLES]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(lambda path: evaluate(path, fresh), EXAMPLES)) == expected


def test_working_days_move_windows(rules: LoadedPack) -> None:
    saturday = {"as_of": "2026-11-21", **SITUATION}
    calm = evaluate(saturday, rules, parameters={"count": "working_days"})
    assert all(a.open is None or a.open.weekday() < 5 for a in calm.actions if a.status == "upcoming")


def test_an_unknown_matcher_is_refused(rules: LoadedPack) -> None:
    with pytest.raises(followcue.MatcherUnavailable, match="no matcher `magic`"):
        evaluate(SITUATION, rules, matcher="magic")
