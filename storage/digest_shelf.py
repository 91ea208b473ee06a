"""Published digests: what was composed for a week stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.issues import Issue
from storage import tables
from storage.engine import Database
from storage.weeks import week_number, week_of

_shelf = tables.digests


class SqlDigestShelf:
    """The DigestShelf port on SQLAlchemy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, issue: Issue, document: bytes, composed_at: datetime) -> bool:
        """See handlers.ports.DigestShelf."""
        row = {
            "week": week_number(issue.week),
            "office": issue.office,
            "number": issue.number,
            "composed_at": composed_at,
            "document": document,
        }

        def write(connection: Connection) -> bool:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            new = make(_shelf).values(row).on_conflict_do_nothing().returning(_shelf.c.week)
            return connection.execute(new).first() is not None

        return await self._database.write(write)

    async def get(self, issue: Issue) -> bytes | None:
        """See handlers.ports.DigestShelf."""
        rows = select(_shelf.c.document).where(
            _shelf.c.week == week_number(issue.week),
            _shelf.c.office == issue.office,
            _shelf.c.number == issue.number,
        )
        return await self._database.read(lambda connection: connection.scalar(rows))

    async def composed_at(self, issue: Issue) -> datetime | None:
        """See handlers.ports.DigestShelf."""
        rows = select(_shelf.c.composed_at).where(
            _shelf.c.week == week_number(issue.week),
            _shelf.c.office == issue.office,
            _shelf.c.number == issue.number,
        )
        return await self._database.read(lambda connection: connection.scalar(rows))

    async def issues(self, office: str) -> Sequence[Issue]:
        """See handlers.ports.DigestShelf."""
        rows = select(_shelf.c.week, _shelf.c.number).where(_shelf.c.office == office)
        rows = rows.order_by(_shelf.c.week, _shelf.c.number)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [Issue(week_of(row.week), office, row.number) for row in found]
