"""Scheduled acts that run once, whichever process comes first (DESIGN 10)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables
from storage.engine import Database

_runs = tables.job_runs


class SqlClaims:
    """One row for a job and the moment it was due."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, job: str, due: datetime, now: datetime, lease: timedelta) -> bool:
        """Whether the caller is to do it.

        True for the first who asks; and again when that one did not finish within `lease`, so
        that a crash does not lose the act. The act itself must bear being begun twice.
        """

        def write(connection: Connection) -> bool:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            row = make(_runs).values(job=job, due=due, claimed_at=now, done=False)
            first = row.on_conflict_do_nothing().returning(_runs.c.job)
            if connection.execute(first).first() is not None:
                return True
            again = (
                update(_runs)
                .where(_this(job, due), ~_runs.c.done, _runs.c.claimed_at <= now - lease)
                .values(claimed_at=now)
            )
            return connection.execute(again).rowcount == 1

        return await self._database.write(write)

    async def finish(self, job: str, due: datetime) -> None:
        """Note that it is done; nobody gets it again."""
        done = update(_runs).where(_this(job, due)).values(done=True)
        await self._database.write(lambda connection: connection.execute(done))

    async def is_running(self, job: str, now: datetime, lease: timedelta) -> bool:
        """Whether somebody began the job within `lease`, whenever it was due, and has not
        finished it."""
        rows = (
            select(_runs.c.job)
            .where(_runs.c.job == job, ~_runs.c.done, _runs.c.claimed_at > now - lease)
            .limit(1)
        )
        return await self._database.read(lambda connection: connection.scalar(rows)) is not None

    async def is_done(self, job: str, due: datetime) -> bool:
        """Whether it was finished."""
        rows = select(_runs.c.done).where(_this(job, due))
        return bool(await self._database.read(lambda connection: connection.scalar(rows)))


def _this(job: str, due: datetime) -> ColumnElement[bool]:
    return (_runs.c.job == job) & (_runs.c.due == due)
