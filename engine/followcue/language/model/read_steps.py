"""Declarations of how actions become steps: kinds of messages, sittings, and what each action says of itself.

A step is one sitting: one message to one person that says all that this person is to hear, or one thing done
alone. So an action is a `message` of some kind or it is done alone; it may share a `sitting`; it may ride on
the next message to the same person instead of being a step. What contradicts itself here is a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from followcue.language.model.declared import Declaration, Declared, Problems, unknown
from followcue.language.model.text_template import UnreadSentence, parse_sentence
from followcue.language.model.vocabulary import NO_TIER, Each, MessageKind, Shape

ABOUT = "about"
PERSON = "person"


def read_messages(declared: Declared, problems: Problems) -> dict[str, MessageKind]:
    """All kinds of messages by name."""
    messages = {name: _message(found, problems) for name, found in declared["messages"].items()}
    for message in messages.values():
        where = declared["messages"][message.name].where / "otherwise"
        other = messages.get(message.otherwise or message.name)
        if other is None:
            problems.append(unknown("message", message.otherwise or "", messages, where))
        elif message.otherwise and not message.office_hours:
            text = "only a message with `office hours: true` can be another one otherwise"
            hint = "write `office hours: true` beside it, or leave this out"
            problems.append(where.problem("FC325", text, hint=hint))
        elif message.otherwise and other.office_hours:
            text = f"`{other.name}` is for office hours too, so that it cannot stand in for `{message.name}`"
            hint = "name one without `office hours`, or leave this out"
            problems.append(where.problem("FC325", text, hint=hint))
    return messages


def _message(declaration: Declaration, problems: Problems) -> MessageKind:
    says = declaration.text("says")
    fields = _fields(declaration, "says", problems)
    if fields is not None and fields != (PERSON,):
        hint = "as in `Write to {person}`"
        message = "a message says `{person}` once, for who gets it"
        problems.append((declaration.where / "says").problem("FC325", message, hint=hint))
    return MessageKind(
        declaration.name,
        says,
        channel=declaration.text("channel") or None,
        alone=declaration.flag("alone"),
        office_hours=declaration.flag("office hours"),
        otherwise=declaration.text("otherwise") or None,
    )


def read_sittings(declared: Declared, shape: Shape, problems: Problems) -> dict[str, Each]:
    """For what there is one of each sitting at a time."""
    meanings: dict[str, Each] = {ABOUT: "about", shape.whole: "whole"}
    if shape.scope:
        meanings[shape.scope] = "scope"
    sittings: dict[str, Each] = {}
    for name, declaration in declared["sittings"].items():
        each = str(declaration.value)
        if each not in meanings:
            problems.append(unknown("kind of sitting", each, meanings, declaration.where))
        sittings[name] = meanings.get(each, "whole")
    return sittings


def step_parts(
    declaration: Declaration,
    declared: Declared,
    messages: Mapping[str, MessageKind],
    shape: Shape,
    problems: Problems,
) -> dict[str, Any]:
    """The fields of an `ActionKind` that say how it is done in a step; what contradicts itself is told."""
    message = declaration.text("message") or None
    sitting = declaration.text("sitting") or None
    where = declaration.where
    if message and message not in messages:
        problems.append(unknown("message", message, messages, where / "message"))
    if sitting and sitting not in declared["sittings"]:
        problems.append(unknown("sitting", sitting, declared["sittings"], where / "sitting"))
    for onto, place in declaration.texts("rides on"):
        other = declared["actions"].get(onto)
        if other is None:
            problems.append(unknown("action", onto, declared["actions"], place))
        elif not other.text("message"):
            text = f"`{onto}` is no message, so nothing can ride on it"
            problems.append(place.problem("FC325", text, hint="name an action with `message`"))
    _check_harmony(declaration, message, problems)
    for field in _fields(declaration, "say", problems) or ():
        known = [name for name in ("to", ABOUT, shape.scope) if name]
        if field not in known:
            problems.append(unknown("value of an action", field, known, where / "say"))
    return {
        "say": declaration.text("say"),
        "message": message,
        "alone": declaration.flag("alone"),
        "sitting": sitting,
        "rides": declaration.flag("rides"),
        "rides_on": declaration.words("rides on"),
        "fades": declaration.flag("fades"),
        "in_silence": declaration.text("in silence", "waits"),
        "asks_for_silence": declaration.flag("asks for silence"),
        "tier": declaration.number("tier", NO_TIER),
        "group": declaration.text("group") or None,
    }


_OF_MESSAGES = {
    "alone": "only a message can be alone in its step",
    "rides": "only a message can ride on another",
    "rides on": "only a message can ride on another",
    "in silence": "only a message can keep silence or break it",
}
"""What only a message can be, by the key that says so."""


def _check_harmony(declaration: Declaration, message: str | None, problems: Problems) -> None:
    """Each key that goes against another one of the same action, where it stands."""
    where = declaration.where

    def against(key: str, text: str, hint: str) -> None:
        problems.append((where / key).as_key().problem("FC325", text, hint=hint))

    written = declaration.value if isinstance(declaration.value, dict) else {}
    for key, text in _OF_MESSAGES.items():
        if key in written and message is None:
            against(key, text, "say which by `message`, or leave this out")
    if declaration.flag("rides"):
        if declaration.flag("alone"):
            against("rides", "it cannot be alone in its message and ride on another", "leave one of them out")
        if declaration.text("priority", "normal") in ("urgent", "high"):
            text = f"what is {declaration.text('priority')} cannot wait for another message"
            against("rides", text, "leave `rides` out, or give it `priority: normal`")
    if declaration.flag("asks for silence") and message is not None:
        against("asks for silence", "a message cannot ask for silence", "leave `message` out")


def _fields(declaration: Declaration, key: str, problems: Problems) -> tuple[str, ...] | None:
    """The names in braces of the sentence under `key`; None where it cannot be read."""
    try:
        return tuple(field for part in parse_sentence(declaration.text(key)) for field in part.fields)
    except UnreadSentence as problem:
        problems.append((declaration.where / key).problem("FC325", str(problem), hint=problem.hint))
        return None
