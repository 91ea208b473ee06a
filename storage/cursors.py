"""How far a source has been read, by the name of the source."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables
from storage.engine import Database

_cursors = tables.cursors


class SqlCursors:
    """Positions that outlive the program: an archive's sequence number, a file's line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """The position last put, or None."""
        rows = select(_cursors.c.value).where(_cursors.c.name == name)
        return await self._database.read(lambda connection: connection.scalar(rows))

    async def put(self, name: str, value: str) -> None:
        """Remember a position. Put it after what lies before it is recorded, never earlier."""

        def write(connection: Connection) -> None:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            row = make(_cursors).values(name=name, value=value)
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=[_cursors.c.name], set_={"value": row.excluded.value}
                )
            )

        await self._database.write(write)
