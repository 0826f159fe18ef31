"""One message template: read, checked and filled; whatever is wrong with it is said with its place.

What a message says for itself stands in its block; subject, greeting and closing stand around it. So one
message can say what several ask for: the frame of one, and in it the blocks of all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from types import TracebackType
from typing import Any, TypeAlias

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.runtime import Context

from followcue.assistant.draft.filters import FilterError
from followcue.assistant.draft.sandbox import GAPS, Sandbox, ValueMissing, absent
from followcue.assistant.draft.template_checks import objections
from followcue.assistant.draft.views import Missing, UnknownName
from followcue.base.diagnostic import Diagnostic, InvalidInput, Span

MAX_LENGTH = 20_000
"""How long a filled message may be."""

_SUBJECT_LINE = re.compile(r"Subject: \S")
_LINE = re.compile("\r\n|\r|\n")  # what the template library counts as the end of a line
_OPENING = re.compile(r"\{[{%]-?\s*")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


_Render: TypeAlias = Callable[[Context], Iterator[str]]
"""What the template library makes of a template, or of a block of it."""


class MessageTemplate:
    """A template that passed all checks; raises `InvalidInput` for one that does not.

    `name` is what messages call its file, `names` are the values that it may start from. `block` is what its
    block is called, None where it has none.
    """

    def __init__(self, name: str, text: str, names: Iterable[str], as_of: date) -> None:
        self._source = _Source(name, text)
        self._sandbox = Sandbox(as_of)
        tree = self._parsed(text)
        found = [
            self._source.problem(o.code, o.message, o.line, o.marked, o.hint)
            for o in objections(tree, set(names), self._sandbox.filters)
        ]
        if found:
            raise InvalidInput(found)
        block = tree.find(nodes.Block)
        self.block = block.name if block else None
        self._references = tuple(_references(tree))
        self._names = frozenset(name.name for name in tree.find_all(nodes.Name))
        self._template = Template.from_code(self._sandbox, self._sandbox.compile(tree, filename=name), {})

    def asks_for(self, name: str) -> bool:
        """Whether the template speaks of that value at all."""
        return name in self._names

    def fill(self, values: Mapping[str, object], body: str | None = None) -> str:
        """The message with these values; with `body` in place of its block.

        Raises `InvalidInput` with every value that is missing.
        """
        text = self._filled(values, self._template.root_render_func, body) + "\n"
        if not _SUBJECT_LINE.match(text):
            raise self._refusal(
                "FC707", "a message begins with its subject", 1, hint="write `Subject: …` first"
            )
        return text

    def own(self, values: Mapping[str, object]) -> str:
        """Only what stands in its block, which may be nothing; raises as `fill` does."""
        assert self.block is not None
        return self._filled(values, self._template.blocks[self.block])

    def _filled(self, values: Mapping[str, object], render: _Render, body: str | None = None) -> str:
        gaps: list[Missing] = []
        given: dict[str, Any] = {
            name: absent(value) if isinstance(value, Missing) else value for name, value in values.items()
        }
        try:
            text = "".join(self._pieces(given | {GAPS: gaps}, render, body))
        except ValueMissing as problem:
            raise InvalidInput([self._gap(problem.gap)]) from None
        except UnknownName as problem:
            line = self._line_of(problem.__traceback__)
            raise self._refusal("FC705", str(problem), line, problem.name, problem.hint) from None
        except (FilterError, TemplateError, TypeError, ValueError) as problem:
            line = self._line_of(problem.__traceback__)
            raise self._refusal("FC704", f"this cannot be filled: {problem}", line) from None
        if gaps:
            raise InvalidInput([self._gap(gap) for gap in dict.fromkeys(gaps)])
        return _BLANK_LINES.sub("\n\n", text.strip())

    def _parsed(self, text: str) -> nodes.Template:
        try:
            return self._sandbox.parse(text)
        except TemplateSyntaxError as problem:
            message, hint = _in_plain_words(problem.message or "")
            raise self._refusal("FC702", message, problem.lineno, hint=hint) from None
        except (RecursionError, ValueError, MemoryError):  # brackets or digits beyond all measure
            raise self._refusal("FC702", "this template cannot be read", 1) from None

    def _pieces(self, values: dict[str, Any], render: _Render, body: str | None) -> Iterator[str]:
        context = self._template.new_context(values)
        if body is not None and self.block is not None:
            context.blocks[self.block] = [lambda _: iter((body + "\n",))]
        length = 0
        for piece in render(context):
            length += len(piece)
            if length > MAX_LENGTH:
                raise FilterError(f"the message grows longer than {MAX_LENGTH} characters")
            yield piece

    def _line_of(self, traceback: TracebackType | None) -> int:
        """The line of the template at which the filling stopped."""
        line = 1
        while traceback is not None:
            if traceback.tb_frame.f_globals.get("__jinja_template__") is not None or (
                traceback.tb_frame.f_code is self._template.root_render_func.__code__
            ):
                line = self._template.get_corresponding_lineno(traceback.tb_lineno)
            traceback = traceback.tb_next
        return line

    def _gap(self, gap: Missing) -> Diagnostic:
        """The missing value, at the first place that asks for it."""
        last = gap.name.rpartition(".")[2]
        asked = [r for r in self._references if r[1] == gap.name]
        asked += [r for r in self._references if last and r[1].endswith(f".{last}")]
        line, marked = asked[0] if asked else (1, "")
        return self._source.problem("FC706", gap.message, line, marked, gap.hint)

    def _refusal(
        self, code: str, message: str, line: int, marked: str = "", hint: str | None = None
    ) -> InvalidInput:
        return InvalidInput([self._source.problem(code, message, line, marked, hint)])


class _Source:
    """The text of a template, to point into."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._lines = _LINE.split(text)

    def problem(
        self, code: str, message: str, line: int, marked: str = "", hint: str | None = None
    ) -> Diagnostic:
        """A mistake in a line: at the text `marked`, or else where the first braces open."""
        line = min(max(line, 1), len(self._lines))
        excerpt = self._lines[line - 1]
        found = re.search(rf"\b{re.escape(marked)}\b", excerpt) if marked else _OPENING.search(excerpt)
        column, length = (found.start() + 1, len(found[0])) if found else (1, 1)
        return Diagnostic(code, message, Span(self._name, line, column, length), hint, excerpt)


def _references(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """What the template asks for, as lines and dotted names, but for what it merely asks to be there."""
    guarded = {id(node) for test in tree.find_all(nodes.Test) for node in _chain(test.node)}
    for node in tree.find_all((nodes.Getattr, nodes.Name)):
        if id(node) not in guarded:
            yield node.lineno, ".".join(reversed([_own_name(part) for part in _chain(node)]))


def _chain(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node, what it is looked up in, and so on."""
    yield node
    while isinstance(node, nodes.Getattr):
        node = node.node
        yield node


def _own_name(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.name if isinstance(node, nodes.Name) else ""


_IN_PLAIN_WORDS = (
    (
        r"Unexpected end of template.*innermost block that needs to be closed is '(\w+)'.*",
        "this `{{% {0} %}}` is never closed",
        "write `{{% end{0} %}}` where it ends",
    ),
    (r"unexpected end of template.*", "the braces are never closed", "write `}}}}` after the value"),
    (
        r"Encountered unknown tag '(end\w+)'.*",
        "this `{{% {0} %}}` ends nothing",
        "leave it out, or write what it ends before it",
    ),
    (r"Encountered unknown tag '(\w+)'.*", "there is no `{{% {0} %}}`", "there are `if`, `for` and `block`"),
    (
        r"expected token 'end of (?:print statement|statement block)', got '(.*)'",
        "`{0}` cannot stand here",
        "braces hold one value, such as `{{{{ person.name }}}}`; text stands outside of them",
    ),
    (
        r"unexpected '[]})]'.*",
        "these braces or brackets do not fit together",
        "a value stands in two pairs of braces, as in `{{{{ person.name }}}}`",
    ),
    (
        r"unexpected 'end of (?:print statement|statement block)'",
        "a value is missing at the end of these braces",
        "as in `{{% if person.name == me.name %}}`",
    ),
    (
        r"[Ee]xpected an expression, got '.*'",
        "a value is missing between the braces",
        "as in `{{{{ person.name }}}}`",
    ),
)
"""What Jinja says of a template, and what its author needs to hear."""


def _in_plain_words(said: str) -> tuple[str, str | None]:
    """The message for what Jinja says, and the likely fix."""
    for pattern, message, hint in _IN_PLAIN_WORDS:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return message.format(*found.groups()), hint.format(*found.groups())
    plain = said.rstrip(".") or "this cannot be read"
    return plain[:1].lower() + plain[1:], None
