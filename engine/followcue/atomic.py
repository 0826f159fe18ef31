"""Writing a file whole or not at all, so that no reader ever meets half of it."""

from __future__ import annotations

import os
from contextlib import suppress


def replace_file(path: str, content: bytes) -> None:
    """Write `content` beside `path`, readable by its owner alone, and move it there; raises `OSError`.

    A link is followed; what is no file, such as a device or a pipe, is written to as it is.
    """
    path = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as stream:
            stream.write(content)
        return
    from tempfile import mkstemp  # late: most runs write nothing

    handle, beside = mkstemp(dir=os.path.dirname(path) or ".", prefix=".followcue-")
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
