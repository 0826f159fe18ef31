"""The page on sizing: its figures are those of the results, and what it calculates from them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import processes  # noqa: E402
import sizing  # noqa: E402

POPULATION = """\
1,000,000 situations of 20 events, 25,060,000 records; 2 workers; Python 3.11.7, 2 cores, AMD EPYC

| | wall | processor | for one situation | ratio | peak: command | peak: one worker | written |
|---|--:|--:|--:|--:|--:|--:|--:|
| jsonl to jsonl | 500.0 s | 900.0 s | 900 µs | 21.3 | 381 MB | 229 MB | 8,000.0 MB |
| parquet to parquet | 500.0 s | 720.0 s | 720 µs | 17.1 | 1,446 MB | 317 MB | 200.0 MB |

The hand-written function takes 4.3 µs.

One process, 1,000 situations

| stage | for one situation | share |
|---|--:|--:|
| read, from jsonl to jsonl rows | 49 µs | 7% |
"""

CLUSTER = """\
20,000 situations, 501,200 records; 2 cores; Python 3.11.7, AMD EPYC

| run | wall | processor | for one situation | peak: main process | peak: one worker | disk meanwhile \
| shuffled | written |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
| followcue batch | 10.0 s | 18.0 s | 900 µs | 400 MB | 230 MB | 40 MB | – | 4.0 MB |
| Spark | 25.0 s | 40.0 s | 2,000 µs | 1,000 MB | 200 MB | 50 MB | 20 MB | 6.0 MB |

Spark takes 2.22 times the processor time of the batch; 1.67 times without the start of its session.

| part of Spark | processor | for one situation |
|---|--:|--:|
| session start | 10.0 s | 500 µs |
| reading, shuffle, sort | 8.0 s | 400 µs |
| handing rows to Python | 2.0 s | 100 µs |
| judging, writing | 20.0 s | 1,000 µs |

| processor | 5,000 | 20,000 | one situation more | however many |
|---|--:|--:|--:|--:|
| followcue batch | 6.0 s | 18.0 s | 800 µs | 2.0 s |
| Spark | 22.0 s | 40.0 s | 1,200 µs | 16.0 s |

Both gave the same 141,550 rows and 0 rejects.
"""


@pytest.fixture
def page() -> str:
    return sizing.page(POPULATION, CLUSTER)


def test_the_same_results_give_the_same_bytes(page: str) -> None:
    assert page == sizing.page(POPULATION, CLUSTER)


def test_the_page_says_what_was_measured(page: str) -> None:
    assert "| `followcue batch`, parquet to parquet | 1,000,000 | 720 µs | 0.20 core-hours |" in page
    assert "| `followcue.spark`, parquet to parquet | 20,000 | 2,000 µs | 0.56 core-hours |" in page
    assert "an overhead of 1.50 for each situation" in page
    assert "20 events and 25 records; Python 3.11.7, AMD EPYC." in page


def test_the_page_calculates_from_what_one_situation_more_takes(page: str) -> None:
    assert "100,000,000 × 800 µs × 1.50 (Spark's overhead)" in page
    assert "100,000,000 × 1,200 µs = 120,000 s = 33 core-hours" in page
    assert "busy 80% of the time" in page
    assert "some 50,000 situations, so 100,000,000 / 50,000 = 2,000 tasks" in page
    assert "100,000,000 × 1,000 = 100 GB" in page
    assert "5 × (500 + 200) MB = 3,500 MB" in page
    assert "| 100 | 20 | 33 h / 0.80 / 100 = 25 min | 1.0 GB |" in page
    assert "| 500 | 100 | 33 h / 0.80 / 500 = 5 min | 0.2 GB |" in page
    assert "Lines of JSON are 40 times as long." in page


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells it this way")
def test_what_a_process_takes_is_told_with_those_that_it_started() -> None:
    loop = "import sys; sum(range(3_000_000)); print(1, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", loop]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.pid in processes.tree(os.getpid())
        assert processes.processor(process.pid) > 0
        assert processes.peak(process.pid) > 1
        assert processes.name(process.pid).startswith("python")
        process.communicate(b"")
    assert processes.processor(process.pid) == 0
