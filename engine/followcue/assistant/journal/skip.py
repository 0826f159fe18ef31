"""Skips, written into a journal and taken out of it: what is not to be advised, for good or until a day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from followcue.assistant.journal.journal import Journal
from followcue.assistant.journal.mark_done import Which, chosen
from followcue.evaluation.advice.report import Action
from followcue.evaluation.pipeline import evaluate
from followcue.evaluation.report.listing import plain
from followcue.evaluation.report.wording import named, on_one_line
from followcue.evaluation.situation.skips import Skip
from followcue.explain.wanted import NotRecommended, Unknown, known_name


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
        return (Skipped(f"every `{name}`" if _is_wide(which) else f"`{name}`", 1),)
    found = []
    for meant in chosen(journal, which):
        for action in meant.actions:
            place = _place(journal, action.scope, action.to, action.about)
            journal.add_skip({"action": action.action, **place, **more})
        found.append(Skipped(meant.title, len(meant.actions)))
    return tuple(found)


def unskip(journal: Journal, which: Which) -> tuple[Skipped, ...]:
    """Take out the skips that keep an action from being advised; nothing is saved.

    An action is named by its id, as `evaluate --all` gives it, or by its name. Raises `Unknown` for what
    nothing has, and `NotRecommended` where no skip speaks of it, with those that there are.
    """
    skips = journal.loaded.read(journal.edit.document, journal.options).skips
    found = []
    gone: set[int] = set()
    for word in which.words:
        name = _name_of(journal, which._replace(words=(word,)))
        if name is None:
            action = _skipped(journal, word)
            places = [at for at, one in enumerate(skips) if action and _keeps_out(one, action, journal.today)]
            title = on_one_line(named(action, journal.before)) if action else word
        else:
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
    if len(which.words) != 1 or ":" in which.words[0] or " " in which.words[0] or which.words[0].isdigit():
        return None
    name = which.words[0].replace("-", "_")
    known_name("action", name, journal.loaded.pack.vocabulary.actions)
    return name


def _is_wide(which: Which) -> bool:
    return which.scope is None and which.to is None and which.about is None


def _place(journal: Journal, scope: str | None, to: str | None, about: str | None) -> dict[str, str | None]:
    key = journal.loaded.pack.vocabulary.shape.scope
    return {**({key: scope} if key else {}), "to": to, "about": about}


def _skipped(journal: Journal, word: str) -> Action | None:
    """The action of that id, among all that would be advised without skips."""
    report = evaluate(journal.loaded, journal.edit.document, journal.options._replace(missed=True))
    found = next(
        (
            one
            for one in (*report.actions, *report.cautions)
            if word == one.id or plain(word) == plain(one.title)
        ),
        None,
    )
    if found is None and word.partition(":")[0] not in journal.loaded.pack.vocabulary.actions:
        raise Unknown(f"nothing skipped is called `{word}`: say the name of an action, or its id")
    return found


def _keeps_out(one: Skip, action: Action, today: date) -> bool:
    return one.covers(action.action, action.scope, action.to, action.about, today.toordinal())


def _is_meant(one: Skip, which: Which) -> bool:
    wanted = which.scope, which.to, which.about
    return all(name in (None, own) for name, own in zip(wanted, (one.scope, one.to, one.about), strict=True))


def _instead(word: str, skips: tuple[Skip, ...]) -> str:
    said = f"no skip keeps `{word}` from being advised"
    if not skips:
        return f"{said}: the file has none"
    lines = [f"  {one.place}: {':'.join(part for part in one[:4] if part)}" for one in skips]
    return "\n".join([f"{said}; the file has:", *lines])
