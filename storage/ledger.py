"""Closed weeks: tallies derived and the ledger moved in one transaction, or neither."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    RowMapping,
    Select,
    and_,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from bot.domain.errors import StoreError
from bot.domain.periods import Week
from bot.domain.relations import Relation, find_relations
from bot.domain.tallies import CountTable
from handlers.ports import ClosedWeek
from storage import across, locks, tables
from storage.deriving import COLUMNS, WHERE, standing_facts, tally_rows
from storage.engine import Database
from storage.tally_rows import count_table
from storage.upheld import EVER
from storage.weeks import week_number, week_of

# An episode's sketch can be read as long as its week's sketch key lives (DESIGN 12.5).
LIVE_WEEKS = 4


class SqlLedger:
    """The Ledger port on SQLAlchemy."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._related: dict[Week, across.Mark] = {}

    async def open_weeks(self) -> Sequence[Week]:
        """See handlers.ports.Ledger."""
        return [week_of(number) for number in await self._database.read(open_week_numbers)]

    async def closed(self, week: Week) -> ClosedWeek | None:
        """See handlers.ports.Ledger."""
        return await self._database.read(lambda connection: _line(connection, week))

    async def closed_weeks(self) -> Sequence[Week]:
        """All closed weeks, oldest first."""
        rows = select(tables.closed_weeks.c.week).order_by(tables.closed_weeks.c.week)
        found = await self._database.read(lambda connection: connection.scalars(rows).all())
        return [week_of(number) for number in found]

    async def close(self, week: Week, closed_at: datetime, rulebook: str) -> ClosedWeek:
        """See handlers.ports.Ledger. Afterwards the dropped tags are gone from the file too."""
        # Seconds of a large county's week are spent before the transaction and not within it.
        mark = await self.relate(week)
        line = await self._database.write(
            lambda connection: _close(connection, week, closed_at, rulebook, mark)
        )
        self._related.pop(week, None)
        await self._database.erase_remnants()
        return line

    async def relate(self, week: Week) -> across.Mark:
        """See handlers.ports.Ledger. What was known of the week when its relations were found."""
        mark = await self._database.read(lambda connection: across.mark_of(connection, week))
        if self._related.get(week) == mark:
            return mark
        demands = await self._database.read(lambda connection: across.demands_of(connection, week))
        found = await asyncio.to_thread(find_relations, demands, week)
        await self._database.write(lambda connection: _keep_relations(connection, week, found))
        self._related[week] = mark
        return mark

    async def rebuild(self, week: Week) -> None:
        """See handlers.ports.Ledger. A week that is not closed is left alone."""
        await self._database.write(lambda connection: _rebuild(connection, week))

    async def tallies(self, week: Week) -> CountTable:
        """See handlers.ports.Ledger."""
        tally = tables.tallies.c
        rows = select(*(tally[name] for name in (*WHERE, *COLUMNS))).where(
            tally.week == week_number(week)
        )
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        # A province's week has a hundred thousand rows: the loop must not stand still meanwhile.
        return await asyncio.to_thread(count_table, found)

    async def corrected(self, week: Week) -> CountTable:
        """See handlers.ports.Ledger."""
        rows = tally_rows(week, struck=EVER)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return await asyncio.to_thread(count_table, found)

    async def running(self, week: Week) -> CountTable:
        """See handlers.ports.Ledger."""
        rows = tally_rows(week)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return await asyncio.to_thread(count_table, found)

    async def summed(self, first: date, last: date, without: Collection[date] = ()) -> CountTable:
        """See handlers.ports.Ledger."""
        tally = tables.tallies.c
        places = [tally.group_code, tally.unit, tally.line]
        numbers = [cast(func.sum(tally[name]), Integer).label(name) for name in COLUMNS]
        begins, ends = Week.on(first), Week.on(last)
        from_first = or_(
            tally.week > week_number(begins),
            and_(tally.week == week_number(begins), tally.weekday >= first.isoweekday()),
        )
        to_last = or_(
            tally.week < week_number(ends),
            and_(tally.week == week_number(ends), tally.weekday <= last.isoweekday()),
        )
        no_day = cast(literal(0), Integer).label("weekday")
        skipped = [week_number(Week.on(day)) * 10 + day.isoweekday() for day in without]
        counts = cast(tally.week * 10 + tally.weekday, Integer).not_in(skipped)
        rows = select(*places, no_day, *numbers).where(from_first, to_last, counts)
        rows = rows.group_by(*places)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return await asyncio.to_thread(count_table, found)

    async def mark_incomplete(self, week: Week) -> None:
        """Note that the week's tag key was lost and begun anew: its close will say so."""
        number = week_number(week)

        def mark(connection: Connection) -> None:
            if number not in _lost(connection):
                connection.execute(insert(tables.lost_keys).values(week=number))

        await self._database.write(mark)

    async def was_lost(self, week: Week) -> bool:
        """Whether the week's tag key was lost and begun anew."""
        return week_number(week) in await self._database.read(_lost)


def open_week_numbers(connection: Connection) -> list[int]:
    """Weeks that were counted in and are not closed, oldest first."""
    coverage, closed = tables.coverage, tables.closed_weeks
    rows = (
        select(coverage.c.week)
        .distinct()
        .where(coverage.c.week.not_in(select(closed.c.week)))
        .order_by(coverage.c.week)
    )
    return list(connection.scalars(rows))


def _lost(connection: Connection) -> set[int]:
    return set(connection.scalars(select(tables.lost_keys.c.week)))


def _keep_relations(connection: Connection, week: Week, found: Sequence[Relation]) -> None:
    if connection.dialect.name == "postgresql":
        locks.own_week(connection, week_number(week))
    if _line(connection, week) is None:
        across.keep(connection, week, found)


def _close(
    connection: Connection, week: Week, closed_at: datetime, rulebook: str, mark: across.Mark
) -> ClosedWeek:
    number = week_number(week)
    if connection.dialect.name == "postgresql":
        locks.own_week(connection, number)
    line = _line(connection, week)
    if line is not None:
        return line
    if across.mark_of(connection, week) != mark:
        across.relate(connection, week)
    _keep_belonging(connection, number)
    _derive(connection, week)
    messages = select(func.coalesce(func.sum(tables.coverage.c.messages), 0)).where(
        tables.coverage.c.week == number
    )
    connection.execute(
        insert(tables.closed_weeks).values(
            week=number,
            closed_at=closed_at,
            facts=standing_facts(week),
            messages=messages.scalar_subquery(),
            incomplete=number in _lost(connection),
            rulebook=rulebook,
        )
    )
    connection.execute(delete(tables.seen).where(tables.seen.c.week == number))
    across.forget_minutes(connection, week)
    oldest_live = week_number(week.shifted(1 - LIVE_WEEKS))
    connection.execute(
        delete(tables.open_episodes).where(tables.open_episodes.c.week < oldest_live)
    )
    return _closed_week(week, connection.execute(_line_of(week)).mappings().one())


def _rebuild(connection: Connection, week: Week) -> None:
    if connection.dialect.name == "postgresql":
        locks.own_week(connection, week_number(week))
    line = _line(connection, week)
    if line is None:
        return
    here = select(literal(1)).where(tables.facts.c.week == week_number(week)).limit(1)
    if line.facts and connection.scalar(here) is None:
        raise StoreError(
            "its facts were kept their time and are gone; its tallies stay as they are"
        )
    connection.execute(delete(tables.tallies).where(tables.tallies.c.week == week_number(week)))
    _derive(connection, week)


def _derive(connection: Connection, week: Week) -> None:
    rows = tally_rows(week).subquery("derived")
    columns = ["week", *WHERE, *COLUMNS]
    found = select(cast(literal(week_number(week)), Integer), *rows.c)
    connection.execute(insert(tables.tallies).from_select(columns, found))


def _keep_belonging(connection: Connection, number: int) -> None:
    # Groups move between units; a rebuild must charge the messages where the close did.
    coverage, groups = tables.coverage, tables.groups

    def registered(column: str) -> Select[tuple[str]]:
        return select(groups.c[column]).where(groups.c.code == coverage.c.group_code)

    connection.execute(
        update(coverage)
        .where(coverage.c.week == number)
        .values(
            unit=func.coalesce(registered("unit").scalar_subquery(), ""),
            line=func.coalesce(registered("line").scalar_subquery(), ""),
        )
    )


def _line(connection: Connection, week: Week) -> ClosedWeek | None:
    found = connection.execute(_line_of(week)).mappings().first()
    return None if found is None else _closed_week(week, found)


def _line_of(week: Week) -> Select[Any]:
    closed, coverage = tables.closed_weeks, tables.coverage
    late = select(func.coalesce(func.sum(coverage.c.late), 0)).where(
        coverage.c.week == week_number(week)
    )
    return select(closed, late.scalar_subquery().label("late")).where(
        closed.c.week == week_number(week)
    )


def _closed_week(week: Week, line: RowMapping) -> ClosedWeek:
    return ClosedWeek(
        week=week,
        closed_at=line["closed_at"],
        facts=line["facts"],
        messages=line["messages"],
        late=line["late"],
        incomplete=line["incomplete"],
        rulebook=line["rulebook"],
    )
