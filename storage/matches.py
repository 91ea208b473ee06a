"""Counts that rest on a register's entry, and those whose match is to be offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from bot.domain.disputes import PublicCount
from bot.domain.groups import GroupCode
from bot.domain.judgement import EPISODE_BYTES
from bot.domain.periods import Week
from bot.domain.registers import LEGITIMATE, How
from handlers.limit_ports import Candidate
from storage import locks, tables
from storage.deriving import misses_a_register
from storage.engine import Database
from storage.public_counts import UPHELD_IN_TIME, count_of, public_counts
from storage.weeks import week_number

_facts, _filed = tables.facts, tables.filed


class SqlMatches:
    """The Matches port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def match(self, count: PublicCount, number: str) -> bool:
        """See handlers.limit_ports.Matches."""
        return await self._database.write(lambda connection: _match(connection, count, number))

    async def candidates(self, week: Week, group: GroupCode | None = None) -> Sequence[Candidate]:
        """See handlers.limit_ports.Matches."""
        of_the_episode = (
            (_filed.c.week == _facts.c.week)
            & (_filed.c.group_code == _facts.c.group_code)
            & (_filed.c.episode == _facts.c.episode)
        )
        rows = (
            public_counts()
            .add_columns(_filed.c.number)
            .join(_filed, of_the_episode)
            .where(_facts.c.week == week_number(week))
            .where(_facts.c.opens == 1, _facts.c.exempt.is_(None))
            .where(UPHELD_IN_TIME.leaves_the_count, ~_is_settled())
            .where(or_(_filed.c.how == How.ALIKE, _is_still_unlisted()))
            .order_by(
                _facts.c.group_code, _facts.c.weekday, _facts.c.hour, _facts.c.tag, _filed.c.number
            )
        )
        if group is not None:
            rows = rows.where(_facts.c.group_code == group)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [Candidate(count_of(row[:-1]), row[-1]) for row in found]


def _is_still_unlisted() -> ColumnElement[bool]:
    found = UPHELD_IN_TIME
    return and_(
        _filed.c.how == How.UNLISTED, misses_a_register(found.kinds_left, found.kinds_gone)
    )


def _is_settled() -> ColumnElement[bool]:
    other = _filed.alias("settled")
    return (
        select(other.c.week)
        .where(
            other.c.week == _facts.c.week,
            other.c.group_code == _facts.c.group_code,
            other.c.episode == _facts.c.episode,
            other.c.how.in_([how.value for how in LEGITIMATE]),
        )
        .correlate(_facts)
        .exists()
    )


def _match(connection: Connection, count: PublicCount, number: str) -> bool:
    week = week_number(count.week)
    if connection.dialect.name == "postgresql":
        locks.own_week(connection, week)
    closed = tables.closed_weeks.c.week
    if connection.scalar(select(closed).where(closed == week)) is not None:
        return False
    key: dict[str, Any] = {
        "week": week, "group_code": count.group, "episode": count.tag[:EPISODE_BYTES],
        "number": number,
    }  # fmt: skip
    known = update(_filed).filter_by(**key).values(how=How.CONFIRMED.value)
    if not connection.execute(known).rowcount:
        connection.execute(insert(_filed).values(key | {"how": How.CONFIRMED.value}))
    return True
