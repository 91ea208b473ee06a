"""Every version of every limit, in the order in which they were decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.domain.limit_changes import ChangeState, LimitChange, Source
from bot.domain.limits import Action, Days, Ground, Limit, Scope, Window
from bot.domain.vocabulary import Measure
from storage import tables
from storage.engine import Database

_changes = tables.limit_changes
_PER_MILLE = 1000


class SqlLimitLog:
    """The LimitLog port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def changes(self) -> Sequence[LimitChange]:
        """See handlers.limit_ports.LimitLog."""
        rows = select(_changes).order_by(_changes.c.number)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [_change(row) for row in found]

    async def append(self, changes: Sequence[LimitChange]) -> Sequence[LimitChange]:
        """See handlers.limit_ports.LimitLog."""

        def write(connection: Connection) -> list[LimitChange]:
            written = []
            for change in changes:
                row = insert(_changes).values(_row(change)).returning(_changes.c.number)
                written.append(replace(change, number=connection.execute(row).scalar_one()))
            return written

        return await self._database.write(write)

    async def settle(
        self, number: int, state: ChangeState, by: str, effective_on: date | None
    ) -> bool:
        """See handlers.limit_ports.LimitLog."""
        change = (
            update(_changes)
            .where(_changes.c.number == number, _changes.c.state == ChangeState.PROPOSED.value)
            .values(state=state.value, confirmed_by=by, effective_on=effective_on)
        )
        return await self._database.write(lambda c: c.execute(change).rowcount == 1)


def _row(change: LimitChange) -> dict[str, Any]:
    limit = change.limit
    return {
        "measure": limit.measure.value,
        "scope": limit.scope.value,
        "window": limit.window.value,
        "only": limit.only,
        "at_most": limit.at_most,
        "ground": limit.ground.value,
        "basis": limit.basis,
        "basis_text": limit.basis_text,
        "warn_at": round(limit.warn_at * _PER_MILLE),
        "days": limit.days.value,
        "actions": " ".join(sorted(limit.actions)),
        "removed": change.removed,
        "source": change.source.value,
        "state": change.state.value,
        "proposed_at": change.proposed_at,
        "by": change.by,
        "confirmed_by": change.confirmed_by,
        "effective_on": change.effective_on,
    }


def _change(row: Any) -> LimitChange:
    return LimitChange(
        number=row.number,
        limit=Limit(
            measure=Measure(row.measure),
            scope=Scope(row.scope),
            window=Window(row.window),
            at_most=row.at_most,
            ground=Ground(row.ground),
            basis=row.basis,
            basis_text=row.basis_text,
            only=row.only,
            warn_at=row.warn_at / _PER_MILLE,
            days=Days(row.days),
            actions=frozenset(Action(word) for word in row.actions.split()),
        ),
        source=Source(row.source),
        state=ChangeState(row.state),
        proposed_at=row.proposed_at,
        by=row.by,
        removed=row.removed,
        confirmed_by=row.confirmed_by,
        effective_on=row.effective_on,
    )
