"""Weeks that are over → closed in the ledger, and their keys destroyed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from bot.domain.periods import Week, is_over
from handlers.ports import Clock, ClosedWeek, Keyring, Ledger, Registry


async def _tell_nobody(_: ClosedWeek) -> None:
    """The default for who wants to hear of a close."""


@dataclass(frozen=True, slots=True)
class CloseWeeks:
    """Closes what is due. Whenever it is called, however often, it comes out the same.

    A week is due `grace` after it ended in the zone of every registered group and of the office
    (`zone`). Its tallies are committed first and its keys destroyed after: should the process
    die in between, the next call of `destroy_leftover_keys` (at start) does it. The ledger, not
    the schedule, says what is open, so that weeks missed during a downtime are closed one after
    the other.
    """

    ledger: Ledger
    keyring: Keyring
    registry: Registry
    clock: Clock
    grace: timedelta
    zone: tzinfo
    rulebook_version: str
    on_closed: Callable[[ClosedWeek], Awaitable[None]] = _tell_nobody

    async def __call__(self) -> tuple[Week, ...]:
        """Close the weeks that are due, oldest first; which were closed."""
        now = self.clock.now()
        zones = {self.zone, *(group.zone for group in self.registry.groups())}
        closed: list[Week] = []
        for week in sorted(await self.ledger.open_weeks()):
            if not all(is_over(week, now, zone, self.grace) for zone in zones):
                break
            line = await self.ledger.close(week, now, self.rulebook_version)
            self.keyring.destroy(week)
            closed.append(week)
            await self.on_closed(line)
        return tuple(closed)

    async def destroy_leftover_keys(self) -> None:
        """Destroy the keys of closed weeks, for the case that the last run did not come to it."""
        for week in await self.ledger.closed_weeks():
            self.keyring.destroy(week)
