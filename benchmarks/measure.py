"""What the benchmarks measure with: works in turns, and processes of their own for memory and starting."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
# Not `ru_maxrss` where it can be helped: a process inherits that from the one that started it.
_PEAK = """
try:
    lines = open("/proc/self/status").read().splitlines()
    print(next(line for line in lines if line.startswith("VmHWM")).split()[1])
except OSError:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


class Spread(NamedTuple):
    """The median of several measurements, and the bounds of their middle half."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float], factor: float = 1, digits: int = 3) -> Spread:
        low, median, high = statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
        return cls(*(round(value * factor, digits) for value in (median, low, high)))


def seconds(work: Callable[[], object]) -> float:
    """The processor time that a work takes, of all threads of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def in_turns(works: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each work says that it measured, round by round: A B C, A B C, ...; the first does not count."""
    measured: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        gc.collect()
        for name, work in works.items():
            value = work()
            if number:
                measured[name].append(value)
    return measured


def run_python(code: str, environment: Mapping[str, str] | None = None) -> str:
    """What a fresh Python process prints that runs `code`, with the benchmarks on its path."""
    prepared = f"import sys; sys.path.insert(0, {str(HERE)!r})\n{code}"
    return subprocess.run(
        [sys.executable, "-c", prepared],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {})},
    ).stdout


def seconds_of_process(code: str, environment: Mapping[str, str] | None = None) -> float:
    """The processor time of a fresh Python process that runs `code`."""
    before = _of_children()
    run_python(code, environment)
    return _of_children() - before


def peak_of_process(code: str, environment: Mapping[str, str] | None = None) -> float:
    """The most memory, in megabytes, that a fresh Python process held while it ran `code`."""
    said = run_python(f"{code}\n{_PEAK}", environment).split()[-1]
    return round(int(said) / (1e6 if sys.platform == "darwin" else 1e3), 1)


def _of_children() -> float:
    from resource import RUSAGE_CHILDREN, getrusage

    spent = getrusage(RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def machine() -> dict[str, Any]:
    """What the figures depend on besides the code, without names or days."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.machine()
