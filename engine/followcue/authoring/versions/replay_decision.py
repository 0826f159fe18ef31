"""A decision of a service made again, from its line in the log: is the report the same, and if not, why?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from followcue.authoring.versions.replay import Cause, Replayed
from followcue.base.diagnostic import Diagnostic, InvalidInput, Span, did_you_mean
from followcue.base.limits import USUAL, Limits
from followcue.base.version import __version__
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, load_pack
from followcue.evaluation.report.provenance import data_sha256, decided_sha256
from followcue.language.documents.document import Document

_NEEDED: Mapping[str, type | tuple[type, ...]] = {
    "decision": str,
    "followcue": str,
    "rules_version": str,
    "as_of": str,
    "situation_sha256": str,
    "report_sha256": str,
}


def decision_in(raw: bytes, name: str, id_: str) -> Mapping[str, Any]:
    """The decision of that id in a log; raises `InvalidInput` where there is none."""
    known: list[str] = []
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        found = _line(line, name, number)
        if found["decision"] == id_:
            return found
        known.append(found["decision"])
    hint = did_you_mean(id_, known[-1000:]) if known else "the file holds no decisions"
    raise InvalidInput([Diagnostic("FC623", f"there is no decision `{id_}`", hint=hint, place=name)])


def replay_decision(
    decision: Mapping[str, Any],
    situation: Document | None,
    *,
    rules: Sequence[str] | None = None,
    cache: bool = True,
    limits: Limits = USUAL,
) -> Replayed:
    """The decision made again, of the situation in the log or of another, by its rules or by other `rules`.

    Raises what evaluating raises, and `InvalidInput` where the situation is nowhere.
    """
    document = situation
    if document is None:
        if "situation" not in decision:
            message = "the log does not hold the situation of this decision"
            hint = "name its file with `--situation`; `serve --log-situations` keeps it"
            raise InvalidInput([Diagnostic("FC621", message, hint=hint, place=decision["decision"])])
        document = Document.of(decision["situation"])
    folders = decision.get("rules", ()) if rules is None else rules
    loaded = load_pack(*folders, packs=decision.get("packs", ()), cache=cache)
    options = Options(
        date.fromisoformat(decision["as_of"]),
        decision.get("profile"),
        decision.get("params") or None,
        missed=bool(decision.get("missed")),
        limits=limits,
    )
    report = evaluate(loaded, document, options).to_dict()
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    same = decided_sha256(report) == decision["report_sha256"]
    return Replayed(same, text, () if same else tuple(_causes(decision, loaded, document)))


def _causes(decision: Mapping[str, Any], loaded: LoadedPack, document: Document) -> Iterator[Cause]:
    if decision["followcue"] != __version__:
        yield Cause("followcue", decision["followcue"], __version__)
    version = loaded.pack.version
    if decision["rules_version"] != version:
        yield Cause("rules", f"version {decision['rules_version']}", f"version {version}")
    situation = data_sha256(document.data)
    if decision["situation_sha256"] != situation:
        yield Cause("situation", decision["situation_sha256"][:12], situation[:12])


def _line(line: bytes, name: str, number: int) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(found.get(k), t) for k, t in _NEEDED.items()):
        hint = "give the file that `followcue serve --log` wrote"
        raise InvalidInput(
            [Diagnostic("FC623", "this is no line of a decision log", Span(name, number, 1), hint)]
        )
    return found
