"""Messages and their templates: what has none, what belongs to nothing, what is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from followcue.assistant.draft.message_files import ENDING, MessageFile
from followcue.authoring.lint.context import Book
from followcue.authoring.lint.finding import Finding
from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.language.documents.document import Document
from followcue.language.model.rules import Where

_ANY_DAY = date(2000, 1, 1)


def message_templates(
    book: Book, vocabulary: Iterable[Document], files: Mapping[str, MessageFile]
) -> Iterator[Finding]:
    """One finding for each message without a template, in a pack that has some, and for each that is no good.

    `files` are the templates of all that is checked together, by the action that they are named for.
    """
    if not files:
        return
    recommended = {rule.action for rule in book.loaded.pack.rules.values() if rule.head == "recommend"}
    for place, name in _messages(vocabulary):
        if name not in files and name in recommended:
            message = f"`{name}` is a message, and nothing says how it reads"
            hint = f"write `messages/{name}{ENDING}`, or leave out `message`"
            yield Finding(place.problem("FC335", message, hint=hint), "warning")
    for name, file in files.items():
        if name not in book.vocabulary.actions:
            message = f"this message is never written: there is no action `{name}`"
            known = did_you_mean(name, book.vocabulary.actions) or "name the file after an action"
            yield Finding(Diagnostic("FC336", message, hint=known, place=file.place), "warning")
        else:
            yield from (Finding(problem) for problem in _mistakes(file, book))


def _messages(vocabulary: Iterable[Document]) -> Iterator[tuple[Where, str]]:
    """The actions that are messages, each where a vocabulary first says so."""
    seen: set[str] = set()
    for document in vocabulary:
        actions = document.data.get("actions") if isinstance(document.data, dict) else None
        for name, declared in actions.items() if isinstance(actions, dict) else ():
            if name not in seen and isinstance(declared, dict) and "message" in declared:
                seen.add(name)
                yield Where(document, ("actions", name), key=True), name


def _mistakes(file: MessageFile, book: Book) -> tuple[Diagnostic, ...]:
    """What is wrong with a template, as far as it shows before it is filled."""
    try:
        from followcue.assistant.draft.context import RESERVED
        from followcue.assistant.draft.template import MessageTemplate
    except ModuleNotFoundError:  # without the template library nobody drafts either
        return ()
    names = (*RESERVED, book.vocabulary.shape.scope or "scope")
    try:
        MessageTemplate(file.place, file.read(), names, _ANY_DAY)
    except InvalidInput as problem:
        return problem.diagnostics
    return ()
