"""A `$` that was forgotten, or values where texts take none: both come out as they are written.

recommend: {action: water, about: plant}          `plant` is a word here; the variable is `$plant`
recommend: {…, do: ["Offer $rate percent"]}       whoever reads it is told to offer "$rate percent"
title: Offer {rate} percent                       the title of a rule names it, whatever the case
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from followcue.authoring.lint.lint_context import LintContext
from followcue.authoring.lint.lint_finding import LintFinding
from followcue.language.documents.document import Document
from followcue.language.model.leaves import leaves_of
from followcue.language.model.read_parameters import RESERVED
from followcue.language.model.rules import Rule, Where
from followcue.language.model.syntax import Variable, Word

_IN_TEXT = re.compile(r"\$([a-z][a-z0-9_]*)")

_IN_BRACES = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def words_for_variables(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each word that is called like a variable of its rule, or like a kind of records.

    A word of a declared type, and a parameter, may be called so.
    """
    vocabulary = context.vocabulary
    records = {kind.name for kind in vocabulary.kinds.values() if kind.role == "record"}
    known = {*vocabulary.parameters, *RESERVED, "true", "false"}
    known |= {word for type_ in vocabulary.types.values() for word in type_.choices}
    for name in sorted(context.about):
        rule = context.rules[name]
        leaves = list(leaves_of(rule))
        names = {leaf.value.name for leaf in leaves if isinstance(leaf.value, Variable)}
        for leaf in leaves:
            if not isinstance(leaf.value, Word) or leaf.value.text in known:
                continue
            word = leaf.value.text
            if word in names or word in records:
                message = f"`{word}` is taken as a word here"
                quoted = f"if the word is meant, put it into quotes of its own: `'\"{word}\"'`"
                is_bound = word in names or (word == vocabulary.shape.scope and not rule.whole)
                variable = f"`${word}`" if is_bound else f"one such as `${word}`, bound in a condition"
                hint = f"the variable is {variable}; {quoted}"
                yield LintFinding(leaf.where.problem("FC440", message, leaf.at, hint), "warning", name)


def variables_in_texts(context: LintContext) -> Iterator[LintFinding]:
    """One finding for each text of a rule in which a variable stands as it is written in conditions."""
    for name in sorted(context.about):
        for where, text, is_sentence in _texts(context.rules[name]):
            for found in _IN_TEXT.finditer(text):
                variable = found[1]
                if is_sentence:
                    message = f"this text says `${variable}` as it stands"
                    hint = f"write `{{{variable}}}` for the value of `${variable}`"
                else:
                    message = f"this text says `${variable}` as it stands: {_NO_VALUES}"
                    hint = _elsewhere(variable)
                yield LintFinding(where.problem("FC443", message, hint=hint), "warning", name)
            if not is_sentence:
                for found in _IN_BRACES.finditer(text):
                    message = f"this text says `{found[0]}` as it stands: {_NO_VALUES}"
                    yield LintFinding(
                        where.problem("FC443", message, hint=_elsewhere(found[1])), "warning", name
                    )


def variables_in_words(context: LintContext, vocabulary: Iterable[Document]) -> Iterator[LintFinding]:
    """The same for the texts of actions in a vocabulary, which no variable of any rule reaches."""
    for document in vocabulary:
        entries = document.data.get("actions") if isinstance(document.data, dict) else None
        for name, action in entries.items() if isinstance(entries, dict) else ():
            for where, text in _texts_of(Where(document, ("actions", name)), action):
                takes_braces = where.path[-1] == "say"
                for found in (*_IN_TEXT.finditer(text), *(() if takes_braces else _IN_BRACES.finditer(text))):
                    message = f"this text says `{found[0]}` as it stands: an action has no values to tell"
                    hint = f"say it in `title` or `do` of a rule's `recommend`, as `{{{found[1]}}}`"
                    yield LintFinding(where.problem("FC443", message, hint=hint), "warning")


_NO_VALUES = "the title of a rule names it, and takes no values"


def _elsewhere(variable: str) -> str:
    return f"leave it out, or write `title:` with `{{{variable}}}` under `recommend`"


def _texts_of(where: Where, action: object) -> Iterator[tuple[Where, str]]:
    """What is said of an action where it is reported."""
    for key in ("title", "say", "do", "avoid"):
        said = action.get(key) if isinstance(action, dict) else None
        if isinstance(said, str):
            yield where / key, said
        for number, text in enumerate(said if isinstance(said, list) else ()):
            yield where / key / number, text


def _texts(rule: Rule) -> Iterator[tuple[Where, str, bool]]:
    """The texts of a rule that people read, with their places; whether each is a sentence with braces."""
    yield rule.where / "title", rule.title, False
    head = rule.head
    for path, text in head.texts() if head else ():
        where = rule.where / head.kind  # type: ignore[union-attr]  # the texts are those of a head
        for step in path:
            where /= step
        yield where, text, True
