"""One-time codes, by their marks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, delete, insert, select, update

from bot.domain.groups import GroupCode
from storage import tables
from storage.engine import Database

_invites = tables.invites


class SqlInvites:
    """The Invites port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, mark: bytes, group: GroupCode, expires_at: datetime) -> None:
        """See handlers.ports.Invites."""
        row = insert(_invites).values(
            mark=mark, group_code=group, expires_at=expires_at, robot=False, whole=False
        )
        await self._database.write(lambda connection: connection.execute(row))

    async def find(self, mark: bytes, now: datetime, *, whole: bool) -> GroupCode | None:
        """See handlers.ports.Invites."""
        rows = select(_invites.c.group_code).where(
            _invites.c.mark == mark, _invites.c.expires_at > now, ~_served(whole=whole)
        )
        found = await self._database.read(lambda connection: connection.scalar(rows))
        return None if found is None else GroupCode(found)

    async def use(self, mark: bytes, now: datetime, *, whole: bool) -> bool:
        """See handlers.ports.Invites."""
        served = _served(whole=whole)
        change = (
            update(_invites)
            .where(_invites.c.mark == mark, _invites.c.expires_at > now, ~served)
            .values({served: True})
        )
        dead = delete(_invites).where(
            (_invites.c.expires_at <= now) | (_invites.c.robot & _invites.c.whole)
        )

        def write(connection: Connection) -> bool:
            is_first = connection.execute(change).rowcount == 1
            connection.execute(dead)
            return is_first

        return await self._database.write(write)


def _served(*, whole: bool) -> Column[bool]:
    return _invites.c.whole if whole else _invites.c.robot
