"""The benchmarks against other engines: who takes part is right, and the page is that of the results."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS / "workload")]

import plots  # noqa: E402
import report  # noqa: E402
from generator import hand_written, random_facts  # noqa: E402
from peers import CONTENDERS, OURS, PEERS, Contender  # noqa: E402

SEEDS = {"experta": 10, "rule_engine": 15, "clingo": 25}


def results() -> dict[str, Any]:
    """The results of a small run that never was."""

    def contender(name: str, us: float) -> dict[str, Any]:
        known = CONTENDERS[name]
        return {
            "name": name,
            "title": known.title,
            "ours": known in OURS,
            "version": None if known in OURS else "1.2.3",
            "note": known.note,
            "situations": known.situations,
            "us": [us, us * 0.9, us * 1.1],
            "ratio": [us / 6, us / 7, us / 5],
            "start_ms": [us + 40, us + 39, us + 41],
            "peak_mb": 20.0,
        }

    lines = {"compiled": [[10, 12.0], [1000, 80.0]], "clipspy": [[10, 150.0], [1000, 151.0]]}
    costs = {"hand_written": 6.0, "compiled": 10.0, "evaluate": 150.0, "relational": 120.0, "clipspy": 160.0}
    start = {"start_ms": [12.0, 11.0, 13.0], "peak_mb": 9.5}
    return {
        "machine": {"python": "3.11.7", "system": "Linux", "processor": "a processor", "cores": 2},
        "rounds": 3,
        "verified": 300,
        "contenders": [contender(name, us) for name, us in costs.items()],
        "starts": {"python -c pass": start, "compiled, rules kept": start, "evaluate, rules kept": start},
        "skipped": [{"name": "zen", "title": "zen-engine", "reason": "not installed here"}],
        "fired": 5.15,
        "shipped": [{"example": "rejected", "events": 11, "us": [531.0, 528.0, 534.0]}],
        "growth": {"situations": lines, "events": lines, "rules that do not occur": lines},
    }


@pytest.mark.parametrize("contender", CONTENDERS.values(), ids=CONTENDERS)
def test_who_takes_part_says_what_the_oracle_says(contender: Contender) -> None:
    try:
        judge = contender.prepare()
    except ImportError as reason:
        pytest.skip(f"not installed: {reason}")
    facts = [random_facts(seed) for seed in range(SEEDS.get(contender.name, 60))]
    assert judge(facts) == [hand_written(each) for each in facts]


def test_a_wrong_answer_keeps_an_engine_out() -> None:
    runner = the_runner()
    wrong = CONTENDERS["hand_written"]._replace(module="test_peers_wrong", function="prepare")
    module = type(sys)("test_peers_wrong")
    module.prepare = lambda: lambda situations: [set() for _ in situations]  # type: ignore[attr-defined]
    sys.modules["test_peers_wrong"] = module
    try:
        ready, skipped = runner.make_ready([wrong], 5)
    finally:
        del sys.modules["test_peers_wrong"]
    assert ready == []
    assert skipped[0]["reason"] == "differs from the oracle on 5 of 5 situations"


def test_what_is_not_installed_is_left_out_with_the_reason() -> None:
    absent = CONTENDERS["clingo"]._replace(module="no_such_engine_at_all")
    ready, skipped = the_runner().make_ready([absent], 5)
    assert ready == []
    assert skipped[0]["reason"].startswith("not installed here (No module named")


def the_runner() -> Any:
    """The module `peers.py`, which has the name of the package beside it."""
    found = importlib.util.spec_from_file_location("peers_command", BENCHMARKS / "peers.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


# --- the page
def written(folder: Path, found: dict[str, Any]) -> dict[str, str]:
    folder.mkdir()
    (folder / "peers.json").write_text(json.dumps(found), "utf-8")
    report.write(folder / "peers.json", folder / "population.md", folder / "docs")
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in sorted((folder / "docs").rglob("*"))
        if path.is_file()
    }


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a", results()), written(tmp_path / "b", results())
    assert first == second
    assert sorted(first) == [
        "docs/performance.md",
        "docs/pictures/performance-events.svg",
        "docs/pictures/performance-peers.svg",
        "docs/pictures/performance-rules-absent.svg",
        "docs/pictures/performance-situations.svg",
    ]


def test_the_page_says_what_was_measured(tmp_path: Path) -> None:
    page = written(tmp_path / "a", results())["docs/performance.md"]
    assert "| **compiled** | 10.0 | 1.7 | 50 ms | 20 MB | matching with provenance |" in page
    assert "Left out: zen-engine, not installed here." in page
    assert "16 times as fast as the next engine, clipspy (CLIPS): an order of magnitude." in page
    assert "is 1.1 times as fast as what clipspy (CLIPS) takes to match alone" in page
    assert "rules CLIPS takes" not in page


def test_the_page_says_where_many_rules_cost_less_elsewhere(tmp_path: Path) -> None:
    found = results()
    ours = found["growth"]["rules that do not occur"]["compiled"]
    cheaper = [[size, ours[0][1]] for size, _ in ours]
    found["growth"]["rules that do not occur"] = {"compiled": ours, "clipspy": cheaper}
    page = written(tmp_path / "a", found)["docs/performance.md"]
    assert "Each costs the compiled matcher some 69 ns" in page
    assert "rules CLIPS takes" in page


def test_the_page_does_not_claim_what_was_not_measured(tmp_path: Path) -> None:
    found = results()
    for each in found["contenders"]:
        if each["name"] == "clipspy":
            each["ratio"] = [8.0, 7.0, 9.0]
    page = written(tmp_path / "a", found)["docs/performance.md"]
    assert "5 times as fast as the next engine, clipspy (CLIPS): less than an order of magnitude." in page
    assert "is 3.1 times as slow as what clipspy (CLIPS) takes to match alone" in page


def whole_jobs(zen: float) -> str:
    return (
        "A Python\n\n| | µs | ratio | reasons |\n|---|--:|--:|---|\n"
        "| hand-written function | 10.0 | 1.0 | none |\n| **followcue.evaluate** | 200 | 20.0 | texts |\n"
        f"| zen-engine 2, with its trace | 1 | {zen} | nodes |\n"
    )


def test_the_page_says_who_does_the_whole_job_quicker() -> None:
    slower = report.page(results(), None, jobs=[whole_jobs(10.0)])
    assert "`evaluate` takes 2.0 times as long as zen-engine 2, with its trace." in slower
    faster = report.page(results(), None, jobs=[whole_jobs(40.0)])
    assert "zen-engine with its trace takes 2.0 times as long as `evaluate`." in faster
    assert "Here the whole of" not in faster


def test_a_whole_job_with_a_wrong_answer_is_left_out() -> None:
    import jobs

    facts = [random_facts(seed) for seed in range(5)]
    assert isinstance(jobs.right("by hand", jobs.by_hand, facts), jobs.Job)
    wrong = jobs.right("wrong", lambda: jobs.judging(lambda situations: [set() for _ in situations]), facts)
    assert wrong == "differs from the oracle on 5 of 5 situations"


@pytest.mark.parametrize("make", ["by_hand", "matching", "whole_evaluate", "clips", "durable", "regorus"])
def test_a_whole_job_says_what_the_oracle_says(make: str) -> None:
    import jobs

    said = jobs.right(make, getattr(jobs, make), [random_facts(seed) for seed in range(20)])
    if isinstance(said, str) and said.startswith("not installed"):
        pytest.skip(said)
    assert isinstance(said, jobs.Job), said


def test_pictures_can_be_read_as_xml() -> None:
    for name, text in report.pictures(results()).items():
        root = ElementTree.fromstring(text)
        assert root.get("aria-label"), name
        assert "NaN" not in text


def test_longer_bars_are_longer() -> None:
    rows = [plots.Bar("a & b", 3.0, "3", True), plots.Bar("c", 300.0, "300", False)]
    text = plots.bars("two", "µs", rows)
    short, long = (float(e.get("width", "")) for e in ElementTree.fromstring(text) if e.tag.endswith("rect"))
    assert 0 < short < long
    assert "a &amp; b" in text


def test_the_shipped_page_is_that_of_the_kept_results(tmp_path: Path) -> None:
    """Nobody wrote into the page by hand."""
    report.write(report.RESULTS, report.POPULATION, tmp_path)
    for path in sorted(tmp_path.rglob("*.*")):
        kept = report.DOCS / path.relative_to(tmp_path)
        assert kept.read_text("utf-8") == path.read_text("utf-8"), "run benchmarks/report.py"


def test_every_peer_is_pinned() -> None:
    pinned = (BENCHMARKS / "peers" / "requirements.txt").read_text("utf-8")
    for peer in PEERS:
        assert f"\n{peer.distribution}==" in pinned


def test_results_are_written_as_they_are() -> None:
    assert json.loads(the_runner().written(results())) == results()
