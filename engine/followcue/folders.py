"""Rule folders: the files that make up a pack, as bytes. Checking and understanding them is for others."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from followcue.diagnostic import Diagnostic, InvalidInput

# `os` and not `pathlib` or `importlib.resources`: this runs at every start, and those would double its time.

SHIPPED_PACK = "interview-follow-up"
"""The pack that advises where nothing else is asked for."""

VOCABULARY = "vocabulary"
"""The file, or the folder of files, that declares what a pack speaks of."""

_ENDING = ".yaml"
_OTHER_ENDING = ".yml"


class RuleFolder(NamedTuple):
    """A folder of rules: `files` by relative name, parted by `/`; `origin` goes before that in messages."""

    name: str
    origin: str
    files: Mapping[str, bytes]


def read_folder(path: str | os.PathLike[str]) -> RuleFolder:
    """The rules in a folder of the file system; raises `InvalidInput` if there are none that can be read."""
    folder = os.fspath(path)
    files: dict[str, bytes] = {}
    try:
        for prefix in ("", f"{VOCABULARY}/"):
            files.update(_yaml_files(folder, prefix))
    except OSError as error:
        raise _refusal(f"cannot read the rules folder: {error.strerror or error}", folder) from None
    if not files:
        raise _refusal(f"there are no rules in this folder: no file ends in `{_ENDING}`", folder)
    return RuleFolder(os.path.basename(os.path.abspath(folder)), os.path.join(folder, ""), files)


def shipped_folder() -> RuleFolder:
    """The rules that come with the package, be it installed, a checkout or a zip file."""
    here = os.path.dirname(os.path.abspath(__file__))
    for root in (here, os.path.dirname(os.path.dirname(here))):
        folder = os.path.join(root, "rules", SHIPPED_PACK)
        if os.path.isdir(folder):
            return _as_shipped(read_folder(folder).files)
    return _as_shipped(_zipped_files())


def _as_shipped(files: Mapping[str, bytes]) -> RuleFolder:
    return RuleFolder(SHIPPED_PACK, f"rules/{SHIPPED_PACK}/", files)


def _yaml_files(folder: str, prefix: str) -> dict[str, bytes]:
    """The YAML files right inside `folder`/`prefix`, sorted by name."""
    inside = os.path.join(folder, prefix)
    if prefix and not os.path.isdir(inside):
        return {}
    files = {}
    for name in sorted(os.listdir(inside)):
        path = os.path.join(inside, name)
        if name.endswith(_OTHER_ENDING):
            raise _refusal(f"the names of rule files end in `{_ENDING}`", path)
        if name.endswith(_ENDING) and not name.startswith("."):
            with open(path, "rb") as file:
                files[prefix + name] = file.read()
    return files


def _zipped_files() -> dict[str, bytes]:
    from followcue.data import data_folder

    pack = data_folder("rules") / SHIPPED_PACK
    folders = {"": pack, f"{VOCABULARY}/": pack / VOCABULARY}
    return {
        prefix + entry.name: entry.read_bytes()
        for prefix, folder in folders.items()
        if folder.is_dir()
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(_ENDING)
    }


def _refusal(message: str, path: str) -> InvalidInput:
    return InvalidInput([Diagnostic("FC101", message, place=path)])
