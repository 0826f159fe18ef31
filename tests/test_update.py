"""`followcue test --update` keeps files as their authors laid them out; `--watch` runs again at changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plants import TESTS, run, write

PROGRAM = "from followcue.cli import main; main()"

OUTDATED = """\
# about plants
tests:
  # the first one
  three-days-are-dry:
    title: Three days are dry   # and not two
    situation:
      as_of: 2026-05-02
      events: [{date: 2026-05-01, event: dry, plant: fern, days: 3}]
    expect:
      - {action: water, open: 2026-05-02, due: 2026-05-03}  # the day after
      - ask
    reject: []
    checks:
      - {add: [{date: 2026-05-02, event: watered, plant: fern}], expect: [water], exact: true}
      - {reject: [water]}
      - {exact: true}
  the-window:
    situation:
      events: [{date: 2026-05-01, event: dry, plant: fern, days: 3}]
    windows:
      - {action: water, open: 2026-05-02, due: 2026-05-05}
"""
UPDATED = """\
# about plants
tests:
  # the first one
  three-days-are-dry:
    title: Three days are dry   # and not two
    situation:
      as_of: 2026-05-02
      events: [{date: 2026-05-01, event: dry, plant: fern, days: 3}]
    expect:
      - {action: water, open: 2026-05-01, due: 2026-05-03}  # the day after
    reject: [ask]
    checks:
      - {add: [{date: 2026-05-02, event: watered, plant: fern}], exact: true, reject: [water]}
      - {expect: [water]}
      - {exact: true, expect: [{action: water, about: fern, status: due}]}
  the-window:
    situation:
      events: [{date: 2026-05-01, event: dry, plant: fern, days: 3}]
    windows:
      - {action: water, open: 2026-05-01, due: 2026-05-03}
"""


def test_what_is_reported_is_expected_from_now_on(tmp_path: Path) -> None:
    pack = write(tmp_path, OUTDATED)
    file = pack / "tests" / "plants.yaml"
    assert run(pack).exit_code == 1
    result = run(pack, "--update")
    assert file.read_text() == UPDATED
    assert result.exit_code == 0, result.output
    assert "-      - {action: water, open: 2026-05-02, due: 2026-05-03}  # the day after" in result.output
    assert "1 test file written" in result.output
    assert "all as expected" in result.output


def test_what_passes_is_left_alone(tmp_path: Path) -> None:
    pack = write(tmp_path, TESTS)
    before = os.stat(pack / "tests" / "plants.yaml").st_mtime_ns
    result = run(pack, "--update")
    assert result.exit_code == 0
    assert "written" not in result.output
    assert os.stat(pack / "tests" / "plants.yaml").st_mtime_ns == before


def test_what_a_test_is_about_is_for_its_author(tmp_path: Path) -> None:
    pack = write(tmp_path, TESTS.replace("    title:", "    rules: [nobody-is-there]\n    title:"))
    before = (pack / "tests" / "plants.yaml").read_text()
    result = run(pack, "--update")
    assert result.exit_code == 1
    assert "`three-days-are-dry` is to be changed by hand" in result.output
    assert (pack / "tests" / "plants.yaml").read_text() == before


def test_only_the_tests_that_were_run_are_changed(tmp_path: Path) -> None:
    pack = write(tmp_path, OUTDATED)
    run(pack, "--update", "--run", "the-window")
    text = (pack / "tests" / "plants.yaml").read_text()
    assert "{action: water, open: 2026-05-01, due: 2026-05-03}\n" in text
    assert "{action: water, open: 2026-05-02, due: 2026-05-03}  # the day after" in text


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_watching_runs_again_at_a_change_and_ends_quietly(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    pack = write(tmp_path, TESTS)
    arguments = [sys.executable, "-c", PROGRAM, "test", "--no-cache", str(pack), "--watch"]
    out, told = tmp_path / "out", tmp_path / "told"
    with out.open("wb") as stdout, told.open("wb") as stderr:
        process = subprocess.Popen(arguments, stdout=stdout, stderr=stderr)
    try:
        _wait(told, "Ctrl-C ends it", 1)
        (pack / "tests" / "plants.yaml").write_text(TESTS.replace("due: 2026-05-03", "due: 2026-05-04"))
        _wait(told, "Ctrl-C ends it", 2)
        (pack / "rules.yaml").write_text("rules: [")
        _wait(told, "Ctrl-C ends it", 3)
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(20)
    said, text = told.read_text(), out.read_text()
    assert text.count("all as expected") == 1
    assert "1 test failed of 2 checks in 1 test" in text
    assert "rules.yaml:1:" in said
    assert "Traceback" not in said
    assert code == 130


def _wait(file: Path, phrase: str, times: int) -> None:
    end = time.monotonic() + 30
    while file.read_text().count(phrase) < times:
        assert time.monotonic() < end, file.read_text()
        time.sleep(0.05)
