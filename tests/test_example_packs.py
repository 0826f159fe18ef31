"""The packs for other subjects: checked, tested to the last bound, and the same by every matcher."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft7Validator

from fenced import answers, blocks, rewrite
from followcue import cli
from followcue.authoring.editor.pack_names import pack_names
from followcue.authoring.editor.schemas import SCHEMAS
from followcue.evaluation.match.protocol import MatcherUnavailable
from followcue.evaluation.match.registry import MATCHERS
from followcue.evaluation.pipeline import Options, evaluate, load_pack
from followcue.language.documents.read import read_file

ROOT = Path(__file__).parents[1]
PACKS = sorted(path for path in (ROOT / "examples" / "packs").iterdir() if path.is_dir())
SITUATIONS = [path for pack in PACKS for path in sorted(pack.glob("examples/*.yaml"))]
NAMES = [pack.name for pack in PACKS]
LAYERS = sorted((ROOT / "examples" / "layers").iterdir())
"""Layers on the pack `permits`."""
PERMITS = ROOT / "examples" / "packs" / "permits"


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments], prog_name="followcue")


def test_these_are_there() -> None:
    assert NAMES == [
        "animal-identification",
        "consumer-credit",
        "invoice-reminders",
        "permits",
        "staff-onboarding",
        "vaccination-recall",
    ]
    assert all(pack.glob("README.md") for pack in PACKS)


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_the_check_finds_nothing(pack: Path) -> None:
    done = run("check", pack)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_all_tests_pass_and_see_all_of_it(pack: Path) -> None:
    done = run("test", pack, "--coverage", "--min-coverage", "100")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_layer_of_a_country_is_clean_and_its_own_rules_are_seen(layer: Path) -> None:
    pytest.importorskip("holidays")
    done = run("check", layer, "--rules", PERMITS)
    assert done.exit_code == 0, done.output
    done = run("test", layer / "tests", "--rules", PERMITS, "--rules", layer, "--coverage")
    assert done.exit_code == 0, done.output
    assert f"{layer.name}/rules.yaml" not in done.output  # where something is still to be seen


def test_countries_differ_by_their_layers(tmp_path: Path) -> None:
    pytest.importorskip("holidays")
    (tmp_path / "x.yaml").write_text(
        "as_of: 2026-02-01\n"
        "applications: {x: {kind: terrace, events: [{date: 2026-01-02, event: received}, "
        "{date: 2026-01-03, event: complete}]}}\n",
        "utf-8",
    )
    days = {}
    for layers in ([], *([layer] for layer in LAYERS)):
        report = evaluate(load_pack(PERMITS, *layers), read_file(tmp_path / "x.yaml"))
        found = [c.fields["day"] for c in report.conclusions if c.fact == "decide_by"]
        days[layers[0].name if layers else ""] = [str(day) for day in found]
    assert days == {
        "": ["2026-03-03"],
        "permits-germany": ["2026-04-07"],
        "permits-spain": ["2026-04-06"],
    }


@pytest.mark.large
@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_every_change_of_a_rule_is_noticed(pack: Path) -> None:
    done = run("test", pack, "--mutate", "--min-score", "100")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("path", SITUATIONS, ids=[path.stem for path in SITUATIONS])
def test_every_matcher_says_the_same(path: Path) -> None:
    rules = load_pack(path.parents[1])
    said = []
    for name in MATCHERS:
        try:
            said.append(evaluate(rules, read_file(path), Options(matcher=name)).to_dict())
        except MatcherUnavailable:
            continue
    assert len(said) >= 2
    assert said == [said[0]] * len(said)
    assert said[0]["actions"]


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_every_file_keeps_to_the_schemas_made_of_its_words(pack: Path) -> None:
    words = pack_names([pack])
    kinds = {
        "rules": "[!v]*.yaml",
        "vocabulary": "vocabulary.yaml",
        "tests": "tests/*.yaml",
        "situation": "examples/*.yaml",
    }
    for kind, pattern in kinds.items():
        validator = Draft7Validator(SCHEMAS[kind](words))
        paths = list(pack.glob(pattern))
        assert paths
        for path in paths:
            assert [error.message for error in validator.iter_errors(read_file(path).data)] == [], path


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_what_its_readme_shows_comes_out(
    pack: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(ROOT)
    page = pack / "README.md"
    found = blocks(page)
    shown = {number: answers(block) for number, block in enumerate(found)}
    if request.config.getoption("--rebaseline"):
        rewrite(page, shown)
    else:
        assert {number: found[number].text for number in shown} == shown
    assert shown


FAMILY = """\
as_of: 2026-05-04
animals:
  first:
    events:
      - {date: 2026-05-01, event: seen, trait: feathers}
      - {date: 2026-05-01, event: seen, trait: flies_well}
"""


def test_descent_is_followed_at_any_distance(tmp_path: Path) -> None:
    line = ["first", *(f"child_{number}" for number in range(60))]
    text = FAMILY + "".join(
        f"  {child}: {{parents: [{parent}], events: [{{date: 2026-05-02, event: seen, trait: swims}}]}}\n"
        for parent, child in pairwise(line)
    )
    (tmp_path / "family.yaml").write_text(text, "utf-8")
    report = evaluate(load_pack(PACKS[0]), read_file(tmp_path / "family.yaml"))
    signs = [action for action in report.actions if action.action == "put_up_sign"]
    assert {action.about for action in signs} == {"albatross"}
    assert len(signs) == 61
