"""Declarations of actions -> actions, with the names of those that they contradict checked."""

from __future__ import annotations

from followcue.language.model.declared import Declaration, Declared, Problems, unknown
from followcue.language.model.vocabulary import ActionKind


def read_actions(declared: Declared, problems: Problems) -> dict[str, ActionKind]:
    """All actions and cautions by name."""
    actions = declared["actions"]
    for action in actions.values():
        for other, where in action.texts("contradicts"):
            if other not in actions:
                problems.append(unknown("action", other, actions, where))
    return {name: _action(action) for name, action in actions.items()}


def _action(declaration: Declaration) -> ActionKind:
    return ActionKind(
        declaration.name,
        title=declaration.text("title"),
        priority=declaration.text("priority", "normal"),
        standing=declaration.flag("standing"),
        keep=declaration.text("keep").removeprefix("latest ") or None,
        do=declaration.words("do"),
        avoid=declaration.words("avoid"),
        contradicts=declaration.words("contradicts"),
    )
