"""Files as people write them: the same data in many manners, with comments, gaps and odd line ends."""

from __future__ import annotations

import json
import random
from typing import Any


class Author:
    """Writes data in a manner of its own, which a seed decides."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._step = self._dice.choice((2, 2, 2, 4))
        self._dash = self._dice.choice((0, 2, 2, 4))
        self._comments = 0

    def write(self, data: dict[str, Any]) -> str:
        lines = self._mapping(data, 0)
        if self._dice.random() < 0.3:
            lines = ["# on top", *lines, "", "# at the end"]
        newline = self._dice.choice(("\n", "\n", "\r\n"))
        end = self._dice.choice((newline, newline, ""))
        return self._dice.choice(("", "", "\ufeff")) + newline.join(lines) + end

    def _mapping(self, data: dict[str, Any], margin: int) -> list[str]:
        lines = []
        for key, value in data.items():
            lines += self._gap(margin) + self._pair(key, value, margin)
        return lines

    def _gap(self, margin: int) -> list[str]:
        found = []
        if self._dice.random() < 0.15:
            found.append("")
        if self._dice.random() < 0.15:
            found.append(" " * margin + self._comment())
        return found

    def _comment(self) -> str:
        self._comments += 1
        return f"# remark {self._comments}: with - dashes, [brackets"

    def _pair(self, key: str, value: Any, margin: int) -> list[str]:
        said = " " * margin + self._scalar(key) + ":"
        if isinstance(value, dict) and value and self._dice.random() < 0.6:
            return [said + self._beside(), *self._mapping(value, margin + self._step)]
        if isinstance(value, list) and value and self._dice.random() < 0.7:
            return [said + self._beside(), *self._list(value, margin + self._dash)]
        if isinstance(value, list | dict) and value and self._dice.random() < 0.3:
            return [
                f"{said} {line}" if n == 0 else line for n, line in enumerate(self._spread(value, margin + 2))
            ]
        if isinstance(value, str) and "\n" in value:
            return [f"{said} |-", *(" " * (margin + 3) + line for line in value.split("\n"))]
        return [f"{said} {self._flow(value)}" + self._beside()]

    def _list(self, items: list[Any], margin: int) -> list[str]:
        lines = []
        for item in items:
            lines += self._gap(margin)
            if isinstance(item, dict) and item and self._dice.random() < 0.4:
                first, *more = self._mapping_tight(item, margin + 2)
                lines += [" " * margin + "- " + first.lstrip(), *more]
            else:
                lines.append(" " * margin + "- " + self._flow(item) + self._beside())
        return lines

    def _mapping_tight(self, data: dict[str, Any], margin: int) -> list[str]:
        return [line for key, value in data.items() for line in self._pair(key, value, margin)]

    def _spread(self, value: Any, margin: int) -> list[str]:
        """In brackets, each item in a line of its own."""
        pairs = value.items() if isinstance(value, dict) else [(None, item) for item in value]
        items = [f"{self._scalar(k)}: {self._flow(v)}" if k is not None else self._flow(v) for k, v in pairs]
        brackets = "{}" if isinstance(value, dict) else "[]"
        last = self._dice.choice(("", ","))
        lines = [
            " " * margin + i + ("," if n + 1 < len(items) else last) + self._beside()
            for n, i in enumerate(items)
        ]
        return [brackets[0], *lines, " " * margin + brackets[1]]

    def _beside(self) -> str:
        return "  " + self._comment() if self._dice.random() < 0.15 else ""

    def _flow(self, value: Any) -> str:
        space = self._dice.choice(("", "", " "))
        if isinstance(value, dict):
            inside = ", ".join(f"{self._scalar(k)}: {self._flow(v)}" for k, v in value.items())
            return "{" + space + inside + space + "}"
        if isinstance(value, list):
            return "[" + space + f",{self._dice.choice(('', ' '))}".join(map(self._flow, value)) + space + "]"
        return self._scalar(value)

    def _scalar(self, value: Any) -> str:
        if isinstance(value, str) and value.isalnum() and not value.isdigit() and self._dice.random() < 0.7:
            return value if value not in ("true", "false", "null") else f"'{value}'"
        if isinstance(value, str) and value.isprintable() and self._dice.random() < 0.3:
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=False)
