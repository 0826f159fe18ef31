"""Beginning a situation file: an empty one, and entries put into it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from followcue.assistant.journal.add import add
from followcue.assistant.journal.asker import Asker
from followcue.assistant.journal.journal import Journal
from followcue.base.atomic import create_for_good
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.pipeline import USUALLY, LoadedPack, Options
from followcue.evaluation.report.wording import plain
from followcue.language.documents.edit import Edit
from followcue.language.model.vocabulary import Vocabulary


def blank(vocabulary: Vocabulary, name: str, schema: str | None) -> Edit:
    """A situation in which nothing has happened yet; `schema` is the file that lets an editor check it."""
    shape = vocabulary.shape
    keys = [vocabulary.kinds[shape.scope].path[0]] if shape.scope else [path[0] for path in shape.events]
    empty = "{}" if shape.scope else "[]"
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    whole = plain(shape.whole).capitalize()
    lines += [f"# {whole}: what happened so far. Lines may be added by hand or by `followcue add`."]
    lines += [f"{key}: {empty}" for key in keys[:1]]
    return Edit("\n".join(lines) + "\n", name)


def put_in(
    edit: Edit,
    loaded: LoadedPack,
    entries: Sequence[str],
    options: Options = USUALLY,
    *,
    sure: bool = False,
    asker: Asker | None = None,
) -> tuple[str, ...]:
    """Write entries as `followcue add` takes them, such as `applied channel=email date=yesterday`.

    Gives how words were understood; `sure` and `asker` are those of `add`, as are the errors.
    """
    notes: list[str] = []
    for entry in entries:
        try:
            kind, *words = shlex.split(entry) or [""]
        except ValueError:
            hint = "write the same quote at the end of the text"
            problem = Diagnostic("FC520", "a quote in this is never closed", hint=hint, place=entry)
            raise InvalidInput([problem]) from None
        notes += add(Journal(edit, loaded, options), kind, words, sure=sure, asker=asker)
    return tuple(notes)


def refuse_existing(path: str) -> None:
    """Raises `InvalidInput` (FC615) if something of that name is there."""
    if os.path.lexists(path):
        raise InvalidInput([_existing(path)])


def create(path: str, text: str) -> None:
    """Make the file; raises `InvalidInput` if it is there by now (FC615), or cannot be made (FC612)."""
    try:
        create_for_good(path, text.encode())
    except FileExistsError:
        raise InvalidInput([_existing(path)]) from None
    except OSError as error:
        message = f"this file cannot be written: {error.strerror or error}"
        hint = "name another file, or a folder that you may write to"
        raise InvalidInput([Diagnostic("FC612", message, hint=hint, place=path)]) from None


def schema_of() -> str | None:
    """Where the schema of situations of the shipped rules lies; None where it is no file of its own."""
    from followcue.base.shipped import data_folder

    found = os.path.join(str(data_folder("schemas")), "situation.schema.json")
    return found if os.path.isfile(found) else None


def _existing(path: str) -> Diagnostic:
    hint = "choose another name; `followcue add` writes into a file that is there"
    return Diagnostic("FC615", "this is there already, and is left as it is", hint=hint, place=path)
