"""A new file, made whole or not at all, in no other's place."""

from __future__ import annotations

import os

from followcue.base.atomic import create_for_good
from followcue.base.diagnostic import Diagnostic, InvalidInput


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
        raise InvalidInput([Diagnostic("FC612", message, place=path)]) from None


def schema_of() -> str | None:
    """Where the schema of situations of the shipped rules lies; None where it is no file of its own."""
    from followcue.base.shipped import data_folder

    found = os.path.join(str(data_folder("schemas")), "situation.schema.json")
    return found if os.path.isfile(found) else None


def _existing(path: str) -> Diagnostic:
    hint = "choose another name; `followcue add` writes into a file that is there"
    return Diagnostic("FC615", "this is there already, and is left as it is", hint=hint, place=path)
