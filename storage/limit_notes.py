"""What was said of limits, written in one transaction with what is to be said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.limits import Level
from bot.domain.reactions import Note
from handlers.ports import Parcel
from storage import tables
from storage.engine import Database
from storage.outbox import put_parcels

_notes = tables.limit_notes


class SqlLimitNotes:
    """The LimitNotes port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, first: date) -> Sequence[Note]:
        """See handlers.limit_ports.LimitNotes."""
        rows = select(_notes).where(_notes.c.first >= first).order_by(*_notes.primary_key)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [
            Note(row.subject, row.first, Level(row.level), row.counted, row.said_on)
            for row in found
        ]

    async def say(self, notes: Sequence[Note], parcels: Sequence[Parcel]) -> int:
        """See handlers.limit_ports.LimitNotes."""

        def write(connection: Connection) -> int:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            for note in notes:
                row = make(_notes).values(
                    subject=note.subject, first=note.first, level=note.level.value,
                    counted=note.counted, said_on=note.said_on,
                )  # fmt: skip
                changes = {name: row.excluded[name] for name in ("level", "counted", "said_on")}
                connection.execute(
                    row.on_conflict_do_update(index_elements=["subject", "first"], set_=changes)
                )
            return put_parcels(connection, parcels)

        return await self._database.write(write)
