"""Beginning a situation file: a few questions, made of the vocabulary's own words."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

import click

from followcue.assistant.journal.add import add
from followcue.assistant.journal.journal import Journal
from followcue.base.atomic import create_for_good
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.evaluation.pipeline import LoadedPack
from followcue.evaluation.report.wording import plain
from followcue.language.documents.edit import Edit
from followcue.language.model.vocabulary import Field, Kind, Vocabulary

MOST = 50
"""How many records or events are asked for: nobody types more at a time."""


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


def put_in(edit: Edit, loaded: LoadedPack, entries: Sequence[str]) -> None:
    """Write entries as `followcue add` takes them, such as `applied channel=email date=yesterday`."""
    for entry in entries:
        try:
            kind, *words = shlex.split(entry) or [""]
        except ValueError:
            problem = Diagnostic("FC520", "a quote in this is never closed", place=entry)
            raise InvalidInput([problem]) from None
        add(Journal(edit, loaded), kind, words)


class Interview:
    """Asks for the first record, for those inside it, and for what happened to it so far."""

    def __init__(self, edit: Edit, loaded: LoadedPack) -> None:
        self._edit = edit
        self._loaded = loaded
        self._vocabulary = loaded.pack.vocabulary
        self._keys: dict[str, list[str]] = {}

    def ask(self) -> None:
        """Ask all questions; raises `click.Abort` where the answers are broken off."""
        shape = self._vocabulary.shape
        for kind in (self._vocabulary.kinds[name] for name in shape.records):
            if kind.single:
                continue  # nothing hangs on it, so nobody is asked
            if kind.name == shape.scope:
                self._record(kind, first=True)
            elif len(kind.path) == 1 or kind.path[:-1] == self._around():
                for _ in range(MOST):
                    if not self._record(kind, first=False):
                        break
        self._events()

    def _around(self) -> tuple[str, ...]:
        """The keys that lead to the records of the scope."""
        scope = self._vocabulary.shape.scope
        return self._vocabulary.kinds[scope].path if scope else ()

    # --- records
    def _record(self, kind: Kind, *, first: bool) -> bool:
        """Ask for one record; False if none (or no other one) is wanted."""
        click.echo(f"\n{kind.says or plain(kind.name).capitalize()}")
        naming, *others = self._asked(kind)
        ending = "" if first else " (nothing to go on)"
        name = self._answer(f"{plain(naming.name)}{ending}", naming, needed=first)
        if not name:
            return False
        words = [f"{naming.name}={name}", *self._fields(others, kind)]
        key = self._key(kind, name)
        if self._added(kind.name, [key, *words]):
            self._keys.setdefault(kind.name, []).append(key)
            return True
        return self._record(kind, first=first)

    def _asked(self, kind: Kind) -> list[Field]:
        """The fields to ask for: what is required, what names a record, and words to choose from."""
        required = {name for need in kind.require for name in need.fields[:1]}
        texts = [field for field in kind.fields if field.type.name == "text" and not field.many]
        names = (
            [f for f in kind.fields if f.name in required] or [f for f in texts if f.name == "name"] or texts
        )
        naming = (names or list(kind.fields))[0]
        inner = not self._vocabulary.is_scope(kind.name)
        others = [f for f in kind.fields if f.name in required or (inner and f.type.choices)]
        return [naming, *(field for field in others if field is not naming)]

    def _key(self, kind: Kind, name: str) -> str:
        """A short word for a name, by which others refer to it: `lee` for Lee Wong."""
        words = re.sub(r"[^a-z0-9]+", " ", name.lower()).split() or [kind.name]
        taken = self._keys.get(kind.name, [])
        tries = [words[0], "-".join(words), *(f"{words[0]}{n}" for n in range(2, MOST + 2))]
        return next(word for word in tries if word not in taken)

    # --- events
    def _events(self) -> None:
        kinds = {kind.name: kind for kind in self._vocabulary.events}
        click.echo("\nWhat happened so far, the oldest first?")
        for _ in range(MOST):
            name = click.prompt("event (? lists them, nothing to end)", default="", show_default=False)
            name = name.strip().replace(" ", "_").replace("-", "_")
            if not name:
                return
            if name == "?":
                click.echo("".join(f"  {kind.name}: {kind.says}\n" for kind in kinds.values()), nl=False)
            elif kind := kinds.get(name):
                day = click.prompt("  date", default="today")
                self._added(name, [f"date={day}", *self._fields(self._of_event(kind), kind)])
            else:
                self._added(name, [])  # which says what it was probably meant to be

    def _of_event(self, kind: Kind) -> list[Field]:
        """What to ask of an event: what is required, and who took part."""
        required = {name for need in kind.require if not need.several_of for name in need.fields}
        people = [name for name in self._keys if not self._vocabulary.is_scope(name)]
        fields = [f for f in kind.fields if f.name in required or set(f.type.refers_to) & set(people)]
        return ([Field("id", self._vocabulary.types["text"])] if "id" in required else []) + fields

    # --- questions
    def _fields(self, fields: Sequence[Field], kind: Kind) -> list[str]:
        required = {need.fields for need in kind.require if not need.several_of}
        said = []
        for field in fields:
            answer = self._answer(f"  {plain(field.name)}", field, needed=(field.name,) in required)
            if answer:
                said.append(f"{field.name}={answer}")
        return said

    def _answer(self, question: str, field: Field, *, needed: bool) -> str:
        """The answer to a question, which says what may be answered; empty if there is none."""
        known = [key for kind in field.type.refers_to for key in self._keys.get(kind, [])]
        choices = field.type.choices or known
        said = f"{question} ({', '.join(choices)})" if choices else question
        if field.type.base in ("date", "duration"):
            said += " (2026-11-05)" if field.type.base == "date" else " (5 days)"
        default = str(field.default) if field.default is not None else None if needed else ""
        return str(click.prompt(said, default=default, show_default=bool(default))).strip()

    def _added(self, name: str, words: Sequence[str]) -> bool:
        """Whether it could be added; if not, it is said why, and nothing has changed."""
        edit = Edit(self._edit.text, self._edit.name)
        try:
            add(Journal(edit, self._loaded), name, words)
        except InvalidInput as problem:
            click.echo(str(problem))
            return False
        self._edit.take(edit)
        return True


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
