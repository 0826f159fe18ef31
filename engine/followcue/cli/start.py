"""The start of the program: what is asked most is answered without click, everything else by the commands.

`followcue evaluate FILE` with the simplest options is asked many times a day, and to import click takes
longer than to answer. So a line of that kind is read here, and answered by what the command itself calls.
Whatever else the line says, and whatever is wrong with it, goes to the command as if nothing had been tried:

    evaluate search.yaml --as-of 2026-11-21     answered here
    evaluate search.yaml --as-of yesterday      no such day: the command says so
    evaluate search.yaml --set a=1              an option that is not read here: the command
    plan search.yaml                            the command

Invariant: a line that is read here means the same to the command.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Any

FLAGS = {"--more": "more", "--all": "missed", "--no-cache": "no_cache"}
"""Options without a value, and what they are called."""

VALUES = {
    "--as-of": "as_of",
    "--format": "form",
    "--profile": "profile",
    "--application": "scope",
    "--rules": "rules",
    "--pack": "packs",
}
"""Options with one value."""

MANY = ("rules", "packs")
"""Those that may be given several times."""

FORMS = ("table", "json", "markdown")


def run() -> None:
    """Answer the command line of this process."""
    gc.disable()  # what is made until the answer lives as long as the process
    words = sys.argv[1:]
    given = read_line(words) if sys.platform != "win32" else None
    if given is not None and _answered(given):
        gc.freeze()  # at its end the interpreter searches all else for garbage, which takes a while
        return
    gc.enable()
    from followcue.cli.group import main

    main()


def read_line(words: Sequence[str]) -> dict[str, Any] | None:
    """What `followcue evaluate` is asked, by the names of its options; None where it is for the command."""
    if not words or words[0] != "evaluate":
        return None
    given: dict[str, Any] = {}
    left = iter(words[1:])
    for word in left:
        if not word.startswith("-"):
            name, value = "situation", word
        elif word in FLAGS:
            given[FLAGS[word]] = True
            continue
        else:
            name, value = VALUES.get(word, ""), next(left, "")
        if not name or not value or value.startswith("-") or (name in given and name not in MANY):
            return None
        given[name] = (*given.get(name, ()), value) if name in MANY else value
    return _converted(given) if "situation" in given else None


def _converted(given: dict[str, Any]) -> dict[str, Any] | None:
    """The values as the command has them; None for what it would refuse."""
    from followcue.base.values import parse_date
    from followcue.language.documents.plain import normal

    form = given.setdefault("form", "table")
    if form not in FORMS or (given.get("more") and form != "table"):
        return None
    if "as_of" in given and (parsed := parse_date(given["as_of"])) is None:
        return None
    if "as_of" in given:
        given["as_of"] = parsed
    if "scope" in given:
        if form == "json":
            return None
        given["scope"] = normal(given["scope"])
    if os.path.exists(given["situation"]) and not os.access(given["situation"], os.R_OK):
        return None
    if not all(os.path.isdir(folder) and os.access(folder, os.R_OK) for folder in given.get("rules", ())):
        return None
    return given


def _answered(given: dict[str, Any]) -> bool:
    """Answer; False where nothing was written, and it is for the command to say why."""
    from followcue.base.terminal import tell
    from followcue.cli.asked import Asked
    from followcue.cli.ending import end_by, end_output, expected_end, is_of_output
    from followcue.cli.reporting import ReportRequest, answer, note_shown
    from followcue.cli.screen import say, terminal

    options = {"as_of", "profile", "missed"} & given.keys()
    asked = Asked(
        given["situation"],
        given.get("rules", ()),
        given.get("packs", ()),
        not given.get("no_cache"),
        {name: given[name] for name in options},
    )
    request = ReportRequest(asked, given["form"], more=given.get("more", False), scope=given.get("scope"))
    try:
        columns, color = terminal()
        said = answer(asked.content(), request, asked.loaded(), columns=columns, color=color)
    except (Exception, KeyboardInterrupt) as problem:
        end = expected_end(problem)
        if end is None:
            return False
    else:
        try:
            for warning in said.warnings:
                tell(f"warning: {warning}")
            say(said.text)
            note_shown(said, request, None)
            return True
        except (Exception, KeyboardInterrupt) as problem:
            end = end_by(problem)
            if isinstance(problem, OSError) and is_of_output(problem) and end is None:
                end_output(problem)
            if end is None:
                raise
    if end.told is not None:
        tell(end.told)
    sys.exit(end.code)
