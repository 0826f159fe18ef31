"""Running the page: the address with its secret, the browser, and an end on Ctrl-C."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable
from threading import Thread

from followcue.doors.http.desk_folder import DeskFolder
from followcue.doors.http.entrance import Entrance
from followcue.doors.http.listen import address_of, listening, serve
from followcue.doors.http.open_app import create_open_app

HOST = "127.0.0.1"
MOST_AT_ONCE = 64
GRACE = 2
"""So many seconds begun answers have to finish: somebody waits for the prompt."""


def open_page(folder: DeskFolder, port: int, *, browser: bool, tell: Callable[[str], object]) -> None:
    """Listen on this machine alone until Ctrl-C; the address is told once it can be opened.

    Raises `OSError` where the port cannot be had.
    """
    with listening(HOST, port) as listener:
        address = address_of(listener)
        entrance = Entrance(listener.getsockname()[1])
        app = create_open_app(folder, entrance, lambda secret: tell(f"{address}/#{secret}"))
        shown = f"{address}/#{entrance.secret}"
        tell(shown)
        Thread(target=folder.warm, daemon=True).start()
        if browser and _has_screen():
            Thread(target=webbrowser.open, args=[shown], daemon=True).start()
        serve(app, listener, most_at_once=MOST_AT_ONCE, grace=GRACE)


def _has_screen() -> bool:
    """Whether a browser would have a window of its own, and not take this terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
