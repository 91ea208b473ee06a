"""Published digests: what was composed for a week stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.periods import Week
from storage import tables
from storage.engine import Database
from storage.weeks import week_number, week_of

_shelf = tables.digests


class SqlDigestShelf:
    """The DigestShelf port on SQLAlchemy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, week: Week, office: str, document: bytes, composed_at: datetime) -> bool:
        """See handlers.ports.DigestShelf."""
        row = {
            "week": week_number(week),
            "office": office,
            "composed_at": composed_at,
            "document": document,
        }

        def write(connection: Connection) -> bool:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            new = make(_shelf).values(row).on_conflict_do_nothing().returning(_shelf.c.week)
            return connection.execute(new).first() is not None

        return await self._database.write(write)

    async def get(self, week: Week, office: str) -> bytes | None:
        """See handlers.ports.DigestShelf."""
        rows = select(_shelf.c.document).where(
            _shelf.c.week == week_number(week), _shelf.c.office == office
        )
        return await self._database.read(lambda connection: connection.scalar(rows))

    async def weeks(self, office: str) -> Sequence[Week]:
        """See handlers.ports.DigestShelf."""
        rows = select(_shelf.c.week).where(_shelf.c.office == office).order_by(_shelf.c.week)
        found = await self._database.read(lambda connection: connection.scalars(rows).all())
        return [week_of(number) for number in found]
