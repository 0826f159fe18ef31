"""`followcue serve`: the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from followcue.base.terminal import tell
from followcue.cli.options import PACKS, RULES, limit_said

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command("serve", short_help="Answer other programs over HTTP.")
@RULES
@PACKS
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; any other needs --token-file.",
)
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes one that is free."
)
@click.option(
    "--allow-host", multiple=True, metavar="NAME", help="Another name by which the service is called."
)
@click.option(
    "--allow-origin",
    multiple=True,
    metavar="ORIGIN",
    help="An origin whose pages may ask, such as https://app.example.",
)
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False),
    help="Lines of NAME TOKEN; only who sends one of the tokens is answered.",
)
@click.option(
    "--log", type=click.Path(dir_okay=False), help="Write each decision to this file, a line of JSON each."
)
@click.option(
    "--log-situations", is_flag=True, help="Write the situation to the log, too: it is about a person."
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    type=limit_said,
    callback=lambda ctx, param, pairs: dict(pairs),
    metavar="NAME=VALUE",
    help="What one request may take: steps, derivations, entries, depth, size, report, seconds.",
)
@click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes for what may take long.",
)
@click.option("--no-reload", is_flag=True, help="Do not look whether files of the rules change.")
def serve_command(
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    host: str,
    port: int,
    allow_host: tuple[str, ...],
    allow_origin: tuple[str, ...],
    token_file: str | None,
    log: str | None,
    log_situations: bool,
    limits: Mapping[str, Any],
    workers: int,
    no_reload: bool,
) -> None:
    """Answer other programs over HTTP: situations in, decisions out. Ctrl-C ends it, after what was begun.

    The address is printed once it listens; `/openapi.json` there says what can be asked. Rules in folders are
    looked at: changed ones are tested aside and taken over whole, or told and not taken.

    \b
    Examples:
      followcue serve
      followcue serve --rules my-rules --port 9000 --log decisions.jsonl
      followcue serve --host 0.0.0.0 --token-file tokens --allow-host advice.example
    """
    from followcue.base.extras import require

    require("serve")
    if log_situations and log is None:
        raise click.UsageError("--log-situations says what is written to --log FILE, which is missing")
    from followcue.doors.http.guard import LOOPBACK, Callers

    if host not in LOOPBACK and token_file is None:
        raise click.UsageError(
            f"--host {host} can be reached by others: give --token-file, so that not everybody is answered"
        )
    from followcue.doors.http.app import SERVED, Service
    from followcue.doors.http.listen import run

    tokens = _tokens(token_file) if token_file else {}
    names = tuple(dict.fromkeys([*LOOPBACK, *([host] if host not in ("0.0.0.0", "::") else []), *allow_host]))
    service = Service(
        access=Callers(names, allow_origin, tokens),
        limits=SERVED._replace(**{"seconds": 2, **limits}),
        workers=workers,
        log=_opened(log, log_situations),
    )
    run(service, host, port, rules=rules, packs=packs, reloads=bool(rules) and not no_reload, tell=tell)


def _tokens(path: str) -> dict[str, str]:
    """The tokens of a file by their names; a usage error where it has none, or a line is none."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    except (OSError, ValueError) as error:
        raise click.UsageError(
            f"--token-file {path}: {getattr(error, 'strerror', None) or 'this is no text'}"
        ) from None
    found: dict[str, str] = {}
    for number, words in enumerate(lines, 1):
        if len(words) != 2 or len(words[1]) < 16 or words[0] in found:
            told = "NAME TOKEN, each name once, a token of at least 16 signs"
            raise click.UsageError(f"--token-file {path}: entry {number} is not of the form {told}")
        found[words[0]] = words[1]
    if not found:
        raise click.UsageError(f"--token-file {path} holds no token: write lines of NAME TOKEN")
    return found


def _opened(log: str | None, situations: bool) -> Any:
    if log is None:
        return None
    from followcue.doors.http.decision_log import DecisionLog

    try:
        return DecisionLog(log, situations=situations)
    except OSError as error:
        raise click.UsageError(f"--log {log}: {error.strerror or error}") from None
