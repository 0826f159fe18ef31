"""What came of putting situations to all matchers, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from followcue.authoring.verify.run import Disagreement, Share, Verified
from followcue.authoring.verify.words import Words
from followcue.language.model.pack import Pack
from followcue.synthesis.as_yaml import as_yaml

MOST_REASONS = 3
"""How many reasons of one matcher for not answering are told."""


def render(verified: Verified, pack: Pack) -> str:
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


def _told(share: Share) -> str:
    refused = share.refused.total()
    return f"agrees on {share.agreed}" + (f", does not answer on {refused}" if refused else "")


def _refusals(share: Share) -> Iterator[str]:
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
    yield from (f"  {line}" for line in Words(pack).difference(differing))
    yield "the smallest situation found in which they do:"
    yield from (f"  {line}" for line in as_yaml(found.smallest).splitlines())
