"""Run by the Python of the page itself, once, when a site is made: packs made ready and modules compiled.

In `/frozen` it finds `engine.zip` with the sources, and leaves two archives: `engine.zip`, in which the
engine's own cache of these rules lies too, and `python_stdlib.zip`. What the usual questions import is in
them as compiled modules, for a quick start; all else as sources, which are half as large.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import shutil
import sys
import zipfile
from pathlib import PurePosixPath

WORK, ARCHIVE = "/frozen", "/engine.zip"

NEVER = (
    *("_pyio", "_pyrepl", "bdb", "doctest", "ensurepip", "ftplib", "idlelib", "imaplib", "mailbox"),
    *("multiprocessing", "optparse", "pdb", "pickletools", "poplib", "pydoc", "pydoc_data", "smtplib"),
    *("statistics", "unittest", "venv", "wsgiref", "xml", "xmlrpc"),
)
"""Parts of Python's own library that nothing in a page can use."""

CODECS = ("ascii", "cp1252", "idna", "latin_1", "punycode", "utf_16", "utf_16_be", "utf_16_le", "utf_8_sig")
"""Besides those that were used, the codecs that go along."""


def main() -> None:
    """Freeze what lies in the folder."""
    shutil.copyfile(f"{WORK}/engine.zip", ARCHIVE)
    sys.path.insert(0, ARCHIVE)
    from followcue.doors.site.page_engine import KEPT, begin

    page = begin(ARCHIVE)
    page.rehearse()
    kept = {KEPT + name: content for name, content in page.kept().items()}
    used = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
    library = next(path for path in sys.path if path.endswith(".zip") and path != ARCHIVE)
    write(f"{WORK}/python_stdlib.zip", frozen(library, used))
    write(f"{WORK}/engine.zip", frozen(ARCHIVE, used) | kept)


def frozen(path: str, used: set[str]) -> dict[str, bytes]:
    """The files of an archive, its used modules as the code that this Python makes of them."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            is_used = f"{path}/{name}" in used
            if name.endswith("/") or not (is_used or is_wanted(PurePosixPath(name))):
                continue
            content = archive.read(name)
            if is_used:
                # Without docstrings, which nobody reads there.
                code = compile(content, name, "exec", dont_inherit=True, optimize=2)
                # Unchecked: there is no source beside it that could be newer.
                header = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
                name, content = f"{name}c", header + marshal.dumps(code)
            found[name] = content
    return found


def is_wanted(path: PurePosixPath) -> bool:
    """Whether a file goes along though nothing has used it yet."""
    top = PurePosixPath(path.parts[0]).stem
    return top not in NEVER and (top != "encodings" or path.stem in CODECS)


def write(path: str, files: dict[str, bytes]) -> None:
    """An archive of the files, the same bytes for the same files."""
    beside = "/made.zip"
    with zipfile.ZipFile(beside, "w") as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED, 9)
    shutil.copyfile(beside, path)
    os.unlink(beside)


if __name__ == "__main__":
    main()
