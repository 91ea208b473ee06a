"""What is kept no longer: facts after thirteen months, what was said after four weeks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from bot.domain.periods import Week
from handlers.ports import DeliveryState
from storage import tables
from storage.engine import Database
from storage.outbox import EMPTIED
from storage.weeks import week_number

FACT_WEEKS = 57  # thirteen months and the week they begin in
SAID_FOR = timedelta(days=28)


class SqlRetention:
    """Erases what has had its time. Tallies, the ledger and published digests stay."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget_facts(self, current: Week) -> int:
        """Delete facts of closed weeks older than thirteen months; how many there were.

        A week that was never closed keeps its facts: they are still to be counted.
        """
        last_kept = current.shifted(-FACT_WEEKS)
        oldest, begun = week_number(last_kept), last_kept.shifted(-1).ends_at(UTC)
        closed = select(tables.closed_weeks.c.week).where(tables.closed_weeks.c.week < oldest)

        def write(connection: Connection) -> int:
            gone = connection.execute(delete(tables.facts).where(tables.facts.c.week.in_(closed)))
            old = tables.superseded
            connection.execute(delete(old).where(old.c.week.in_(closed)))
            for beside in (
                tables.relations,
                tables.dispute_steps,
                tables.filed,
                tables.week_backgrounds,
            ):
                connection.execute(delete(beside).where(beside.c.week.in_(closed)))
            notes = tables.limit_notes
            connection.execute(delete(notes).where(notes.c.first < last_kept.shifted(-53).monday))
            gaps = tables.route_gaps
            connection.execute(delete(gaps).where(gaps.c.ended_at < begun))
            return gone.rowcount

        forgotten = await self._database.write(write)
        await self._database.erase_remnants()
        return forgotten

    async def forget_said(self, now: datetime) -> int:
        """Empty parcels that came to their end, or were left uncertain, four weeks ago; how many.

        The key stays, so that the same is not said again.
        """
        box = tables.outbox
        over = set(DeliveryState) - {DeliveryState.PENDING, DeliveryState.SENDING}
        change = (
            update(box)
            .where(
                box.c.state.in_(sorted(over)), box.c.due_at < now - SAID_FOR, box.c.recipient != ""
            )
            .values(EMPTIED)
        )
        emptied = await self._database.write(
            lambda connection: connection.execute(change).rowcount
        )
        await self._database.erase_remnants()
        return emptied
