"""YAML text -> composed nodes: the same ones everywhere, whichever libyaml is there, or none.

Two readers can compose them. The reference reader (`yaml_reference.py`), in Python, decides what a text
means. libyaml, in C, takes a tenth of the time, but differs from it, from YAML 1.2 and between its own
releases, some of it in silence. So libyaml reads a text only where its answer is known to be the same:

- it finds nothing wrong: each mistake is told by the reference reader, with its code, place and words;
- nothing in the text looks like what it reads otherwise (`reads_otherwise`).

Invariant: `compose` gives the nodes or the mistake that the reference reader gives, marks included.

Example: `{a: 12}` is read by libyaml alone. It takes `{a: ! 12}` for the number 12, so the `!` hands this
text to the reference reader, which keeps the tag, to be refused. `{a: [}` ends in an error of libyaml, in
words that depend on its release: the reference reader reads the text again and tells its own.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.nodes import Node, ScalarNode

from followcue.base.diagnostic import InvalidInput
from followcue.language.documents.decode import unprintable
from followcue.language.documents.lines import Lines
from followcue.language.documents.plain import MAX_DEPTH, too_deep

TEXT_TAG = "tag:yaml.org,2002:str"


def compose(text: str, name: str, max_depth: int = MAX_DEPTH, *, is_json: bool = False) -> Node | None:
    """The node tree of `text`, None if it is empty; raises `InvalidInput` for a mistake in its syntax.

    A text that is known to be JSON has nothing that libyaml reads otherwise.
    """
    unseen = [text.index(character) for character in UNSEEN if character in text]
    if unseen:
        raise InvalidInput([unprintable(Lines(name, text), min(unseen))])
    if LibyamlReader and (is_json or not reads_otherwise(text)):
        try:
            return _root(LibyamlReader, text, max_depth)
        except Exception:  # whatever it is, the reference reader tells it
            pass
    return compose_by_reference(text, name, max_depth)


def compose_by_reference(text: str, name: str, max_depth: int = MAX_DEPTH) -> Node | None:
    """The same without libyaml."""
    from followcue.language.documents.yaml_reference import (
        ReferenceReader,  # late: most texts are read without it
    )

    lines = Lines(name, text)
    try:
        return _root(ReferenceReader, text, max_depth)
    except TooDeepError as error:
        problem = lines.problem("FC106", too_deep(max_depth), lines.at(error.index))
    except RecursionError:  # whoever called has used up the stack
        problem = lines.problem("FC106", too_deep(max_depth), lines.at(0))
    except yaml.YAMLError as error:
        from followcue.language.documents.yaml_errors import explain  # late: only mistakes need it

        problem = explain(error, lines)
    except MemoryError:
        raise
    except Exception:  # none is known; but no traceback of a library is an answer to an author
        problem = lines.problem("FC102", "this cannot be read as YAML", lines.at(0))
    raise InvalidInput([problem])


def _root(reader_class: Any, text: str, max_depth: int) -> Node | None:
    reader = reader_class(text, max_depth)
    try:
        root: Node | None = reader.get_single_node()
        return root
    finally:
        reader.dispose()


# --- what libyaml reads otherwise
UNSEEN = "\x85\u2028\u2029\ufeff"
"""Ends of lines and marks of encodings to YAML 1.1, text to YAML 1.2, and seen by nobody."""

_BEGINS = r"""(?<![^\s\[\]{},:"'?-].)"""
"""The character just read may begin something: none stands before it, or a space or a sign."""
_OTHERWISE = {
    "?": rf"\?{_BEGINS}",  # keys of lines of their own, text in brackets
    "!": rf"!{_BEGINS}",  # tags
    "&": rf"&{_BEGINS}[0-9A-Za-z_-]++[?:%@`]",  # names that end at a sign
    "*": rf"\*{_BEGINS}[0-9A-Za-z_-]++[?:%@`]",
    "#": r"""#(?:(?<=["'\[\]{},:|>]#)|(?<=[|>][0-9+-]#)|(?<=[|>][0-9+-]{2}#))""",  # comments after no space
    "%": r"%(?<![^\r\n].)",  # directives
    "-": rf"-(?=[,\]}}]){_BEGINS}",  # `-` alone, as text
}
"""By the sign that it begins with: to look for one after the other takes less time than for all at once."""


def reads_otherwise(text: str) -> bool:
    """Whether libyaml may read the text in silence as something else than the reference reader does."""
    return any(sign in text and re.search(pattern, text) for sign, pattern in _OTHERWISE.items())


# --- what both readers do
class TooDeepError(Exception):
    """Nested deeper than allowed, within what begins at `index`."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Composing:
    """Gives a node no tag unless it was quoted (then text) or its author wrote one, and bounds depth."""

    def __init__(self, text: str, max_depth: int) -> None:
        super().__init__(text)  # type: ignore[call-arg]  # a loader of PyYAML comes next
        self._max_depth = max_depth
        self._depth = 0

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """The tag of a node for which none was written; PyYAML would decide it by YAML 1.1."""
        return TEXT_TAG if kind is ScalarNode and not implicit[0] else None

    # The two hooks that the composer calls around each node serve to count how deep it is.
    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Called before a node."""
        self._depth += 1
        if self._depth > self._max_depth + 1:
            raise TooDeepError(parent.start_mark.index)

    def ascend_resolver(self) -> None:
        """Called after a node."""
        self._depth -= 1


def _libyaml_reader() -> Any:
    """The reader that libyaml is; None where it is missing, or of a release before 0.2.5 (of 2020)."""
    try:
        from yaml import CBaseLoader
        from yaml._yaml import get_version
    except ImportError:
        return None
    return type("LibyamlReader", (Composing, CBaseLoader), {}) if get_version() >= (0, 2, 5) else None


LibyamlReader = _libyaml_reader()
