"""What is counted of a service, in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counters of one service; labels are words of the rules and of this program, never of callers."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "followcue_requests", "Requests answered.", ["path", "status"], registry=registry
        )
        self._seconds = Histogram(
            "followcue_request_seconds",
            "How long answers took.",
            ["path"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._refusals = Counter("followcue_refusals", "Mistakes told, by code.", ["code"], registry=registry)
        self._actions = Counter("followcue_actions", "Actions advised.", ["action"], registry=registry)
        self._reloads = Counter(
            "followcue_reloads", "Changed rules, taken or refused.", ["outcome"], registry=registry
        )
        self._rules = Gauge("followcue_rules", "The rules in force.", ["version"], registry=registry)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def refused(self, codes: Iterable[str]) -> None:
        """Mistakes were told."""
        for code in codes:
            self._refusals.labels(code).inc()

    def advised(self, report: Mapping[str, Any]) -> None:
        """A report was given."""
        for action in report["actions"]:
            self._actions.labels(action["action"]).inc()

    def reloaded(self, *, taken: bool) -> None:
        """Files of the rules have changed."""
        self._reloads.labels("taken" if taken else "refused").inc()

    def text(self, version: str) -> bytes:
        """All counters; `version` is that of the rules in force."""
        self._rules.clear()
        self._rules.labels(version).set(1)
        found: bytes = generate_latest(self._registry)
        return found
