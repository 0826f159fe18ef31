"""`followcue skip`: that something is not to be advised, written into the situation."""

from __future__ import annotations

import click

from followcue.cli.asked import Asked
from followcue.cli.asking import asking, refusals, warn_of
from followcue.cli.naming import wanted_said
from followcue.cli.options import NAME, SITUATION
from followcue.cli.writing import CHANGING, writing


@click.command("skip", short_help="Write down what is not to be advised.")
@SITUATION
@click.argument("words", type=NAME, nargs=-1, required=True, metavar="NUMBER|ID|ACTION...")
@click.option("--application", "scope", type=NAME, help="For this application alone.")
@click.option("--to", type=NAME, help="To this person alone.")
@click.option("--about", type=NAME, help="About this subject alone.")
@click.option("--until", metavar="DAY", help="The day on which it is advised again; left out: never.")
@click.option("--because", metavar="TEXT", help="Why, for yourself.")
@CHANGING
@asking
def skip_command(
    asked: Asked,
    words: tuple[str, ...],
    scope: str | None,
    to: str | None,
    about: str | None,
    until: str | None,
    because: str | None,
    dry_run: bool,
    output: str | None,
) -> None:
    """Write into SITUATION that a step, by its NUMBER or ID, or an action is not to be advised.

    \b
    Numbers are those that `followcue evaluate` shows with the same options on the same day. The name
    of an action alone is skipped wherever it would come up. `followcue evaluate --all` lists what is
    skipped, and `followcue unskip` takes it back.

    \b
    Examples:
      followcue skip search.yaml 3
      followcue skip search.yaml send_paper_note --because "no address"
      followcue skip search.yaml check_status --application acme --until "in 2 weeks"
    """
    from followcue.assistant.journal.add import day_of
    from followcue.assistant.journal.journal import Journal
    from followcue.assistant.journal.mark_done import Which
    from followcue.assistant.journal.result_text import told
    from followcue.assistant.journal.skip import skip
    from followcue.base.extras import require
    from followcue.cli.last_shown import refuse_other_numbers
    from followcue.explain.wanted import Wanted

    require("edit")
    loaded = asked.loaded()
    with writing(asked.situation, output, dry_run) as file:
        journal = Journal(file.edit, loaded, asked.options)
        refuse_other_numbers(asked.situation, words, lambda: journal.before)
        day = day_of(until, journal.today, "--until", view="ahead") if until else None
        with refusals():
            wanted = wanted_said(Wanted(None, scope, to), loaded.pack.vocabulary, file.edit.data)
            found = skip(journal, Which(words, wanted.scope, wanted.to, about), until=day, because=because)
        outcome = journal.outcome()
        said = "".join(f"Skipped: {one.title}\n" for one in found)
        file.end(said + told(file.edit, outcome, done=outcome.gone))
    warn_of(warning for warning in outcome.after.warnings if warning not in outcome.before.warnings)
