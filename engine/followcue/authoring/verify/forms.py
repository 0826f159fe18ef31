"""The forms of a differential test of the matchers: text and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from followcue.authoring.verify.agreement import ComparableFiring, MatcherDifference
from followcue.authoring.verify.verify import Disagreement, MatcherResult, Verified
from followcue.base.rows import ColumnType, Row, Value, places_of
from followcue.base.values import format_date, format_decimal, format_duration, format_period, format_time
from followcue.evaluation.situation.situation import MOMENTS_A_DAY
from followcue.language.model.pack import ClauseInfo, Pack
from followcue.synthesis.situation_yaml import as_yaml

MOST_REASONS = 3
"""How many reasons of one matcher for not answering are told."""


def as_text(verified: Verified, pack: Pack) -> str:
    """How much was tried and who agreed; after a disagreement the situation to repeat it with."""
    return "\n".join(_lines(verified, pack)) + "\n"


def _lines(verified: Verified, pack: Pack) -> Iterator[str]:
    if verified.disagreement:
        yield from _disagreement(verified.disagreement, pack)
        yield ""
    origins = ", ".join(f"{count} {origin}" for origin, count in verified.tried.items())
    yield f"situations: {verified.tried.total()}" + (f" ({origins})" if origins else "")
    yield f"rules that fired: {len(verified.fired)} of {len(verified.fired) + len(verified.silent)}"
    yield from (f"  never: {rule}" for rule in verified.silent)
    for name, share in verified.matchers.items():
        yield f"{name}: {_told(share)}, {share.seconds:.1f} s"
        yield from _refusals(share)
    for name, reason in verified.unavailable.items():
        yield f"{name}: cannot run these rules: {reason}"
    yield f"{_outcome(verified)}, {verified.seconds:.1f} s"


def _told(share: MatcherResult) -> str:
    refused = share.refused.total()
    return f"agrees on {share.agreed}" + (f", does not answer on {refused}" if refused else "")


def _refusals(share: MatcherResult) -> Iterator[str]:
    reasons = share.refused.most_common()
    yield from (f"  {count} times: {reason}" for reason, count in reasons[:MOST_REASONS])
    if len(reasons) > MOST_REASONS:
        yield f"  and {len(reasons) - MOST_REASONS} other reasons"


def _outcome(verified: Verified) -> str:
    late = ", time ran out" if verified.out_of_time else ""
    if verified.disagreement:
        return f"the matchers disagree{late}"
    if not verified.agreed:
        return f"nothing was compared: it takes two matchers that answer{late}"
    return f"all agree{late}"


def _disagreement(found: Disagreement, pack: Pack) -> Iterator[str]:
    differing = found.difference
    yield f"`{differing.matcher}` and `{differing.other}` disagree on a situation {found.origin}:"
    yield from (f"  {line}" for line in FiringDescriber(pack).difference(differing))
    yield "the smallest situation found in which they do:"
    yield from (f"  {line}" for line in as_yaml(found.smallest).splitlines())


MOST_SHOWN = 5
"""How many firings are shown; of the others only the number is told."""


class FiringDescriber:
    """Says what the firings of one pack are."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def difference(self, found: MatcherDifference) -> Iterator[str]:
        """What one matcher derives and the other does not, line by line."""
        yield from self._some(f"only `{found.matcher}` derives", found.extra)
        yield from self._some(f"only `{found.other}` derives", found.lacking)
        if found.lines is not None:
            yield "the first line of the reports that differs:"
            yield f"  {found.other}: {found.lines[0]}"
            yield f"  {found.matcher}: {found.lines[1]}"

    def _some(self, title: str, firings: tuple[ComparableFiring, ...]) -> Iterator[str]:
        if not firings:
            return
        yield f"{title}:"
        yield from (f"  {self.firing(firing)}" for firing in firings[:MOST_SHOWN])
        if len(firings) > MOST_SHOWN:
            yield f"  and {len(firings) - MOST_SHOWN} more"

    def firing(self, firing: ComparableFiring) -> str:
        """`remind-of-late-book: !recommendation {loan: emma, open: 2026-03-13} from out {loan: emma}`."""
        number, row, body, grouped = firing
        clause: ClauseInfo = self._pack.clauses[number]
        rests = [self._fact(relation, one) for relation, one in zip(clause.body, body, strict=True)]
        for relation, rows in zip(clause.grouped, grouped, strict=True):
            rests += [self._fact(relation, one) for one in sorted(rows, key=repr)]
        told = f"{clause.rule}: {self._fact(clause.head, row)}"
        return f"{told} from {', '.join(rests)}" if rests else told

    def _fact(self, relation: str, row: Row) -> str:
        columns = self._pack.vocabulary.relations[relation].columns
        values = [
            f"{column.name}: {_written(value, column.type)}"
            for column, value in zip(columns, row, strict=True)
            if value is not None
        ]
        return f"{relation} {{{', '.join(values)}}}"


def _written(value: Value, kind: ColumnType) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        match kind:
            case "date":
                return format_date(value)
            case "duration":
                return format_duration(value)
            case "time":
                return format_time(value)
            case "period":
                return format_period(value)
            case "moment":
                day, place = divmod(value, MOMENTS_A_DAY)
                return f"{format_date(day)} #{place}"
            case _ if places := places_of(kind):
                return format_decimal(value, places)
            case _:
                pass
    return str(value)


def as_json(verified: Verified, pack: Pack) -> str:
    """All of it as JSON."""
    data = {
        "agreed": verified.agreed,
        "situations": dict(verified.tried),
        "rules": {"fired": sorted(verified.fired), "silent": list(verified.silent)},
        "matchers": {
            name: {"agreed": s.agreed, "refused": dict(s.refused), "seconds": round(s.seconds, 3)}
            for name, s in verified.matchers.items()
        },
        "unavailable": verified.unavailable,
        "disagreement": _disagreement_data(verified.disagreement, pack) if verified.disagreement else None,
        "seconds": round(verified.seconds, 3),
        "out_of_time": verified.out_of_time,
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _disagreement_data(found: Disagreement, pack: Pack) -> dict[str, object]:
    words = FiringDescriber(pack)

    def told(firings: Sequence[ComparableFiring]) -> list[str]:
        return [words.firing(firing) for firing in firings]

    differing = found.difference
    return {
        "matcher": differing.matcher,
        "other": differing.other,
        "extra": told(differing.extra),
        "lacking": told(differing.lacking),
        "lines": list(differing.lines) if differing.lines else None,
        "origin": found.origin,
        "situation": found.smallest,
        "found": found.found,
    }
