"""The quick look at a document lets through what fits, and nothing that jsonschema would refuse."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followcue.source.read import read_file
from followcue.source.schema import _validator, check_schema, load_schema
from followcue.source.schema_fit import fits

PACK = Path(__file__).parents[1] / "rules" / "interview-follow-up"
FILES = (
    [(path, "rules") for path in sorted(PACK.glob("*.yaml"))]
    + [(path, "vocabulary") for path in sorted((PACK / "vocabulary").glob("*.yaml"))]
    + [(path, "tests") for path in sorted((PACK / "tests").glob("*.yaml"))]
)
DATA = {path: read_file(path).data for path, _ in FILES}
JUNK: list[Any] = [
    None,
    True,
    0,
    1,
    1.0,
    -2.5,
    "",
    "x",
    "when",
    "$day",
    [],
    [1, True],
    ["a", "a"],
    {},
    {"a": 1},
]


def fitting(data: object, schema_name: str) -> bool:
    schema = load_schema(schema_name)
    return fits(data, schema, schema)


@pytest.mark.parametrize(("path", "schema_name"), FILES, ids=lambda value: getattr(value, "name", value))
def test_what_is_shipped_fits(path: Path, schema_name: str) -> None:
    assert fitting(DATA[path], schema_name)


def test_for_a_fitting_file_no_schema_library_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    _validator.cache_clear()
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    path, schema_name = FILES[0]
    assert check_schema(read_file(path), schema_name) == []


@given(st.randoms(use_true_random=False))
def test_a_changed_file_fits_just_where_jsonschema_says_so(chance: random.Random) -> None:
    path, schema_name = chance.choice(FILES)
    data = copy.deepcopy(DATA[path])
    for _ in range(chance.randint(1, 3)):
        change(data, chance)
    refused = any(_validator(schema_name).iter_errors(data))
    assert fitting(data, schema_name) != refused


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize("schema_name", ["rules", "vocabulary", "tests"])
def test_other_data_fits_nothing(junk: object, schema_name: str) -> None:
    assert fitting(junk, schema_name) <= _validator(schema_name).is_valid(junk)


@pytest.mark.parametrize("schema", [{"multipleOf": 1}, {"$ref": "https://example.org/a"}, {"enum": [1]}])
def test_what_it_is_not_sure_of_does_not_fit(schema: dict[str, Any]) -> None:
    assert not fits(1, schema, schema)


def change(data: Any, chance: random.Random) -> None:
    """Replace, remove, rename or add one thing somewhere in the data."""
    holder = chance.choice(list(containers(data)))
    keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    junk = copy.deepcopy(chance.choice(JUNK))
    if not keys or chance.random() < 0.2:
        if isinstance(holder, dict):
            holder[chance.choice(["x", "title", "A b", "any_of"])] = junk
        else:
            holder.append(junk)
        return
    key = chance.choice(keys)
    if chance.random() < 0.3:
        del holder[key]
    else:
        holder[key] = junk


def containers(data: Any) -> Iterator[Any]:
    if isinstance(data, (dict, list)):
        yield data
        for inner in data.values() if isinstance(data, dict) else data:
            yield from containers(inner)
