"""The files in constraints/ fit pyproject.toml: what is locked is allowed, what is lowest is its bound."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
FILES = sorted((ROOT / "constraints").iterdir())


def pinned(file: str) -> dict[str, list[Version]]:
    """The versions of each package: several where one is for some Pythons alone."""
    found: dict[str, list[Version]] = {}
    for line in (ROOT / "constraints" / file).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            requirement = Requirement(line)
            (only,) = requirement.specifier
            assert only.operator == "=="
            found.setdefault(canonicalize_name(requirement.name), []).append(Version(only.version))
    return found


def wanted(*extras: str) -> Iterator[Requirement]:
    """What the base and these extras ask for, with the extras inside them."""
    pending = [*PROJECT["dependencies"], *(text for extra in extras for text in EXTRAS[extra])]
    for text in pending:
        requirement = Requirement(text)
        if requirement.name == PROJECT["name"]:
            yield from wanted(*requirement.extras)
        else:
            yield requirement


def test_what_is_locked_is_allowed_and_nothing_is_left_open() -> None:
    locked = pinned("locked.txt")
    for requirement in wanted(*EXTRAS):
        versions = locked[canonicalize_name(requirement.name)]
        assert all(version in requirement.specifier for version in versions), str(requirement)


def test_what_is_lowest_is_the_bound_itself() -> None:
    """So that a bound is no claim: it is what the tests pass with."""
    lowest = pinned("lowest.txt")
    for requirement in wanted("test"):
        (bound,) = (only for only in requirement.specifier if only.operator in (">=", "=="))
        assert lowest[canonicalize_name(requirement.name)] == [Version(bound.version)], str(requirement)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_address_stands_in_them(file: Path) -> None:
    assert not re.search(r"(?m)://|^\s*-", file.read_text("utf-8"))


def test_the_readme_installs_what_is_locked() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme.count("pip install -c constraints/locked.txt -e '.[person]'") == 1
    assert readme.count("pip install -c constraints/locked.txt -e '.[test]'") == 1


def test_the_extra_for_a_search_of_ones_own_takes_no_compiler() -> None:
    """Nor is it more than a person needs: what is for tables, clusters and second opinions is not in it."""
    person = {requirement.name for requirement in wanted("person")}
    assert not person & {requirement.name for requirement in wanted("tables", "postgresql", "durable")} - {
        requirement.name for requirement in wanted()
    }
    assert person < {requirement.name for requirement in wanted("all")}
