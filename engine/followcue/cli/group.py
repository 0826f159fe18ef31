"""The commands of the command line, and its own options."""

from __future__ import annotations

import click

from followcue.base.version import __version__
from followcue.cli.shell import CommandGroup

COMMANDS_BY_USE = {
    "From day to day": (
        "init",
        "evaluate",
        "open",
        "add",
        "done",
        "draft",
        "skip",
        "unskip",
        "edit",
        "undo",
        "log",
        "watch",
        "import",
    ),
    "Why, and what comes": ("why", "why-not", "plan", "export"),
    "Rules of your own": (
        "new",
        "check",
        "explain-code",
        "test",
        "diff",
        "verify",
        "sources",
        "docs",
        "table",
        "schema",
        "lsp",
    ),
    "Other programs, and many situations": ("batch", "serve", "mcp", "site", "replay", "completion"),
}
"""Every command by the heading of the help; `why-not` is `why_not_command` of `commands/why_not.py`."""

COMMANDS = tuple(name for names in COMMANDS_BY_USE.values() for name in names)


@click.group(
    cls=CommandGroup,
    commands_of=COMMANDS_BY_USE,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog="Exit codes: 0 fine, 1 something was found, 2 wrong usage or a missing extra, 3 invalid input.",
)
@click.version_option(__version__, prog_name="followcue")
def main() -> None:
    """Say what to do next: rules in YAML, applied to dated events.

    \b
    Examples:
      followcue evaluate search.yaml
      followcue open search.yaml
      followcue check --rules my-rules/
    """
