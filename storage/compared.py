"""What demands of an open week are beside those of other groups, for hints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, select

from bot.domain.groups import GroupCode, LineCode
from bot.domain.periods import Week
from bot.domain.relations import Demand, RelationKind, Shift
from bot.domain.work_hints import Related
from storage import across, tables
from storage.engine import Database
from storage.weeks import week_number, week_of


class SqlCompared:
    """The Compared and the Heard port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def demands(self, week: Week) -> Sequence[Demand]:
        """See handlers.limit_ports.Compared."""
        return await self._database.read(lambda connection: across.demands_of(connection, week))

    async def last_heard(self, since: Week) -> Mapping[GroupCode, date]:
        """See handlers.limit_ports.Heard."""
        seen = tables.coverage.c
        last = func.max(seen.week * 10 + seen.weekday)
        rows = select(seen.group_code, last).where(
            seen.week >= week_number(since), seen.messages > 0
        )
        rows = rows.group_by(seen.group_code)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return {GroupCode(group): week_of(day // 10).days[day % 10 - 1] for group, day in found}

    async def related(self, week: Week) -> Sequence[Related]:
        """See handlers.limit_ports.Compared."""
        relation = tables.relations.c
        rows = select(tables.relations).where(relation.week == week_number(week))
        rows = rows.order_by(relation.group_code, relation.episode, relation.kind)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [
            Related(
                kind=RelationKind(row.kind),
                group=GroupCode(row.group_code),
                episode=row.episode,
                day=week.days[row.weekday - 1],
                earlier_line=LineCode(row.earlier_line),
                shift=Shift(row.shift),
                depth=row.depth,
            )
            for row in found
        ]
