"""The schemas for editors take whatever the loader takes, and refuse names that nothing has."""

from __future__ import annotations

import json
import re
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft7Validator

from fenced import blocks
from followcue import cli
from followcue.authoring.editor.pack_names import pack_names
from followcue.authoring.editor.phrases import comparison_with, constraint_on
from followcue.authoring.editor.schemas import SCHEMAS
from followcue.authoring.editor.write_schemas import FOLDER, MARK
from followcue.base.diagnostic import InvalidInput
from followcue.language.documents.read import read_document, read_file
from followcue.language.logic.compile_pack import Layer, compile_pack

ROOT = Path(__file__).parents[1]
RULES = ROOT / "rules"
SHIPPED = RULES / "interview-follow-up"
LAYER = RULES / "common-practice"
EXAMPLES = ROOT / "examples"
PAGE = ROOT / "docs" / "language.md"


@cache
def validator(kind: str, packs: tuple[str, ...] = (), folders: tuple[Path, ...] = ()) -> Draft7Validator:
    return Draft7Validator(SCHEMAS[kind](pack_names(folders, packs)))


def faults(kind: str, text: str, **of: Any) -> list[str]:
    """Where a text is refused, by the path of each place."""
    errors = validator(kind, **of).iter_errors(read_document(text, "x.yaml").data)
    return sorted({"/".join(str(step) for step in error.absolute_path) for error in errors})


FILES = {
    "rules": [*SHIPPED.glob("*.yaml"), *LAYER.glob("*.yaml")],
    "tests": [*SHIPPED.glob("tests/*.yaml"), *LAYER.glob("tests/*.yaml")],
    "vocabulary": [*SHIPPED.glob("vocabulary/*.yaml"), *LAYER.glob("vocabulary/*.yaml")],
    "situation": [*EXAMPLES.glob("*.yaml")],
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_what_is_shipped_is_taken(kind: str) -> None:
    assert len(FILES[kind]) > 4
    for path in sorted(FILES[kind], key=lambda path: path.stat().st_size)[:12]:
        check_taken(kind, path)


@pytest.mark.large
@pytest.mark.parametrize("kind", FILES)
def test_all_that_is_shipped_is_taken(kind: str) -> None:
    for path in FILES[kind]:
        check_taken(kind, path)


def check_taken(kind: str, path: Path) -> None:
    found = validator(kind, ("common-practice",)).iter_errors(read_file(path).data)
    errors = [error.message for error in found]
    assert errors == [], path


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_valid_and_points_nowhere_else(kind: str) -> None:
    schema = validator(kind).schema
    assert isinstance(schema, dict)
    Draft7Validator.check_schema(schema)
    pointed = set(re.findall(r'"\$ref": "#/\$defs/([^"]+)"', json.dumps(schema)))
    assert pointed <= set(schema["$defs"])


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of the language page, which speaks of other things than the shipped one."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "vocabulary.yaml").write_text(
        next(block.text for block in blocks(PAGE) if block.label == "yaml vocabulary"), "utf-8"
    )
    return folder


def is_taken(text: str, library: Path) -> bool:
    """Whether the loader takes these rules of the library."""
    vocabulary = (library / "vocabulary.yaml").read_bytes()
    try:
        compile_pack([Layer("library", {"vocabulary.yaml": vocabulary, "rules.yaml": text.encode()})])
    except InvalidInput:
        return False
    return True


PAGES = [PAGE, *sorted((ROOT / "docs" / "codes").glob("*.md"))]


@pytest.mark.slow
def test_every_rule_of_the_pages_that_the_loader_takes_is_taken(library: Path) -> None:
    words = pack_names([library])
    texts = [block.text for page in PAGES for block in blocks(page) if "rules:" in block.text]
    taken = [text for text in texts if is_taken(text, library)]
    assert len(taken) > 30
    for text in taken:
        data = read_document(text, "x.yaml").data
        schema = SCHEMAS["rules"](words._replace(rules=dict.fromkeys(data["rules"], "")))
        assert [error.message for error in Draft7Validator(schema).iter_errors(data)] == [], text


def test_every_situation_of_the_language_page_is_taken(library: Path) -> None:
    texts = [block.text for block in blocks(PAGE) if block.label == "yaml situation"]
    assert [faults("situation", text, folders=(library,)) for text in texts] == [[]] * len(texts)


def test_nothing_of_the_shipped_pack_is_in_the_schema_of_another(library: Path) -> None:
    for kind in SCHEMAS:
        text = json.dumps(validator(kind, folders=(library,)).schema).lower()
        own = text.replace("contact_days", "")  # a parameter of every pack
        assert re.findall(r"interview|applicat|offer|thank|recruiter|career|contact", own) == [], kind


WHEN = "rules: {mine: {title: Mine, when: [%s], recommend: {action: remind}}}"
MISSPELT = {
    "an event": ("rules", WHEN % "{lant: {to: $a}}"),
    "an event after a word": ("rules", WHEN % "{no  lant: {to: $a}}"),
    "an event in a phrase": ("rules", WHEN % "no lant"),
    "one of two": ("rules", WHEN % "no reminded or anwsered"),
    "an event that is counted": ("rules", WHEN % "count lant as $n"),
    "a field": ("rules", WHEN % "{lent: {too: $a}}"),
    "a field of what is counted": ("rules", WHEN % "{count lent as $many: {too: $a}}"),
    "a field that is added up": ("rules", WHEN % "sum damaged.cost as $n"),
    "a word of a field": ("rules", WHEN % "{loan: {kind: novell}}"),
    "a word that is not to be": ("rules", WHEN % "{loan: {kind: not novell}}"),
    "a word of several": ("rules", WHEN % "{loan: {kind: [novel, novell]}}"),
    "a parameter in a field": ("rules", WHEN % "{reminders: {n: at least max_remainders}}"),
    "a parameter in a comparison": ("rules", WHEN % "{where: $n at least max_remainders}"),
    "an event of which all are meant": ("rules", WHEN % "{every reder: {}, has: {reminded: {}}}"),
    "an event that each has": ("rules", WHEN % "{every reader: {id: $a}, has: [reminded: {too: $a}]}"),
    "every without has": ("rules", WHEN % "{every reader: {}, lent: {}}"),
    "an event that is gathered": ("rules", WHEN % "{'count as $n for each $a': [lant: {to: $a}]}"),
    "an alternative": ("rules", WHEN % "{any of: [damaged, [lent, no lant]]}"),
    "an action": ("rules", "rules: {a: {title: A, recommend: {action: remynd}}}"),
    "a parameter of a window": (
        "rules",
        "rules: {a: {title: A, recommend: {action: remind, open: $d + grase}}}",
    ),
    "a conclusion": ("rules", "rules: {a: {when: [lent], conclude: bakc}}"),
    "a field of a conclusion": ("rules", "rules: {a: {when: [lent], conclude: {due_back: {dya: $d}}}}"),
    "what settles it": ("rules", "rules: {a: {title: A, recommend: {action: remind, done_when: remindet}}}"),
    "a source": ("rules", "rules: {a: {cites: [handbok/H1]}}"),
    "an item": ("rules", "rules: {a: {cites: [own reading of handbook/H2]}}"),
    "a profile": ("rules", "rules: {a: {profiles: [strickt]}}"),
    "the whole": ("rules", "rules: {a: {for: libary}}"),
    "a rule to disable": ("rules", "disable: [nobody-knows]"),
    "a rule to override": ("rules", "rules: {a: {overrides: [nobody-knows]}}"),
    "an expected action": ("tests", "tests: {a: {expect: [remynd]}}"),
    "a key of an expectation": ("tests", "tests: {a: {expect: [{action: remind, application: emma}]}}"),
    "an added event": ("tests", "tests: {a: {checks: [{add: [{event: lant}], expect: [wait]}]}}"),
    "a field of an added event": (
        "tests",
        "tests: {a: {checks: [{add: [{event: lent, too: a}], expect: [wait]}]}}",
    ),
    "a parameter of a test": ("tests", "tests: {a: {params: {grase: 1 day}, expect: [wait]}}"),
    "a profile of a test": ("tests", "tests: {a: {profile: strickt, expect: [wait]}}"),
    "an item of a test": ("tests", "tests: {a: {items: [H2], expect: [wait]}}"),
    "a rule whose change shows nowhere": ("tests", "{equivalent: {nobody-knows: {a: b}}, tests: {}}"),
    "a rule of a test": ("tests", "tests: {a: {rules: [nobody-knows], expect: [wait]}}"),
    "an event in a situation of a test": (
        "tests",
        "{situation: {loans: {e: {book: E, events: [{date: 2026-03-01, event: lant}]}}}, tests: {}}",
    ),
    "a type": ("vocabulary", "events: {sold: {fields: {to: readr}}}"),
    "a cited source": ("vocabulary", "parameters: {grace: {value: 1 day, cites: [handbok]}}"),
    "a profile of a parameter": ("vocabulary", "parameters: {grace: {profiles: {strickt: 1 day}}}"),
    "a contradicted action": ("vocabulary", "actions: {sell: {title: Sell, contradicts: [remynd]}}"),
    "an event that is referred to": ("vocabulary", "types: {m: {id of: [remindet]}}"),
    "an event of a situation": (
        "situation",
        "loans: {e: {book: E, events: [{date: 2026-03-01, event: lant}]}}",
    ),
    "a parameter of a situation": ("situation", "{params: {grase: 1 day}, loans: {}}"),
}


@pytest.mark.parametrize("what", MISSPELT)
def test_a_name_that_nothing_has_is_refused(what: str, library: Path) -> None:
    kind, text = MISSPELT[what]
    assert faults(kind, text, folders=(library,)) != []


SPELT = [
    "no  reminded  or answered",
    "{no reminded or answered: {date: after $day}}",
    "{newest reminded or answered: {date: $day}}",
    "{count reminded as $how_many: {to: $a}}",
    "{count reminded as $how_many for each $a: {to: $a}}",
    "{sum of $a * 2 as $n for each $b and $c: [{damaged: {costs: $a}}, {where: $b is 1 and $c is 2}]}",
    "{latest lent . until: {until: $a}}",
    "{max lent.until as $day: {}}",
    "{loan: {kind: not novel and not magazine}}",
    "{loan: {kind: $kind, value: absent}}",
    "{loan: {kind: 'novel', value: $n * 2}}",
    "{lent: {until: on or before earlier of ($a and today + grace)}}",
    "{lent: {to: Ann, until: present}}",
    "{reminders: {n: max_reminders}}",
    "{reminders: {n: 3}}",
    "{where: $name is Ann}",
    "{where: [$n < max_reminders, $a + grace before today or $b is not $c]}",
    '{where: $text is "not before noon"}',
]


@pytest.mark.parametrize("condition", SPELT)
def test_every_way_to_write_a_condition_is_taken(condition: str, library: Path) -> None:
    assert faults("rules", WHEN % condition, folders=(library,)) == []


def test_rules_that_the_layer_takes_away_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("disable: [tell-your-network]\n", "utf-8")
    assert faults("rules", "disable: [tell-your-network]", folders=(tmp_path,)) == []


def test_rules_with_mistakes_do_not_keep_the_schema_away(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules: {a: {when: [no such thing], recommend: 3}}\n", "utf-8")
    (tmp_path / "more.yaml").write_text("rules: [\n", "utf-8")
    assert "a" in pack_names([tmp_path]).rules


def test_a_long_text_is_judged_at_once() -> None:
    begun = time.perf_counter()
    for pattern in (constraint_on(["novel", "no"]), comparison_with(["grace"])):
        for text in ("$" + "a" * 20_000 + "!~", "1" * 20_000 + "~", "novel " * 4_000 + "~", "at " * 4_000):
            re.search(pattern, text)
    assert time.perf_counter() - begun < 5


# --- the command
def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["schema", *arguments], prog_name="followcue")


def test_a_schema_is_printed_the_same_every_time() -> None:
    first, second = run("situation"), run("situation")
    assert first.exit_code == 0
    assert first.output == second.output
    assert json.loads(first.output)["title"] == "Situation: one search"


def test_schemas_are_put_beside_the_pack_and_no_file_is_touched(tmp_path: Path, library: Path) -> None:
    mine = tmp_path / "mine"
    (mine / "tests").mkdir(parents=True)
    (mine / "vocabulary.yaml").write_text("parameters:\n  grace: {value: 2 days}\n", "utf-8")
    (mine / "rules.yaml").write_bytes(b"# My rules\r\nrules: {}\r\n")
    (mine / "tests" / "mine.yaml").write_text(f"{MARK}elsewhere.json\ntests: {{}}\n", "utf-8")
    before = {path: path.read_bytes() for path in mine.rglob("*.yaml")}
    done = run("--rules", str(library), "--rules", str(mine), "--write")
    assert done.exit_code == 0, done.output
    assert {path: path.read_bytes() for path in mine.rglob("*.yaml")} == before
    assert sorted(path.name for path in (mine / FOLDER).iterdir()) == sorted(
        f"{k}.schema.json" for k in SCHEMAS
    )
    assert f"  rules.yaml: {MARK}.followcue/rules.schema.json\n" in done.output
    assert "tests/mine.yaml:" not in done.output
    assert '"./' in done.output
    assert run("--rules", str(library), "--rules", str(mine), "--write", "--add-lines").exit_code == 0
    assert (mine / "rules.yaml").read_bytes() == (
        f"{MARK}.followcue/rules.schema.json\r\n# My rules\r\nrules: {{}}\r\n".encode()
    )
    assert (mine / "tests" / "mine.yaml").read_bytes() == before[mine / "tests" / "mine.yaml"]


@pytest.mark.parametrize(
    "arguments", [(), ("rules", "--write"), ("--write", "-o", "x"), ("rules", "--add-lines"), ("roles",)]
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text("events: {thanked: {fields: {to: nobody}}}\n", "utf-8")
    wrong = run("rules", "--rules", str(tmp_path))
    assert wrong.exit_code == 3
    assert "vocabulary.yaml:1:" in wrong.output
    (tmp_path / "vocabulary.yaml").write_text("{}\n", "utf-8")
    (tmp_path / FOLDER).write_text("a file", "utf-8")
    assert run("--rules", str(tmp_path), "--write").exit_code == 2
