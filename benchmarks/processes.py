"""What a process and those that it started take, as Linux tells it; nothing elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def tree(pid: int) -> Iterator[int]:
    """The process, those that it started, and those that these did."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            yield from tree(child)


def processor(pid: int) -> float:
    """The seconds of processor time of a process and of those that it waited for; 0 where there is none."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    fields = said.rpartition(")")[2].split()  # the name before may have spaces
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def peak(pid: int) -> float:
    """The most memory that a process held, in megabytes; 0 where there is none."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1e3 for line in status.splitlines() if "VmHWM" in line), 0)


def name(pid: int) -> str:
    """What runs there, such as `java`."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def size(folder: Path) -> int:
    """The bytes of all files below a folder, or of a file; files may come and go meanwhile."""
    if folder.is_file():
        return folder.stat().st_size
    found = 0
    for path in folder.rglob("*"):
        try:
            found += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return found
