"""`Edit`: a text that a person wrote, changed value by value; everything else stays, byte for byte.

A change is a splice: it is worked out where in the text the value stands or belongs, and only that place
becomes another. Then the text is read again, and must hold the data that was meant. Where no such place is
found, a round-trip library lays the text out anew; where even that gives other data, the change is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from difflib import SequenceMatcher, unified_diff
from typing import Any

from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.terminal import visible_line
from followcue.language.documents.document import Document, Path, dotted
from followcue.language.documents.edit.layout import SourceLayout
from followcue.language.documents.edit.splices import CannotPlaceError, Changes, Splice, spliced
from followcue.language.documents.read import read_content, read_document

BOM = "\ufeff"


class Edit:
    """One text and the changes made to it so far. Paths are those of `Document`: keys and list positions.

    All methods that change it raise `InvalidInput` (FC610) where the change cannot be made, and leave it.
    """

    def __init__(self, text: str | bytes, name: str) -> None:
        """`name` is the file's, as the user gave it; raises `InvalidInput` where `text` cannot be read."""
        self.document = read_document(text, name)
        whole = text if isinstance(text, str) else text.decode()
        self._bom = BOM if whole.startswith(BOM) else ""
        self._text = whole.removeprefix(BOM)
        self._before = whole
        self._json = _is_json(self.document, self._text)
        self.laid_out_anew = False
        """Whether a change was only possible by laying the whole text out anew."""

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> Edit:
        """The file at `path`, to be changed and saved; raises `InvalidInput` where it cannot be read."""
        return cls(read_content(path), os.fspath(path))

    @classmethod
    @contextmanager
    def alone(cls, path: str | os.PathLike[str]) -> Iterator[Edit]:
        """The file at `path`, while no other such edit can be made to it; raises `InvalidInput`."""
        from followcue.language.documents.edit.save import locked

        with locked(os.fspath(path)):
            yield cls.of(path)

    @property
    def name(self) -> str:
        """The name of the text."""
        return self.document.name

    @property
    def text(self) -> str:
        """The whole text as it is now."""
        return self._bom + self._text

    @property
    def before(self) -> str:
        """The text that was read, or saved last."""
        return self._before

    @property
    def data(self) -> object:
        """The data in it as it is now; not to be changed."""
        return self.document.data

    @property
    def changed(self) -> bool:
        """Whether the text differs from the one that was read."""
        return self.text != self._before

    def diff(self) -> str:
        """What has changed, as a unified diff."""
        before, now = self._before.removeprefix(BOM).splitlines(), self._text.splitlines()
        name = visible_line(self.name)
        return "\n".join(unified_diff(before, now, name, name, lineterm="", n=1))

    def new_lines(self) -> list[tuple[int, str]]:
        """The lines that are other than before, with their numbers."""
        before, now = self._before.removeprefix(BOM).splitlines(), self._text.splitlines()
        first = _alike(before, now)
        last = min(_alike(before[::-1], now[::-1]), len(now) - first, len(before) - first)
        between = SequenceMatcher(
            None, before[first : len(before) - last], now[first : len(now) - last], autojunk=False
        )
        return [
            (first + number + 1, now[first + number])
            for kind, _, _, start, end in between.get_opcodes()
            if kind != "equal"
            for number in range(start, end)
        ]

    def line_before(self, number: int) -> int | None:
        """The number that a line of now had in the text that was read; None for a line that is new."""
        before, now = self._before.removeprefix(BOM).splitlines(), self._text.splitlines()
        for block in SequenceMatcher(None, before, now, autojunk=False).get_matching_blocks():
            if block.b < number <= block.b + block.size:
                return block.a + number - block.b
        return None

    def lines(self, path: Path) -> range:
        """The numbers of the lines on which the value at `path` and its key stand; empty where it is not."""
        sheet = SourceLayout(self.document, json=self._json)
        node = sheet.find(path)
        if node is None:
            return range(0)
        key = sheet.find_key(path) if path and isinstance(path[-1], str) else None
        first = (key or node).start_mark.line + 1
        return range(first, max(first, sheet.line_number(sheet.end(node))) + 1)

    # --- changes
    def append(self, path: Path, value: object) -> None:
        """Add an item to the end of the list at `path`, which is made if it is not there."""
        found = self._get(path)
        self.insert(path, len(found) if isinstance(found, list) else 0, value)

    def insert(self, path: Path, index: int, value: object) -> None:
        """Add an item to the list at `path`, before the one that is at `index` now."""
        value = self._fitting(path, value)
        self._change(path, lambda changes: changes.insert(path, index, value), _Insert(path, index, value))

    def set(self, path: Path, value: object) -> None:
        """Give the value at `path` another one, or add the last key of `path` to its mapping."""
        value = self._fitting(path, value)
        self._change(path, lambda changes: changes.set(path, value), _Set(path, value))

    def update(self, path: Path, values: Mapping[str, object]) -> None:
        """Add several new keys to the mapping at `path`, at once: as `set` does for each of them."""
        found = self._get(path)
        if not isinstance(found, dict) or not found:
            self.set(path, dict(values))
            return
        added = {key: self._fitting((*path, key), value) for key, value in values.items()}
        self._change(path, lambda changes: changes.update(path, added), _Update(path, added))

    def rename(self, path: Path, new: str) -> None:
        """Call the key at the end of `path` by another name."""
        self._change(path, lambda changes: changes.rename(path, new), _Rename(path, new))

    def remove(self, path: Path) -> None:
        """Take out the key at the end of `path` with its value, or the item of a list."""
        self._change(path, lambda changes: changes.remove(path), _Remove(path))

    def move(self, path: Path, index: int) -> bool:
        """Move the item of a list so that it is at `index`, its lines as they are written.

        False, and nothing is changed, where it has no lines of its own.
        """
        try:
            expected = _Move(path, index)(deepcopy(self.document.data))
        except (LookupError, TypeError, AttributeError):
            raise InvalidInput([self._refusal(path)]) from None
        document = self._spliced(lambda changes: changes.move(path, index), expected)
        self.document = document or self.document
        return document is not None

    def take(self, other: Edit) -> None:
        """Take over the text of another edit, which began with the text of this one."""
        self.document, self._text = other.document, other._text
        self.laid_out_anew = self.laid_out_anew or other.laid_out_anew

    # --- keeping it
    def save(self) -> None:
        """Write the text to the file it came from, whole or not at all, keeping the old one beside it.

        Raises `InvalidInput` where it cannot be written (FC612), or where the file is no longer the one that
        was read (FC611). Within `alone` nobody else's edit can come between.
        """
        from followcue.language.documents.edit.save import save

        save(self.name, self._before.encode(), self.text.encode())
        self._before = self.text

    # --- within
    def _get(self, path: Path) -> object:
        found: Any = self.document.data
        try:
            for step in path:
                found = found[step]
        except (LookupError, TypeError):
            return None
        return found

    def _fitting(self, path: Path, value: object) -> object:
        """The value as plain data; raises `InvalidInput` for what no file can hold."""
        return Document.of(value, dotted(path)).data

    def _change(self, path: Path, plan: Callable[[Changes], list[Splice]], meant: _Change) -> None:
        expected = deepcopy(self.document.data)
        try:
            expected = meant(expected)
        except (LookupError, TypeError, AttributeError):
            raise InvalidInput([self._refusal(path)]) from None
        document = self._spliced(plan, expected) or self._anew(meant, expected)
        if document is None:
            raise InvalidInput([self._refusal(path)])
        self.document = document

    def _spliced(self, plan: Callable[[Changes], list[Splice]], expected: object) -> Document | None:
        """The document with the change at its place, if that gives what was meant."""
        try:
            text = spliced(self._text, plan(Changes(SourceLayout(self.document, json=self._json))))
            document = read_document(text, self.name)
        except (CannotPlaceError, InvalidInput):
            return None
        if not _same(document.data, expected):
            return None
        self._text = text
        return document

    def _anew(self, meant: _Change, expected: object) -> Document | None:
        """The document laid out anew with the change in it, if that gives what was meant."""
        from followcue.language.documents.edit.round_trip import laid_out_anew

        text = laid_out_anew(self._text, meant, json=self._json)
        if text is None:
            return None
        try:
            document = read_document(text, self.name)
        except InvalidInput:
            return None
        if not _same(document.data, expected):
            return None
        self._text, self.laid_out_anew = text, True
        return document

    def _refusal(self, path: Path) -> Diagnostic:
        return self.document.problem(
            "FC610",
            f"`{dotted(path) or self.name}` cannot be changed here without changing more of the file",
            path,
            hint="change it by hand",
        )


class _Change:
    """A change of data: what is to come out of a change of text."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, data: Any) -> Any:
        """The data with the change in it."""
        holder = data
        for step in self.path[:-1]:
            holder = holder[step]
        self.make(holder, self.path[-1])
        return data

    def make(self, holder: Any, step: str | int) -> None:
        """Change what holds the value in question."""
        raise NotImplementedError


class _Set(_Change):
    def __init__(self, path: Path, value: object) -> None:
        super().__init__(path)
        self.value = value

    def __call__(self, data: Any) -> Any:
        holder = data
        for step in self.path[:-1]:
            if isinstance(holder, dict) and holder.get(step) is None:
                holder[step] = {}
            holder = holder[step]
        self.make(holder, self.path[-1])
        return data

    def make(self, holder: Any, step: str | int) -> None:
        holder[step] = self.value


class _Update(_Change):
    def __init__(self, path: Path, values: Mapping[str, object]) -> None:
        super().__init__(path)
        self.values = values

    def make(self, holder: Any, step: str | int) -> None:
        holder[step].update(self.values)


class _Insert(_Set):
    def __init__(self, path: Path, index: int, value: object) -> None:
        super().__init__(path, value)
        self.index = index

    def make(self, holder: Any, step: str | int) -> None:
        if isinstance(holder, dict) and holder.get(str(step)) in (None, {}):
            holder[step] = []
        if not isinstance(holder[step], list):
            raise TypeError(step)
        holder[step].insert(self.index, self.value)


class _Move(_Change):
    def __init__(self, path: Path, index: int) -> None:
        super().__init__(path)
        self.index = index

    def make(self, holder: Any, step: str | int) -> None:
        holder.insert(self.index, holder.pop(step))


class _Rename(_Change):
    def __init__(self, path: Path, new: str) -> None:
        super().__init__(path)
        self.new = new

    def make(self, holder: Any, step: str | int) -> None:
        if self.new in holder:
            raise KeyError(self.new)
        if step not in holder or not isinstance(holder, dict):
            raise KeyError(step)
        if insert := getattr(holder, "insert", None):  # a mapping that keeps comments, too
            place = list(holder).index(step)
            insert(place, self.new, holder.pop(step))
            return
        pairs = [(self.new if key == step else key, value) for key, value in holder.items()]
        holder.clear()
        holder.update(pairs)


class _Remove(_Change):
    def make(self, holder: Any, step: str | int) -> None:
        del holder[step]


def _same(one: object, other: object) -> bool:
    """Whether data is equal, types and the order of keys included: 1 is neither 1.0 nor true."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other


def _alike(some: list[str], others: list[str]) -> int:
    """How many lines are the same from the beginning."""
    pairs = zip(some, others, strict=False)
    return next((n for n, (one, other) in enumerate(pairs) if one != other), min(len(some), len(others)))


def _is_json(document: Document, text: str) -> bool:
    """Whether new values are to be written as JSON: all names in it are quoted as there."""
    if document.name.lower().endswith(".json"):
        return True
    if text.lstrip()[:1] not in ("{", "["):
        return False
    import json

    try:
        json.loads(text)
    except ValueError:
        return False
    return True
