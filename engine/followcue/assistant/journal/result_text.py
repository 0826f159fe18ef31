"""What was written and what changed by it, in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import dedent

from followcue.assistant.journal.journal import JournalOutcome
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.listing import listing
from followcue.evaluation.report.table import CAREFUL, WHEN, when
from followcue.evaluation.report.wording import named, on_one_line, short_day
from followcue.language.documents.edit import Edit

MOST = 8
"""How many lines are told of each: the rest is for `evaluate` to say."""


def told(edit: Edit, outcome: JournalOutcome, done: Sequence[Action] = ()) -> str:
    """The lines that are new in the file, and what is new in the advice, gone, or has other days.

    Actions bear the number of their step in a report now. That what was `done` is gone goes without saying.
    """
    return "".join(f"{line}\n" for line in (*_written(edit), *_changed(outcome, done)))


def changes_told(outcome: JournalOutcome) -> str:
    """The lines on the advice alone."""
    return "".join(f"{line}\n" for line in _changed(outcome, ()))


def _written(edit: Edit) -> Iterator[str]:
    if edit.laid_out_anew:
        yield f"{edit.name}: laid out anew, for there was no other way to write into it"
        return
    new = [(number, line) for number, line in edit.new_lines() if line.strip()]
    lines = dedent("\n".join(line for _, line in new)).splitlines()
    yield from (f"{edit.name}:{number}: {line}" for (number, _), line in zip(new, lines, strict=True))


def _changed(outcome: JournalOutcome, done: Sequence[Action]) -> Iterator[str]:
    gone = [action for action in outcome.gone if action not in done]
    found: list[tuple[str, Sequence[Action]]]
    found = [("New", outcome.new), ("Moved", outcome.moved), ("Gone", gone)]
    if not any(actions for _, actions in found) and not done and not outcome.cautions:
        yield "The advice is the same as before."
    if outcome.cautions:
        yield ""
        yield CAREFUL
        yield from (f"    {on_one_line(named(caution, outcome.after))}" for caution in outcome.cautions)
    for heading, actions in found:
        if actions:
            yield ""
            yield heading
            is_over = heading == "Gone"
            yield from _lines(actions, outcome.before if is_over else outcome.after, is_over)


def _lines(actions: Sequence[Action], report: Report, gone: bool) -> Iterator[str]:
    """An action a line, behind the number of its step and when; what is gone has neither."""
    listed = listing(report)
    steps = {key: one for one in listed.steps for key in one.step.actions}
    numbers = {key: one.number for key, one in steps.items()}
    ordered = sorted(actions, key=lambda action: numbers.get(action.id, len(steps) + 1))
    for action in ordered[:MOST]:
        number, day = ("", "") if gone else (str(numbers.get(action.id, "")), when(action, report.as_of))
        step = steps[action.id].step if action.id in steps and not gone else None
        if step is not None and step.when == "ahead":
            day = f"from {short_day(step.open)}"
        yield f"{number:>2}  {day:<{WHEN}}{on_one_line(named(action, report))}"
    if len(ordered) > MOST:
        yield f"    and {len(ordered) - MOST} more"
