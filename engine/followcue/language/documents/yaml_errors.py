"""What PyYAML says about a mistake in the syntax -> what its author needs to hear."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import yaml

from followcue.base.diagnostic import Diagnostic, Span
from followcue.language.documents.borrowed import hint_for
from followcue.language.documents.lines import Lines


class Mistake(NamedTuple):
    """A syntax error: PyYAML's words, where it noticed, and where the thing began that it was reading."""

    said: str
    lines: Lines
    at: int
    began: int

    @property
    def span(self) -> Span:
        """The place where the mistake was noticed."""
        return self.lines.at(self.at)

    @property
    def began_span(self) -> Span:
        """The place where the unfinished thing begins."""
        return self.lines.at(self.began)

    @property
    def character(self) -> str:
        """The character where the mistake was noticed; empty at the end of the text."""
        return self.lines.text[self.at : self.at + 1].strip("\n\r")

    @property
    def before(self) -> str:
        """The text before the mistake in its line."""
        return self.lines.line(self.span.line)[: self.span.column - 1]

    @property
    def line_above(self) -> str:
        """The nearest line above that says something."""
        return self.lines.line(self._number_above)

    @property
    def above_span(self) -> Span:
        """What that line says."""
        line = self.line_above
        indent = len(line) - len(line.lstrip())
        return Span(self.span.file, self._number_above, indent + 1, max(1, len(line.strip())))

    @property
    def _number_above(self) -> int:
        for number in range(self.span.line - 1, 0, -1):
            line = self.lines.line(number).strip()
            if line and not line.startswith("#"):
                return number
        return 0


class Wording(NamedTuple):
    """A mistake in the author's words.

    `began` if the caret belongs where the unfinished thing begins, `above` if under the line above.
    """

    message: str
    hint: str | None = None
    began: bool = False
    above: bool = False
    note: str | None = None


Explanation: TypeAlias = Callable[[Mistake], Wording | None]


def explain(error: yaml.YAMLError, lines: Lines) -> Diagnostic:
    """A diagnostic for a syntax error that the reference reader found in the text of `lines`."""
    mistake = _mistake(error, lines)
    words = next(filter(None, (explanation(mistake) for explanation in EXPLANATIONS)))
    span = mistake.above_span if words.above else mistake.began_span if words.began else mistake.span
    related = ((words.note, mistake.began_span),) if words.note else ()
    return lines.problem("FC102", words.message, span, words.hint, related)


def _mistake(error: yaml.YAMLError, lines: Lines) -> Mistake:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Mistake(str(error), lines, 0, 0)
    marks = [mark.index for mark in (error.problem_mark, error.context_mark) if mark]
    said = f"{error.context or ''}: {error.problem or ''}"
    return Mistake(said, lines, min(marks[0], len(lines.text)) if marks else 0, marks[-1] if marks else 0)


def _template(mistake: Mistake) -> Wording | None:
    if not re.search(r"\{[{%]", mistake.lines.line(mistake.span.line)):
        return None
    hint = "write the value itself; text with braces in it must be in quotes"
    return Wording("`{{` and `{%` have no meaning here, this file is no template", hint)


def _tab(mistake: Mistake) -> Wording | None:
    if mistake.character != "\t" and "found a tab" not in mistake.said:
        return None
    return Wording("a tab cannot be used to indent", "indent with spaces")


def _comment(mistake: Mistake) -> Wording | None:
    if "found a comment" not in mistake.said:
        return None
    hint = "write a space before it; text that has `#` in it may be put in quotes"
    return Wording("a comment (`#`) must stand after a space", hint)


def _reserved(mistake: Mistake) -> Wording | None:
    if "cannot start any token" not in mistake.said:
        return None
    hint = "put the whole text in quotes"
    if mistake.character == "-":
        hint += "; in a cell of a table `any` asks nothing"
    return Wording(f"text cannot begin with `{mistake.character}`", hint)


def _question_mark(mistake: Mistake) -> Wording | None:
    if "mapping keys are not allowed" not in mistake.said:
        return None
    return Wording("a `?` with a space after it cannot stand here", "put text that has it in quotes")


def _colon_in_value(mistake: Mistake) -> Wording | None:
    if not re.search("mapping values are not allowed", mistake.said):
        return None
    if re.search(r":\s", mistake.before):
        line = mistake.lines.line(mistake.span.line)
        return Wording("there is a second `:` in one value", hint_for("a line", line) or _in_quotes(line))
    above = mistake.line_above
    if above.lstrip().startswith("-"):
        return Wording("a `name:` cannot stand here", "indent it like the text after the `- ` above")
    if not above:
        return Wording("a `:` cannot stand here", "put text that has `: ` in it in quotes")
    if ":" not in above:
        name, _, value = above.strip().partition(" ")
        return Wording("this line lacks its `:`", f"write `{name}: {value}`".replace(": `", ":`"), above=True)
    if not re.search(r":(\s|$)", above):
        spaced = above.strip().replace(":", ": ", 1)
        return Wording("this line lacks a space after its `:`", f"write `{spaced}`", above=True)
    return Wording("this line is indented too far", "indent it like the line above, or end that one with `:`")


def _in_quotes(line: str) -> str:
    """The hint to put the text of a line that has `: ` in it into quotes."""
    found = re.fullmatch(r"\s*(?:- )?(?P<name>[\w-]+): +(?P<text>[^\"'\[\]{}#]+)", line)
    if not found:
        return "put text that has `: ` in it in quotes"
    return f"""put the text in quotes: `{found["name"]}: "{found["text"].rstrip()}"`"""


def _missing_colon(mistake: Mistake) -> Wording | None:
    if "could not find expected ':'" not in mistake.said:
        return None
    name = mistake.lines.line(mistake.began_span.line)[mistake.began_span.column - 1 :].strip()
    return Wording("a `:` is missing after this name", f"write `{name}: …`", began=True)


def _unclosed_quote(mistake: Mistake) -> Wording | None:
    if not re.search("quoted scalar: found unexpected (end of stream|document)", mistake.said):
        return None
    return Wording("this quote is never closed", "write the same quote at the end of the text", began=True)


def _escape(mistake: Mistake) -> Wording | None:
    if "unknown escape" not in mistake.said:
        return None
    hint = "write `\\\\` for a backslash, or use single quotes"
    return Wording("this `\\` does not make a character inside double quotes", hint)


def _unclosed_bracket(mistake: Mistake) -> Wording | None:
    found = re.search(r"expected ',' or '([\]}])'", mistake.said)
    if not found:
        return None
    opened = {"]": "[", "}": "{"}[found[1]]
    if mistake.span.line > mistake.began_span.line:
        return Wording(f"this `{opened}` is never closed", f"write `{found[1]}` at its end", began=True)
    borrowed = hint_for("a line", mistake.lines.line(mistake.span.line))
    hint = borrowed or "a `,` stands between entries; text with `: `, `,` or brackets in it goes into quotes"
    return Wording(f"a `,` or `{found[1]}` is missing here", hint, note=f"the `{opened}` stands here")


def _after_the_end(mistake: Mistake) -> Wording | None:
    before = mistake.before.rstrip()
    if not re.search("expected key|expected <block end>|<document start>", mistake.said) or not before:
        return None
    if before[-1] in "\"'":
        return Wording(
            "there is more text after the closing quote", "put all of the text in one pair of quotes"
        )
    return Wording("there is more text after the value has ended", "put all of the text in quotes")


def _indentation(mistake: Mistake) -> Wording | None:
    if not re.search("expected key|'-' indicator|expected <block end>|<document start>", mistake.said):
        return None
    hint = "indent it exactly like the lines that it belongs with"
    return Wording("this line does not fit the lines above", hint, note="they begin here")


def _list_on_line(mistake: Mistake) -> Wording | None:
    if not re.search("sequence entries are not allowed", mistake.said):
        return None
    return Wording(
        "a list cannot begin on the line of its name", "begin a new line with `- `, or use `[a, b]`"
    )


def _no_content(mistake: Mistake) -> Wording | None:
    if not re.search("expected (the )?node content", mistake.said):
        return None
    if mistake.character:
        return Wording(f"`{mistake.character}` cannot stand here", "put text that begins with it in quotes")
    return Wording("a value is missing here")


def _alias(mistake: Mistake) -> Wording | None:
    if "undefined alias" in mistake.said:
        return Wording(
            "there is no `&` of this name to refer to", "text that begins with `*` must be in quotes"
        )
    if "duplicate anchor" in mistake.said:
        hint = "give one of them another name"
        return Wording("an anchor (`&`) of this name was already given", hint, note="it was given here")
    return None


def _anchor_name(mistake: Mistake) -> Wording | None:
    if "scanning an anchor" not in mistake.said:
        return None
    hint = "text that begins with these must be in quotes"
    if mistake.character == ":":
        return Wording("`:` cannot stand in a name after `&` or `*`", f"put a space before it; {hint}")
    return Wording("a name is missing after `&` or `*`", hint, began=True)


def _tag(mistake: Mistake) -> Wording | None:
    if "scanning a tag" not in mistake.said:
        return None
    return Wording("tags (`!`) are not allowed", "text that begins with `!` must be in quotes", began=True)


def _several_documents(mistake: Mistake) -> Wording | None:
    if "found another document" not in mistake.said:
        return None
    return Wording("a second document begins here", "one file holds one document: remove the `---`")


def _block_text(mistake: Mistake) -> Wording | None:
    if "block scalar" not in mistake.said:
        return None
    return Wording("text cannot begin on the line of `|` or `>`", "begin it on the next line, indented")


def _directive(mistake: Mistake) -> Wording | None:
    if "directive" not in mistake.said:
        return None
    return Wording(
        "a line that begins with `%` is an order to the reader, and this one is unknown", "remove it"
    )


def _other(mistake: Mistake) -> Wording:
    said = mistake.said.strip(": ").splitlines() or ["it cannot be read"]
    return Wording(f"this is not valid YAML: {said[0]}")


EXPLANATIONS: tuple[Explanation, ...] = (
    _several_documents,
    _unclosed_quote,
    _escape,
    _template,  # before all that a template's braces may look like
    _tab,
    _comment,
    _reserved,
    _question_mark,
    _colon_in_value,
    _missing_colon,
    _unclosed_bracket,
    _after_the_end,  # before _indentation: libyaml says the same of both
    _indentation,
    _list_on_line,
    _no_content,
    _alias,
    _anchor_name,
    _tag,
    _block_text,
    _directive,
    _other,
)
