"""Two versions of a pack put to many situations: whose advice changes, and by which edits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, cast

from followcue.authoring.versions.blame import Blame, BlameSearch, ReportEntries
from followcue.authoring.versions.named_situations import NamedSituation
from followcue.authoring.versions.pack_edits import PackEdit
from followcue.authoring.versions.report_changes import AdviceChange, changes, entries
from followcue.base.diagnostic import InvalidInput
from followcue.base.limits import LimitExceeded
from followcue.evaluation.pipeline import LoadedPack, evaluate_facts

MOST_KEPT = 1_000
"""So many situations with other advice are kept; more are only counted."""


class Blamed(NamedTuple):
    """A change of advice, and the edits to blame for it."""

    change: AdviceChange
    blame: Blame


class ChangedSituation(NamedTuple):
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

    edits: tuple[PackEdit, ...]
    asked: int
    changed: int
    kept: tuple[ChangedSituation, ...]
    blamed: Counter[PackEdit]
    lone: int
    unjudged: tuple[Unjudged, ...]

    @property
    def same_advice(self) -> bool:
        """Whether both packs say the same of everything."""
        return not self.changed and not self.lone


def compare(
    old: LoadedPack,
    new: LoadedPack,
    found: tuple[PackEdit, ...],
    asked: Iterable[NamedSituation],
    progress: Callable[[int], None] = lambda count: None,
) -> Compared:
    """The advice of both packs on every situation; raises `InvalidInput` for one that neither can read."""
    search = BlameSearch(old, new, found)
    blamed: Counter[PackEdit] = Counter()
    kept: list[ChangedSituation] = []
    unjudged: list[Unjudged] = []
    count = changed = alone = 0
    for one in asked:
        progress(count)
        count += 1
        before, after = _judged(old, one), _judged(new, one)
        new_words = isinstance(before, InvalidInput) and not isinstance(after, Exception)
        if new_words and (reader := search.with_new_words()):
            before = _judged(reader, one)
        lone = _unjudged(one, before, after)
        if lone or isinstance(before, Exception) or isinstance(after, Exception):
            alone += 1
            unjudged += [lone] if lone and len(unjudged) < MOST_KEPT else []
            continue
        differing = changes(before, after)
        if differing:
            changed += 1
            told = tuple(map(Blamed, differing, search.blame(one, differing, new_words=new_words)))
            blamed.update({edit for each in told for edit in each.blame.edits})
            if len(kept) < MOST_KEPT:
                data = cast(Mapping[str, Any], one.document.data) if one.made_up else None
                kept.append(ChangedSituation(one.name, told, data))
    return Compared(found, count, changed, tuple(kept), blamed, alone, tuple(unjudged))


def _judged(pack: LoadedPack, asked: NamedSituation) -> ReportEntries | InvalidInput | LimitExceeded:
    """What a pack says of a situation, or why it says nothing."""
    try:
        return entries(evaluate_facts(pack, asked.read(pack)).report, pack.pack)
    except (InvalidInput, LimitExceeded) as problem:
        return problem


def _unjudged(
    asked: NamedSituation,
    before: ReportEntries | InvalidInput | LimitExceeded,
    after: ReportEntries | InvalidInput | LimitExceeded,
) -> Unjudged | None:
    """What one pack alone cannot judge; None where both can. Raises what both say."""
    if isinstance(after, Exception):
        if isinstance(before, Exception):
            raise after
        return Unjudged(asked.name, by_old=True, reason=str(after))
    return Unjudged(asked.name, by_old=False, reason=str(before)) if isinstance(before, Exception) else None
