"""Weeks that are over → closed in the ledger, and their keys destroyed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from itertools import count, takewhile

from bot.domain.periods import Week, is_over
from handlers.ports import Clock, ClosedWeek, Cursors, Keyring, Ledger, Registry

LISTENING_SINCE = "listening_since"
OVERDUE_AFTER = timedelta(hours=1)
"""So long after it was due a close that did not happen is told of."""
KEYS_LOOKED_FOR = 4  # of the weeks closed last; older keys end with them or fail by name


async def _tell_nobody(_: ClosedWeek) -> None:
    """The default for who wants to hear of a close."""


@dataclass(frozen=True, slots=True)
class CloseWeeks:
    """Closes what is due. Whenever it is called, however often, it comes out the same.

    A week is due `grace` after it ended in the zone of every registered group and of the office
    (`zone`). Its tallies are committed first and its keys destroyed after: should the process
    die in between, the next call of `destroy_leftover_keys` does it. The ledger, not the
    schedule, says what is open, so that weeks missed during a downtime are closed one after the
    other.

    Who listens also closes the weeks in which nothing was heard, so that the digest says so:
    from the week in which it first listened, or in which the first group was registered.
    """

    ledger: Ledger
    keyring: Keyring
    registry: Registry
    cursors: Cursors
    clock: Clock
    grace: timedelta
    zone: tzinfo
    rulebook_version: str
    on_closed: Callable[[ClosedWeek], Awaitable[None]] = _tell_nobody

    async def __call__(self, *, listening: bool = False) -> tuple[Week, ...]:
        """Close the weeks that are due, oldest first; which were closed.

        `listening` is True for the running bot only: an import brings its weeks with it.
        """
        now = self.clock.now()
        zones = {self.zone, *(group.zone for group in self.registry.groups())}
        closed: list[Week] = []
        silent = await self._silent_weeks(Week.of(now, self.zone)) if listening else ()
        for week in sorted({*await self.ledger.open_weeks(), *silent}):
            if not all(is_over(week, now, zone, self.grace) for zone in zones):
                break
            line = await self.ledger.close(week, now, self.rulebook_version)
            self.keyring.destroy(week)
            closed.append(week)
            await self.on_closed(line)
        return tuple(closed)

    async def destroy_leftover_keys(self) -> None:
        """Destroy what is left of the keys of closed weeks, here or in another process."""
        self.keyring.destroy_leftovers(await self.ledger.closed_weeks())

    async def overdue(self) -> tuple[Week, ...]:
        """Weeks that should have been closed, or their key destroyed, an hour ago; oldest first."""
        now, late = self.clock.now(), self.grace + OVERDUE_AFTER
        zones = {self.zone, *(group.zone for group in self.registry.groups())}
        closed = sorted(await self.ledger.closed_weeks())[-KEYS_LOOKED_FOR:]
        left = [week for week in closed if self.keyring.holds_tags(week)]
        return tuple(
            week
            for week in sorted({*await self.ledger.open_weeks(), *left})
            if all(is_over(week, now, zone, late) for zone in zones)
        )

    async def _silent_weeks(self, current: Week) -> list[Week]:
        """Weeks since the bot has listened to groups, up to the current one, and not closed."""
        since = await self.cursors.get(LISTENING_SINCE)
        if since is None or not self.registry.groups():
            if since != str(current):
                await self.cursors.put(LISTENING_SINCE, str(current))
            return []
        closed = set(await self.ledger.closed_weeks())
        weeks = (Week.parse(since).shifted(ahead) for ahead in count())
        return [
            week for week in takewhile(lambda week: week < current, weeks) if week not in closed
        ]
