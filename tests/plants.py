"""A small pack about plants, for the tests of what its own tests see and notice."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from followcue.cli import main

VOCABULARY = """\
pack: {name: plants}
situation: {whole: house, events: [events]}
events:
  dry: {says: The soil is dry., fields: {plant: text, days: number}}
  watered: {says: Somebody watered it., fields: {plant: text}}
  away: {says: Nobody is there., fields: {until: date}}
conclusions:
  alone: {says: Nobody is there now.}
actions: {water: {title: Water the plant}, ask: {title: Ask somebody to water}}
parameters:
  patience: {says: How long a plant can wait., value: 2 days, cites: [own default]}
  holiday: {says: How long a holiday is., value: 14 days, cites: [own default]}
profiles: {usual: {says: As always., default: true}}
"""
RULES = """\
rules:
  water-dry-plants:
    title: Water the plant
    when:
      - dry: {plant: $plant, days: at least 3, date: $day, at: $at}
      - no alone
    recommend:
      action: water
      about: $plant
      open: $day
      due: $day + patience
      done_when: {watered: {plant: $plant, at: after $at}}
  nobody-is-there:
    when:
      - away: {until: on or after today}
    conclude: alone
"""
TESTS = """\
tests:
  three-days-are-dry:
    title: Three days are dry
    situation:
      as_of: 2026-05-02
      events: [{date: 2026-05-01, event: dry, plant: fern, days: 3}]
    expect: [{action: water, open: 2026-05-01, due: 2026-05-03}]
    checks:
      - {add: [{date: 2026-05-02, event: watered, plant: fern}], reject: [water]}
"""
MORE = """\
  the-other-side:
    windows:
      - action: water
        about: fern
        open: 2026-05-01
        due: 2026-05-03
    situation:
      events: [{date: 2026-05-01, event: dry, plant: fern, days: 3}]
  other-days:
    situation:
      as_of: 2026-05-05
      events:
        - {date: 2026-05-01, event: dry, plant: fern, days: 2}
        - {date: 2026-05-01, event: watered, plant: palm}
        - {date: 2026-05-02, event: dry, plant: palm, days: 4}
        - {date: 2026-05-02, event: watered, plant: moss}
    exact: true
    expect: [{action: water, about: palm, status: overdue}]
  while-nobody-is-there:
    situation:
      as_of: 2026-05-05
      events: [{date: 2026-05-01, event: dry, plant: fern, days: 3}]
    checks:
      - {add: [{date: 2026-05-02, event: away, until: 2026-05-05}], reject: [water]}
      - {add: [{date: 2026-05-02, event: away, until: 2026-05-06}], reject: [water]}
      - {add: [{date: 2026-05-02, event: away, until: 2026-05-04}], expect: [water]}
      - {add: [{date: 2026-05-02, event: watered, plant: palm}], expect: [water]}
"""


def write(folder: Path, tests: str = TESTS, rules: str = RULES) -> Path:
    """The pack in a folder of its own."""
    pack = folder / "plants"
    (pack / "tests").mkdir(parents=True, exist_ok=True)
    (pack / "vocabulary.yaml").write_text(VOCABULARY)
    (pack / "rules.yaml").write_text(rules)
    (pack / "tests" / "plants.yaml").write_text(tests)
    return pack


def run(*arguments: object) -> Result:
    """`followcue test` with these arguments."""
    return CliRunner().invoke(main, ["test", "--no-cache", *map(str, arguments)])
