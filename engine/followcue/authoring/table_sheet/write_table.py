"""A sheet -> the text of a rule file with one table, checked with the pack; mistakes stand at their cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import yaml

from followcue.assistant.sheets.sheet import CellSpan, Sheet, Value, letters
from followcue.authoring.table_sheet.cell_phrases import ANYTHING, Phrase, PlainNumber, Unread, asked, given
from followcue.authoring.table_sheet.sheet_heads import RECOMMEND, AskedColumn, Heads, read_heads
from followcue.base.diagnostic import Diagnostic, InvalidInput, sort_by_place
from followcue.language.documents.document import Document, Path
from followcue.language.documents.read import read_document
from followcue.language.logic.compile_pack import Layer, compile_pack
from followcue.language.model.decision_table import Hit
from followcue.language.model.known_as import normal
from followcue.language.model.phrase import EXAMPLES
from followcue.language.model.vocabulary import Vocabulary
from followcue.synthesis.situation_yaml import represent_text

TABLE_FILE: Final = "table.yaml"
"""What the text is called while it is checked."""

_WIDE: Final = 10_000


class TableText(NamedTuple):
    """The text of a rule file, and what each column of the sheet was taken for."""

    text: str
    columns: tuple[str, ...]


class TableSettings(NamedTuple):
    """What the table is called, which rows count, and what they conclude, if it is said."""

    name: str
    title: str
    hit: Hit
    conclude: str | None = None


def table_of_sheet(
    sheet: Sheet, vocabulary: Vocabulary, layers: Sequence[Layer], wanted: TableSettings
) -> TableText:
    """The table in a sheet, for the pack of these layers; raises `InvalidInput` with all mistakes (FC359)."""
    heads, problems = read_heads(sheet, vocabulary, wanted.conclude)
    if heads is None:
        raise InvalidInput(problems)
    rows, problems = _rows(sheet, heads, vocabulary)
    text = _text(sheet, heads, rows, wanted)
    problems += _mistakes(text, sheet, layers, wanted.name)
    if problems:
        raise InvalidInput(sort_by_place(problems))
    return TableText(text, tuple(_described(heads)))


# --- cells
def _rows(sheet: Sheet, heads: Heads, vocabulary: Vocabulary) -> tuple[list[list[Phrase]], list[Diagnostic]]:
    rows: list[list[Phrase]] = []
    problems: list[Diagnostic] = []
    for row in sheet.rows:
        cells: list[Phrase] = []
        for column in sheet.columns:
            try:
                cells.append(_cell(row.cells.get(column.number), column.number, heads, vocabulary))
            except Unread as problem:
                place = row.number, column.number
                problems.append(sheet.problem("FC359", problem.message, *place, problem.hint))
                cells.append(ANYTHING)
        rows.append(cells)
    return rows, problems


def _cell(value: Value | None, number: int, heads: Heads, vocabulary: Vocabulary) -> Phrase:
    """The cell of the column of that number."""
    for asking in heads.asked:
        if asking.column.number == number:
            return asked(value, asking.type)
    giving = next(one for one in heads.given if one.column.number == number)
    return given(value, giving.type, _Called(giving.name, vocabulary))


class _Called:
    """How the pack calls what a cell gives: actions also by their titles."""

    def __init__(self, name: str, vocabulary: Vocabulary) -> None:
        self._actions = vocabulary.actions if name == "action" else {}
        self._lowers = name == "priority"

    def __call__(self, text: str) -> str:
        for action in self._actions.values():
            if normal(text) in (normal(action.name), normal(action.title)):
                return action.name
        return text.lower() if self._lowers else text


# --- the text
class _RowDumper(yaml.SafeDumper):
    """Writes dates without quotes: to followcue they are text that looks like a date."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the base class has it so
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }


def _represent_number(dumper: yaml.SafeDumper, number: PlainNumber) -> yaml.ScalarNode:
    """The digits as they stand, `12.50`, which followcue reads digit by digit; `35%` is text."""
    tag = dumper.resolve(yaml.ScalarNode, str(number), (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, str(number))


_RowDumper.add_representer(str, represent_text)
_RowDumper.add_representer(PlainNumber, _represent_number)


def _text(sheet: Sheet, heads: Heads, rows: Sequence[Sequence[Phrase]], wanted: TableSettings) -> str:
    names = [*(_variable(column) for column in heads.asked), *(column.name for column in heads.given)]
    lines = ["tables:", f"  {wanted.name}:"]
    if wanted.title:
        lines.append(f"    title: {_flow(wanted.title)}")
    lines.append("    cites: [own default]")
    if heads.asked:
        lines.append(f"    hit: {wanted.hit}")
        lines.append("    when:")
        lines += (f"      - {condition}" for condition in _conditions(heads.asked))
    lines.append(f"    columns: [{', '.join(names)}]")
    lines.append("    recommend: {}" if heads.target == RECOMMEND else f"    conclude: {heads.target}")
    lines.append("    rows:")
    written = [[_flow(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*written, strict=True)]
    for row in written:
        parts = [f"{cell}," for cell in row[:-1]]
        padded = [part.ljust(width + 1) for part, width in zip(parts, widths, strict=False)]
        lines.append(f"      - [{' '.join([*padded, row[-1]])}]")
    return "\n".join(lines) + "\n"


def _variable(column: AskedColumn) -> str:
    return f"${column.variable}"


def _conditions(columns: Sequence[AskedColumn]) -> Iterator[str]:
    """One condition for each kind of facts, and one for each count."""
    kinds: dict[str, list[AskedColumn]] = {}
    for column in columns:
        if column.field is None:
            yield f"count {column.kind} as ${column.variable}"
        else:
            kinds.setdefault(column.kind, []).append(column)
    for kind, fields in kinds.items():
        yield f"{kind}: {{{', '.join(f'{column.field}: ${column.variable}' for column in fields)}}}"


def _flow(value: Phrase) -> str:
    """A cell as it stands in a list of YAML."""
    said = yaml.dump(
        [value], Dumper=_RowDumper, default_flow_style=True, width=_WIDE, allow_unicode=True, sort_keys=False
    )
    return said.strip()[1:-1]


# --- what is wrong with it
def _mistakes(text: str, sheet: Sheet, layers: Sequence[Layer], name: str) -> Iterator[Diagnostic]:
    """The mistakes in the table, each at the cell from which it came."""
    try:
        compile_pack([*layers, Layer(TABLE_FILE, {TABLE_FILE: text.encode()})])
    except InvalidInput as error:
        document = read_document(text, TABLE_FILE)
        places = _places(document, sheet, name)
        for problem in error.diagnostics:
            span = problem.span
            if span is None or span.file != TABLE_FILE:
                yield problem
                continue
            at = (place for start, end, place in places.get(span.line, ()) if start <= span.column < end)
            row, column = next(at, (sheet.head_row, 1))
            is_unread = problem.hint == EXAMPLES["constraint"]
            message = (
                f"this is no value, range or comparison: {problem.message}" if is_unread else problem.message
            )
            hint = _CELLS if is_unread else problem.hint
            yield Diagnostic("FC359", message, CellSpan(sheet.name, row, column), hint)


_CELLS = "a cell reads like `5`, `3 to 5`, `at least 3`, `novel, magazine`, or `-` for anything"


Place = tuple[int, int, tuple[int, int]]


def _places(document: Document, sheet: Sheet, name: str) -> Mapping[int, list[Place]]:
    """For each line of the text: from which column to which stands what came from which cell."""
    columns = [column.number for column in sheet.columns]
    cells: list[tuple[Path, tuple[int, int]]] = []
    cells += ((("tables", name, "columns", i), (sheet.head_row, n)) for i, n in enumerate(columns))
    cells += [
        (("tables", name, "rows", number, i), (row.number, n))
        for number, row in enumerate(sheet.rows)
        for i, n in enumerate(columns)
    ]
    places: dict[int, list[Place]] = {}
    for path, cell in cells:
        span = document.span(path)
        if span is not None:
            places.setdefault(span.line, []).append((span.column, span.column + span.length, cell))
    return places


# --- what it was taken for
def _described(heads: Heads) -> Iterator[str]:
    for column in heads.asked:
        what = f"`{column.field}` of" if column.field else "the number of"
        yield f"{letters(column.column.number)} `{column.column.name}` asks for {what} `{column.kind}`"
    whose = "" if heads.target == RECOMMEND else f" of `{heads.target}`"
    for gives in heads.given:
        yield f"{letters(gives.column.number)} `{gives.column.name}` gives `{gives.name}`{whose}"
