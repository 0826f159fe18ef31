"""What most likely happened: first the events that settle what is advised, then those that rules wait for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from followcue.assistant.done_event import done_events_of
from followcue.assistant.journal.journal import Journal
from followcue.evaluation.advice.report import Action
from followcue.evaluation.pipeline import environment_of
from followcue.evaluation.report.listing import listing
from followcue.language.model.vocabulary import Kind

MOST = 6
"""So many kinds are shown before all others."""

MOST_DONE = 3
"""So many of them are what one has done oneself, where others may have done something, too."""


def likely_kinds(journal: Journal, scope: str | None) -> tuple[Kind, ...]:
    """The few kinds of events to be offered first, of one record of the scope or of all.

    In turn: what settles a step of now, in their order; where nothing happened yet, what a vocabulary begins
    with; what ends or brings about what is advised or waited for, by how many of its rules look at it; what
    most rules of the pack look at.
    """
    kinds = journal.loaded.pack.vocabulary.kinds
    settling = list(dict.fromkeys(_settling(journal, scope)))
    others = [
        *_beginnings(journal, scope),
        *_looked_at(journal, _advised(journal, scope)),
        *settling[MOST_DONE:],
        *_looked_at(journal, None),
    ]
    found = dict.fromkeys([*settling[:MOST_DONE], *others])
    events = [kinds[name] for name in found if name in kinds and kinds[name].is_event]
    return tuple(events[:MOST])


def _beginnings(journal: Journal, scope: str | None) -> list[str]:
    """The kinds that a vocabulary begins with, where nothing has happened yet in a record of the scope."""
    if scope is None or journal.events(scope):
        return []
    kinds = journal.loaded.pack.vocabulary.kinds.values()
    return [kind.name for kind in kinds if kind.is_event and kind.scoped and not kind.of_whole][:MOST_DONE]


def _settling(journal: Journal, scope: str | None) -> Iterator[str]:
    """The kinds of the events that settle the actions of the steps of now."""
    loaded = journal.loaded
    situation = loaded.read(journal.edit.document, journal.options._replace(as_of=journal.today))
    derivations = loaded.matcher().run(situation.facts, environment_of(situation, journal.options.limits))
    for one in listing(journal.before).now:
        for action in one.actions:
            if scope in (None, action.scope):
                for event in done_events_of(loaded, situation, derivations, action):
                    yield event.kind


def _advised(journal: Journal, scope: str | None) -> list[Action]:
    return [action for action in journal.before.actions if scope in (None, action.scope)]


def _looked_at(journal: Journal, actions: Sequence[Action] | None) -> list[str]:
    """The kinds of facts that rules of some actions deny, or all rules look at, the most frequent first."""
    wanted = None if actions is None else {rule for action in actions for rule in action.rules}
    counted: Counter[str] = Counter()
    for clause in journal.loaded.program.clauses:
        if wanted is None or clause.rule in wanted:
            denied = [atom.relation.partition(".")[0] for atom in clause.negated]
            counted.update(dict.fromkeys(denied, 1))
            if wanted is None:
                counted.update(dict.fromkeys((atom.relation.partition(".")[0] for atom in clause.body), 1))
    return [name for name, _ in sorted(counted.items(), key=lambda pair: -pair[1])]
