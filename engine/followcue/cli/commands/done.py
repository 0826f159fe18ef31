"""`followcue done`: that an action was done, written into the situation."""

from __future__ import annotations

import click

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals, warn_of
from followcue.cli.at_terminal import somebody
from followcue.cli.naming import wanted_said
from followcue.cli.options import NAME, SITUATION
from followcue.cli.writing import CHANGING, ON, SURE, writing


@click.command("done", short_help="Write down that an action was done.")
@SITUATION
@click.argument("words", type=NAME, nargs=-1, required=True, metavar="NUMBER|ID|ACTION... [FIELD=VALUE]...")
@click.option("--application", "scope", type=NAME, help="The one for this application.")
@click.option("--to", type=NAME, help="The one to this person.")
@click.option("--about", type=NAME, help="The one about this subject.")
@click.option("--event", help="Which event it was, where the action can be done in several ways.")
@SURE
@ON
@CHANGING
@asking
def done_command(
    asked: Asked,
    words: tuple[str, ...],
    scope: str | None,
    to: str | None,
    about: str | None,
    event: str | None,
    sure: bool,
    on: str | None,
    dry_run: bool,
    output: str | None,
) -> None:
    """Write into SITUATION that a step was done, by its NUMBER or ID, or an action, by its ID or its name.

    \b
    The events are those that settle its actions; FIELD=VALUE adds to them. Numbers are those that
    `followcue evaluate` shows with the same options on the same day; several are taken from one
    report. Where no event settles an action, that is said, with exit code 1 if there is no other.
    What only you know, such as the channel where the list names none, is asked for at a terminal;
    elsewhere it must be said, with exit code 2 if it is not.

    \b
    Examples:
      followcue done search.yaml 1
      followcue done search.yaml 1 3 --date yesterday
      followcue done search.yaml send_thank_you --to lee channel=email
      followcue done search.yaml send_thank_you:acme:lee:first
    """
    from followcue.assistant.journal.journal import Journal
    from followcue.assistant.journal.mark_done import NothingToWrite, Which, done, split
    from followcue.assistant.journal.result_text import told
    from followcue.base.extras import require
    from followcue.cli.last_shown import refuse_other_numbers
    from followcue.evaluation.report.wording import named, on_one_line
    from followcue.explain.wanted import Wanted

    require("edit")
    what, fields = split(words)
    if not what:
        raise click.UsageError("say what was done: a number of the report, or the name of an action")
    loaded = asked.loaded()
    with writing(asked.situation, output, dry_run) as file:
        journal = Journal(file.edit, loaded, asked.options)
        refuse_other_numbers(asked.situation, what, lambda: journal.before)
        with refusals(NothingToWrite):
            wanted = wanted_said(Wanted(None, scope, to), loaded.pack.vocabulary, file.edit.data)
            which = Which(what, wanted.scope, wanted.to, about)
            asker = somebody(asked.situation)
            found = done(journal, which, fields, on=on, event=event, sure=sure, asker=asker)
        outcome = journal.outcome()
        actions = [action for one in found for action in one.actions]
        said = "".join(f"Done: {one.title}\n" for one in found)
        lines = file.edit.new_lines()
        for channel in dict.fromkeys(one.channel for one in found if one.channel):
            where = next((str(number) for number, line in lines if f"channel: {channel}" in line), "LINE")
            otherwise = f"followcue edit {file.edit.name} {where} channel=…"
            said += f"  (channel: {channel}, as the title says; if it was another: {otherwise})\n"
        said += "".join(
            f"Left open: {on_one_line(named(action, outcome.before))}" + (f"; {why}\n" if why else "\n")
            for one in found
            for action, why in one.left
        )
        file.end(said + told(file.edit, outcome, done=actions))
    warn_of(warning for warning in outcome.after.warnings if warning not in outcome.before.warnings)
    left = [action for action in actions if action in outcome.after.actions]
    warn_of(f"{action.id} is advised all the same: {named(action, outcome.after)}" for action in left)
