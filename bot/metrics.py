"""Counters for the operator: by route and outcome, never by person or group."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """One registry; `text()` is what /metrics answers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "qingzhuang_messages",
            "Messages by route and outcome",
            ["route", "outcome"],
            registry=self.registry,
        )
        self.refused = Counter(
            "qingzhuang_refused_requests",
            "Requests turned away",
            ["door", "reason"],
            registry=self.registry,
        )
        self.answers = Counter(
            "qingzhuang_answers", "Answers to members", ["outcome"], registry=self.registry
        )
        self.parcels = Counter(
            "qingzhuang_parcels",
            "Digests and notices by outcome",
            ["outcome"],
            registry=self.registry,
        )
        self.ticks = Counter("qingzhuang_ticks", "Looks at what is due", registry=self.registry)
        self.failed_ticks = Counter(
            "qingzhuang_failed_ticks",
            "Steps of a tick that failed",
            ["step"],
            registry=self.registry,
        )
        self.open_weeks = Gauge(
            "qingzhuang_open_weeks", "Weeks that are not closed", registry=self.registry
        )
        self.overdue_weeks = Gauge(
            "qingzhuang_overdue_weeks",
            "Weeks that should have been closed, or their key destroyed, an hour ago",
            registry=self.registry,
        )

    def text(self) -> bytes:
        """The exposition text."""
        return generate_latest(self.registry)
