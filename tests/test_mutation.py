"""Small changes of rules: which of them the tests notice, and the situations that show the others."""

from __future__ import annotations

import errno
import os
import re
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner

from followcue.cli import main
from followcue.evaluation.match.compiled import CompiledMatcher
from followcue.evaluation.pipeline import LoadedPack, environment_of, load_pack
from followcue.language.logic.program import Program
from followcue.language.logic.stratify import stratify
from followcue.testing import mutate
from followcue.testing.find import find_tests
from followcue.testing.mutation.mutants import Mutant, mutants_of
from followcue.testing.mutation.mutation import Grounded, grounded, noticed_by
from followcue.testing.run import outcome_of
from followcue.testing.suite import read_suite
from plants import MORE, RULES, TESTS, run, write

SHIPPED = ((), ("--pack", "common-practice"))
"""How to ask for the tests of each pack that is shipped."""


def read(pack: Path) -> tuple[LoadedPack, list[Grounded]]:
    loaded = load_pack(pack, cache=False)
    return loaded, [grounded(loaded, scenario) for scenario in read_suite(find_tests([str(pack)]), loaded)]


def said(mutants: tuple[Mutant, ...]) -> list[str]:
    return [mutant.says for mutant in mutants]


def test_every_part_of_a_rule_is_changed(tmp_path: Path) -> None:
    loaded, _ = read(write(tmp_path))
    changes = said(mutants_of(loaded, ["water-dry-plants"]))
    assert changes == [
        "the rule `water-dry-plants` is left out",
        "`no alone` is left out",
        "`days: at least 3` of `dry` is left out",
        "`days: at least 3` of `dry` becomes `days: more than 3`",
        "`days: at least 3` of `dry` becomes `days: at least 2`",
        "`no alone` becomes `alone`",
        "`about: $plant` is left out",
        "`open: $day` is left out",
        "`open: $day` becomes `open: $day + 1 day`",
        "`open: $day` becomes `open: $day - 1 day`",
        "`due: $day + patience` is left out",
        "`due: $day + patience` becomes `due: $day + patience + 1 day`",
        "`due: $day + patience` becomes `due: $day + patience - 1 day`",
        "`due: $day + patience` becomes `due: $day + holiday`",
        "`watered: {plant: $plant, at: after $at}` no longer settles it",
        "`plant: $plant` of `watered` is left out",
        "`at: after $at` of `watered` is left out",
        "`plant: $plant` of `watered` becomes `plant: not $plant`",
        "`at: after $at` of `watered` becomes `at: on or after $at`",
    ]


def test_every_mutant_has_the_place_of_what_it_changes(tmp_path: Path) -> None:
    pack = write(tmp_path)
    loaded, _ = read(pack)
    lines = (pack / "rules.yaml").read_text().splitlines()
    for mutant in mutants_of(loaded):
        span = mutant.where.span
        assert span is not None
        words = re.findall(r"`(\w+)", mutant.says)
        assert words[0] in lines[span.line - 1], mutant


def test_good_tests_notice_everything(tmp_path: Path) -> None:
    result = run(write(tmp_path, TESTS + MORE), "--mutate", "--min-score", "100")
    assert result.exit_code == 0, result.output
    assert "25 changes of the rules tried\nmutation score: 24 of 24 (100.0%)" in result.output
    assert "proved to mean the same: 1 (two events of different kinds never share a moment)" in result.output


def test_what_survives_comes_with_a_test_that_notices_it(tmp_path: Path) -> None:
    pack, proposed = write(tmp_path, TESTS), tmp_path / "proposed.yaml"
    first = run(pack, "--mutate", "--min-score", "100", "--write-tests", proposed, "--tries", 400)
    assert first.exit_code == 1
    assert "less than the 100% asked for" in first.output
    assert re.search(
        r"rules.yaml:5:\d+: water-dry-plants: `days: at least 3` of `dry` is left out", first.output
    )
    assert "no situation was found" not in first.output
    (pack / "tests" / "proposed.yaml").write_text(proposed.read_text())
    assert run(pack, "--min-score", "100").exit_code == 0


def test_the_same_seed_gives_the_same_answer(tmp_path: Path) -> None:
    pack = write(tmp_path, TESTS)
    runs = [
        run(pack, "--mutate", "--sample", 12, "--seed", seed, "--jobs", jobs)
        for seed, jobs in ((1, 1), (1, 2), (1, 1), (2, 1))
    ]
    for result in runs:
        assert result.exit_code == 0, "".join(traceback.format_exception(result.exception))
    answers = [result.output for result in runs]
    assert answers[0] == answers[1] == answers[2] != answers[3]
    assert "12 changes of the rules tried, of 25" in answers[0]


def test_without_room_for_other_processes_one_does_all_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room() -> int:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    pack = write(tmp_path, TESTS)
    expected = run(pack, "--mutate", "--tries", 0, "--jobs", 1)
    monkeypatch.setattr(os, "fork", no_room)
    result = run(pack, "--mutate", "--tries", 0, "--jobs", 2)
    assert (result.exit_code, result.stdout) == (0, expected.stdout), result.output


def test_a_claim_holds_for_what_no_test_notices_of_two_that_read_alike(tmp_path: Path) -> None:
    twice = RULES.replace("- dry: {", "- dry: {plant: $plant}\n      - dry: {", 1)
    assert twice != RULES
    words = "`plant: $plant` of `dry` is left out"
    claim = f'equivalent: {{water-dry-plants: {{"{words}": The other of the two asks for it}}}}\n'
    loaded, _ = read(write(tmp_path, TESTS, twice))
    assert said(mutants_of(loaded)).count(words) == 2
    other = (
        "  not-the-moss:\n    situation:\n      as_of: 2026-05-02\n      events:\n"
        "        - {date: 2026-05-01, event: dry, plant: fern, days: 3}\n"
        "        - {date: 2026-05-01, event: dry, plant: moss, days: 1}\n"
        "    reject: [{action: water, about: moss}]\n"
    )
    result = run(write(tmp_path, claim + TESTS + other, twice), "--mutate", "--tries", "0")
    assert "said to mean the same: 1 (The other of the two asks for it)" in result.output, result.output


def test_one_rule_alone_may_be_changed(tmp_path: Path) -> None:
    pack = write(tmp_path, TESTS)
    result = run(pack, "--mutate", "--rule", "nobody-is-there")
    assert "6 changes of the rules tried, of 25" in result.output
    assert "water-dry-plants" not in result.output
    wrong = run(pack, "--mutate", "--rule", "nobody-is-here")
    assert wrong.exit_code == 2
    assert "there is no rule `nobody-is-here`: did you mean `nobody-is-there`?" in wrong.output


def test_what_a_test_refutes_is_no_equivalent(tmp_path: Path) -> None:
    claim = 'equivalent: {water-dry-plants: {"`open: $day` is left out": It is always open}}\n'
    result = run(write(tmp_path, claim + TESTS), "--mutate")
    assert result.exit_code == 3
    assert "FC811: this means something else: the test `three-days-are-dry` notices it" in result.output


def test_what_means_the_same_is_not_counted(tmp_path: Path) -> None:
    claim = 'equivalent: {water-dry-plants: {"`no alone` is left out": Somebody is always there}}\n'
    plain = run(write(tmp_path, TESTS), "--mutate", "--tries", 0).output
    claimed = run(write(tmp_path, claim + TESTS), "--mutate", "--tries", 0).output
    of = [int(re.findall(r"mutation score: \d+ of (\d+)", output)[0]) for output in (plain, claimed)]
    assert of[0] - of[1] == 1
    assert "said to mean the same: 1 (Somebody is always there)" in claimed


RECURSIVE = """\
pack: {name: family}
situation: {whole: house, events: [events]}
events:
  born: {says: A child was born., fields: {child: text, parent: text}}
conclusions:
  descends: {says: One descends from another., fields: {child: text, from: text}}
actions: {tell: {title: Tell them of each other}}
profiles: {usual: {says: As always., default: true}}
"""
KIN = """\
rules:
  from-a-parent:
    when: [born: {child: $child, parent: $parent}]
    conclude: {descends: {child: $child, from: $parent}}
  from-a-parents-forebear:
    when:
      - born: {child: $child, parent: $parent}
      - descends: {child: $parent, from: $old}
    conclude: {descends: {child: $child, from: $old}}
  tell-them:
    title: Tell them of each other
    when: [descends: {child: $child, from: $old}]
    recommend: {action: tell, to: $child, about: $old}
"""
OF_KIN = """\
tests:
  three-generations:
    situation:
      as_of: 2026-05-05
      events:
        - {date: 2026-05-01, event: born, child: c, parent: b}
        - {date: 2026-05-01, event: born, child: b, parent: a}
        - {date: 2026-05-01, event: born, child: d, parent: c}
    expect: [{action: tell, to: d, about: a}]
"""


def test_rules_that_rest_on_themselves_are_changed_too(tmp_path: Path) -> None:
    pack = write(tmp_path, OF_KIN, KIN)
    (pack / "vocabulary.yaml").write_text(RECURSIVE)
    loaded, tests = read(pack)
    by = noticed_by(loaded, tests, mutants_of(loaded))
    left = [m.says for m, name in zip(mutants_of(loaded), by, strict=True) if name is None]
    assert "the rule `from-a-parents-forebear` is left out" not in left
    assert "the rule `from-a-parent` is left out" not in left
    assert by == _slowly(loaded, tests, mutants_of(loaded))


NEIGHBOURS = """\
pack: {name: neighbours}
situation: {whole: house, events: [events]}
events:
  away: {says: Nobody is at home.}
  back: {says: Somebody is at home again.}
  locked: {says: The key was handed over.}
messages: {word: {says: "Tell {person}"}}
actions:
  key: {title: Hand over the key, message: word}
  cat: {title: Speak about the cat, message: word, priority: low}
  post: {title: Speak about the post, message: word, priority: high}
  bins: {title: Put out the bins, group: chore}
  lawn: {title: Mow the lawn, tier: 0}
"""
ON_THE_WAY = """\
rules:
  key: {title: Key, when: [away, no locked], recommend: {action: key, to: Ada}}
  cat: {title: Cat, when: [away], recommend: {action: cat, to: Bo}}
  post: {title: Post, when: [away], recommend: {action: post, to: Ada}}
  bins: {title: Bins, when: [away], recommend: {action: bins}}
  lawn: {title: Lawn, when: [away], recommend: {action: lawn}}
  on-the-way:
    when: [back]
    step:
      action: [post, bins]
      group: chore
      at most: normal
      tier: 1
  by-the-way:
    when: [back]
    step: {action: post, rides: true, rides on: [key, cat], in silence: fresh}
"""
OF_NEIGHBOURS = """\
tests:
  once-you-are-back:
    situation: {as_of: 2026-05-05, events: [{date: 2026-05-04, event: away}]}
    checks:
      - {expect: [{action: post, step: first, urgency: high}]}
      - add: [{date: 2026-05-05, event: back}, {date: 2026-05-05, event: locked}]
        expect: [{action: post, step: null}]
      - add: [{date: 2026-05-05, event: back}]
        expect: [{action: key, step: now, with: [post]}, {action: lawn, step: first}]
"""


def test_heads_of_step_rules_are_changed_too(tmp_path: Path) -> None:
    pack = write(tmp_path, OF_NEIGHBOURS, ON_THE_WAY)
    (pack / "vocabulary.yaml").write_text(NEIGHBOURS)
    loaded, tests = read(pack)
    mutants = mutants_of(loaded, ["on-the-way", "by-the-way"])
    assert [mutant.says for mutant in mutants if mutant.same_clauses] == [
        "`rides: true` becomes `rides: false`",
        "`rides on: [key, cat]` is left out",
        "`key` is left out of `rides on`",
        "`cat` is left out of `rides on`",
        "`in silence: fresh` is left out",
        "`in silence: fresh` becomes `in silence: speaks`",
        "`in silence: fresh` becomes `in silence: waits`",
        "`post` is left out",
        "`at most: normal` is left out",
        "`at most: normal` becomes `at most: high`",
        "`at most: normal` becomes `at most: low`",
        "`tier: 1` is left out",
        "`tier: 1` becomes `tier: 0`",
        "`tier: 1` becomes `tier: 2`",
    ]  # leaving `bins` out changes nothing: its group is named as well
    lines = (pack / "rules.yaml").read_text().splitlines()
    for mutant in mutants:
        span = mutant.where.span
        assert span is not None
        assert re.findall(r"`([\w-]+)", mutant.says)[0] in lines[span.line - 1]
    by = noticed_by(loaded, tests, mutants)
    noticed = {mutant.says for mutant, test in zip(mutants, by, strict=True) if test}
    assert {"`rides: true` becomes `rides: false`", "`key` is left out of `rides on`"} <= noticed
    assert "`cat` is left out of `rides on`" not in noticed
    assert by == _slowly(loaded, tests, mutants)


@pytest.mark.parametrize("tests", [TESTS, TESTS + MORE])
def test_trials_come_out_as_whole_evaluations_would(tmp_path: Path, tests: str) -> None:
    loaded, ran = read(write(tmp_path, tests, RULES))
    mutants = mutants_of(loaded)
    by = [name is not None for name in noticed_by(loaded, ran, mutants)]
    assert by == [name is not None for name in _slowly(loaded, ran, mutants)]


WITHIN = """
rules:
  thirst-of-each:
    when:
      - sum of $d * 2 as $n for each $plant: [dry: {plant: $plant, days: $d}, no watered: {plant: $plant}]
      - where: $more is $n + 1
    conclude: [alone, thirst: {plant: $plant, n: $more}]
  all-are-watered:
    when:
      - dry
      - every dry: {plant: $plant, at: $at}
        has: {watered: {plant: $plant, at: after $at}}
    conclude: [{thirst: {plant: all, n: 0}}, away_for_good]
  ask-for-the-thirsty:
    title: Ask somebody to water
    when: [alone, thirst: {plant: $plant, n: at least 7}, no away_for_good]
    recommend: {action: ask, about: $plant}
  water-what-is-not-thirsty:
    title: Water the plant
    when:
      - thirst: {plant: $plant, n: at most 5}
      - max of $days as $most: {dry: {days: $days}}
      - where: $most at least 2
    recommend: {action: water, about: $plant}
"""
WORDS = """
conclusions:
  thirst: {says: How dry it is., fields: {plant: text, n: number}}
  away_for_good: {says: Nobody needs anything.}
"""
OF_WITHIN = """
tests:
  two-plants:
    situation:
      as_of: 2026-05-05
      events:
        - {date: 2026-05-01, event: dry, plant: fern, days: 3}
        - {date: 2026-05-01, event: dry, plant: palm, days: 2}
    expect: [{action: ask, about: fern}, {action: water, about: palm}]
    reject: [{action: ask, about: palm}]
    checks:
      - add: [{date: 2026-05-02, event: watered, plant: fern}]
        reject: [ask]
      - add:
          - {date: 2026-05-02, event: watered, plant: fern}
          - {date: 2026-05-02, event: watered, plant: palm}
        expect: [water]
        reject: [ask]
"""


def test_conditions_within_conditions_and_several_conclusions_are_changed(tmp_path: Path) -> None:
    folder = write(tmp_path, OF_WITHIN, WITHIN)
    words = (folder / "vocabulary.yaml").read_text().replace("\nconclusions:\n", WORDS, 1)
    (folder / "vocabulary.yaml").write_text(words)
    loaded, ran = read(folder)
    mutants = mutants_of(loaded)
    changes = said(mutants)
    assert "the conclusion `thirst: {plant: $plant, n: $more}` is left out" in changes
    assert "`no watered: {plant: $plant}` is left out" in changes
    assert (
        "`watered: {plant: $plant, at: after $at}` becomes `no watered: {plant: $plant, at: after $at}`"
        in changes
    )
    assert any("max of $days" in change and "min of $days" in change for change in changes)
    by = noticed_by(loaded, ran, mutants)
    assert by == _slowly(loaded, ran, mutants)
    assert sum(name is not None for name in by) > len(mutants) // 2


def _slowly(loaded: LoadedPack, tests: list[Grounded], mutants: tuple[Mutant, ...]) -> tuple[str | None, ...]:
    """Every mutant as a program of its own, run anew in every check."""
    return tuple(next((t.scenario.id for t in tests if _fails(loaded, t, m)), None) for m in mutants)


def _fails(loaded: LoadedPack, test: Grounded, mutant: Mutant) -> bool:
    from followcue.evaluation.advice.advise import Advisor
    from followcue.language.logic.compile_pack import clause_info, with_helpers

    kept = [clause for clause in loaded.program.clauses if clause.rule not in mutant.rules]
    clauses = (*kept, *mutant.clauses)
    vocabulary = with_helpers(loaded.pack.vocabulary, clauses)
    matcher = CompiledMatcher(Program(dict(vocabulary.relations), clauses, stratify(clauses)))
    rules = {**loaded.pack.rules, **({mutant.rule: mutant.info} if mutant.info else {})}
    infos = tuple(map(clause_info, clauses))
    pack = loaded.pack._replace(vocabulary=vocabulary, clauses=infos, rules=rules)
    for check, ground in zip(test.scenario.checks, test.grounds, strict=True):
        derivations = matcher.run(ground.situation.facts, environment_of(ground.situation))
        report = Advisor(pack).advise(ground.situation, derivations)
        if outcome_of(check, report, {clauses[d.clause].rule for d in derivations}, loaded.pack).misses:
            return True
    return False


@pytest.mark.large
@pytest.mark.parametrize("options", SHIPPED)
def test_the_tests_of_a_shipped_pack_notice_nearly_everything(options: tuple[str, ...]) -> None:
    asked = ["test", *options, "--mutate", "--jobs", "2", "--tries", "0", "--min-score", "95", "--no-cache"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output


def test_both_parts_of_the_work_say_how_far_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, tests = read(write(tmp_path))
    seconds = iter(range(0, 10**9, 2))
    monkeypatch.setattr(mutate.time, "monotonic", lambda: next(seconds))
    said: list[str] = []
    found = mutate.run_mutation(loaded, tests, told=said.append)
    assert found.survivors
    looking = f"looking for situations that show {len(found.survivors)} survivors"
    assert "trying changes of the rules: 100%" in said
    assert said.index(looking) < said.index(f"{looking}: 1%") < said.index(f"{looking}: 2%")
