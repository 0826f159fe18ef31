"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from followcue.evaluation.match.registry import COMPILED, MATCHERS, require_matcher
from followcue.language.documents.plain import normal

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from followcue.base.clock import Clock
    from followcue.base.limits import Limits

F = TypeVar("F", bound=Callable[..., object])


class _Name(click.types.StringParamType):
    """A name or words of a situation, in the form in which those are compared."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text in normal form."""
        return normal(super().convert(value, param, ctx))


NAME = _Name()
"""What is no name of a file: those are taken as they are."""


def day(text: str) -> date:
    """The date that an option names, or a usage error."""
    from followcue.base.values import parse_date

    found = parse_date(text)
    if found is None:
        from followcue.evaluation.situation.fields import refuse_date  # late: only a mistake needs it

        hint = refuse_date("as_of", text).hint
        raise click.BadParameter(
            f"FC604: {text!r} is no date such as 2026-11-21" + (f"; {hint}" if hint else "")
        )
    return found


def _complete_profile(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The profiles of the rules on the command line."""
    from click.shell_completion import CompletionItem

    from followcue.evaluation.pipeline import load_pack

    try:
        loaded = load_pack(*ctx.params.get("rules", ()), packs=ctx.params.get("packs", ()))
    except Exception:  # a shell that completes has no place for mistakes
        return []
    profiles = loaded.pack.vocabulary.profiles
    return [CompletionItem(name) for name in profiles if name.startswith(incomplete)]


def _complete_pack(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from followcue.language.folders import shipped_layer_names

    return [CompletionItem(name) for name in shipped_layer_names() if name.startswith(incomplete)]


def setting(text: str) -> tuple[str, object]:
    """The name and value of NAME=VALUE, the value read as in a situation file; or a usage error."""
    from followcue.language.documents.read import read_document

    name, equals, value = (part.strip() for part in text.partition("="))
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE, such as max_attempts=3")
    return name, read_document(value, f"--set {name}").data


def limit_said(text: str) -> tuple[str, float]:
    """The name and value of a limit, or a usage error."""
    from followcue.base.limits import limit

    try:
        return limit(text)
    except ValueError as problem:
        raise click.BadParameter(str(problem)) from None


def _limits(ctx: click.Context, param: click.Parameter, pairs: tuple[tuple[str, float], ...]) -> Limits:
    """All limits, of which those on the command line are set."""
    from followcue.base.limits import limits_of

    return limits_of(pairs)


def _matcher(ctx: click.Context, param: click.Parameter, name: str) -> str:
    """The name of a matcher; raises `MatcherUnavailable` where its packages are not installed."""
    if not ctx.resilient_parsing:  # a shell that completes has no place for mistakes
        require_matcher(name)
    return name


def _zone(text: str) -> str:
    """The name of a time zone, or a usage error."""
    from followcue.base.clock import is_time_zone, nearest_zone

    if not is_time_zone(text):
        near = nearest_zone(text)
        meant = f"; did you mean {near}?" if near else ""
        raise click.BadParameter(f"FC604: {text!r} is no time zone such as Europe/Berlin{meant}")
    return text


def today_in(zone: str | None) -> Clock:
    """The present day in the zone that an option names; without one in the file's, or the machine's."""
    from followcue.base import clock

    return clock.today if zone is None else lambda of_file: clock.today(zone)


def one_end(until: str | None, days: int | None) -> None:
    """A usage error where both options say where a plan ends."""
    if until is not None and days is not None:
        raise click.UsageError("--until and --days both say where the plan ends: give one of them")


class _File(click.Path):
    """The name of a file to write, which an empty text is not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("an empty text names no file.", param, ctx)
        return super().convert(value, param, ctx)


class _Situation(click.Argument):
    """The file that a command is about; where it is left out, it is said how to come by one."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        try:
            return super().process_value(ctx, value)
        except click.MissingParameter:
            said = "say which file it is about, such as search.yaml; `followcue init` begins one"
            raise click.UsageError(said, ctx) from None


Decorator: TypeAlias = Callable[[F], F]


def together(*options: Decorator[Any]) -> Decorator[Any]:
    """Several options as one decorator, in the order in which the help lists them."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def formats(*names: str) -> Decorator[Any]:
    """The option `--format` with these forms, the first of which is usual."""
    return click.option("--format", "form", type=click.Choice(names), default=names[0], show_default=True)


SITUATION = click.argument("situation", cls=_Situation, type=click.Path(allow_dash=True))

AS_OF = click.option("--as-of", type=day, help="Judge as of this day instead of the file's, or today.")

RULES = click.option(
    "--rules",
    multiple=True,
    type=click.Path(file_okay=False),
    help="A folder of rules to lay over the others.",
)

PACKS = click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="NAME",
    shell_complete=_complete_pack,
    help="A pack of rules that comes with followcue, to lay below those of --rules.",
)

PROFILE = click.option("--profile", shell_complete=_complete_profile, help="Whose timing to follow.")

SETTINGS = click.option(
    "--set", "settings", multiple=True, type=setting, metavar="NAME=VALUE", help="Override a parameter."
)

TIMEZONE = click.option(
    "--timezone",
    type=_zone,
    metavar="ZONE",
    help="Whose today it is where no day is given, such as Europe/Berlin; else the file's, or the machine's.",
)

MATCHER = click.option(
    "--matcher", type=click.Choice(MATCHERS), callback=_matcher, default=COMPILED, show_default=True
)

LIMITS = click.option(
    "--limit",
    "limits",
    multiple=True,
    type=limit_said,
    callback=_limits,
    metavar="NAME=VALUE",
    help="What a situation may take: derivations, steps, entries, depth, size (bytes), report "
    "(characters) or seconds.",
)

NO_CACHE = click.option("--no-cache", is_flag=True, help="Read the rules anew, and keep nothing.")

OUTPUT = click.option("-o", "--output", type=_File(dir_okay=False), help="Write to this file.")

MISSED = click.option("--all", "missed", is_flag=True, help="Also list what can no longer be done.")

ME = click.option("--me", metavar="NAME", help="Your name, to sign the drafts of an HTML report with.")

APPLICATION = click.option(
    "--application", "scope", type=NAME, help="Only for this application, by key or name."
)

ABOUT = together(
    APPLICATION,
    click.option("--to", type=NAME, help="Only to this person, by key or name."),
    click.option("--about", type=NAME, help="Only about this subject."),
)
"""Which line of a report is meant."""

SPAN = together(
    click.option("--until", metavar="DAY", help="The last day to look at, such as 2026-12-01 or friday."),
    click.option("--days", type=int, help="How many days to look ahead.  [default: 90]"),
)
"""How far a plan looks."""

PACK = together(RULES, PACKS)
"""Which rules."""

JUDGING = together(PACK, PROFILE, SETTINGS)
"""Which rules, and with which parameters."""

READING = together(LIMITS, NO_CACHE, OUTPUT)
"""What a situation may take, and where the answer goes."""
