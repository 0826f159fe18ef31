"""What stands in a field of text -> phrases: text is text, as it stands.

The grammar of phrases has words, numbers and signs, and text may have any of them: `lab-1` is no
subtraction, `10.0.0.1` no number, `C++` no sum. So in a field of text everything means itself, but for what
the language marks: a variable, a demand that begins with `not` or `is`, `present`, `absent`, a comparison,
`one of` before a list, and text in quotes. `and` joins demands where another such mark follows it, and
belongs to the text elsewhere:

    not Smith and Jones         one demand: not the text `Smith and Jones`
    $name and not lab-1         two demands: the variable, and not the text `lab-1`
    contains lab-               one demand: a text that has `lab-` in it
    one of (lab-1 or C++)       one demand: one of these two texts
    "not yet"                   the text `not yet`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from followcue.language.documents.borrowed import hint_for
from followcue.language.model.phrase import PhraseError, parse_constraints, parse_expression
from followcue.language.model.syntax import TURNED, At, Comparator, Constant, Constraint, Expression, Word

_COMPARATORS: tuple[tuple[str, Comparator], ...] = (
    *((op.replace(" ", r"\s+") + r"\b", op) for op in TURNED.values()),
    (r"not\b|is\s+not\b|!=", "!="),
    (r"is\b|==?", "=="),
    (r"on\s+or\s+before\b|at\s+most\b|<=", "<="),
    (r"on\s+or\s+after\b|at\s+least\b|>=", ">="),
    (r"before\b|(?:less|fewer)\s+than\b|<", "<"),
    (r"after\b|more\s+than\b|>", ">"),
)
_COMPARES = "|".join(words for words, _ in _COMPARATORS)
_BARE = r"(?:present|absent|any)\s*(?:$|(?=and\b))"
_LISTED = re.compile(r"(?P<none>(?:is\s+)?not\s+)?(?:is\s+)?(?:in|one\s+of)\s*([\[(])(?P<items>.*)[\])]\s*")
_OR = re.compile(r",|\sor\s")
_MARK = rf"(?:{_COMPARES}|{_BARE}|in\s*[\[(]|one\s+of\s*[\[(]|\$[a-z])"
_AND = re.compile(rf"\s+and\s+(?={_MARK})")
_VARIABLE = re.compile(r"\$[a-z]")
_QUOTED = re.compile(r"""(?:^|\s)(?:"[^"]*"|'[^']*')(?=\s|$)""")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def parse_text_constraints(text: str) -> tuple[Constraint, ...]:
    """What a pattern demands of a field of text, such as `lab-1` or `not $name`; raises PhraseError."""
    return tuple(constraint for at, part in _demands(text) for constraint in _demand(part, at))


def parse_text(text: str) -> Expression:
    """The value of a field of text, such as `lab-1` or `$name`; raises PhraseError."""
    marked = _VARIABLE.search(text) or _QUOTED.search(text)
    return parse_expression(text) if marked else _literal(text, (0, len(text)))


def _demands(text: str) -> Iterator[tuple[int, str]]:
    """The demands that `and` joins, each with its offset."""
    quoted = _QUOTED.sub(lambda found: "-" * len(found[0]), text)
    for start, part in _parts(_AND, quoted):
        yield start, text[start : start + len(part)]


def _parts(joint: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """What stands between joints, each with its offset."""
    start = 0
    for found in joint.finditer(text):
        yield start, text[start : found.start()]
        start = found.end()
    yield start, text[start:]


def _demand(part: str, start: int) -> tuple[Constraint, ...]:
    if _VARIABLE.search(part) or _QUOTED.search(part) or re.match(_BARE, part):
        try:
            return tuple(_shifted(constraint, start) for constraint in parse_constraints(part))
        except PhraseError as error:
            raise replace(error, at=(error.at[0] + start, error.at[1])) from None
    listed = _LISTED.fullmatch(part)
    if listed:
        return _one_of(listed, (start, len(part)))
    for words, op in _COMPARATORS:
        found = re.match(rf"(?:{words})\s*", part)
        if found:
            at = (start + found.end(), len(part) - found.end())
            operand = _literal(part[found.end() :], at)
            return (Constraint(op, (operand,), True, (start, len(part))),)
    at = (start, len(part))
    return (Constraint("==", (_literal(part, at),), at=at),)


def _one_of(listed: re.Match[str], at: At) -> tuple[Constraint, ...]:
    """One of several texts, or none of them."""
    start = at[0] + listed.start("items")
    items = []
    for offset, part in _parts(_OR, listed["items"]):
        text = part.strip()
        place = start + offset + len(part) - len(part.lstrip())
        items.append(_literal(text, (place, max(1, len(text)))))
    if listed["none"]:
        return tuple(Constraint("!=", (item,), True, at) for item in items)
    return (Constraint("in", tuple(items), at=at),)


def _shifted(constraint: Constraint, start: int) -> Constraint:
    offset, length = constraint.at
    return replace(constraint, at=(offset + start, length))


def _literal(text: str, at: At) -> Expression:
    if not text.strip():
        raise PhraseError("a text is missing here", at, "as in `not lab-1`; for any text write `present`")
    hint = hint_for("text", text)
    if hint:
        quoted = f"""; to mean this text, write '"{text}"'""" if '"' not in text else ""
        raise PhraseError(f"`{text}` is no text to compare with", at, hint + quoted)
    return Word(text, at) if _WORD.fullmatch(text) else Constant("text", text, at)
