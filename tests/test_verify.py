"""`followcue verify`: matchers that agree, and one that is broken on purpose and has to be found out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from followcue.authoring.verify.forms import as_text
from followcue.authoring.verify.verify import MADE_UP, OF_TESTS, VARIANTS, prepared, trials, verify
from followcue.base.limits import LimitExceeded
from followcue.cli import main
from followcue.evaluation.match import registry as matchers
from followcue.evaluation.match.protocol import (
    Derivation,
    Environment,
    Facts,
    MatcherUnavailable,
    PreparedMatcher,
)
from followcue.evaluation.match.reference import ReferenceMatcher
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.language.logic.program import Program
from followcue.synthesis.shrink import shrunken
from followcue.testing.find import find_tests
from followcue.testing.suite import read_suite
from packs_at_hand import LIBRARY, write_pack


class Broken:
    """The meaning itself, but blind to what happens on the very day of the evaluation."""

    def __init__(self, program: Program) -> None:
        self._inner = ReferenceMatcher(program)

    def run(self, facts: Facts, environment: Environment) -> Sequence[Derivation]:
        seen = {
            name: [row for row in rows if name != "returned" or row[1] != environment.today]
            for name, rows in facts.items()
        }
        return self._inner.run(seen, environment)


class Refusing:
    """Answers nothing that has two books in it."""

    def __init__(self, program: Program) -> None:
        self._inner = ReferenceMatcher(program)

    def run(self, facts: Facts, environment: Environment) -> Sequence[Derivation]:
        if len(facts.get("loan", ())) > 1:
            raise LimitExceeded("two books are too many")
        return self._inner.run(facts, environment)


class Absent:
    """Cannot run at all."""

    def __init__(self, program: Program) -> None:
        raise MatcherUnavailable("it is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "library", LIBRARY)


@pytest.fixture
def library(folder: Path) -> LoadedPack:
    return load_pack(folder, cache=False)


def tried(library: LoadedPack, folder: Path, count: int = 60) -> Any:
    return trials(library, read_suite(find_tests((), [str(folder)]), library), count, 1)


def test_matchers_agree_on_tests_variants_and_made_up_situations(library: LoadedPack, folder: Path) -> None:
    ready, missing = prepared(library, ["reference", "compiled"])
    found = verify(library, tried(library, folder), ready, missing)
    assert found.agreed
    assert found.tried == {OF_TESTS: 2, VARIANTS: 30, MADE_UP: 30}
    assert found.silent == ()
    assert all(share.agreed == 62 for share in found.matchers.values())


def test_a_broken_matcher_is_found_and_the_situation_is_small(library: LoadedPack, folder: Path) -> None:
    ready: dict[str, PreparedMatcher] = {
        "reference": library.matcher("reference"),
        "broken": Broken(library.program),
    }
    found = verify(library, tried(library, folder, 300), ready)
    assert not found.agreed
    assert found.disagreement is not None
    assert found.disagreement.difference.matcher == "broken"
    assert len(json.dumps(found.disagreement.smallest)) <= len(json.dumps(found.disagreement.found))
    (loan,) = found.disagreement.smallest["loans"].values()
    assert [event["event"] for event in loan["events"]] in (["lent", "returned"], ["returned", "lent"])
    text = as_text(found, library.pack)
    day = found.disagreement.smallest["as_of"]
    assert "only `broken` derives:\n    a-book-is-out: out {loan: " in text
    assert f"{{date: {day}, event: returned" in text or f"date: {day}\n" in text
    pasted = text.split("in which they do:\n")[1].split("\nsituations:")[0]
    assert yaml.load(pasted, yaml.BaseLoader) == found.disagreement.smallest


def test_a_refusal_is_told_and_is_no_agreement(library: LoadedPack, folder: Path) -> None:
    ready: dict[str, PreparedMatcher] = {
        "reference": library.matcher("reference"),
        "shy": Refusing(library.program),
    }
    found = verify(library, tried(library, folder), ready)
    refused = found.matchers["shy"].refused
    assert refused.total() > 0
    assert found.matchers["reference"].agreed == found.tried.total() - refused.total()
    assert f"{refused.total()} times: two books are too many" in as_text(found, library.pack)


def test_one_matcher_alone_proves_nothing(library: LoadedPack, folder: Path) -> None:
    ready, missing = prepared(library, ["reference"])
    found = verify(library, tried(library, folder, 5), ready, missing)
    assert not found.agreed
    assert "nothing was compared" in as_text(found, library.pack)


def test_time_runs_out(library: LoadedPack, folder: Path) -> None:
    ready, _ = prepared(library, ["reference", "compiled"])
    found = verify(library, tried(library, folder, 100_000), ready, seconds=0.05)
    assert found.out_of_time
    assert found.tried.total() < 10_000


def test_what_is_left_out_stays_left_out() -> None:
    data = {"as_of": "2026-01-01", "list": [{"n": 1}, {"n": 2, "m": 3}, {"n": 4}], "more": {"of": "it"}}
    smallest = shrunken(data, lambda d: any("m" in entry for entry in d.get("list", ())))
    assert smallest == {"as_of": "2026-01-01", "list": [{"m": 3}]}
    assert data["more"] == {"of": "it"}


JSON = st.recursive(
    st.integers() | st.booleans() | st.text(max_size=3),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=2), inside, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@given(data=st.dictionaries(st.text(max_size=2), JSON, max_size=5), wanted=st.integers(0, 3))
def test_what_is_left_still_is_so_and_nothing_more_can_go(data: dict[str, Any], wanted: int) -> None:
    def still(candidate: dict[str, Any]) -> bool:
        return json.dumps(candidate).count("true") >= min(wanted, json.dumps(data).count("true"))

    smallest = shrunken(data, still)
    assert still(smallest)
    assert len(json.dumps(smallest)) <= len(json.dumps(data))
    assert shrunken(smallest, still) == smallest


def test_the_number_of_tries_is_limited() -> None:
    asked: list[object] = []

    def never(data: dict[str, Any]) -> bool:
        asked.append(data)
        return False

    shrunken({"as_of": "x", "list": list(range(100))}, never, tries=7)
    assert len(asked) == 7


def test_the_same_seed_tries_the_same(library: LoadedPack, folder: Path) -> None:
    assert list(islice(tried(library, folder), 40)) == list(islice(tried(library, folder), 40))


# --- the command
def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["verify", "--no-cache", *arguments])


@pytest.mark.slow
def test_the_command_tells_how_many_were_tried(folder: Path) -> None:
    result = run(str(folder), "--situations", "20")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("situations: 22 (2 of the tests, 10 variants of these, 10 made up)\n")
    assert "rules that fired: 4 of 4" in result.output
    assert "all agree" in result.output


@pytest.mark.slow
def test_the_command_takes_rules_as_the_others_do(folder: Path) -> None:
    asked = ("--situations", "4", "--matcher", "reference", "--matcher", "compiled")
    by_path, by_option = (run(*first, *asked) for first in ((str(folder),), ("--rules", str(folder))))
    assert by_option.exit_code == by_path.exit_code == 0
    assert by_option.output.splitlines()[:2] == by_path.output.splitlines()[:2]


@pytest.mark.slow
def test_the_command_ends_with_1_on_a_disagreement(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(matchers._PLACES, "durable", (__name__, "Broken"))
    result = run(str(folder), "--format", "json")
    assert result.exit_code == 1
    data = json.loads(result.output)
    assert data["disagreement"]["matcher"] == "durable"
    assert data["disagreement"]["extra"]
    assert data["disagreement"]["situation"]["loans"]


def test_a_matcher_that_cannot_run_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(matchers._PLACES, "durable", (__name__, "Absent"))
    result = run(str(folder), "--situations", "5")
    assert result.exit_code == 0
    assert "durable: cannot run these rules: it is not installed" in result.output


def test_broken_rules_end_with_3(folder: Path) -> None:
    (folder / "rules.yaml").write_text("rules: [", encoding="utf-8")
    assert run(str(folder)).exit_code == 3


@pytest.mark.large
def test_the_shipped_pack_at_length() -> None:
    loaded = load_pack()
    ready, missing = prepared(loaded, ["reference", "compiled", "durable"])
    found = verify(loaded, trials(loaded, read_suite(find_tests(()), loaded), 2000, 1), ready, missing)
    assert found.agreed
    assert found.silent == ()
