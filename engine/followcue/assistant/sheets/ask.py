"""Asking at a terminal how a sheet is to be read: its columns as one table, then what it leaves open."""

from __future__ import annotations

from followcue.assistant.sheets.column_days import ORDERS, NoDay, day_of
from followcue.assistant.sheets.mapping import NEWEST, SheetMapping, is_undated
from followcue.assistant.sheets.open_questions import (
    FieldQuestion,
    OrderQuestion,
    Question,
    UndatedQuestion,
    WordQuestion,
)
from followcue.assistant.sheets.sheet import Sheet, letters, shown
from followcue.assistant.sheets.targets import LEAVE_OUT, NOTHING_NEW, Lexicon
from followcue.base.terminal import ask, tell
from followcue.evaluation.report.wording import plain

SHOWN = 24
"""How many signs of a cell are shown as an example."""


def columns_table(sheet: Sheet, mapping: SheetMapping) -> str:
    """What each column is taken to hold, with an example: `C  Date applied   applied   05/10/2026`."""
    rows = [("", "column", "is taken for", "such as")]
    for column in sheet.columns:
        target = mapping.columns.get(column.name)
        example = next((shown(value) for _, value in sheet.values(column.number)), "")
        rows.append(
            (
                letters(column.number),
                _short(column.name),
                LEAVE_OUT if target is None else str(target),
                _short(example),
            )
        )
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in rows
    )


def confirm_columns(sheet: Sheet, mapping: SheetMapping, lexicon: Lexicon) -> SheetMapping:
    """Show the table until it is right; raises `click.Abort` where it is broken off."""
    by_letter = {letters(column.number).lower(): column for column in sheet.columns}
    while True:
        tell(columns_table(sheet, mapping), nl=False)
        said = _asked("Enter if that is right, or a column to change, such as A")
        if not said:
            return mapping
        column = by_letter.get(said.lower()) or next(
            (one for one in sheet.columns if one.name.lower() == said.lower()), None
        )
        if column is None:
            tell(f"There is no column `{said}`.")
            continue
        mapping = _change(column.name, mapping, lexicon)


def _change(name: str, mapping: SheetMapping, lexicon: Lexicon) -> SheetMapping:
    while True:
        said = _asked(f"  what `{name}` holds (? lists all; Enter leaves it out)")
        if said == "?":
            tell("".join(f"    {target}\n" for target in lexicon.targets), nl=False)
            continue
        if not said or said == LEAVE_OUT:
            return mapping.with_column(name, None)
        try:
            return mapping.with_column(name, lexicon.target(said))
        except ValueError as problem:
            tell(f"  {problem}.")


def answered(question: Question, mapping: SheetMapping, lexicon: Lexicon) -> SheetMapping:
    """The mapping with the answer to a question; raises `click.Abort` where it is broken off."""
    match question:
        case WordQuestion():
            return _word(question, mapping, lexicon)
        case OrderQuestion():
            return _order(question, mapping)
        case UndatedQuestion():
            return _undated(question, mapping)
        case FieldQuestion():
            return _field(question, mapping, lexicon)


def said_of(question: Question, path: str) -> str:
    """A question as a sentence for a script, which says where the answer is to be written."""
    match question:
        case WordQuestion(column, word, of, rows):
            means = f"one of {', '.join(of.choices)}" if of else "an event, or `nothing`"
            where = f"row {rows[0]}" if len(rows) == 1 else f"rows {rows[0]} and {len(rows) - 1} more"
            return (
                f"`{column.name}` says `{word}` ({where}), which nothing is known as; "
                f"write `{word}: …` under `words:` in {path}, with {means}"
            )
        case OrderQuestion(column, example, row):
            return (
                f"`{column.name}`: `{example}` in row {row} can mean two days; "
                f"say --dates day-first or --dates month-first"
            )
        case UndatedQuestion(said, column):
            words = ", ".join(f"`{word}` ({len(rows)})" for word, rows in said.items())
            return (
                f"`{column.name}`: no column says the day of {words}; "
                f"say --undated newest (day of the row), --undated leave-out or --undated DAY"
            )
        case FieldQuestion(column, word, kind, field, target, row):
            where = f"`{column.name}`" + (f" says `{word}`" if word else "") + f" (row {row})"
            head, under = (word, "words") if word else (column.name, "columns")
            choices = f", one of {', '.join(field.type.choices)}" if field.type.choices else ""
            return (
                f"{where}: `{kind.name}` needs `{field.name}`{choices}; "
                f"write `{head}: {target} {field.name}=…` under `{under}:` in {path}"
            )


def _word(question: WordQuestion, mapping: SheetMapping, lexicon: Lexicon) -> SheetMapping:
    many = f"{len(question.rows)} rows" if len(question.rows) > 1 else f"row {question.rows[0]}"
    told = f"`{question.column.name}` says `{question.word}` ({many}); that is"
    choices = question.of.choices if question.of else tuple(kind.name for kind in lexicon.vocabulary.events)
    while True:
        ending = f"({', '.join(choices)})" if question.of else f"(an event, ? lists them; {NOTHING_NEW})"
        said = _asked(f"{told} {ending}")
        if said == "?":
            kinds = lexicon.vocabulary.events
            tell("".join(f"  {kind.name}: {kind.says}\n" for kind in kinds), nl=False)
        elif question.of:
            if word := lexicon.choice(question.of.name, said):
                return mapping.with_word(question.word, word)
            tell(f"`{said}` is none of them.")
        elif said:
            try:
                lexicon.meaning(said)
            except ValueError as problem:
                tell(f"{problem}.")
            else:
                return mapping.with_word(question.word, said)


def _order(question: OrderQuestion, mapping: SheetMapping) -> SheetMapping:
    first, second = ((order, day_of(question.example, order)) for order in ORDERS)
    told = f"`{question.example}` in `{question.column.name}`: 1 is {_day(first[1])}, 2 is {_day(second[1])}"
    while True:
        said = _asked(f"{told}; which (1, 2)")
        if said in ("1", "2"):
            return mapping._replace(dates=(first, second)[int(said) - 1][0])


def _undated(question: UndatedQuestion, mapping: SheetMapping) -> SheetMapping:
    words = ", ".join(f"{word} ({len(rows)})" for word, rows in question.said.items())
    tell(f"No column says the day of: {words}.")
    while True:
        said = _asked("1: the newest day of the row, 2: leave these out, or a day such as 2026-11-05")
        meant = {"1": NEWEST, "2": LEAVE_OUT}.get(said)
        if meant is None and said:
            try:
                meant = day_of(said, None).isoformat()
            except NoDay as problem:
                tell(f"`{said}` {problem}.")
        if is_undated(meant):
            return mapping._replace(undated=meant)


def _field(question: FieldQuestion, mapping: SheetMapping, lexicon: Lexicon) -> SheetMapping:
    field, kind = question.field, question.kind
    where = f"`{question.column.name}`" + (f" says `{question.word}`, and" if question.word else ":")
    choices = f" ({', '.join(field.type.choices)})" if field.type.choices else ""
    while True:
        said = _asked(f"{where} `{plain(kind.name)}` needs {plain(field.name)}{choices}")
        value = lexicon.choice(field.type.name, said) if field.type.choices else said
        if value and '"' not in value:
            text = (
                f'{question.target} {field.name}="{value}"'
                if " " in value
                else f"{question.target} {field.name}={value}"
            )
            if question.word:
                return mapping.with_word(question.word, text)
            return mapping.with_column(question.column.name, lexicon.target(text))


def _asked(question: str) -> str:
    return str(ask(question, default="", show_default=False, aside=True)).strip()


def _day(day: object) -> str:
    return f"{day:%d %b %Y}".lstrip("0")


def _short(text: str) -> str:
    said = " ".join(text.split())
    said = "".join(sign if sign.isprintable() else " " for sign in said)
    return said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…"
