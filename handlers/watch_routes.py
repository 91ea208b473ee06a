"""Routes that push are watched: what was not connected is written down, to the minute."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.reach import RouteGap, whole_minute
from handlers.ports import Clock, RouteLog

_NO_TIME = timedelta(0)


@dataclass
class WatchRoutes:
    """Hears from the connections when they come and go, and keeps a durable list of gaps.

    `connected` and `lost` are quick and never fail; a call writes what they told, and that the
    connected routes were so at this moment. A start finds in the last such moment when the
    process before it ended, so its absence is a gap too. Only routes on which the platform
    pushes belong here: what is pulled is pulled later. One process watches a route.
    """

    log: RouteLog
    clock: Clock
    _up: dict[str, bool] = field(default_factory=dict, init=False)
    _gaps: dict[str, datetime] = field(default_factory=dict, init=False)
    _unwritten: dict[tuple[str, datetime], RouteGap] = field(default_factory=dict, init=False)

    async def start(self, routes: Collection[str]) -> None:
        """Begin with every route lost since it was last seen, or from now on."""
        now = self.clock.now()
        watched = await self.log.watched()
        for route in sorted(routes):
            before = watched.get(route)
            since = now if before is None else before.gap_began_at or before.seen_at
            self._up[route] = True
            self.lost(route, now - since)
        await self.log.watch(sorted(routes), now)

    def connected(self, route: str) -> None:
        """From now on the route brings what is sent."""
        began_at = self._gaps.pop(route, None)
        self._up[route] = True
        if began_at is not None:
            ended_at = whole_minute(self.clock.now())
            self._unwritten[route, began_at] = RouteGap(route, began_at, ended_at)

    def lost(self, route: str, silent_for: timedelta = _NO_TIME) -> None:
        """The route brings nothing, and has not for `silent_for`."""
        if self._up.get(route, False):
            began_at = whole_minute(self.clock.now() - silent_for)
            self._up[route] = False
            self._gaps[route] = began_at
            self._unwritten[route, began_at] = RouteGap(route, began_at)

    def is_lost(self, route: str) -> bool:
        """Whether the route was lost and has not come back."""
        return route in self._gaps

    async def __call__(self) -> None:
        """Write what happened since the last call; raises BooksUnavailable, and tries again then."""
        told = dict(self._unwritten)
        up = [route for route, is_up in self._up.items() if is_up]
        await self.log.write(up, self.clock.now(), list(told.values()))
        for key, gap in told.items():
            if self._unwritten.get(key) == gap:
                del self._unwritten[key]
