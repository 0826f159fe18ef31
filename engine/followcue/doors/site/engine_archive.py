"""What the page's Python imports: the engine without its other doors, and the packages that it builds on.

All is taken from this very installation, so that a page says what the command line here says. A package
whose speed is in C goes without: each of those has the same in Python, but `rpds`, which a module of ours
stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from followcue.base.extras import Unavailable
from followcue.base.shipped import code_pages, data_folder
from followcue.testing.find import TESTS

PACKAGES = (
    "attrs",
    "icalendar",
    "jinja2",
    "jsonschema",
    "jsonschema-specifications",
    "lark",
    "markupsafe",
    "python-dateutil",
    "pyyaml",
    "referencing",
    "ruamel.yaml",
    "six",
    "tzdata",
)
"""The distributions that go into the archive."""

STOOD_FOR = ("filelock", "rpds")
"""The modules that modules of our own stand for."""

LEFT_OUT = ("cli", "batch", "spark.py", "template", "doors/http", "doors/lsp", "doors/mcp", "doors/page")
"""The parts of the engine that nothing in a page can use."""

_ENDINGS = (".py", ".lark", ".json", ".j2", ".css", ".js", ".toml")
_PARTS_LEFT_OUT = {"tests", "test", "benchmarks", "__pyinstaller", "__pycache__", "tools"}
_ZONES = "tzdata/zoneinfo/"


def engine_files() -> dict[str, bytes]:
    """The files of the engine and of its packages, by their names in the archive.

    Raises `Unavailable` where a package is missing.
    """
    found = dict(_own())
    for name in PACKAGES:
        found.update(_of_package(_installed(name)))
    for name in STOOD_FOR:
        found[_module(name)] = found.pop("followcue/doors/site/" + _module(f"{name}_stand_in"))
    return found


def licences() -> Iterator[tuple[str, str]]:
    """The name and version of each package in the archive, and the text of its licence."""
    for name in PACKAGES:
        found = _installed(name)
        texts = [
            Path(str(found.locate_file(file))).read_text(encoding="utf-8")
            for file in found.files or ()
            if ".dist-info/" in str(file) and file.name.upper().startswith(("LICEN", "COPYING"))
        ]
        told = found.metadata["License-Expression"] or found.metadata["License"] or ""
        yield f"{found.metadata['Name']} {found.version}", "\n".join(texts) or told


def _module(name: str) -> str:
    return f"{name}.py"


def _own() -> Iterator[tuple[str, bytes]]:
    package = Path(__file__).parents[2]
    for name, content in _inside(package, ""):
        if not name.startswith(LEFT_OUT) and not name.endswith((".mjs", "freeze.py", "worker.js")):
            yield f"followcue/{name}", content
    for name, content in _inside(data_folder("rules"), "followcue/rules/"):
        if f"/{TESTS}/" not in name:
            yield name, content
    yield from _inside(data_folder("schemas"), "followcue/schemas/")
    yield from _inside(code_pages(), "followcue/codes/")


def _inside(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            if entry.name not in ("__pycache__", "rules", "schemas", "codes", "examples") or prefix:
                yield from _inside(entry, f"{prefix}{entry.name}/")
        elif not entry.name.startswith(".") and not entry.name.endswith((".pyc", ".so", ".pyd")):
            yield prefix + entry.name, entry.read_bytes()


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        message = f"a site needs the package `{name}`: install it with `pip install 'followcue[person]'`"
        raise Unavailable(message) from None


def _of_package(package: Distribution) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    for file in package.files or ():
        name = str(PurePosixPath(file))
        parts = name.split("/")
        is_data = name.startswith(_ZONES) and not name.endswith((".tab", ".zi"))
        if name.startswith(("..", "/")) or ".dist-info/" in name or _PARTS_LEFT_OUT & set(parts[1:-1]):
            continue
        if name.endswith(_ENDINGS) or (is_data and not name.endswith(".pyc")):
            found[name] = Path(str(package.locate_file(file))).read_bytes()
    return found
