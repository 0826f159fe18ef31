"""The list last shown: which number was which step, so that a number of yesterday is not taken for another.

A person reads a list, and says a number of it an hour or a night later, when the file or the day has made
other numbers of it. So what a terminal shows is noted, for each file, in the user's cache; a command that is
given a number looks there, and refuses one that now means something else. Where nothing was noted, in scripts
and pipes, numbers are those of now. No evaluation reads the note, and to lose it harms nobody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import NamedTuple
from zlib import crc32

from followcue.base.atomic import replace_file
from followcue.base.cache import cache_folder
from followcue.cli.shell import Refused
from followcue.evaluation.advice.report import Report
from followcue.evaluation.report.listing import is_number, listing
from followcue.evaluation.report.wording import on_one_line, weekday

MOST = 200
"""Of how many files a list is noted; older notes go."""

_FOLDER = "shown"


class ShownList(NamedTuple):
    """The steps of a list by their numbers, each with its id and its title, and the day of the list."""

    as_of: date
    steps: Mapping[int, tuple[str, str]]


def note(situation: str, report: Report) -> None:
    """Note what was shown of a file; nothing where that cannot be kept, or it was no file."""
    place = _place(situation)
    if place is None:
        return
    steps = [[one.number, one.step.id, on_one_line(one.step.title)] for one in listing(report).steps]
    shown = {"file": os.path.realpath(situation), "as_of": report.as_of.isoformat(), "steps": steps}
    with suppress(OSError):
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        replace_file(place, json.dumps(shown).encode())
        _forget_oldest(os.path.dirname(place))


def refuse_other_numbers(situation: str, words: Iterable[str], report: Callable[[], Report]) -> None:
    """A usage error where a number means another step than in the list last shown of this file.

    `report` gives the one of now, and is asked only if there is a number and such a list.
    """
    numbers = sorted({int(word) for word in words if is_number(word)})
    shown = _noted(situation) if numbers else None
    if shown is None:
        return
    now = report()
    steps = {one.number: one.step for one in listing(now).steps}
    ids = {step.id: place for place, step in steps.items()}
    said = []
    for number in numbers:
        was, step = shown.steps.get(number), steps.get(number)
        if step is None and was is None:
            continue  # no list has it, and that is said elsewhere
        if step is None or was is None or was[0] != step.id:
            said += _difference(number, was, step and on_one_line(step.title), ids)
    if said:
        since = weekday(shown.as_of) if shown.as_of != now.as_of else "you saw it"
        head = f"the list has changed since {since}, and with it what a number means:"
        end = f"say it by its title, or look again: followcue evaluate {situation}"
        raise Refused("\n".join([head, *said, end]))


def _difference(
    number: int, was: tuple[str, str] | None, now: str | None, ids: Mapping[str, int]
) -> list[str]:
    """What a number was and what it is; the number that it has now, if that is still to be done."""
    lines = [f"  {number} was: {was[1]}" if was else f"  {number} was not on it"]
    if was is not None:
        number_now = ids.get(was[0])
        lines.append(f"    which is now {number_now}" if number_now else "    which is no longer to be done")
    lines.append(f"  {number} is:  {now}" if now else f"  {number} is not on it any more")
    return lines


def _noted(situation: str) -> ShownList | None:
    place = _place(situation)
    if place is None:
        return None
    with suppress(OSError, ValueError, LookupError, TypeError):
        with open(place, "rb") as file:
            shown = json.load(file)
        if shown["file"] == os.path.realpath(situation):
            steps = {int(number): (str(key), str(title)) for number, key, title in shown["steps"]}
            return ShownList(date.fromisoformat(shown["as_of"]), steps)
    return None


def _place(situation: str) -> str | None:
    """Where the note on a file lies; None for what is no file, and where there is no cache."""
    folder = cache_folder()
    if folder is None or not os.path.isfile(situation):
        return None
    # Two files may share a name: then the later note takes the other's place.
    return os.path.join(folder, _FOLDER, f"{crc32(os.fsencode(os.path.realpath(situation))):08x}.json")


def _forget_oldest(folder: str) -> None:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
    for entry in entries[MOST:]:
        os.unlink(entry.path)
