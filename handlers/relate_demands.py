"""Demands of open weeks → how they stand to those of other groups, now and then while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from handlers.ports import Clock, Ledger

EVERY = timedelta(minutes=10)


@dataclass(slots=True)
class RelateDemands:
    """Keeps the standing of open weeks fresh. A week's close finds its relations for good."""

    ledger: Ledger
    clock: Clock
    _next: datetime | None = field(default=None, init=False)

    async def __call__(self) -> None:
        """Relate the demands of open weeks, when the last time is long enough ago."""
        now = self.clock.now()
        if self._next is not None and now < self._next:
            return
        for week in await self.ledger.open_weeks():
            await self.ledger.relate(week)
        self._next = now + EVERY
