"""What came of putting situations to all matchers, as data."""

from __future__ import annotations

import json
from collections.abc import Sequence

from followcue.authoring.verify.agreement import Firing
from followcue.authoring.verify.run import Disagreement, Verified
from followcue.authoring.verify.words import Words
from followcue.language.model.pack import Pack


def render(verified: Verified, pack: Pack) -> str:
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
        "disagreement": _disagreement(verified.disagreement, pack) if verified.disagreement else None,
        "seconds": round(verified.seconds, 3),
        "out_of_time": verified.out_of_time,
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _disagreement(found: Disagreement, pack: Pack) -> dict[str, object]:
    words = Words(pack)

    def told(firings: Sequence[Firing]) -> list[str]:
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
