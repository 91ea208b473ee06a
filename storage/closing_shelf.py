"""Published months and quarters: what was composed stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.issues import ClosingIssue
from bot.domain.spans import Span
from handlers.closing_ports import KeptClosing
from storage import tables
from storage.engine import Database

_shelf = tables.closings


class SqlClosingShelf:
    """The ClosingShelf port on SQLAlchemy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self,
        issue: ClosingIssue,
        sources: Mapping[str, int],
        document: bytes,
        composed_at: datetime,
    ) -> bool:
        """See handlers.closing_ports.ClosingShelf."""
        row = {
            "span": str(issue.span),
            "office": issue.office,
            "number": issue.number,
            "composed_at": composed_at,
            "sources": " ".join(f"{week}:{number}" for week, number in sources.items()),
            "document": document,
        }

        def write(connection: Connection) -> bool:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            new = make(_shelf).values(row).on_conflict_do_nothing().returning(_shelf.c.span)
            return connection.execute(new).first() is not None

        return await self._database.write(write)

    async def get(self, issue: ClosingIssue) -> bytes | None:
        """See handlers.closing_ports.ClosingShelf."""
        rows = select(_shelf.c.document).where(
            _shelf.c.span == str(issue.span),
            _shelf.c.office == issue.office,
            _shelf.c.number == issue.number,
        )
        return await self._database.read(lambda connection: connection.scalar(rows))

    async def kept(self, office: str) -> Sequence[KeptClosing]:
        """See handlers.closing_ports.ClosingShelf."""
        rows = select(_shelf.c.span, _shelf.c.number, _shelf.c.sources)
        rows = rows.where(_shelf.c.office == office).order_by(_shelf.c.span, _shelf.c.number)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [
            KeptClosing(
                ClosingIssue(Span.parse(row.span), office, row.number), _sources(row.sources)
            )
            for row in found
        ]


def _sources(written: str) -> dict[str, int]:
    parts = (each.partition(":") for each in written.split())
    return {week: int(number) for week, _, number in parts}
