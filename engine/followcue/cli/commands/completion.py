"""`followcue completion`: what makes a shell complete commands."""

from __future__ import annotations

import click

from followcue.cli.shell import emit

SHELLS = ("bash", "zsh", "fish")


@click.command("completion", short_help="Print a shell's completion script.")
@click.argument("shell", type=click.Choice(SHELLS))
def completion_command(shell: str) -> None:
    """Print what makes SHELL complete commands, options and their values.

    \b
    Examples:
      followcue completion bash > ~/.local/share/bash-completion/completions/followcue
      followcue completion fish > ~/.config/fish/completions/followcue.fish
    """
    from click.shell_completion import get_completion_class

    completing = get_completion_class(shell)
    assert completing is not None, "click knows every shell of SHELLS"
    program = click.get_current_context().find_root().command
    emit(completing(program, {}, "followcue", "_FOLLOWCUE_COMPLETE").source() + "\n")
