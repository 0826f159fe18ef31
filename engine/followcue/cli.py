"""The command line: a command opens its input, calls the engine and renders the answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from followcue.matchers import COMPILED, MATCHERS
from followcue.options import NO_CACHE, OUTPUT, PACKS, RULES, SETTINGS
from followcue.scenario.command import sources_command, test_command
from followcue.shell import Program, emit, no_collecting, read_stdin, terminal
from followcue.version import __version__

# The engine is imported by the commands: help, version and completion answer without it.

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from followcue.advice.report import Report
    from followcue.source.document import Document

FORMATS = ("table", "json", "markdown")
WHY_FORMATS = ("text", "json", "markdown")
SHELLS = ("bash", "zsh", "fish")


def day(text: str) -> date:
    """The date that an option names, or a usage error."""
    from followcue.values import parse_date

    found = parse_date(text)
    if found is None:
        raise click.BadParameter(f"FC604: {text!r} is no date such as 2026-11-21")
    return found


def _complete_profile(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The profiles of the rules on the command line."""
    from click.shell_completion import CompletionItem

    from followcue.pipeline import load_pack

    try:
        loaded = load_pack(*ctx.params.get("rules", ()), packs=ctx.params.get("packs", ()))
    except Exception:  # a shell that completes has no place for mistakes
        return []
    profiles = loaded.pack.vocabulary.profiles
    return [CompletionItem(name) for name in profiles if name.startswith(incomplete)]


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine, 1 a check found something, 2 wrong usage, 3 invalid input.",
)
@click.version_option(__version__, prog_name="followcue")
def main() -> None:
    """Say what to do next: rules in YAML, applied to dated events.

    \b
    Examples:
      followcue evaluate search.yaml
      followcue evaluate search.yaml --as-of 2026-11-21 --format json
    """


@main.command("evaluate", short_help="Say what to do in a situation.")
@click.argument("situation", type=click.Path(allow_dash=True))
@click.option("--as-of", type=day, help="Judge as of this day instead of the file's, or today.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@RULES
@PACKS
@click.option("--profile", shell_complete=_complete_profile, help="Whose timing to follow.")
@SETTINGS
@click.option("--matcher", type=click.Choice(MATCHERS), default=COMPILED, show_default=True)
@click.option("--all", "missed", is_flag=True, help="Also list what can no longer be done.")
@NO_CACHE
@OUTPUT
@no_collecting()
def evaluate_command(
    situation: str,
    as_of: date | None,
    form: str,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    profile: str | None,
    settings: tuple[tuple[str, object], ...],
    matcher: str,
    missed: bool,
    no_cache: bool,
    output: str | None,
) -> None:
    """Say what to do in SITUATION, a YAML or JSON file, or - for standard input.

    \b
    Examples:
      followcue evaluate search.yaml
      followcue evaluate search.yaml --profile patient --set "promised_grace=2 days"
      followcue evaluate search.yaml --pack common-practice
      followcue evaluate search.yaml --rules my-rules --format markdown -o next-steps.md
    """
    from followcue.pipeline import evaluate, load_pack

    report = evaluate(
        load_pack(*rules, packs=packs, cache=not no_cache),
        _open(situation),
        as_of=as_of,
        profile=profile,
        parameters=dict(settings),
        matcher=matcher,
        missed=missed,
    )
    if form != "json":
        _warn(report.warnings)
    emit(_render(report, form, output), output)


main.add_command(test_command)
main.add_command(sources_command)


@main.command("draft", short_help="Draft the messages of an action.")
@click.argument("action")
@click.argument("situation", type=click.Path(allow_dash=True))
@click.option("--application", "scope", help="Only for this application.")
@click.option("--to", help="Only to this person.")
@click.option("--me", help="Your name, to sign with.")
@click.option("--point", metavar="TEXT", help="The one point that only this person would recognise.")
@click.option("--as-of", type=day, help="Write as of this day instead of the file's, or today.")
@click.option("--rules", multiple=True, type=click.Path(file_okay=False), help="Rules or messages to add.")
@PACKS
@click.option("--profile", shell_complete=_complete_profile, help="Whose timing to follow.")
@SETTINGS
@click.option("--all", "missed", is_flag=True, help="Also draft what can no longer be sent in good time.")
@NO_CACHE
@OUTPUT
def draft_command(
    action: str,
    situation: str,
    scope: str | None,
    to: str | None,
    settings: tuple[tuple[str, object], ...],
    no_cache: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Draft the message for ACTION, such as send_thank_you, where SITUATION asks for it.

    Several people get a draft each. Ends with exit code 1 where nothing asks for the message.

    \b
    Examples:
      followcue draft send_thank_you search.yaml --me "Robin Vale"
      followcue draft send_thank_you search.yaml --me "Robin Vale" --to lee --point "Your archive ..."
    """
    from followcue.draft.choose import Wanted
    from followcue.draft.command import as_text, drafted

    wanted = Wanted(action, scope, to)
    answer = drafted(_open(situation), wanted, parameters=dict(settings), cache=not no_cache, **options)
    _warn(answer.report.warnings)
    emit(as_text(answer.drafts), output)


@main.command("why", short_help="Say why something is recommended.")
@click.argument("situation", type=click.Path(allow_dash=True))
@click.argument("action", required=False)
@click.option("--application", "scope", help="Only for this application.")
@click.option("--to", help="Only to this person.")
@click.option("--about", help="Only about this subject.")
@click.option("--depth", type=click.IntRange(0, 60), default=60, help="How many conclusions to follow down.")
@click.option("--as-of", type=day, help="Judge as of this day instead of the file's, or today.")
@click.option("--format", "form", type=click.Choice(WHY_FORMATS), default="text", show_default=True)
@RULES
@PACKS
@click.option("--profile", shell_complete=_complete_profile, help="Whose timing to follow.")
@SETTINGS
@click.option("--matcher", type=click.Choice(MATCHERS), default=COMPILED, show_default=True)
@click.option("--all", "missed", is_flag=True, help="Also explain what can no longer be done.")
@NO_CACHE
@OUTPUT
def why_command(
    situation: str,
    action: str | None,
    scope: str | None,
    to: str | None,
    about: str | None,
    form: str,
    rules: tuple[str, ...],
    packs: tuple[str, ...],
    settings: tuple[tuple[str, object], ...],
    no_cache: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Say why ACTION (or a caution) is in the report on SITUATION; without ACTION, why each of them is.

    First the reason as a sentence, then everything beneath it: rules, conclusions, events with their lines,
    what was absent, and the parameters with their origin. Ends with exit code 1 where it is not recommended.

    \b
    Examples:
      followcue why search.yaml send_thank_you --to lee
      followcue why search.yaml --application acme --depth 1
      followcue why search.yaml check_status --profile patient --format markdown -o why.md
    """
    from followcue.explain.choose import Wanted
    from followcue.explain.command import explained, render
    from followcue.pipeline import load_pack

    loaded = load_pack(*rules, packs=packs, cache=not no_cache)
    wanted = Wanted(action, scope, to, about)
    answer = explained(loaded, _open(situation), wanted, parameters=dict(settings), **options)
    if form != "json":
        _warn(answer.report.warnings)
    emit(render(answer, form, terminal().columns if output is None else None), output)


@main.command("completion", short_help="Print a shell's completion script.")
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
    emit(completing(main, {}, "followcue", "_FOLLOWCUE_COMPLETE").source() + "\n")


def _open(situation: str) -> Document:
    from followcue.source.decode import MAX_SIZE
    from followcue.source.read import read_document, read_file

    if situation == "-":
        return read_document(read_stdin(MAX_SIZE + 1), "<stdin>")
    return read_file(situation)


def _render(report: Report, form: str, output: str | None) -> str:
    if form == "json":
        from followcue.report import as_json

        return as_json.render(report)
    if form == "markdown":
        from followcue.report import markdown

        return markdown.render(report)
    from followcue.report import table

    columns, color = terminal() if output is None else (None, False)
    return table.render(report, width=columns or table.WIDEST, color=color)


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
