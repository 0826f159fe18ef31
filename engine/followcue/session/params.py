"""What a question says beside its name, read with care: it may come from anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.values import parse_date
from followcue.language.documents.plain import normal

CODE = "FC920"


def misasked(message: str, hint: str | None = None) -> InvalidInput:
    """That a question asks for what there is not."""
    return InvalidInput([Diagnostic(CODE, message, hint=hint, place="question")])


class Params:
    """The values of one question by their names. Every reading raises `InvalidInput` for a value unfit."""

    def __init__(self, values: object) -> None:
        if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
            raise misasked("a question is a mapping of names to values")
        self._values: Mapping[str, Any] = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str) -> str:
        """A text that must be there."""
        found = self.text_or_none(name)
        if found is None:
            raise misasked(f"`{name}` is missing")
        return found

    def text_or_none(self, name: str) -> str | None:
        """A text, in the form in which names are compared."""
        value = self._values.get(name)
        if value is None:
            return None
        return normal(_text(name, value))

    def raw(self, name: str) -> str:
        """A text as it is, that must be there."""
        if name not in self:
            raise misasked(f"`{name}` is missing")
        return _text(name, self._values[name])

    def day(self, name: str) -> date | None:
        """A day such as 2026-11-21."""
        value = self.text_or_none(name)
        found = parse_date(value) if value is not None else None
        if value is not None and found is None:
            raise misasked(f"`{name}` must be a day such as 2026-11-21")
        return found

    def number(self, name: str, usual: int | None = None, *, least: int = 0, most: int) -> int:
        """A whole number in bounds; `usual` where it is left out."""
        value = self._values.get(name, usual)
        if type(value) is not int or not least <= value <= most:
            raise misasked(f"`{name}` must be a whole number from {least} to {most}")
        return value

    def flag(self, name: str) -> bool:
        """True or false; false where it is left out."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise misasked(f"`{name}` must be true or false")
        return bool(value)

    def texts(self, name: str) -> dict[str, str]:
        """Texts by names, none where it is left out."""
        return {key: _text(key, value) for key, value in self._mapping(name).items()}

    def is_mapping(self, name: str) -> bool:
        """Whether the value has parts."""
        return isinstance(self._values.get(name), Mapping)

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A mapping as it is, an empty one where it is left out."""
        return self._mapping(name)

    def fields(self, name: str) -> list[str]:
        """Fields as `FIELD=VALUE`, as commands take them; of a list one for each member, of none `FIELD=`."""
        found: list[str] = []
        for field, value in self._mapping(name).items():
            if isinstance(value, list):
                found += [f"{field}={_word(field, member)}" for member in value] or [f"{field}="]
            else:
                found.append(f"{field}={_word(field, value)}")
        return found

    def _mapping(self, name: str) -> Mapping[str, Any]:
        value = self._values.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise misasked(f"`{name}` must be a mapping of names to values")
        return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise misasked(f"`{name}` must be text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise misasked(f"`{name}` holds half a character") from None
    return value


def _word(field: str, value: object) -> str:
    """One value as it is typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    return normal(_text(field, value))
