"""Messages and their templates: what has none, what belongs to nothing, what is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from followcue.assistant.draft.message_files import ENDING, MessageFile
from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding
from followcue.base.diagnostic import Diagnostic, InvalidInput, did_you_mean
from followcue.language.documents.document import Document
from followcue.language.model.rules import Where

_ANY_DAY = date(2000, 1, 1)


def message_templates(
    context: LintContext, vocabulary: Iterable[Document], files: Mapping[str, MessageFile]
) -> Iterator[LintFinding]:
    """One finding for each message without a template, in a pack that has some, and for each that is no good.

    `files` are the templates of all that is checked together, by the action that they are named for.
    """
    if not files:
        return
    recommended = {rule.action for rule in context.loaded.pack.rules.values() if rule.head == "recommend"}
    for place, name in _messages(vocabulary):
        if name not in files and name in recommended:
            message = f"`{name}` is a message, and nothing says how it reads"
            hint = f"write `messages/{name}{ENDING}`, or leave out `message`"
            yield LintFinding(place.problem("FC335", message, hint=hint), "warning")
    for name, file in files.items():
        if name not in context.vocabulary.actions:
            message = f"this message is never written: there is no action `{name}`"
            known = did_you_mean(name, context.vocabulary.actions) or "name the file after an action"
            yield LintFinding(Diagnostic("FC336", message, hint=known, place=file.place), "warning")
        else:
            yield from (LintFinding(problem) for problem in _mistakes(file, context))


def _messages(vocabulary: Iterable[Document]) -> Iterator[tuple[Where, str]]:
    """The actions that are messages, each where a vocabulary first says so."""
    seen: set[str] = set()
    for document in vocabulary:
        actions = document.data.get("actions") if isinstance(document.data, dict) else None
        for name, declared in actions.items() if isinstance(actions, dict) else ():
            if name not in seen and isinstance(declared, dict) and "message" in declared:
                seen.add(name)
                yield Where(document, ("actions", name), key=True), name


def _mistakes(file: MessageFile, context: LintContext) -> tuple[Diagnostic, ...]:
    """What is wrong with a template, as far as it shows before it is filled."""
    try:
        from followcue.assistant.draft.template import MessageTemplate
        from followcue.assistant.draft.template_context import RESERVED
    except ModuleNotFoundError:  # without the template library nobody drafts either
        return ()
    names = (*RESERVED, context.vocabulary.shape.scope or "scope")
    try:
        MessageTemplate(file.place, file.read(), names, _ANY_DAY)
    except InvalidInput as problem:
        return problem.diagnostics
    return ()
