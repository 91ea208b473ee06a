"""When a route was connected, and when not: gaps to the minute, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RouteGap:
    """A route was not connected from whole minute to whole minute; `ended_at` is None while it lasts."""

    route: str
    began_at: datetime
    ended_at: datetime | None = None

    @property
    def is_nothing(self) -> bool:
        """Shorter than half a minute or so: nothing is left of it in whole minutes."""
        return self.ended_at is not None and self.ended_at <= self.began_at

    def within(self, begin: datetime, end: datetime) -> tuple[datetime, datetime] | None:
        """Its part of a span, None when it lies outside."""
        first, last = max(self.began_at, begin), min(self.ended_at or end, end)
        return (first, last) if first < last else None


@dataclass(frozen=True, slots=True)
class Watch:
    """Since when a route is watched, when it was last known to be connected, and an open gap."""

    since: datetime
    seen_at: datetime
    gap_began_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RouteOutage:
    """What a route's gaps in a week come to. `longest` is the longest one, as two moments."""

    route: str
    times: int
    minutes: int
    longest: tuple[str, str]


def whole_minute(moment: datetime) -> datetime:
    """The nearest whole minute."""
    floor = moment.replace(second=0, microsecond=0)
    return floor + MINUTE if moment - floor >= MINUTE / 2 else floor


def outages(gaps: Iterable[RouteGap], begin: datetime, end: datetime) -> tuple[RouteOutage, ...]:
    """The gaps of each route within a span, by route; moments are written on the span's wall."""
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for gap in gaps:
        part = gap.within(begin, end)
        if part is not None:
            found.setdefault(gap.route, []).append(part)
    return tuple(_outage(route, parts, begin) for route, parts in sorted(found.items()))


def _outage(route: str, parts: list[tuple[datetime, datetime]], begin: datetime) -> RouteOutage:
    total = sum((last - first for first, last in parts), timedelta())
    first, last = max(parts, key=lambda part: part[1] - part[0])
    written = tuple(f"{moment.astimezone(begin.tzinfo):%m-%d %H:%M}" for moment in (first, last))
    return RouteOutage(route, len(parts), total // MINUTE, (written[0], written[1]))
