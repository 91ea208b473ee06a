"""Cards that were clicked, by the ids that the bot drew for them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables
from storage.engine import Database

_spent = tables.spent_cards


class SqlSpentCards:
    """The SpentCards port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def spend(self, card: bytes, until: date, today: date) -> bool:
        """See handlers.ports.SpentCards."""

        def write(connection: Connection) -> bool:
            connection.execute(delete(_spent).where(_spent.c.until < today))
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            row = make(_spent).values(card=card, until=until).on_conflict_do_nothing()
            return bool(connection.execute(row.returning(_spent.c.card)).all())

        return await self._database.write(write)

    async def give_back(self, card: bytes) -> None:
        """See handlers.ports.SpentCards."""
        gone = delete(_spent).where(_spent.c.card == card)
        await self._database.write(lambda connection: connection.execute(gone))
