"""Two versions of a pack put to many situations: whose advice changes, and by which edits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, cast

from followcue.authoring.versions.blame import Blame, Detective, Entries
from followcue.authoring.versions.edits import Edit
from followcue.authoring.versions.report_changes import Change, changes, entries
from followcue.authoring.versions.situations import Asked
from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.evaluation.pipeline import LoadedPack, judge

MOST_KEPT = 1_000
"""So many situations with other advice are kept; more are only counted."""


class Blamed(NamedTuple):
    """A change of advice, and who made it."""

    change: Change
    blame: Blame


class Difference(NamedTuple):
    """One situation that is advised otherwise; `data` is the situation itself where it stands in no file."""

    name: str
    changes: tuple[Blamed, ...]
    data: Mapping[str, Any] | None = None


class Unjudged(NamedTuple):
    """A situation that only one of the packs can judge, and what the other one says to that."""

    name: str
    by_old: bool
    reason: str


class Compared(NamedTuple):
    """What came of it: `asked` situations, of which `changed` are advised otherwise.

    `kept` are the first of them; `blamed` counts for each edit the situations that it had a hand in. `lone`
    situations can be judged by one pack alone; `unjudged` are the first of these.
    """

    edits: tuple[Edit, ...]
    asked: int
    changed: int
    kept: tuple[Difference, ...]
    blamed: Counter[Edit]
    lone: int
    unjudged: tuple[Unjudged, ...]

    @property
    def same_advice(self) -> bool:
        """Whether both packs say the same of everything."""
        return not self.changed and not self.lone


def compare(
    old: LoadedPack,
    new: LoadedPack,
    found: tuple[Edit, ...],
    asked: Iterable[Asked],
    progress: Callable[[int], None] = lambda count: None,
) -> Compared:
    """The advice of both packs on every situation; raises `InvalidInput` for one that neither can read."""
    detective = Detective(old, new, found)
    blamed: Counter[Edit] = Counter()
    kept: list[Difference] = []
    unjudged: list[Unjudged] = []
    count = changed = alone = 0
    for one in asked:
        progress(count)
        count += 1
        before, after = _judged(old, one), _judged(new, one)
        taught = isinstance(before, InvalidInput) and not isinstance(after, Exception)
        if taught and (apprentice := detective.taught()):
            before = _judged(apprentice, one)
        lone = _unjudged(one, before, after)
        if lone or isinstance(before, Exception) or isinstance(after, Exception):
            alone += 1
            unjudged += [lone] if lone and len(unjudged) < MOST_KEPT else []
            continue
        differing = changes(before, after)
        if differing:
            changed += 1
            told = tuple(map(Blamed, differing, detective.blame(one, differing, taught=taught)))
            blamed.update({edit for each in told for edit in each.blame.edits})
            if len(kept) < MOST_KEPT:
                data = cast(Mapping[str, Any], one.document.data) if one.made_up else None
                kept.append(Difference(one.name, told, data))
    return Compared(found, count, changed, tuple(kept), blamed, alone, tuple(unjudged))


def _judged(pack: LoadedPack, asked: Asked) -> Entries | InvalidInput | LimitExceeded:
    """What a pack says of a situation, or why it says nothing."""
    try:
        return entries(judge(pack, asked.read(pack)).report, pack.pack)
    except (InvalidInput, LimitExceeded) as problem:
        return problem


def _unjudged(
    asked: Asked,
    before: Entries | InvalidInput | LimitExceeded,
    after: Entries | InvalidInput | LimitExceeded,
) -> Unjudged | None:
    """What one pack alone cannot judge; None where both can. Raises what both say."""
    if isinstance(after, Exception):
        if isinstance(before, Exception):
            raise after
        return Unjudged(asked.name, by_old=True, reason=str(after))
    return Unjudged(asked.name, by_old=False, reason=str(before)) if isinstance(before, Exception) else None
