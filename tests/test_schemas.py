"""The schemas are valid, explain every key, accept what is shipped and refuse in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from followcue.base.diagnostic import render, sort_by_place
from followcue.base.shipped import data_folder
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_document
from followcue.language.documents.schema_check import check_schema, load_schema
from followcue.language.documents.schema_errors import TRANSLATIONS

NAMES = ("rules", "vocabulary", "tests", "report", "why", "why_not", "plan")
PACK = data_folder("rules") / "interview-follow-up"

# keywords that carry no demand of their own, or lead to other schemas
SILENT = {"$schema", "$defs", "$ref", "title", "description", "examples", "x-is", "x-says", "x-borrows"}
SILENT |= {"default", "properties", "patternProperties", "propertyNames", "items"}


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid(name: str) -> None:
    Draft202012Validator.check_schema(load_schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_explained_by_a_description_and_an_example(name: str) -> None:
    schema = load_schema(name)
    for key, keyed in _properties(schema):
        resolved = _resolved(keyed, schema)
        assert resolved.get("description"), key
        assert resolved.get("examples"), key


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_valid(name: str) -> None:
    schema = load_schema(name)
    for key, keyed in _properties(schema):
        validator = Draft202012Validator({**keyed, "$defs": schema["$defs"]})
        for example in keyed.get("examples", ()):
            shortened = name in ("report", "why", "why_not", "plan") and isinstance(example, (dict, list))
            if not shortened:
                assert not list(validator.iter_errors(example)), (key, example)


@pytest.mark.parametrize("name", NAMES)
def test_every_keyword_has_words(name: str) -> None:
    for schema in _schemas(load_schema(name)):
        assert schema.keys() <= SILENT | TRANSLATIONS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_says_what_it_wants(name: str) -> None:
    for schema in _schemas(load_schema(name)):
        assert "pattern" not in schema or "x-says" in schema


def test_the_shipped_pack_fits_its_schemas() -> None:
    files = [(file, "rules") for file in PACK.iterdir() if file.name.endswith(".yaml")]
    files += [(file, "vocabulary") for file in (PACK / "vocabulary").iterdir()]
    for file, schema in files:
        document = read_document(file.read_bytes(), file.name)
        assert render(check_schema(document, schema)) == ""


def _said(text: str, schema: str = "rules") -> list[str]:
    document = read_document(text, "x.yaml")
    return [f"{d.where}: {d.code}: {d.message}" for d in sort_by_place(check_schema(document, schema))]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{titel: x}", "2:7: FC202: a rule has no `titel`"),
        ("{title: 3}", "2:14: FC201: `title` must be text, not a number"),
        ("{title: }", "2:14: FC201: `title` is empty, and must be text"),
        ("{title: ''}", "2:14: FC204: `title` is empty"),
        ("[title]", "2:6: FC201: `a` must be a mapping, not a list"),
        ("{cites: own default}", "2:14: FC201: `cites` must be a list, not text"),
        ("{for: Search}", "2:12: FC204: `Search` is not a name of small letters, digits and `_`, such as"),
        ("{when: [3]}", "2:14: FC201: entry 1 of `when` must be text or a mapping, not a number"),
        ("{when: [{}]}", "2:14: FC204: entry 1 of `when` is empty"),
        ("{when: [{a: {}, b: {}}]}", "2:22: FC204: a condition has one key, and this has `a` and `b`"),
        ("{when: [{a: [x]}]}", "2:18: FC201: `a` must be a mapping, not a list"),
        ("{when: [{a: {B: x}}]}", "2:19: FC204: `B` is not a name of small letters"),
        (
            "{when: [{a: {b: {c: d}}}]}",
            "2:22: FC201: `b` must be text, a number, true or false, or a list",
        ),
        ("{when: [{where: {a: b}}]}", "2:22: FC201: `where` must be text or a list, not a mapping"),
        ("{when: [{any of: [[1.5]]}]}", "2:25: FC201: entry 1 of `any of` must be text or a mapping"),
        ("{recommend: {to: x}}", "2:7: FC203: `recommend` needs `action`"),
        ("{tip: {action: x, open: today}}", "2:24: FC202: `tip` has no `open`"),
        (
            "{caution: {action: x, priority: top}}",
            "2:38: FC205: `priority` must be one of `urgent`, `high`, `normal`, `low`",
        ),
        ("{conclude: {a: 1}}", "2:21: FC201: `a` must be a mapping, not a number"),
        ("{conclude: []}", "2:17: FC204: `conclude` is empty"),
        ("{conclude: [a, [b]]}", "2:21: FC201: entry 2 of `conclude` must be text or a mapping"),
        ("{conclude: {a: {b: [x]}}}", "2:25: FC201: `b` must be text, a number, or true or false"),
    ],
)
def test_a_mistake_in_a_rule_is_put_into_words(rule: str, said: str) -> None:
    (found,) = _said(f"rules:\n  a: {rule}\n")
    assert found.startswith(f"x.yaml:{said}")


def test_only_the_alternative_that_was_meant_is_spoken_of() -> None:
    assert _said("types: {a: {one off: [x]}}", "vocabulary") == [
        "x.yaml:1:13: FC202: a type has no `one off`"
    ]
    assert _said("types: {a: {one of: [1]}}", "vocabulary") == [
        "x.yaml:1:22: FC201: entry 1 of `one of` must be text, not a number"
    ]
    assert _said("types: {a: {}}", "vocabulary") == [
        "x.yaml:1:9: FC203: a type has either `one of`, `id of`, or `decimal`"
    ]


def test_every_mistake_is_found_at_once() -> None:
    codes = [line.split(" ")[1] for line in _said("rules: {A: 1, b: {x: 1, y: 2}}\ndisable: 3\nmore: 4\n")]
    assert codes == ["FC204:", "FC201:", "FC202:", "FC202:", "FC201:", "FC202:"]


def test_a_number_of_places_has_no_point() -> None:
    assert _said("types: {a: {decimal: 1.5}}", "vocabulary")


def test_data_without_text_is_checked_too() -> None:
    document = Document.of({"rules": {"a": {"title": 3}}}, "rules")
    (problem,) = check_schema(document, "rules")
    assert problem.where == "rules.a.title"


TESTS = """\
situation: {applications: {acme: {company: Acme}}}
tests:
  silence-after-a-promise:
    title: The promised day has passed
    profile: patient
    params: {max_attempts: 3}
    checks:
      - {as_of: 2026-11-17, expect: [{action: wait, until: 2026-11-18}], reject: [check_status]}
      - {as_of: 2026-11-18, expect: [{action: check_status, application: acme, to: dana, close: null}]}
  one-day:
    as_of: 2026-11-21
    situation_file: situations/silence.yaml
    expect: [{caution: contacted_too_early, rules: [too-early]}]
"""


def test_scenario_tests_are_a_simple_form() -> None:
    assert _said(TESTS, "tests") == []
    assert _said("tests: {a: {as_of: today, expext: [wait]}}", "tests") == [
        "x.yaml:1:20: FC204: `today` is not a date such as `2026-11-21`",
        "x.yaml:1:27: FC202: a test has no `expext`",
    ]


# --- walking a schema
def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema in it."""
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword in ("properties", "patternProperties", "$defs"):
        for inner in schema.get(keyword, {}).values():
            yield from _schemas(inner)
    for keyword in ("items", "additionalProperties", "propertyNames"):
        yield from _schemas(schema.get(keyword))
    for keyword in ("anyOf", "oneOf"):
        for inner in schema.get(keyword, ()):
            yield from _schemas(inner)


def _properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for inner in _schemas(schema):
        yield from inner.get("properties", {}).items()
        yield from inner.get("patternProperties", {}).items()


def _resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The schema with what it refers to laid under it."""
    target = root["$defs"].get(str(schema.get("$ref", "")).rpartition("/")[2], {})
    return {**target, **schema}
