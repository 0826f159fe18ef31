"""docs/reference.md, made of the schemas and the grammar: each key on a line, each phrase with an example.

A schema is a tree of objects. Each object with keys of its own becomes a section with a table of them; what
stands in it as an object again becomes a section after it. So `pack` of a vocabulary:

    "pack": {"type": "object", "properties": {"name": {…}, "title": {…}}, "required": ["name"]}

is the section "Vocabulary: pack" with the rows `name` (required) and `title`. A phrase of the grammar is
printed as it is written, and beside it the shortest one of that form among the examples of docs/language.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from lark import Lark, Token, Tree, UnexpectedInput
from lark.load_grammar import load_grammar

from followcue.language.documents.schema_check import load_schema

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference.md"
GRAMMAR = ROOT / "engine/followcue/language/model/grammar.lark"
STARTS = ("condition", "constraint", "test", "expression")

Schema = dict[str, Any]
Phrases = Mapping[str, tuple[str, ...]]
"""Phrases by the rule of the grammar with which reading them begins."""

FILES = {"vocabulary": "Vocabulary", "rules": "Rules", "tests": "Tests"}
"""The files of a pack by the names of their schemas, each with its heading."""

CONDITIONS = {
    r"^no\s": "no …",
    r"^maybe\s": "maybe …",
    r"^newest\s": "newest …",
    r"^oldest\s": "oldest …",
    r"^latest\s": "latest …",
    r"^earliest\s": "earliest …",
    r"^count\s+(?!as\s)": "count …",
    r"^(sum|max|min)\s+(?!of\s)": "sum …`, `max …`, `min …",
    r"^(count\s+as|(sum|max|min)\s+of)\s": "count as …`, `sum of …`, `max of …`, `min of …",
    r"^every\s": "every …",
    r"^(?!(where|any of|has)$)[a-z][a-z0-9_]*(\s+or\s+[a-z][a-z0-9_]*)*$": "lent`, `lent or returned",
}
"""The patterns of keys in the schemas, each as one would write it."""

IN_WORDS = {
    "name": "name",
    "rule-id": "rule name",
    "known-id": "name of a rule, table or row",
    "value": "[value](#values)",
    "constraint": "[demands](#what-a-field-in-a-pattern-must-be)",
    "pattern": "fields with [demands](#what-a-field-in-a-pattern-must-be)",
    "conclusions": "conclusions, each with fields and their [values](#values)",
}
"""The definitions that are said in a word or two; the grammar says more of some."""

TERMINALS = {
    "VARIABLE": "$name",
    "WORD": "word",
    "DATE": "2026-03-10",
    "DURATION": "3 days",
    "PERIOD": "6 months",
    "TIME": "14:30",
    "NUMBER": "12",
    "DECIMAL": "12.50",
    "REMAINDER_OF": "remainder of",
    "PERCENT": "35%",
    "ROUNDED": "rounded half up to 2 places",
    "SIGN": "-",
    "QUOTED": '"text"',
    "YEARS_FROM": "years from",
    "MONTHS_FROM": "months from",
    "WEEKDAY_OF": "weekday of",
    "FIRST_DAY_OF": "first day of month of",
    "LAST_DAY_OF": "last day of month of",
    "NEXT_ANNIVERSARY_OF": "next anniversary of",
    "NEXT_YEARLY": "next 5 April",
    "_TO": "to",
    "BETWEEN": "between",
    "IN": "in",
    "CONTAINS": "contains",
    "STARTS_WITH": "starts with",
    "ENDS_WITH": "ends with",
    "LACKS": "does not contain",
    "NEVER_STARTS": "does not start with",
    "NEVER_ENDS": "does not end with",
    "LENGTH_OF": "length of",
}
"""The terminals of the grammar, each as one would write it."""

GROUPS = {
    "A condition": ("condition", "each", "kinds"),
    "What a field in a pattern must be": ("constraint", "demand"),
    "What stands under `where`": ("test", "conjunction", "comparison"),
    "Comparators": ("eq", "ne", "lt", "le", "gt", "ge", "text_test"),
    "Values": ("expression", "total", "term", "factor", "choices", "listed", "variable", "name"),
}
"""The rules of the grammar by the heading under which they are told."""

PARTS = {
    "each": "groups",
    "constraint": "demands",
    "test": "comparisons",
    "conjunction": "joined comparisons",
    "expression": "value",
    "total": "sum",
    "term": "product",
    "factor": "single value",
    "listed": "list",
    "eq": "equal",
    "ne": "unequal",
    "lt": "less",
    "le": "at most",
    "gt": "more",
    "ge": "at least",
    "text_test": "part of a text",
}
"""What the rules of the grammar are called on the page, where it is not what the grammar calls them."""


def page(phrases: Phrases) -> str:
    """The whole page; the phrases are those of which the examples are taken."""
    parts = [INTRODUCTION]
    for name, heading in FILES.items():
        parts.append(f"## {heading}\n\n{load_schema(name)['description']}\n\n")
        parts += Keys(heading, load_schema(name)).sections()
    parts.append(PHRASES)
    parts += _forms(phrases)
    return "".join(parts).rstrip("\n") + "\n"


INTRODUCTION = """\
# Reference: keys and phrases

Every key of the files of a pack, and every form of phrase. This page is made of the [schemas](../schemas/)
and of the [grammar](../engine/followcue/language/model/grammar.lark) that followcue itself reads by; a test
sees to it that it is up to date. What these things mean, with examples that are run, is said on the pages
about [the language](language.md) and [scenario tests](tests.md).

- [Vocabulary](#vocabulary): what there is to speak of, in `vocabulary.yaml` or the files of `vocabulary/`
- [Rules](#rules): `*.yaml` beside it
- [Tests](#tests): the files of `tests/`
- [Phrases](#phrases): what is written in conditions, fields and values

A key that is left out has the value that is told under *if left out*; `-` there: then it says nothing. A
*name* has small letters, digits and `_` (`thank_you_sent`), a *rule name* small letters, digits and `-`
(`thank-each-interviewer`); a row of a table is named by its table and itself (`how-to-check/row-2`). What a
situation file may hold follows from the vocabulary: `followcue schema situation --rules PACK` prints it.

"""

PHRASES = """\
## Phrases

Words in *slanted* letters stand for another part of this section. What is in brackets before a `?` may be
left out; what is in brackets before a `…` may be there any number of times. In a field of text all is text,
but for [a few words](language.md#text). Beside each form is its shortest example on the page about the
language.

"""


# --- keys
class Keys(NamedTuple):
    """The keys of one kind of file."""

    file: str
    root: Schema

    def sections(self) -> Iterator[str]:
        """A table for each object that has keys of its own, in the order of the schema."""
        yield from self._sections("file", self.root)
        for name, schema in self.root["$defs"].items():
            yield from self._sections(name, schema)

    def _sections(self, name: str, schema: Schema) -> Iterator[str]:
        objects = [one for one in (schema, *schema.get("anyOf", ())) if _keys(one)]
        if not objects:
            return
        rows = {row: None for one in objects for row in self._rows(name, one)}
        yield f"### {self.file}: {name}\n\n"
        if schema is not self.root:
            yield f"{schema['description']}\n\n"
        yield f"| key | what it takes | if left out | |\n|---|---|---|---|\n{''.join(rows)}\n"
        for one in objects:
            for key, inner in one.get("properties", {}).items():
                if "properties" in inner and not self._known(key, inner):
                    yield from self._sections(_inside(key, name), inner)

    def _rows(self, name: str, schema: Schema) -> Iterator[str]:
        required = schema.get("required", ())
        for key, value in _keys(schema).items():
            says = value.get("description") or self._target(value).get("description", "")
            without = f"`{str(value['default']).lower()}`" if "default" in value else "-"
            yield (
                f"| `{CONDITIONS.get(key, key)}` | {self._type(name, key, value)} | "
                f"{'**required**' if key in required else without} | {_cell(says)} |\n"
            )

    def _target(self, schema: Schema) -> Schema:
        target: Schema = self.root["$defs"].get(str(schema.get("$ref", "")).rpartition("/")[2], {})
        return target

    def _known(self, key: str, schema: Schema) -> bool:
        """Whether an object has the keys of the definition that is called as it is."""
        return _keys(self.root["$defs"].get(key, {})).keys() == _keys(schema).keys()

    def _link(self, name: str) -> str:
        return f"[{name}](#{_anchor(f'{self.file}: {name}')})"

    def _type(self, name: str, key: str, schema: Schema) -> str:
        """What a value may be, in words; `name` is the object in which its key stands."""
        if "$ref" in schema:
            return self._named(schema["$ref"].rpartition("/")[2])
        if "enum" in schema:
            return ", ".join("nothing" if value is None else f"`{value}`" for value in schema["enum"])
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self._type(name, key, one) for one in schema["anyOf"]))
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return " or ".join(self._kind(name, key, kind, schema) for kind in kinds)

    def _named(self, name: str) -> str:
        if name in IN_WORDS:
            return IN_WORDS[name]
        schema = self.root["$defs"][name]
        if any(_keys(one) for one in (schema, *schema.get("anyOf", ()))):
            return self._link(name)
        return self._type(name, name, schema)

    def _kind(self, name: str, key: str, kind: str, schema: Schema) -> str:
        if kind == "array":
            return f"list of {self._type(name, key, schema['items'])}"
        if kind != "object":
            says = schema.get("x-says", "") if kind == "string" else ""
            return re.split(",? such as", says)[0].removeprefix("a ") or SIMPLE[kind]
        if _keys(schema):
            return self._link(key if self._known(key, schema) else _inside(key, name))
        inner = schema.get("additionalProperties")
        return f"by name: {self._type(name, key, inner)}" if inner else "mapping"


SIMPLE = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "nothing",
}


def _inside(key: str, name: str) -> str:
    """What the object under a key is called that stands in that other one."""
    return key if name == "file" else f"{key} of {name}"


def _keys(schema: Schema) -> Mapping[str, Schema]:
    """The keys of an object that mean something to followcue; `$schema` is there for editors alone."""
    keys = {**schema.get("properties", {}), **schema.get("patternProperties", {})}
    return {key: value for key, value in keys.items() if key != "$schema"}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# --- phrases
class Alternative(NamedTuple):
    """One way to write a rule of the grammar; `node` is what the parser makes of it.

    `demanded` are the tokens by which it is known; `tokens` has those that may be left out, too.
    """

    rule: str
    node: str
    written: str
    demanded: frozenset[str]
    tokens: frozenset[str]


@cache
def alternatives() -> tuple[Alternative, ...]:
    """Every alternative of the grammar, but those that only lead to another rule."""
    grammar, _ = load_grammar(GRAMMAR.read_text("utf-8"), GRAMMAR.name, [], False)
    found = []
    for rule, _, expansions, _ in grammar.rule_defs:
        for child in expansions.children:
            expansion, alias = child.children if child.data == "alias" else (child, None)
            if alias is None and _leads_on(expansion):
                continue
            found.append(
                Alternative(
                    str(rule),
                    str(rule if alias is None else alias.name),
                    _written(expansion),
                    frozenset(_tokens(expansion, optional=False)),
                    frozenset(_tokens(expansion, optional=True)),
                )
            )
    return tuple(found)


def _leads_on(expansion: Tree[Any]) -> bool:
    return [type(symbol).__name__ for symbol in expansion.scan_values(lambda _: True)] == ["NonTerminal"]


def _written(tree: Any) -> str:
    """A part of the grammar as one would write it, other parts by their names in slanted letters."""
    return _part(tree).replace("` `", " ").replace(" `.` ", "`.`")


def _part(tree: Any) -> str:
    if not isinstance(tree, Tree):
        name = str(tree.name)
        if type(tree).__name__ == "Terminal":
            return f"`{TERMINALS[name]}`"
        return f"`{TERMINALS['VARIABLE']}`" if name == "variable" else f"*{PARTS.get(name, name)}*"
    if tree.data == "literal":
        return f"`{str(tree.children[0])[1:-1]}`"
    if tree.data == "expansions":
        among = " or ".join(map(_part, tree.children))
        return f"({among})" if len(tree.children) > 1 else among
    if tree.data == "expr":
        inner, sign = tree.children
        return f"({_part(inner)}){'?' if sign == '?' else '…'}"
    return " ".join(map(_part, tree.children))


def _tokens(tree: Any, *, optional: bool) -> Iterator[str]:
    """The tokens of a part of the grammar, as they are written or by their names."""
    if not isinstance(tree, Tree):
        if type(tree).__name__ == "Terminal":
            yield str(tree.name)
    elif tree.data == "literal":
        yield str(tree.children[0])[1:-1]
    elif tree.data == "expansions" and len(tree.children) > 1:
        if optional:  # any of them would do
            yield from (token for child in tree.children for token in _tokens(child, optional=True))
    elif tree.data != "expr" or optional or tree.children[1] == "+":
        yield from (token for child in tree.children for token in _tokens(child, optional=optional))


class Use(NamedTuple):
    """A node of a phrase that was read, its own tokens, and the text of it."""

    node: str
    tokens: frozenset[str]
    text: str


def uses(phrases: Phrases) -> list[Use]:
    """Every node of these phrases."""
    return [use for start in STARTS for text in phrases.get(start, ()) for use in _uses(start, text)]


def _uses(start: str, text: str) -> Iterator[Use]:
    try:
        read = _parser().parse(text, start=start)
    except UnexpectedInput:  # an example of a mistake
        return
    for tree in read.iter_subtrees():
        own = [child for child in tree.children if isinstance(child, Token)]
        tokens = frozenset(str(child) for child in own) | {child.type for child in own}
        yield Use(str(tree.data), tokens, text[tree.meta.start_pos : tree.meta.end_pos])


@cache
def _parser() -> Lark:
    """A parser by the same grammar that keeps every token, so that it can be seen what was written."""
    return Lark(
        GRAMMAR.read_text("utf-8"),
        parser="lalr",
        start=list(STARTS),
        propagate_positions=True,
        maybe_placeholders=False,
        keep_all_tokens=True,
    )


def examples_of(form: Alternative, found: list[Use]) -> list[str]:
    """The texts that are written in that form, the shortest first."""
    texts = {use.text for use in found if use.node == form.node and use.tokens >= form.demanded}
    return sorted(texts, key=lambda text: (len(text), text))


def _forms(phrases: Phrases) -> Iterator[str]:
    """A table for each group of rules."""
    found = uses(phrases)
    for heading, rules in GROUPS.items():
        yield f"### {heading}\n\n| | written | such as |\n|---|---|---|\n"
        for rule in rules:
            for form in (one for one in alternatives() if one.rule == rule):
                example = next(iter(examples_of(form, found)), "")
                yield f"| *{PARTS.get(rule, rule)}* | {_cell(form.written)} | `{_cell(example)}` |\n"
        yield "\n"


def grammar_terminals() -> Mapping[str, str]:
    """The terminals that the grammar names, with their patterns."""
    own = re.findall(r"^([A-Z_]+)(?:\.\d+)?: /(.*)/$", GRAMMAR.read_text("utf-8"), re.M)
    own += [("QUOTED", "\"[^\"]*\"|'[^']*'")]
    return dict(own)
