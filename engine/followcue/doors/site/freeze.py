"""Run by the Python of the page itself, once, when a site is made: modules compiled, packs compiled and kept.

In `/work` it finds `engine.zip` with the sources, and leaves two archives without any: `engine.zip` and
`python_stdlib.zip`. What the engine's own cache has kept by then lies in the first one.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import shutil
import sys
import zipfile

WORK, ARCHIVE = "/work", "/engine.zip"
NEVER = ("_pyrepl/", "unittest/", "xmlrpc/", "wsgiref/", "pydoc_data/", "idlelib/", "ensurepip/", "venv/")
"""Parts of Python's own library that nothing in a page can use."""


def main() -> None:
    """Freeze what lies in the folder."""
    library = next(path for path in sys.path if path.endswith(".zip"))
    write(f"{WORK}/python_stdlib.zip", compiled(library, lambda name: not name.startswith(NEVER)))
    frozen = compiled(f"{WORK}/engine.zip", lambda name: True)
    # Under the name that it will have in the page: where a module lies is told in tracebacks, and to pickle.
    write(ARCHIVE, frozen)
    sys.path.insert(0, ARCHIVE)
    from followcue.base.cache import cache_folder
    from followcue.doors.site.page_engine import HOME, begin

    begin(ARCHIVE).make_ready()
    kept = cache_folder()
    for name in os.listdir(kept):
        with open(os.path.join(kept, name), "rb") as file:
            frozen[HOME + os.path.relpath(os.path.join(kept, name), os.path.expanduser("~"))] = file.read()
    write(f"{WORK}/engine.zip", frozen)


def compiled(path: str, is_wanted: object) -> dict[str, bytes]:
    """The files of an archive, each module as the code that this Python makes of it."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith("/") or not is_wanted(name):
                continue
            content = archive.read(name)
            if name.endswith(".py"):
                code = compile(content, name, "exec", dont_inherit=True, optimize=0)
                # Unchecked: there is no source beside it that could be newer.
                header = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
                name, content = f"{name}c", header + marshal.dumps(code)
            found[name] = content
    return found


def write(path: str, files: dict[str, bytes]) -> None:
    """An archive of the files, the same bytes for the same files."""
    with zipfile.ZipFile("/archive.zip", "w") as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED, 9)
    shutil.copyfile("/archive.zip", path)
    os.unlink("/archive.zip")


main()
