"""Placement: how an action is done among the steps of its report, and what made it so.

What an author declared of the action stands first, then the `step` rules that changed it, then what came of
both: with what it is done, how urgent it counts, and on which day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from followcue.base.values import format_duration
from followcue.base.working_days import offices_of
from followcue.evaluation.advice.report import PRIORITIES, Action, Report
from followcue.evaluation.advice.steps import Piece
from followcue.evaluation.report.listing import Listed, listing
from followcue.evaluation.report.wording import addressee, named, short_day
from followcue.evaluation.situation.situation import Situation
from followcue.explain.explanation import Placement, RuleWhy
from followcue.language.model.vocabulary import NO_TIER, ActionKind, Vocabulary


class Placements:
    """Tells how actions are placed in one report; `pieces` are its actions in their places."""

    def __init__(
        self, situation: Situation, vocabulary: Vocabulary, report: Report, pieces: Iterable[Piece]
    ) -> None:
        self._situation = situation
        self._vocabulary = vocabulary
        self._report = report
        self._listed = listing(report)
        self._pieces = {piece.action.id: piece for piece in pieces}

    def of(self, action: Action, rules: Sequence[RuleWhy]) -> Placement:
        """Where an action stands; `rules` are the `step` rules that hold for it."""
        kind = self._vocabulary.actions[action.action]
        step = self._listed.step_of(action)
        piece = None if action.status in ("missed", "skipped") else self._pieces.get(action.id)
        notes = self._beside(action, kind) if piece is None else self._notes(piece, step)
        return Placement(
            step=step.step if step else None,
            number=step.number if step else None,
            declared=_declared(kind),
            origin=kind.origin,
            rules=tuple(rules),
            notes=tuple(notes),
        )

    # --- what can be part of no step
    def _beside(self, action: Action, kind: ActionKind) -> Iterator[str]:
        if action.status in ("missed", "skipped"):
            yield f"in no step: {action.status}"
            yield from self._skipped_at(action)
            return
        yield "in no step: it goes on all the time"
        if kind.asks_for_silence and action.until:
            yield f"messages there wait until {short_day(action.until)}"

    def _skipped_at(self, action: Action) -> Iterator[str]:
        today = self._situation.as_of
        for skip in self._situation.skips:
            if skip.covers(action.action, action.scope, action.to, action.about, today):
                yield f"by {skip.place}" + (f": {skip.because}" if skip.because else "")

    # --- what can
    def _notes(self, piece: Piece, step: Listed | None) -> Iterator[str]:
        action = piece.action
        others = [other.id for other in step.actions if other.id != action.id] if step else []
        if step is None:
            onto = f", with {_listed(piece.rides_on)}" if piece.rides_on else ""
            whom = addressee(action._replace(about=None), self._report) or "them"
            yield f"in no step: it rides on the next message to {whom}{onto}, and none is planned"
        elif others:
            why = "one message says it all" if piece.message else "it is done in one sitting"
            yield f"{why}, together with {_listed(others)}"
        if piece.stale:
            yield "its moment has passed while they are left in peace: it joins whatever is said next"
        elif piece.rides and step is not None:
            yield "it rides: nobody is written to for it alone"
        yield self._urgency(piece)
        if step is not None:
            yield from self._day(piece, step)

    def _urgency(self, piece: Piece) -> str:
        """What it counts as among steps, and why that is not its priority."""
        counts, priority = PRIORITIES[piece.urgency], piece.action.priority
        because = []
        if piece.faded:
            because.append(f"it is {format_duration(piece.late)} late, more than fades_after")
        limit = piece.at_most
        if limit is not None and PRIORITIES.index(limit) > PRIORITIES.index(priority):
            because.append(f"a rule lets it count as {limit} at most")
        if counts == priority:
            return f"it counts as {counts}"
        return f"it counts as {counts} and not as {priority}: {'; '.join(because)}"

    def _day(self, piece: Piece, step: Listed) -> Iterator[str]:
        """Why it is not for today, although it can be done."""
        action, day = piece.action, short_day(step.step.open)
        if action.status not in ("due", "overdue"):
            return
        if step.step.when == "now":
            usual = piece.message
            if (
                usual
                and usual.otherwise
                and step.step.channel != usual.channel
                and self._offices_are_closed()
            ):
                yield f"sent as {usual.otherwise}: offices are closed today, and later is too late"
            return
        waits = [named(one, self._report) for one in self._report.actions if self._is_wait(one, piece)]
        if not piece.now and waits:
            yield f"kept until {day}: {', '.join(waits)}"
        elif not piece.now:
            yield f"kept until {day}: something was said to the same person today"
        elif piece.message and piece.message.office_hours and self._offices_are_closed():
            yield f"kept until {day}: offices are closed today"
        else:
            yield f"kept until {day}: another message to the same person goes first"

    def _offices_are_closed(self) -> bool:
        return not offices_of(self._situation.parameters).is_working_day(self._situation.as_of)

    def _is_wait(self, one: Action, piece: Piece) -> bool:
        kind = self._vocabulary.actions[one.action]
        return kind.asks_for_silence and one.scope == piece.action.scope and one.until == piece.opens


def _declared(kind: ActionKind) -> str:
    """What the vocabulary says of how an action is done, in its own words."""
    said = [f"message: {kind.message}" if kind.message else "no message, done alone"]
    said += [name for name in ("standing", "alone", "rides", "fades") if getattr(kind, name)]
    said += [f"sitting: {kind.sitting}"] if kind.sitting else []
    said += [f"rides on: {_listed(kind.rides_on)}"] if kind.rides_on else []
    said += ["asks for silence"] if kind.asks_for_silence else []
    said += [f"in silence: {kind.in_silence}"] if kind.message else []
    said += [f"tier: {kind.tier}"] if kind.tier != NO_TIER else []
    said += [f"group: {kind.group}"] if kind.group else []
    return "; ".join(said)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
