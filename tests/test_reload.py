"""Packs that reload: taken over whole or not at all, whoever is evaluating meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import followcue
from followcue import Reload, ReloadingPack, watch_pack
from followcue.evaluation.pipeline import load_folders
from packs_at_hand import LIBRARY, write_pack
from test_diff import EMMA

LONG = 10.0
"""So many seconds are enough for anything that a thread is to notice."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "library", LIBRARY)


def grace(folder: Path, days: int) -> None:
    """Another grace, in the test as well."""
    change(folder, "vocabulary.yaml", "value: 3 days", f"value: {days} days")
    change(folder, "tests/late.yaml", "open: 2026-03-13", f"open: 2026-03-{10 + days}")


def change(folder: Path, name: str, before: str, after: str) -> None:
    text = LIBRARY[name]
    assert before in text
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")


def opens(pack: followcue.LoadedPack) -> str:
    return str(followcue.evaluate(EMMA, pack).actions[0].open)


# --- without a thread
def test_nothing_changed(folder: Path) -> None:
    pack = ReloadingPack(folder, cache=False)
    before = pack.pack
    os.utime(folder / "rules.yaml")
    assert pack.reload_if_changed() is None
    assert pack.pack is before


def test_a_change_is_taken_over_and_told(folder: Path) -> None:
    told: list[Reload] = []
    pack = ReloadingPack(folder, cache=False, on_reload=told.append)
    before = pack.pack
    grace(folder, 5)
    outcome = pack.reload_if_changed()
    assert outcome is not None
    assert told == [outcome]
    assert outcome.taken
    assert pack.pack is outcome.pack
    assert str(outcome) == "parameter `grace`: the value was 3 days, is 5 days"
    (edit,) = outcome.edits
    assert edit.old == f"{folder}/vocabulary.yaml:23"
    assert (opens(before), opens(pack.pack)) == ("2026-03-13", "2026-03-15")
    assert pack.reload_if_changed() is None


def test_only_a_comment(folder: Path) -> None:
    pack = ReloadingPack(folder, cache=False)
    change(folder, "rules.yaml", "rules:\n", "# a comment\nrules:\n")
    outcome = pack.reload_if_changed()
    assert outcome is not None
    assert (outcome.taken, outcome.edits) == (True, ())
    assert str(outcome) == "the rules mean what they meant"


@pytest.mark.parametrize(
    ("name", "before", "after", "code"),
    [
        ("rules.yaml", "rules:\n", "rules: [\n", "FC1"),
        ("rules.yaml", "$day + grace", "$day + grac", "FC3"),
        ("vocabulary.yaml", "  scope: loan\n", "", "FC"),
        ("vocabulary.yaml", "value: 3 days", "value: 4 days", "FC822"),
        ("tests/late.yaml", "action: remind, to", "action: remnd, to", "FC302"),
    ],
)
def test_what_is_not_fit_leaves_the_old_rules_in_force(
    folder: Path, name: str, before: str, after: str, code: str
) -> None:
    pack = ReloadingPack(folder, cache=False)
    kept = pack.pack
    change(folder, name, before, after)
    outcome = pack.reload_if_changed()
    assert outcome is not None
    assert not outcome.taken
    assert outcome.diagnostics
    assert outcome.diagnostics[0].code.startswith(code)
    assert str(folder) in str(outcome)
    assert pack.pack is kept
    assert pack.reload_if_changed() is None  # it was told, and is not told again
    write_pack(folder, LIBRARY)
    mended = pack.reload_if_changed()
    assert mended is not None
    assert mended.taken


def test_a_failing_test_is_told_in_full(folder: Path) -> None:
    pack = ReloadingPack(folder, cache=False)
    change(folder, "vocabulary.yaml", "value: 3 days", "value: 4 days")
    outcome = pack.reload_if_changed()
    assert outcome is not None
    assert "expected  remind: to ann, open 2026-03-13" in str(outcome)
    assert "got       remind: to ann, open 2026-03-14" in str(outcome)


def test_a_rule_that_can_never_fire_is_refused(folder: Path) -> None:
    never = "      - out: {to: $reader, until: after today and before today}\n      - count reminded as $n"
    before = "      - out: {to: $reader}\n      - count reminded as $n"
    pack, unchecked = (ReloadingPack(folder, cache=False, checks=checks) for checks in (True, False))
    change(folder, "rules.yaml", before, never)
    refused, taken = pack.reload_if_changed(), unchecked.reload_if_changed()
    assert refused is not None
    assert taken is not None
    assert (refused.taken, taken.taken) == (False, True)
    assert "phone-at-last" in str(refused) or "rules.yaml:" in str(refused)
    assert not refused.diagnostics[0].code.startswith("FC822")


def test_tests_may_be_left_out(folder: Path) -> None:
    pack = ReloadingPack(folder, cache=False, tests=False)
    change(folder, "vocabulary.yaml", "value: 3 days", "value: 4 days")
    outcome = pack.reload_if_changed()
    assert outcome is not None
    assert outcome.taken


def test_any_half_of_a_file_leaves_some_whole_pack_in_force(folder: Path) -> None:
    """An editor that saves in steps: whatever stands there for a moment, advice is given all the same."""
    pack = ReloadingPack(folder, cache=False)
    content = LIBRARY["rules.yaml"].encode()
    for length in range(0, len(content), 97):
        (folder / "rules.yaml").write_bytes(content[:length])
        pack.reload_if_changed()
        assert opens(pack.pack) == "2026-03-13"
    (folder / "rules.yaml").write_bytes(content)
    pack.reload_if_changed()
    assert opens(pack.pack) == "2026-03-13"


def test_a_folder_that_goes_away_and_comes_back(folder: Path) -> None:
    pack = ReloadingPack(folder, cache=False)
    kept = pack.pack
    folder.rename(folder.with_name("elsewhere"))
    outcome = pack.reload_if_changed()
    assert outcome is not None
    assert not outcome.taken
    assert pack.pack is kept
    folder.with_name("elsewhere").rename(folder)
    assert pack.reload_if_changed() is not None


def test_what_changes_while_it_is_read_is_found_the_next_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = ReloadingPack(folder, cache=False, tests=False)

    def slowly(*arguments: Any, **named: Any) -> Any:
        loaded = load_folders(*arguments, **named)
        grace(folder, 7)
        return loaded

    grace(folder, 5)
    monkeypatch.setattr("followcue.authoring.reload.load_folders", slowly)
    pack.reload_if_changed()
    assert opens(pack.pack) == "2026-03-15"
    monkeypatch.undo()
    assert pack.reload_if_changed() is not None
    assert opens(pack.pack) == "2026-03-17"


def test_a_fault_is_told_and_the_rules_stay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = ReloadingPack(folder, cache=False)

    def broken(*arguments: Any, **named: Any) -> Any:
        raise RuntimeError("a fault")

    monkeypatch.setattr("followcue.authoring.reload.load_folders", broken)
    grace(folder, 5)
    outcome = pack.reload_if_changed()
    assert outcome is not None
    assert (outcome.taken, str(outcome)) == (False, "a fault")
    assert opens(pack.pack) == "2026-03-13"


def test_a_first_pack_that_is_broken_is_refused(folder: Path) -> None:
    (folder / "rules.yaml").write_text("rules: [", encoding="utf-8")
    with pytest.raises(followcue.InvalidInput):
        ReloadingPack(folder, cache=False)


def test_no_folder_is_refused() -> None:
    with pytest.raises(ValueError, match="name a folder"):
        ReloadingPack()


# --- with a thread
def test_a_thread_notices(folder: Path) -> None:
    with watching(folder) as (pack, told):
        grace(folder, 5)
        wait_for(lambda: opens(pack.pack) == "2026-03-15")
        change(folder, "rules.yaml", "rules:\n", "rules: [\n")
        wait_for(lambda: bool(told) and not told[-1].taken)
        assert opens(pack.pack) == "2026-03-15"
    assert not any(thread.name == "followcue-reload" for thread in threading.enumerate())


def test_an_editor_that_saves_beside_and_renames(folder: Path) -> None:
    with watching(folder) as (pack, _):
        text = LIBRARY["rules.yaml"].replace("$day + grace", "$day")
        (folder / ".rules.yaml.swp").write_text(text, encoding="utf-8")
        os.replace(folder / ".rules.yaml.swp", folder / "rules.yaml")
        test = LIBRARY["tests/late.yaml"].replace("open: 2026-03-13", "open: 2026-03-10")
        test = test.replace("not-late: {as_of: 2026-03-09", "not-late: {as_of: 2026-03-08")
        (folder / "tests" / "late.yaml").write_text(test, encoding="utf-8")
        wait_for(lambda: opens(pack.pack) == "2026-03-10")


def test_who_is_told_may_fail(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: seen.append(arguments.exc_value))

    def fail(outcome: Reload) -> None:
        raise RuntimeError("not now")

    with watch_pack(folder, cache=False, on_reload=fail) as pack:
        grace(folder, 5)
        wait_for(lambda: bool(seen))
        grace(folder, 6)
        wait_for(lambda: opens(pack.pack) == "2026-03-16")


def test_stopping_is_quick_and_may_be_done_twice(folder: Path) -> None:
    pack = watch_pack(folder, cache=False)
    start = time.monotonic()
    pack.stop()
    pack.stop()
    assert time.monotonic() - start < LONG / 2
    with pack:
        grace(folder, 5)
        wait_for(lambda: opens(pack.pack) == "2026-03-15")


@pytest.mark.slow
def test_evaluations_during_fifty_swaps_see_one_pack_each(folder: Path) -> None:
    """Each report is one that some version gives; within one evaluation nothing changes hands."""
    pack = ReloadingPack(folder, cache=False)
    faults: list[object] = []
    done = threading.Event()
    versions = set()

    def evaluate() -> None:
        try:
            while not done.is_set():
                mine = pack.pack
                report = followcue.evaluate(EMMA, mine)
                days = report.parameters["grace"], str(report.actions[0].open), report.rules_version
                again = followcue.evaluate(EMMA, mine)
                assert again == report
                assert int(str(days[0]).split()[0]) == int(days[1][-2:]) - 10
                assert report.rules_version == mine.pack.version
                versions.add(days)
                time.sleep(0.001)  # or the one that reloads would hardly have a turn
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=evaluate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for swap in range(50):
        grace(folder, 1 + swap % 9)
        outcome = pack.reload_if_changed()
        assert outcome is None or outcome.taken, str(outcome)
    done.set()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(versions) > 3


@contextmanager
def watching(folder: Path) -> Iterator[tuple[ReloadingPack, list[Reload]]]:
    told: list[Reload] = []
    with watch_pack(folder, cache=False, on_reload=told.append) as pack:
        yield pack, told


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, "it was not noticed"
        time.sleep(0.01)
