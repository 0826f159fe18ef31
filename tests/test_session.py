"""What is kept of a pack between two edits changes no answer: it is that of a pack read anew."""

from __future__ import annotations

import random
from pathlib import Path
from statistics import median
from time import process_time

import pytest

from followcue.base.diagnostic import InvalidInput
from followcue.language.documents import checked
from followcue.language.folders import RuleFolder, read_folder, shipped_folder
from followcue.language.logic import unchanged
from followcue.language.logic.compile_pack import compile_pack
from followcue.session.pack_state import PackState
from followcue.session.pack_texts import PackTexts

ROOT = Path(__file__).parents[1]
PACK = ROOT / "examples" / "packs" / "invoice-reminders"
SHIPPED = ROOT / "rules" / "interview-follow-up"
SOON = 0.15
"""Processor seconds within which an edit is answered on a machine that does nothing else."""


def pack() -> RuleFolder:
    files = [*PACK.glob("*.yaml"), *PACK.glob("vocabulary/*.yaml")]
    assert files
    return RuleFolder("p", "p/", {str(path.relative_to(PACK)): path.read_bytes() for path in sorted(files)})


def hold(state: PackState) -> bool:
    """Whether its mistakes, or else its rules, are those of a cold start."""
    checked._remembered.cache_clear()
    unchanged.forget()
    try:
        anew = compile_pack(state.texts.layers())
    except InvalidInput as error:
        return state.problems == error.diagnostics
    assert state.ready is not None
    ready = state.ready.compiled
    return not state.problems and (ready.pack, ready.program) == (anew.pack, anew.program)


def edited(text: str, choose: random.Random) -> str:
    """The text with a line left out or said twice, or a few characters of it taken away or put elsewhere."""
    lines = text.splitlines(keepends=True)
    at = choose.randrange(len(lines))
    match choose.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            cut = choose.randrange(len(lines[at]))
            lines[at] = lines[at][:cut] + lines[at][cut + choose.randint(1, 3) :]
        case _:
            cut = choose.randrange(len(lines[at]))
            lines[at] = (
                lines[at][:cut]
                + choose.choice(["x", ":", "- ", "$y", "\U0001f642", "[", '"'])
                + lines[at][cut:]
            )
    return "".join(lines)


@pytest.mark.slow
def test_after_each_of_many_edits_the_mistakes_are_those_of_a_cold_start() -> None:
    choose = random.Random(17)
    texts = PackTexts(shipped_folder(), (), (pack(),))
    state = PackState(texts)
    assert state.problems == ()
    assert state.ready is not None
    wrong = 0
    for turn in range(60):
        name = choose.choice(sorted(pack().files))
        whole = pack().files[name].decode()
        now = texts.under({f"p/{name}": edited(whole, choose) if turn % 5 else whole})
        state = state.with_texts(now)
        assert hold(state)
        assert state.ready is not None
        assert state.names is not None
        wrong += bool(state.problems)
    assert 20 < wrong < 60


@pytest.mark.slow
def test_one_character_in_the_shipped_pack_is_answered_as_if_all_were_read_anew_and_soon() -> None:
    choose = random.Random(18)
    shipped = read_folder(str(SHIPPED))
    texts = PackTexts(shipped_folder(), (), (shipped,))
    state = PackState(texts)
    assert state.problems == ()
    seconds: list[float] = []
    for _ in range(16):
        name = choose.choice(sorted(shipped.files))
        text = shipped.files[name].decode()
        at = choose.randrange(len(text))
        now = texts.under({shipped.origin + name: text[:at] + choose.choice("x1$: -") + text[at:]})
        start = process_time()
        then = state.with_texts(now)
        assert then.ready is not None
        _ = then.problems
        seconds.append(process_time() - start)
        assert hold(then)
        _ = state.with_texts(texts).problems  # what was forgotten for the comparison is known again
    print(f"\nprocessor seconds for one character: {sorted(seconds)}")
    assert median(seconds) < 10 * SOON


def test_the_last_rules_that_compiled_stay_while_there_are_mistakes() -> None:
    texts = PackTexts(shipped_folder(), (), (pack(),))
    before = PackState(texts)
    name = next(name for name in sorted(pack().files) if not name.startswith("vocabulary"))
    broken = before.with_texts(texts.under({f"p/{name}": "rules: ["}))
    assert broken.problems
    assert broken.ready is before.ready
    assert broken.with_texts(broken.texts) is broken
    assert broken.with_texts(texts).problems == ()


def test_a_file_that_is_nowhere_yet_counts_where_its_name_says() -> None:
    texts = PackTexts(shipped_folder(), (), (pack(),))
    (folder,) = texts.under(
        {
            "p/new.yaml": "a",
            "p/vocabulary/new.yaml": "b",
            "p/tests/new.yaml": "c",
            "q/new.yaml": "d",
            "p/x.txt": "e",
        }
    ).folders
    assert set(folder.files) - set(pack().files) == {"new.yaml", "vocabulary/new.yaml"}
