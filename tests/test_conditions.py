"""A condition counts as tested only where a check would come out otherwise without it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from followcue.cli import main

VOCABULARY = """\
pack: {name: plants}
situation: {whole: house, events: [events]}
events:
  dry: {says: The soil is dry., fields: {plant: text, days: number}}
  watered: {says: Somebody watered it., fields: {plant: text}}
  away: {says: Nobody is there.}
actions: {water: {title: Water the plant}}
profiles: {usual: {says: As always., default: true}}
"""
RULES = """\
rules:
  water-dry-plants:
    title: Water the plant
    when:
      - dry: {plant: $plant, days: at least 3}
      - no away
    recommend: {action: water, about: $plant, done_when: {watered: {plant: $plant}}}
"""
TESTS = """\
tests:
  three-days-are-dry:
    title: Three days are dry
    as_of: 2026-05-05
    situation: {events: [{date: 2026-05-01, event: dry, plant: fern, days: DAYS}]}
    expect: [water]
    checks:
      - {add: [{date: 2026-05-05, event: watered, plant: fern}], reject: [water]}
"""


def figures(folder: Path, tests: str) -> list[str]:
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "vocabulary.yaml").write_text(VOCABULARY)
    (folder / "rules.yaml").write_text(RULES)
    (folder / "tests" / "plants.yaml").write_text(tests)
    result = CliRunner().invoke(main, ["test", str(folder), "--figures", "--no-cache"])
    assert result.exit_code == 0, result.output
    return [line.strip() for line in result.output.splitlines()]


def test_what_no_check_shows_is_named(tmp_path: Path) -> None:
    lines = figures(tmp_path, TESTS.replace("DAYS", "3"))
    assert "conditions seen to matter: 1 of 3 (33.3%)" in lines
    assert "missing: water-dry-plants: no away" in lines
    assert "missing: water-dry-plants: dry >= 1" in lines


def test_a_check_on_the_other_side_shows_it(tmp_path: Path) -> None:
    other = TESTS.replace("DAYS", "3") + (
        "  two-days-are-not:\n    title: Two days are not\n    as_of: 2026-05-05\n"
        "    situation: {events: [{date: 2026-05-01, event: dry, plant: fern, days: 2}]}\n"
        "    reject: [water]\n"
    )
    assert "conditions seen to matter: 2 of 3 (66.7%)" in figures(tmp_path, other)
