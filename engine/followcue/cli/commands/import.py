"""`followcue import`: a spreadsheet brought along into a situation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import click

from followcue.base.terminal import confirm, tell
from followcue.cli import at_terminal
from followcue.cli.ending import WRONG_USAGE
from followcue.cli.options import AS_OF, NO_CACHE, PACK, TIMEZONE, _File, today_in
from followcue.cli.writing import DRY_RUN, save

if TYPE_CHECKING:
    from datetime import date

    from followcue.assistant.sheets.bring_along import Brought
    from followcue.assistant.sheets.mapping import SheetMapping
    from followcue.assistant.sheets.sheet import Sheet
    from followcue.assistant.sheets.targets import Lexicon
    from followcue.evaluation.pipeline import LoadedPack, Options
    from followcue.language.documents.edit import Edit


class ImportRequest(NamedTuple):
    """What is to be brought along, where to, and what was agreed to beforehand."""

    sheet: Sheet
    kept: str
    lexicon: Lexicon
    loaded: LoadedPack
    options: Options
    yes: bool
    leave_out: bool
    strict: bool

    @property
    def asks(self) -> bool:
        """Whether somebody is there to answer."""
        return not self.yes and at_terminal.has_terminal()


def _undated(ctx: click.Context, param: click.Parameter, said: str | None) -> str | None:
    """What `undated` of a mapping says, or a usage error."""
    from followcue.assistant.sheets.mapping import NEWEST, is_undated
    from followcue.assistant.sheets.targets import LEAVE_OUT

    meant = {"newest": NEWEST, "leave-out": LEAVE_OUT}.get(said or "", said)
    if meant is not None and not is_undated(meant):
        raise click.BadParameter(f"{said!r} is neither newest nor leave-out, nor a day such as 2026-11-21")
    return meant


@click.command("import", short_help="Bring along a spreadsheet.")
@click.argument("sheet", type=click.Path(dir_okay=False))
@click.argument("situation", required=False, type=click.Path(dir_okay=False))
@click.option("-o", "--output", type=_File(dir_okay=False), help="Write to this file, which must be new.")
@click.option(
    "--map", "kept", type=_File(dir_okay=False), help="What the columns hold.  [default: SHEET.import.yaml]"
)
@click.option("--sheet", "page", metavar="NAME", help="Which sheet of a workbook.")
@click.option(
    "--dates",
    type=click.Choice(("day-first", "month-first")),
    help="What 5/10/2026 means, where no cell shows it.",
)
@click.option(
    "--undated",
    metavar="newest|leave-out|DAY",
    callback=_undated,
    help="The day of what has none: the newest of its row, or this one.",
)
@click.option("--yes", "-y", is_flag=True, help="Take the guesses, and ask nothing.")
@click.option("--leave-out", is_flag=True, help="Leave out the rows that cannot be read; they are named.")
@click.option(
    "--strict", is_flag=True, help="Write nothing where anything at all is to be said of the sheet."
)
@DRY_RUN
@AS_OF
@PACK
@TIMEZONE
@NO_CACHE
def import_command(
    sheet: str,
    situation: str | None,
    output: str | None,
    kept: str | None,
    page: str | None,
    dates: str | None,
    undated: str | None,
    yes: bool,
    leave_out: bool,
    strict: bool,
    dry_run: bool,
    as_of: date | None,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    timezone: str | None,
    no_cache: bool,
) -> None:
    """Bring the rows of SHEET, a CSV file or a workbook, into a new situation or into SITUATION.

    \b
    What the columns hold is guessed, asked at a terminal, and kept beside the sheet for the next time.
    Nothing is written over: what SITUATION says stays, and what is there already is not written again.

    \b
    Examples:
      followcue import jobs.csv -o search.yaml
      followcue import jobs.csv search.yaml --dry-run
      followcue import jobs.xlsx --sheet Applications --yes --dates day-first -o search.yaml
    """
    from followcue.assistant.sheets.mapping import SheetMapping
    from followcue.assistant.sheets.read_sheet import is_workbook, read_sheet
    from followcue.assistant.sheets.targets import Lexicon
    from followcue.base.extras import require
    from followcue.evaluation.pipeline import Options, load_pack

    if is_workbook(sheet):
        require("sheets")
    target = _target(situation, output)
    if target.adds and not dry_run:
        require("edit")
    loaded = load_pack(*rules, packs=packs, cache=not no_cache)
    lexicon = Lexicon(loaded.pack.vocabulary)
    kept = kept or f"{sheet}.import.yaml"
    mapping = _kept(kept, lexicon) or SheetMapping()
    mapping = mapping._replace(page=page or mapping.page)
    read = read_sheet(sheet, mapping.page)
    if dates:
        mapping = mapping._replace(dates="day first" if dates == "day-first" else "month first")
    if undated:
        mapping = mapping._replace(undated=undated)
    options = Options(as_of=as_of, today=today_in(timezone))
    request = ImportRequest(read, kept, lexicon, loaded, options, yes, leave_out, strict)
    mapping = _columns(mapping, request)
    with target.open(request, bool(rules or packs), dry_run) as edit:
        brought, mapping = _brought(edit, mapping, request)
        assert brought.text is not None
        _agree(brought, request)
        _end(brought, mapping, request, target, edit, dry_run)


class _Target(NamedTuple):
    """Where it goes: into `adds`, a situation that is there, or into a `new` file."""

    adds: str | None
    new: str | None

    @contextmanager
    def open(self, request: ImportRequest, own_rules: bool, dry_run: bool) -> Iterator[Edit]:
        """The situation to which the sheet is added, which nobody else writes to meanwhile."""
        from followcue.assistant.journal.init import blank, schema_of
        from followcue.language.documents.edit import Edit

        if self.adds is None:
            assert self.new is not None
            yield blank(request.loaded.pack.vocabulary, self.new, None if own_rules else schema_of())
        elif dry_run or self.new is not None:
            yield Edit.of(self.adds)
        else:
            with Edit.alone(self.adds) as edit:
                yield edit


def _target(situation: str | None, output: str | None) -> _Target:
    """What is written to; raises `InvalidInput` (FC615) where a new file is there already."""
    from followcue.assistant.journal.init import refuse_existing

    adds = situation if situation is not None and os.path.lexists(situation) else None
    new = output or (None if adds else situation)
    if adds is None and new is None:
        raise click.UsageError("say where it goes: a new file with -o FILE, or SITUATION")
    if new is not None:
        refuse_existing(new)
    return _Target(adds, new)


def _kept(path: str, lexicon: Lexicon) -> SheetMapping | None:
    """The mapping that was kept, if there is one."""
    from followcue.assistant.sheets.mapping import read_mapping
    from followcue.language.documents.read import read_file

    return read_mapping(read_file(path), lexicon) if os.path.lexists(path) else None


def _columns(mapping: SheetMapping, request: ImportRequest) -> SheetMapping:
    """What the columns hold: as it is kept, and guessed of those that are new."""
    from followcue.assistant.sheets.ask import columns_table, confirm_columns
    from followcue.assistant.sheets.guess import guess

    found = guess(request.sheet, request.lexicon, mapping)
    if all(column.name in mapping.columns for column in request.sheet.columns):
        return found
    if request.asks:
        return confirm_columns(request.sheet, found, request.lexicon)
    tell(columns_table(request.sheet, found), nl=False)
    if not request.yes:
        tell(f"these are guesses: say --yes to take them, or write {request.kept}")
        raise click.exceptions.Exit(WRONG_USAGE)
    return found


def _brought(edit: Edit, mapping: SheetMapping, request: ImportRequest) -> tuple[Brought, SheetMapping]:
    """The situation with the sheet in it, once all is answered."""
    from followcue.assistant.sheets.ask import answered, said_of
    from followcue.assistant.sheets.bring_along import bring_along
    from followcue.base.diagnostic import InvalidInput, render

    while True:
        brought = bring_along(request.sheet, mapping, edit, request.loaded, request.options)
        if brought.hopeless:
            raise InvalidInput(brought.refused)
        if not brought.questions:
            return brought, mapping
        if not request.asks:
            if brought.refused:
                tell(render(brought.refused))
            for question in brought.questions:
                tell(f"open: {said_of(question, request.kept)}")
            raise click.exceptions.Exit(WRONG_USAGE)
        mapping = answered(brought.questions[0], mapping, request.lexicon)


def _agree(brought: Brought, request: ImportRequest) -> None:
    """Tell what is to be said of the sheet; end where nobody agrees to leave out what is wrong."""
    from followcue.base.diagnostic import InvalidInput, render

    if request.strict and (brought.notes or brought.refused):
        raise InvalidInput([*brought.notes, *brought.refused])
    for note in brought.notes:
        tell(f"note: {note.where}: {note.message}")
    if not brought.refused:
        return
    tell(render(brought.refused))
    rows = f"{len(brought.bad)} of {len(request.sheet.rows)} rows"
    if request.leave_out:
        tell(f"left out: {rows}")
    elif not (request.asks and confirm(f"Leave out {rows}, and bring along the others?", aside=True)):
        tell(f"{rows} cannot be read: mend them, or say --leave-out; nothing was written")
        raise click.exceptions.Exit(WRONG_USAGE)


def _end(
    brought: Brought,
    mapping: SheetMapping,
    request: ImportRequest,
    target: _Target,
    edit: Edit,
    dry_run: bool,
) -> None:
    """Write the situation, and keep the mapping; or show both."""
    from followcue.assistant.journal.init import create
    from followcue.assistant.sheets.bring_along import told

    assert brought.text is not None
    said = told(brought.entries, request.loaded.pack.vocabulary)
    if dry_run:
        tell(brought.text.diff() if target.adds else brought.text.text, nl=bool(target.adds), aside=False)
        tell(f"{said}; nothing was written")
        return
    if brought.text.text == edit.text and target.new is None:
        tell(f"{said}: {target.adds} stays as it is", aside=False)
        return
    if request.asks and not confirm(f"Write {said}?", default=True, aside=True):
        tell("nothing was written")
        raise click.exceptions.Exit(WRONG_USAGE)
    if target.new is not None:
        create(target.new, brought.text.text)
    else:
        edit.take(brought.text)
        save(edit)
    name = target.new or target.adds
    tell(f"{said}, written to {name}. What to do: followcue evaluate {name}", aside=False)
    _keep(mapping, request)


def _keep(mapping: SheetMapping, request: ImportRequest) -> None:
    """Keep how the sheet was read, for the next time; a mapping that is there stays as it is."""
    from followcue.assistant.journal.init import create
    from followcue.assistant.sheets.mapping import mapping_text

    if os.path.lexists(request.kept):
        return
    create(request.kept, mapping_text(mapping, request.sheet, request.kept))
    tell(f"How it was read is kept in {request.kept}, for the next time.")
