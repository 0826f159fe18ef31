"""The commands of the command line, and its own options."""

from __future__ import annotations

import click

from followcue.base.version import __version__
from followcue.cli.shell import CommandGroup

COMMANDS = (
    "init",
    "evaluate",
    "watch",
    "add",
    "import",
    "done",
    "skip",
    "unskip",
    "edit",
    "undo",
    "log",
    "batch",
    "why",
    "why-not",
    "plan",
    "export",
    "draft",
    "replay",
    "check",
    "explain-code",
    "test",
    "verify",
    "diff",
    "sources",
    "docs",
    "new",
    "table",
    "schema",
    "open",
    "site",
    "serve",
    "lsp",
    "mcp",
    "completion",
)
"""Every command, in the order of the help; `why-not` is `why_not_command` of `commands/why_not.py`."""


@click.group(
    cls=CommandGroup,
    commands_of=COMMANDS,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog="Exit codes: 0 fine, 1 something was found, 2 wrong usage or a missing extra, 3 invalid input.",
)
@click.version_option(__version__, prog_name="followcue")
def main() -> None:
    """Say what to do next: rules in YAML, applied to dated events.

    \b
    Examples:
      followcue evaluate search.yaml
      followcue evaluate search.yaml --as-of 2026-11-21 --format json
    """
