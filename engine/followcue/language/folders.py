"""Rule folders: the files that make up a pack, as bytes. Checking and understanding them is for others."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from followcue.base.diagnostic import Diagnostic, InvalidInput, nearest
from followcue.base.named_tuple import NamedTuple

# `os` and not `pathlib` or `importlib.resources`: this runs at every start, and those would double its time.

SHIPPED_PACK = "interview-follow-up"
"""The pack that advises where nothing else is asked for."""

VOCABULARY = "vocabulary"
"""The file, or the folder of files, that declares what a pack speaks of."""

_ENDING = ".yaml"
_OTHER_ENDINGS = (".yml", _ENDING)
"""Endings, in small letters, of files that are meant to be read and are not, unless they end in `.yaml`."""
_FOLDERS = (VOCABULARY, "tests", "messages", "examples")
"""The folders of a pack: words, scenario tests, drafts, situations to look at."""


class UnknownPack(LookupError):
    """No pack of that name comes with the program."""


class RuleFolder(NamedTuple):
    """A folder of rules: `files` by relative name, parted by `/`; `origin` goes before that in messages."""

    name: str
    origin: str
    files: Mapping[str, bytes]

    def holds(self, place: str) -> bool:
        """Whether a file of a message is in this folder: `../../other/a.yaml` is not in `../`."""
        return place.startswith(self.origin) and not place.startswith("../", len(self.origin))


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


def shipped_folder(name: str = SHIPPED_PACK) -> RuleFolder:
    """The rules of that name that come with the package, be it installed, a checkout or a zip file."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for root in (package, os.path.dirname(os.path.dirname(package))):
        folder = os.path.join(root, "rules", name)
        if os.path.isdir(folder):
            return _as_shipped(name, read_folder(folder).files)
    return _as_shipped(name, _zipped_files(name))


def shipped_layers(names: Iterable[str]) -> list[RuleFolder]:
    """The shipped packs of those names, each once; raises `UnknownPack`. No name is taken for a path."""
    known = shipped_layer_names() if names else ()
    for name in names:
        if name == SHIPPED_PACK:
            raise UnknownPack(f"`{name}` is what the other packs are laid over: leave it out")
        if name not in known:
            close = nearest(name, known)
            hint = f"did you mean `{close}`? " if close else ""
            raise UnknownPack(
                f"there is no pack `{name}`; {hint}these come with followcue: {', '.join(known)}"
            )
    return [shipped_folder(name) for name in dict.fromkeys(names)]


def shipped_layer_names() -> tuple[str, ...]:
    """The names of all packs that can be laid over the one that is always there."""
    from followcue.base.shipped import data_folder

    folders = (entry.name for entry in data_folder("rules").iterdir() if entry.is_dir())
    return tuple(sorted(name for name in folders if name != SHIPPED_PACK and not name.startswith((".", "_"))))


def _as_shipped(name: str, files: Mapping[str, bytes]) -> RuleFolder:
    return RuleFolder(name, f"rules/{name}/", files)


def _yaml_files(folder: str, prefix: str) -> dict[str, bytes]:
    """The YAML files right inside `folder`/`prefix`, sorted by name."""
    inside = os.path.join(folder, prefix)
    if prefix and not os.path.isdir(inside):
        return {}
    files = {}
    for name in sorted(os.listdir(inside)):
        path = os.path.join(inside, name)
        if has_other_ending(name):
            raise _refusal(f"the names of rule files end in `{_ENDING}`", path)
        if name.endswith(_ENDING) and not name.startswith("."):
            files[prefix + name] = _content(path)
        elif os.path.isdir(path) and (prefix or name not in _FOLDERS):
            _refuse_rules_inside(path, prefix)
    return files


def has_other_ending(name: str) -> bool:
    """Whether a file is called as if it were to be read, and would be passed over."""
    return name.lower().endswith(_OTHER_ENDINGS) and not name.endswith(_ENDING) and not name.startswith(".")


def _refuse_rules_inside(folder: str, prefix: str) -> None:
    """Rules in a folder of their own would be passed over without a word."""
    what, where = ("words", f"`{VOCABULARY}`") if prefix else ("rules", "the folder of a pack")
    for name in sorted(os.listdir(folder)):
        if name.lower().endswith(_OTHER_ENDINGS) and not name.startswith("."):
            meant = nearest(os.path.basename(folder), _FOLDERS)
            hint = f"did you mean the folder `{meant}`?" if meant and not prefix else None
            message = f"{what} stand right inside {where}, not in folders within it"
            raise _refusal(message, os.path.join(folder, name), hint)


def _content(path: str) -> bytes:
    if not os.path.isfile(path):  # a pipe would be waited for
        raise _refusal("this is no file that can be read", path)
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _refusal(f"this cannot be read: {error.strerror or error}", path) from None


def _zipped_files(name: str) -> dict[str, bytes]:
    from followcue.base.shipped import data_folder

    pack = data_folder("rules") / name
    folders = {"": pack, f"{VOCABULARY}/": pack / VOCABULARY}
    return {
        prefix + entry.name: entry.read_bytes()
        for prefix, folder in folders.items()
        if folder.is_dir()
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(_ENDING)
    }


def _refusal(message: str, path: str, hint: str | None = None) -> InvalidInput:
    return InvalidInput([Diagnostic("FC101", message, place=path, hint=hint)])
