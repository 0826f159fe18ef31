"""The report as cards: the same steps in the same order and words as at a terminal, with what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from followcue.assistant.draft.message_files import MessageFile
from followcue.assistant.page.report_page import address_of
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.report.listing import PRESSING, Listed, Listing, listing
from followcue.evaluation.report.wording import (
    by_when,
    folded,
    full_day,
    lasting,
    name_of,
    named,
    nothing_presses,
    on_one_line,
    short_day,
    sources,
    standing_until,
)
from followcue.language.model.vocabulary import Vocabulary


class AdviceShown(NamedTuple):
    """A report made ready to be shown: by which vocabulary, with which messages, and what is skipped."""

    report: Report
    vocabulary: Vocabulary
    messages: Mapping[str, MessageFile]
    skipped: tuple[Action, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The sentences and cards as JSON data."""
        report, listed = self.report, listing(self.report)
        return {
            "sentences": self._sentences(listed),
            "cards": [self._card(one) for one in listed.focus],
            "more": [self._card(one) for one in listed.rest],
            "coming": [self._card(one) for one in listed.ahead],
            "waits": [self._wait(action) for action in listed.meanwhile if action.until],
            "always": list(lasting([a for a in listed.meanwhile if not a.until], report)),
            "careful": [self._line(action) for action in listed.cautions],
            "riding": [self._line(action) for action in listed.riding],
            "skipped": [self._line(action) for action in self.skipped],
        }

    def _sentences(self, listed: Listing) -> dict[str, str | None]:
        report = self.report
        return {
            "day": full_day(report.as_of),
            "headline": nothing_presses(listed),
            "next_change_sentence": standing_until(report),
            "folded": folded(listed.rest, report.as_of) if listed.rest else None,
        }

    def _card(self, one: Listed) -> dict[str, Any]:
        step, report = one.step, self.report
        title = on_one_line(step.title)
        ahead = step.when == "ahead"
        by = step.open if ahead else one.next_day(report.as_of)
        return {
            "id": step.id,
            "number": one.number,
            "title": title,
            "what": title.partition(": ")[2] or title,
            "why": step.why,
            "to": name_of(step.to, step.scope, report),
            "scope": step.scope,
            "scope_name": name_of(step.scope, None, report),
            "channel": step.channel,
            "by": by.isoformat() if by else None,
            "by_words": f"from {short_day(step.open, report.as_of)}" if ahead else by_when(one, report.as_of),
            "urgency": step.urgency,
            "tone": _tone(one, report.as_of),
            "parts": [self._line(action) for action in one.actions],
            "do": _once(text for action in one.actions for text in action.do),
            "avoid": _once(text for action in one.actions for text in action.avoid),
            "sources": self._sources(one.actions),
            "may": {
                "draft": any(action.action in self.messages for action in one.actions),
                "done": True,
                "skip": True,
                "why": True,
            },
        }

    def _line(self, action: Action) -> dict[str, Any]:
        kind = self.vocabulary.actions.get(action.action)
        return {
            "id": action.id,
            "action": action.action,
            "title": on_one_line(named(action, self.report)),
            "say": kind.say if kind and kind.say else None,
            "do": list(action.do),
        }

    def _wait(self, action: Action) -> dict[str, Any]:
        (sentence,) = lasting([action], self.report)
        assert action.until is not None
        title = on_one_line(named(action, self.report))
        return {
            "id": action.id,
            "title": title,
            "until": action.until.isoformat(),
            "sentence": on_one_line(sentence),
        }

    def _sources(self, actions: Iterable[Action]) -> list[dict[str, str | None]]:
        known = self.vocabulary.sources
        cited = dict.fromkeys(citation for action in actions for citation in action.sources)
        return [
            {
                "cited": sources([citation]),
                "title": known.get(citation.source, {}).get("title") or sources([citation]),
                "url": address_of(citation, known),
            }
            for citation in cited
        ]


def _tone(one: Listed, today: date) -> str:
    """How much it presses: a last day that is near, what should not be missed, what can wait."""
    if one.lost_on(today) is not None:
        return "lost soon"
    if one.step.urgency == "low":
        return "quiet"
    day = one.next_day(today)
    return "now" if one.step.urgency in PRESSING or day == today else "soon"


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(map(on_one_line, texts)))
