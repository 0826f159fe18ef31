"""The heads of a sheet -> the columns of a table: what is asked, and what the rows give.

What rows give stands to the right. So the heads are read from the right for as long as they name fields of
one conclusion, or of advice (`action`, `priority`, …); all others ask for a field of some fact. `$age`,
`applicant.age`, `Age of the applicant` and `age` all ask for the same, and so do the other words that a
vocabulary knows a field by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from followcue.assistant.sheets.sheet import Sheet, SheetColumn, letters
from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.language.model.known_as import normal
from followcue.language.model.read_tables import advice_fields
from followcue.language.model.vocabulary import DATE, NUMBER, TEXT, Kind, Type, Vocabulary

RECOMMEND: Final = "recommend"

_COUNTS: Final = ("count of ", "number of ", "how many ", "count ")
_LEADING: Final = ("the ", "a ", "an ")


class AskedColumn(NamedTuple):
    """A column that asks for a field of a kind of facts; without a field, for how many of them there are."""

    column: SheetColumn
    kind: str
    field: str | None
    variable: str
    type: Type


class GivenColumn(NamedTuple):
    """A column that the rows give: its name, and the type of its values (None: a name or words)."""

    column: SheetColumn
    name: str
    type: Type | None


class Heads(NamedTuple):
    """What the columns of a sheet are; `target` is the conclusion, or `recommend`."""

    asked: tuple[AskedColumn, ...]
    given: tuple[GivenColumn, ...]
    target: str


class _Unknown(NamedTuple):
    message: str
    hint: str | None


class _Field(NamedTuple):
    kind: str
    field: str
    type: Type


def read_heads(
    sheet: Sheet, vocabulary: Vocabulary, conclude: str | None = None
) -> tuple[Heads | None, list[Diagnostic]]:
    """What the columns are, or what is wrong with their heads; `conclude` names the conclusion."""
    headless = [column for column in sheet.columns if column.name == f"column {letters(column.number)}"]
    if headless:
        hint = "give it a head, or empty its cells"
        place = sheet.head_row, headless[0].number
        return None, [sheet.problem("FC359", "this column has no head", *place, hint)]
    target, given = _given(sheet.columns, vocabulary, conclude)
    if target is None:
        last = sheet.columns[-1]
        message = f"nothing that rows could give is called `{last.name}`"
        hint = _known_outputs(vocabulary, conclude)
        return None, [sheet.problem("FC359", message, sheet.head_row, last.number, hint)]
    problems: list[Diagnostic] = []
    asked: list[AskedColumn] = []
    for column in sheet.columns[: len(sheet.columns) - len(given)]:
        found = _asked(column, vocabulary, {one.variable for one in asked}, target)
        if isinstance(found, AskedColumn):
            asked.append(found)
        else:
            problems.append(sheet.problem("FC359", found.message, sheet.head_row, column.number, found.hint))
    return (None if problems else Heads(tuple(asked), given, target)), problems


# --- what rows give
def _given(
    columns: Sequence[SheetColumn], vocabulary: Vocabulary, conclude: str | None
) -> tuple[str | None, tuple[GivenColumn, ...]]:
    """The conclusion of which most heads at the right name fields, or advice; of several the first."""
    outputs = dict(_outputs(vocabulary))
    if conclude is not None:
        outputs = {conclude: outputs[conclude]}
    best: tuple[str | None, tuple[GivenColumn, ...]] = None, ()
    for target in sorted(outputs):
        given: list[GivenColumn] = []
        for column in reversed(columns):
            name = _plain(column.name)
            if column.name.startswith("$") or name not in outputs[target]:
                break
            field, type = outputs[target][name]
            given.insert(0, GivenColumn(column, field, type))
        acts = target != RECOMMEND or any(one.name == "action" for one in given)
        if given and acts and len(given) > len(best[1]):
            best = target, tuple(given)
    return best


def _outputs(vocabulary: Vocabulary) -> Iterator[tuple[str, Mapping[str, tuple[str, Type | None]]]]:
    """What rows may give, by what it is called in plain words, of each conclusion and of advice."""
    for kind in vocabulary.kinds.values():
        if kind.role == "conclusion":
            yield kind.name, {_plain(field.name): (field.name, field.type) for field in kind.fields}
    dates = ("open", "due", "close", "until")
    yield (
        RECOMMEND,
        {_plain(name): (name, DATE if name in dates else None) for name in advice_fields("recommend")},
    )


def _known_outputs(vocabulary: Vocabulary, conclude: str | None) -> str:
    if conclude is not None:
        fields = (field.name for field in vocabulary.kinds[conclude].fields)
        return f"the last columns name fields of `{conclude}`: " + ", ".join(f"`{name}`" for name in fields)
    names = [kind.name for kind in vocabulary.kinds.values() if kind.role == "conclusion" and kind.fields]
    listed = f" ({', '.join(f'`{name}`' for name in names[:8])})" if names else ""
    return f"the last columns name fields of a conclusion of the pack{listed}, or `action` and other advice"


# --- what is asked
def _asked(
    column: SheetColumn, vocabulary: Vocabulary, taken: set[str], target: str
) -> AskedColumn | _Unknown:
    """What a column asks for, or what is wrong with its head and how to mend it."""
    said = _plain(column.name.removeprefix("$"))
    for words in _COUNTS:
        kind = _kind_called(said.removeprefix(words), vocabulary) if said.startswith(words) else None
        if kind is not None:
            return AskedColumn(column, kind.name, None, _free("n", kind, taken), NUMBER)
    found = [
        field for field in _fields(vocabulary) if field.kind != target and said in _names(field, vocabulary)
    ]
    first = [field for field in found if field.kind == vocabulary.shape.scope]
    records = [field for field in found if vocabulary.kinds[field.kind].role == "record"]
    best = next((some for some in (first, records, found) if len(some) == 1), None)
    if best is not None:
        field = best[0]
        return AskedColumn(
            column,
            field.kind,
            field.field,
            _free(field.field, vocabulary.kinds[field.kind], taken),
            field.type,
        )
    if found:
        ways = " or ".join(f"`{field.kind}.{field.field}`" for field in found[:5])
        return _Unknown(f"several fields are called `{column.name}`", f"write {ways}")
    known = [f"{field.kind}.{field.field}" for field in _fields(vocabulary)]
    counts = [f"number of {kind.name}" for kind in vocabulary.kinds.values()]
    near = did_you_mean(
        column.name.lower(), [*(field.field for field in _fields(vocabulary)), *known, *counts]
    )
    return _Unknown(f"no field of the pack is called `{column.name}`", near)


def _fields(vocabulary: Vocabulary) -> Iterator[_Field]:
    for kind in vocabulary.kinds.values():
        yield from (_Field(kind.name, field.name, field.type) for field in kind.fields)
        if kind.is_event:
            yield _Field(kind.name, "date", DATE)
            yield _Field(kind.name, "note", TEXT)


def _names(field: _Field, vocabulary: Vocabulary) -> set[str]:
    """What a field is called: by itself, with its kind, and as the vocabulary says."""
    kind, name = _plain(field.kind), _plain(field.field)
    others = vocabulary.known_as.get(f"{field.kind}.{field.field}", ())
    return {name, f"{kind} {name}", f"{name} of {kind}", f"{name} of the {kind}", *map(_plain, others)}


def _kind_called(words: str, vocabulary: Vocabulary) -> Kind | None:
    for kind in vocabulary.kinds.values():
        name = _plain(kind.name)
        if words in (name, f"{name}s", *map(_plain, vocabulary.known_as.get(kind.name, ()))):
            return kind
    return None


def _free(name: str, kind: Kind, taken: set[str]) -> str:
    """A variable of that name, or else with the name of its kind before it."""
    return name if name not in taken else f"{kind.name}_{name}"


def _plain(words: str) -> str:
    said = normal(words)
    for article in _LEADING:
        said = said.removeprefix(article)
    return said
