"""Values -> text, in the manner of the file around them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from followcue.language.documents.edit.layout import SourceLayout
from followcue.language.documents.yaml_text import resolve_plain

_PLAIN = re.compile(r"[^\W_][^\x00-\x1f:#\x85\u2028\u2029\ufeff]*(?<! )|_\w*", re.UNICODE)
_IN_FLOW = re.compile(r"[,\[\]{}]")
_OLD_WORDS = frozenset(
    word
    for plain in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
    for word in (plain, plain.title(), plain.upper())
)
"""Words that older readers of YAML take for true, false or nothing: quoted, all agree on them."""
_SEXAGESIMAL = re.compile(r"[-+]?[0-9_]+(:[0-5]?[0-9])+(\.[0-9_]*)?")


class Writer:
    """Writes values as the author of a sheet would."""

    def __init__(self, sheet: SourceLayout) -> None:
        self._sheet = sheet

    def key(self, name: str, *, flow: bool) -> str:
        """The key of a mapping."""
        return self.scalar(name, flow=flow)

    def scalar(self, value: object, *, flow: bool, quote: str | None = None) -> str:
        """A value that is no collection; `quote` are the quotes that text had before."""
        if self._sheet.json or not isinstance(value, str):
            return json.dumps(value, ensure_ascii=False)
        if quote is None and _is_plain(value, flow):
            return value
        if (quote or self._sheet.quote) == "'" and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        return _double_quoted(value)

    def flow(self, value: object) -> str:
        """A value in one line, collections in brackets."""
        if isinstance(value, dict):
            pairs = (f"{self.key(k, flow=True)}: {self.flow(v)}" for k, v in value.items())
            edge = self._sheet.braces if value else ""
            return "{" + edge + ", ".join(pairs) + edge + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + "]"
        return self.scalar(value, flow=True)

    def block(self, value: object, margin: str) -> list[str]:
        """A value as lines, of which all but the first begin with `margin`."""
        if isinstance(value, dict) and value:
            pairs = (self.pair(k, v, margin, flow=False, depth=2) for k, v in value.items())
            lines = [line for pair in pairs for line in pair]
            return [lines[0].removeprefix(margin), *lines[1:]]
        return [self.flow(value) if isinstance(value, (dict, list)) else self.scalar(value, flow=False)]

    def pair(self, key: str, value: object, margin: str, *, flow: bool, depth: int) -> list[str]:
        """A key and its value as lines, all with `margin`; mappings in lines unless `flow`.

        `depth` is how many keys lead to the value: what stands deeper than at the top is in brackets.
        """
        said = f"{margin}{self.key(key, flow=False)}:"
        holds = [isinstance(item, dict) for item in value.values()] if isinstance(value, dict) else []
        if isinstance(value, dict) and holds and (any(holds) or not flow):
            inner = margin + " " * self._sheet.step
            flow = all(holds) and depth > 1
            lines = (self.pair(k, v, inner, flow=flow, depth=depth + 1) for k, v in value.items())
            return [said, *(line for pair in lines for line in pair)]
        if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
            dashes = margin + " " * self._sheet.dash
            return [said, *(f"{dashes}- {self.flow(item)}" for item in value)]
        return [f"{said} {self.flow(value)}" if isinstance(value, (dict, list)) else self._said(said, value)]

    def item(self, value: object, margin: str, *, flow: bool) -> list[str]:
        """An item of a list as lines, all with `margin`."""
        if flow or not isinstance(value, dict):
            said = self.flow(value) if isinstance(value, (dict, list)) else self.scalar(value, flow=False)
            return [f"{margin}- {said}"]
        first, *more = self.block(value, margin + "  ")
        return [f"{margin}- {first}", *more]

    def lines(self, lines: Iterable[str]) -> str:
        """Lines as a text, each after the end of the one before."""
        return "".join(self._sheet.newline + line for line in lines)

    def _said(self, said: str, value: object) -> str:
        return f"{said} {self.scalar(value, flow=False)}"


def _is_plain(text: str, flow: bool) -> bool:
    """Whether all readers take the bare words for the same text."""
    return (
        text.isprintable()
        and _PLAIN.fullmatch(text) is not None
        and resolve_plain(text) == text
        and text not in _OLD_WORDS
        and not _SEXAGESIMAL.fullmatch(text)
        and not (flow and _IN_FLOW.search(text))
    )


def _double_quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)
