"""Skips, written into a journal and taken out of it: what is not to be advised, for good or until a day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.mark_done import Which, chosen
from followcue.evaluation.advice.report import Report
from followcue.evaluation.pipeline import evaluate
from followcue.evaluation.report.listing import is_number
from followcue.evaluation.report.wording import named, on_one_line
from followcue.evaluation.situation.skips import SKIPS, Skip
from followcue.explain.meant import meant_by
from followcue.explain.wanted import NotRecommended, Unknown, subject_of


class Skipped(NamedTuple):
    """What is skipped or advised again at one go: its title, and how many skips it took."""

    title: str
    skips: int


def skip(
    journal: Journal, which: Which, *, until: date | None = None, because: str | None = None
) -> tuple[Skipped, ...]:
    """Write that something is not to be advised, before the day `until` or ever; nothing is saved.

    A step stands for all its actions. The bare name of an action is skipped wherever it would come up, as far
    as `which` does not narrow it down, today or later. Raises `Unknown` for what nothing has, and
    `InvalidInput` for a skip that cannot stand in the file.
    """
    more = {"until": until and until.isoformat(), "because": because}
    name = _name_of(journal, which)
    if name is not None:
        journal.add_skip({"action": name, **_place(journal, which.scope, which.to, which.about), **more})
        title = journal.loaded.pack.vocabulary.actions[name].title
        return (Skipped(f"{title}, wherever it would come up" if _is_wide(which) else title, 1),)
    found = []
    for meant in chosen(journal, which):
        for action in meant.actions:
            place = _place(journal, action.scope, action.to, action.about)
            journal.add_skip({"action": action.action, **place, **more})
        found.append(Skipped(meant.title, len(meant.actions)))
    return tuple(found)


def unskip(journal: Journal, which: Which) -> tuple[Skipped, ...]:
    """Take out the skips that keep an action, or those of a step, from being advised; nothing is saved.

    They are named as they are without their skips, by id or title, or by the name of an action. Raises
    `Unknown` for what nothing has, and `NotRecommended` where no skip speaks of it, with those there are.
    """
    skips = journal.loaded.read(journal.edit.document, journal.options).skips
    report = _unskipped(journal)
    found = []
    gone: set[int] = set()
    for word in which.words:
        if is_number(word):
            raise Unknown("what is skipped has no number in the list: say its name, its id or its title")
        meant = meant_by(word, report, journal.loaded.pack.vocabulary.actions)
        subjects = [subject_of(action) for action in meant.advised]
        title = f"`{word}`"
        if meant.step:
            title = on_one_line(meant.step.step.title)
        elif meant.actions:
            title = on_one_line(named(meant.actions[0], report))
        elif meant.wanted and meant.wanted.action and ":" in word:
            subjects = [(meant.wanted.action, *meant.wanted[1:])]
        if subjects:
            today = journal.today.toordinal()
            places = [at for at, one in enumerate(skips) if any(one.covers(*s, today) for s in subjects)]
        else:
            name = meant.wanted.action if meant.wanted else None
            places = [at for at, one in enumerate(skips) if one.action == name and _is_meant(one, which)]
            title = f"`{name}`"
        if not places:
            raise NotRecommended(_instead(word, skips))
        gone.update(places)
        found.append(Skipped(title, len(places)))
    journal.remove_skips(gone)
    return tuple(found)


def _name_of(journal: Journal, which: Which) -> str | None:
    """The action whose bare name is given; None for a number, a title, or the id of a step or an action."""
    if len(which.words) != 1 or ":" in which.words[0]:
        return None
    wanted = meant_by(which.words[0], journal.before, journal.loaded.pack.vocabulary.actions).wanted
    return wanted.action if wanted else None


def _unskipped(journal: Journal) -> Report:
    """What would be advised without any skip."""
    document = journal.edit.document
    data = document.data
    assert isinstance(data, dict)
    bare = document._replace(data={key: value for key, value in data.items() if key != SKIPS})
    return evaluate(journal.loaded, bare, journal.options._replace(missed=True))


def _is_wide(which: Which) -> bool:
    return which.scope is None and which.to is None and which.about is None


def _place(journal: Journal, scope: str | None, to: str | None, about: str | None) -> dict[str, str | None]:
    key = journal.loaded.pack.vocabulary.shape.scope
    return {**({key: scope} if key else {}), "to": to, "about": about}


def _is_meant(one: Skip, which: Which) -> bool:
    wanted = which.scope, which.to, which.about
    return all(name in (None, own) for name, own in zip(wanted, (one.scope, one.to, one.about), strict=True))


def _instead(word: str, skips: tuple[Skip, ...]) -> str:
    said = f"no skip keeps `{word}` from being advised"
    if not skips:
        return f"{said}: the file has none"
    lines = [f"  {one.place}: {':'.join(part for part in one[:4] if part)}" for one in skips]
    return "\n".join([f"{said}; the file has:", *lines])
