"""What a check finds after an edit with the answers of before is what it finds without them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from followcue.authoring.lint.check import check
from followcue.authoring.lint.kept_answers import KeptAnswers
from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding
from followcue.authoring.lint.opposites import opposite_rules
from followcue.base import cache
from followcue.evaluation.pipeline import load_pack

VOCABULARY = """\
pack: {name: ways}
situation:
  scope: trip
  whole: trips
  records: {trip: {in: trips, says: A trip., fields: {name: text}}}
  events: [trips.events]
events:
  seen_0: {says: It was so., fields: {n: number}}
  seen_1: {says: It was so., fields: {n: number}}
conclusions:
  held_0: {says: It holds., fields: {n: number}}
  held_1: {says: It holds., fields: {n: number}}
  held_2: {says: It holds., fields: {n: number}}
actions:
  go: {title: Go, contradicts: [stay]}
  stay: {title: Stay}
  buy: {title: Buy, contradicts: [sell]}
  sell: {title: Sell}
"""
ACTIONS = ("go", "stay", "buy", "sell")
RULES = 11


def concluding(i: int, random: Random) -> str:
    """Rule `i`, of a conclusion from an event or from a conclusion before it."""
    body = f"seen_{random.randrange(2)}" if i == 0 or random.random() < 0.6 else f"held_{i - 1}"
    bound = f"{random.choice(('at least', 'at most'))} {random.randrange(4)}"
    return f"""\
  rule-{i}:
    cites: [own default]
    when:
      - {body}: {{n: $n}}
      - where: $n {bound}
    conclude: {{held_{i}: {{n: $n}}}}
"""


def advising(i: int, random: Random) -> str:
    """Rule `i`, of one of two opposites; now and then it overrides one after it."""
    overrides = f"    overrides: [rule-{random.randrange(i + 1, RULES)}]\n" if i + 1 < RULES else ""
    bound = f"{random.choice(('at least', 'at most'))} {random.randrange(4)}"
    closed = f"      - no seen_{random.randrange(2)}: {{n: {random.randrange(3)}}}\n"
    return f"""\
  rule-{i}:
    title: Do what rule {i} says
    cites: [own default]
{overrides if random.random() < 0.3 else ""}\
    when:
      - held_{random.randrange(3)}: {{n: {bound}}}
{closed if random.random() < 0.3 else ""}\
    recommend: {{action: {ACTIONS[i % 4]}}}
"""


def rule(i: int, random: Random) -> str:
    return concluding(i, random) if i < 3 else advising(i, random)


def found(folder: Path, kept: KeptAnswers) -> list[LintFinding]:
    return list(opposite_rules(LintContext(load_pack(folder, cache=False), kept=kept)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_after_random_edits_of_a_rule_all_is_found_that_is_found_anew(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
    rules = [rule(i, random) for i in range(RULES)]
    before: dict[bytes, object] = {}
    reused, said = 0, set()
    for _ in range(30):
        i = random.randrange(len(rules))
        rules[i] = rule(i, random)
        (tmp_path / "rules.yaml").write_text("rules:\n" + "".join(rules), "utf-8")
        kept = KeptAnswers(before=before)
        with_kept, anew = found(tmp_path, kept), found(tmp_path, KeptAnswers())
        assert with_kept == anew
        reused += len(kept.asked.keys() & before.keys())
        said.add(tuple(str(finding.diagnostic) for finding in anew))
        before = kept.asked
    assert reused > 10
    assert len(said) > 5


def test_what_is_kept_is_asked_for_by_what_it_rests_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
    random = Random(1)
    rules = "rules:\n" + "".join(rule(i, random) for i in range(RULES))
    (pack / "rules.yaml").write_text(rules, "utf-8")
    first = check([str(pack)], cache=True)
    (pack / "more.yaml").write_text("rules:\n" + concluding(2, random).replace("rule-2", "more"), "utf-8")
    (pack / "vocabulary.yaml").write_text(VOCABULARY + "  rest: {title: Rest}\n", "utf-8")
    assert check([str(pack)], cache=True) == check([str(pack)])
    # what is damaged is not believed
    for file in (Path(cache.cache_folder() or "")).glob("*.pack"):
        file.write_bytes(file.read_bytes()[:-3] + b"abc")
    (pack / "more.yaml").unlink()
    (pack / "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
    assert check([str(pack)], cache=True) == first
