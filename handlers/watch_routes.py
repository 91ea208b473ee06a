"""Routes are watched: what was not connected, or pulled too late, is written down to the minute."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    process before it ended, so its absence is a gap too. A route that is pulled loses nothing
    while the platform keeps it: it tells `pulled`, and what had fallen out by then is a gap. One
    process watches a route.
    """

    log: RouteLog
    clock: Clock
    _up: dict[str, bool] = field(default_factory=dict, init=False)
    _gaps: dict[str, datetime] = field(default_factory=dict, init=False)
    _unwritten: dict[tuple[str, datetime], RouteGap] = field(default_factory=dict, init=False)
    _kept_for: dict[str, timedelta] = field(default_factory=dict, init=False)
    _pulled_at: dict[str, datetime] = field(default_factory=dict, init=False)
    _fresh: set[str] = field(default_factory=set, init=False)

    async def start(
        self, routes: Collection[str], pulled: Mapping[str, timedelta] | None = None
    ) -> None:
        """Begin with every route lost since it was last seen, or from now on.

        `pulled` are the routes that are pulled, with how long the platform keeps what it has.
        """
        now = self.clock.now()
        watched = await self.log.watched()
        for route in sorted(routes):
            before = watched.get(route)
            since = now if before is None else before.gap_began_at or before.seen_at
            self._up[route] = True
            self.lost(route, now - since)
        self._kept_for = dict(pulled or {})
        for route in self._kept_for.keys() & watched.keys():
            self._pulled_at[route] = watched[route].seen_at
        await self.log.watch(sorted({*routes, *self._kept_for}), now)

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

    def pulled(self, route: str) -> None:
        """All that the platform still has was fetched; what it had dropped by now is a gap."""
        now = self.clock.now()
        before, kept_for = self._pulled_at.get(route), self._kept_for.get(route)
        self._pulled_at[route] = now
        self._fresh.add(route)
        if before is not None and kept_for is not None and now - before > kept_for:
            began_at = whole_minute(before)
            gap = RouteGap(route, began_at, whole_minute(now - kept_for))
            self._unwritten[route, began_at] = gap

    def is_lost(self, route: str) -> bool:
        """Whether the route was lost and has not come back."""
        return route in self._gaps

    async def __call__(self) -> None:
        """Write what happened since the last call; raises BooksUnavailable, and tries again then."""
        told = dict(self._unwritten)
        fresh = set(self._fresh)
        up = [route for route, is_up in self._up.items() if is_up]
        await self.log.write([*up, *sorted(fresh)], self.clock.now(), list(told.values()))
        self._fresh -= fresh
        for key, gap in told.items():
            if self._unwritten.get(key) == gap:
                del self._unwritten[key]
