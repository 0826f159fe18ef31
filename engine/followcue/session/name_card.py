"""What a pack says of a name that somebody points at, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.authoring.editor.pack_names import PackNames
from followcue.base.rows import Value
from followcue.evaluation.advice.value_text import as_written
from followcue.evaluation.report.wording import sources
from followcue.language.logic.types import describe
from followcue.language.model.vocabulary import ActionKind, Kind, Parameter
from followcue.session.name_index import NamePlace


def name_card(place: NamePlace, names: PackNames) -> str | None:
    """What the pack says of a name, in a few paragraphs; None for a name that it does not have."""
    lines = [line for line in _said(place, names) if line]
    return "\n\n".join(lines) if lines else None


def _said(place: NamePlace, names: PackNames) -> Iterator[str]:
    vocabulary, name = names.vocabulary, place.name
    match place.sort:
        case "kind" if name in vocabulary.kinds:
            yield from _of_kind(vocabulary.kinds[name])
        case "action" if name in vocabulary.actions:
            yield from _of_action(vocabulary.actions[name])
        case "parameter" if name in vocabulary.parameters:
            yield from _of_parameter(vocabulary.parameters[name])
        case "source" if name in vocabulary.sources:
            about = vocabulary.sources[name]
            yield f"**source** `{name}`"
            yield from (about[key] for key in ("title", "url") if about.get(key))
        case "item" if name in vocabulary.items:
            yield f"**item** `{name}`"
            yield names.items.get(name, "")
            yield "in " + ", ".join(f"`{source}`" for source in vocabulary.items[name])
        case "rule" if name in names.rules:
            yield f"**rule** `{name}`"
            yield names.rules[name]


def _of_kind(kind: Kind) -> Iterator[str]:
    yield f"**{kind.role}** `{kind.name}`"
    yield kind.says
    yield "\n".join(
        f"- `{field.name}`: {'several of: ' if field.many else ''}{describe(field.type)}"
        for field in kind.fields
    )


def _of_action(action: ActionKind) -> Iterator[str]:
    yield f"**action** `{action.name}`, priority {action.priority}"
    yield action.title
    yield "\n".join([*(f"- {text}" for text in action.do), *(f"- avoid: {text}" for text in action.avoid)])


def _of_parameter(parameter: Parameter) -> Iterator[str]:
    yield f"**parameter** `{parameter.name}` = {_value(parameter, parameter.value)}"
    yield parameter.says
    yield "\n".join(
        f"- `{profile}`: {_value(parameter, value)}" for profile, value in parameter.profiles.items()
    )
    if parameter.cites:
        yield sources(parameter.cites)


def _value(parameter: Parameter, value: Value) -> str:
    written = as_written(value, parameter.type.base)
    if written is None:
        return "none"
    return str(written).lower() if isinstance(written, bool) else str(written)
