"""When routes were connected: watched routes and their gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.reach import RouteGap, Watch
from storage import tables
from storage.engine import Database

_routes, _gaps = tables.watched_routes, tables.route_gaps


class SqlRouteLog:
    """The RouteLog port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def watched(self) -> Mapping[str, Watch]:
        """See handlers.ports.RouteLog."""
        is_open = (_gaps.c.route == _routes.c.route) & _gaps.c.ended_at.is_(None)
        rows = select(_routes, _gaps.c.began_at).join_from(_routes, _gaps, is_open, isouter=True)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return {row.route: Watch(row.since, row.seen_at, row.began_at) for row in found}

    async def watch(self, routes: Sequence[str], now: datetime) -> None:
        """See handlers.ports.RouteLog."""

        def write(connection: Connection) -> None:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            for route in routes:
                row = make(_routes).values(route=route, since=now, seen_at=now)
                connection.execute(row.on_conflict_do_nothing())

        await self._database.write(write)

    async def write(
        self, connected: Sequence[str], now: datetime, gaps: Sequence[RouteGap]
    ) -> None:
        """See handlers.ports.RouteLog."""

        def write(connection: Connection) -> None:
            seen = update(_routes).where(_routes.c.route.in_(connected)).values(seen_at=now)
            connection.execute(seen)
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            for gap in gaps:
                this = (_gaps.c.route == gap.route) & (_gaps.c.began_at == gap.began_at)
                if gap.is_nothing:
                    connection.execute(delete(_gaps).where(this))
                    continue
                row = make(_gaps).values(
                    route=gap.route, began_at=gap.began_at, ended_at=gap.ended_at
                )
                ended = row.on_conflict_do_update(
                    index_elements=[_gaps.c.route, _gaps.c.began_at],
                    set_={"ended_at": row.excluded.ended_at},
                )
                connection.execute(ended)

        await self._database.write(write)

    async def gaps(self, since: datetime, until: datetime) -> Sequence[RouteGap]:
        """See handlers.ports.RouteLog."""
        rows = (
            select(_gaps)
            .where(
                _gaps.c.began_at < until, or_(_gaps.c.ended_at.is_(None), _gaps.c.ended_at > since)
            )
            .order_by(_gaps.c.route, _gaps.c.began_at)
        )
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [RouteGap(row.route, row.began_at, row.ended_at) for row in found]
