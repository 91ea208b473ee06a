"""What was used of the platforms' quotas, day by day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables
from storage.engine import Database

_spendings = tables.spendings


class SqlSpendings:
    """The Spendings port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def spend(self, platform: str, account: str, on: date) -> None:
        """See handlers.ports.Spendings."""

        def write(connection: Connection) -> None:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            row = make(_spendings).values(platform=platform, account=account, day=on, calls=1)
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=[_spendings.c.platform, _spendings.c.account, _spendings.c.day],
                    set_={"calls": _spendings.c.calls + 1},
                )
            )

        await self._database.write(write)

    async def spent(self, platform: str, account: str, since: date) -> int:
        """See handlers.ports.Spendings."""
        rows = select(func.sum(_spendings.c.calls)).where(
            _spendings.c.platform == platform,
            _spendings.c.account == account,
            _spendings.c.day >= since,
        )
        return await self._database.read(lambda connection: connection.scalar(rows)) or 0
