"""The vocabulary as its authors wrote it: the declarations of all layers by section and name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from followcue.base.diagnostic import Diagnostic, did_you_mean
from followcue.language.documents.document import Document
from followcue.language.model.rules import Where

SECTIONS = (
    *("types", "events", "conclusions", "actions", "parameters", "profiles", "sources", "items"),
    *("messages", "sittings", "known as"),
)
"""The sections that declare one thing a key; `situation` and `pack` are the others."""

CHANGEABLE = {"events": ("fields",), "parameters": ("value", "profiles"), "known as": ()}
"""What a later layer may say of something that a layer below it declared; of what is a list, more of it."""

Problems = list[Diagnostic]


@dataclass(frozen=True, slots=True)
class Declaration:
    """A name and what its author says of it; `changes` are what later layers say of it, lowest first.

    The accessors take a value of the wrong shape for an absent one: the schema check has reported it.
    """

    name: str
    value: Any
    where: Where
    layer: int = 0
    changes: tuple[Declaration, ...] = ()

    @property
    def place(self) -> Where:
        """Where the name itself stands."""
        return self.where.as_key()

    def text(self, key: str, default: str = "") -> str:
        """The text under `key`."""
        found = self._get(key)
        return found if isinstance(found, str) else default

    def number(self, key: str, default: int) -> int:
        """The whole number under `key`."""
        found = self._get(key)
        return found if type(found) is int else default

    def flag(self, key: str) -> bool:
        """Whether `key` is true."""
        return self._get(key) is True

    def entries(self, key: str) -> Iterator[Declaration]:
        """The entries of the mapping under `key`."""
        found = self._get(key)
        for name, value in found.items() if isinstance(found, dict) else ():
            yield Declaration(name, value, self.where / key / name, self.layer)

    def part(self, key: str) -> Declaration:
        """What stands under `key`, as a declaration of its own; its value is None where nothing does."""
        return Declaration(key, self._get(key), self.where / key, self.layer)

    def texts(self, key: str) -> list[tuple[str, Where]]:
        """The texts in the list under `key`, each with its place."""
        found = self._get(key)
        items = enumerate(found) if isinstance(found, list) else ()
        return [(item, self.where / key / index) for index, item in items if isinstance(item, str)]

    def words(self, key: str) -> tuple[str, ...]:
        """The texts in the list under `key`."""
        return tuple(text for text, _ in self.texts(key))

    def _get(self, key: str) -> object:
        return self.value.get(key) if isinstance(self.value, dict) else None


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that is declared; `situation` comes from the lowest layer."""

    situation: Declaration | None
    sections: Mapping[str, Mapping[str, Declaration]] = field(default_factory=dict)

    def __getitem__(self, section: str) -> Mapping[str, Declaration]:
        return self.sections[section]


def gather(layers: Sequence[Sequence[Document]], problems: Problems) -> Declared:
    """All declarations; what is declared twice, or changed by a layer that may not, goes to `problems`."""
    sections: dict[str, dict[str, Declaration]] = {section: {} for section in SECTIONS}
    for section, found in _declarations(layers):
        known = sections[section].get(found.name)
        if known is None and _changes_nothing(found, section):
            problems.append(_nothing_below(found, section, sections[section].values()))
            continue
        sections[section][found.name] = _laid_on(known, found, section, problems) if known else found
    return Declared(_situation(layers, problems), sections)


def _declarations(layers: Sequence[Sequence[Document]]) -> Iterator[tuple[str, Declaration]]:
    for layer, document in _documents(layers):
        whole = Declaration("", document.data, Where(document, ()), layer)
        for section in SECTIONS:
            for found in whole.entries(section):
                yield section, found


def _documents(layers: Sequence[Sequence[Document]]) -> Iterator[tuple[int, Document]]:
    return ((number, document) for number, documents in enumerate(layers) for document in documents)


_NO_CHANGE = "give it another name: a layer may add to the pack below it, and not change this"


def _laid_on(known: Declaration, found: Declaration, section: str, problems: Problems) -> Declaration:
    """What is known of a name after `found` was laid on it."""
    changeable = CHANGEABLE.get(section)
    if found.layer == known.layer:
        problems.append(repeated(found, known))
    elif changeable is None:
        problems.append(repeated(found, known, _NO_CHANGE))
    else:
        may = " and ".join(f"`{key}`" for key in changeable)
        for extra in (found.value or {}) if isinstance(found.value, dict) else ():
            if extra not in changeable:
                message = f"a layer may not change `{extra}` of `{found.name}`"
                where = (found.where / extra).as_key()
                problems.append(where.problem("FC320", message, hint=f"it may only give {may}"))
        return replace(known, changes=(*known.changes, found))
    return known


def _changes_nothing(found: Declaration, section: str) -> bool:
    """Whether an entry of a layer says only what changes something, of what no layer below it declares."""
    changeable = CHANGEABLE.get(section)
    said = found.value if isinstance(found.value, dict) else {}
    return found.layer > 0 and bool(changeable and said) and set(said) <= set(changeable or ())


def _nothing_below(found: Declaration, section: str, known: Iterable[Declaration]) -> Diagnostic:
    what, below = section.removesuffix("s"), [other.name for other in known if other.layer < found.layer]
    message = f"there is no {what} `{found.name}` below this layer to change, and a new one needs `says`"
    return found.place.problem("FC420", message, hint=did_you_mean(found.name, below))


def _situation(layers: Sequence[Sequence[Document]], problems: Problems) -> Declaration | None:
    """The shape of situations; there has to be one, and in the lowest layer alone."""
    found = [
        Declaration("situation", document.data["situation"], Where(document, ("situation",)), layer)
        for layer, document in _documents(layers)
        if isinstance(document.data, dict) and "situation" in document.data
    ]
    if not found or found[0].layer > 0:
        problems.append(_no_situation(layers))
        return None
    problems += [repeated(other, found[0], "leave it out: one file says it for all") for other in found[1:]]
    return found[0]


def _no_situation(layers: Sequence[Sequence[Document]]) -> Diagnostic:
    message = "the vocabulary of a pack needs a section `situation`"
    hint = "it says what a situation file looks like"
    for _, document in _documents(layers):
        return document.problem("FC203", message, (), hint=hint)
    return Diagnostic("FC203", message, hint=hint, place="vocabulary")


# --- problems that all sections share
OTHER_NAME = "give it another name"


def repeated(again: Declaration, first: Declaration, hint: str | None = None) -> Diagnostic:
    """`again` declares what `first` has declared; shows both places."""
    span = first.place.span
    related = (("it is first declared here", span),) if span else ()
    message = f"`{again.name}` is declared twice"
    hint = hint or "leave one of them out, or give it another name"
    return again.where.document.problem(
        "FC320", message, again.where.path, key=True, hint=hint, related=related
    )


def unknown(what: str, name: str, known: Iterable[str], where: Where) -> Diagnostic:
    """`name`, mentioned at `where`, is declared nowhere."""
    hint = did_you_mean(name, known)
    if hint is None and what in _WITH_SECTION:
        hint = f"none is declared yet: they stand under `{what}s:` of the vocabulary"
    return where.problem("FC302", f"there is no {what} `{name}`", hint=hint)


_WITH_SECTION = ("action", "item", "message", "profile", "sitting", "source")
"""What the vocabulary has a section for that is called so."""
