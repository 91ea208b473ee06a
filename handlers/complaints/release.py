"""What offices returned → what their digests may print: judged once, the same for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.complaint_release import (
    GatedComplaints,
    Returned,
    Verdict,
    judged,
    through_gate,
)
from bot.domain.groups import GroupProfile, UnitCode, size_band
from bot.domain.people_figures import PeoplePolicy
from bot.domain.periods import Week
from bot.domain.releases import Solve
from handlers.complaints.ports import ReturnStore
from handlers.ports import Office

LAST_TRY = 4
"""Digests after the one that withheld a week, until its figures stay unpublished for ever."""


@dataclass(frozen=True, slots=True)
class ReleaseFigures:
    """The ReturnedFigures port over the store of returned figures and a solver.

    A week's figures are judged when a digest first asks for them, beside those that all other
    offices were given of that week; figures of other weeks are joined to them by nothing, since
    each is of one closed week. The verdict rests with them. Of what could not be checked
    `unchecked` hears; it is withheld, and may be tried again for LAST_TRY weeks.
    """

    store: ReturnStore
    is_open: Callable[[], bool]
    groups: Callable[[], Sequence[GroupProfile]]
    solve: Solve
    policy: PeoplePolicy
    unchecked: Callable[[Returned], object] = lambda _one: None

    async def take(self, office: Office, digest: Week) -> GatedComplaints | None:
        """See handlers.complaints.ports.ReturnedFigures."""
        if not self.is_open():
            return None
        units = frozenset(office.units)
        taken = await self.store.take_returns(office.code, digest.shifted(-1), digest)
        earlier = list(await self.store.returned_before(office.code, digest))
        found: list[Returned] = []
        for each in taken:
            if each.verdict is None:
                each = await self._judged(each, units, [*earlier, *found])
            found.append(each)
        return through_gate(found, earlier, self.policy)

    async def _judged(
        self, one: Returned, units: frozenset[UnitCode], earlier: Sequence[Returned]
    ) -> Returned:
        week = one.figures.week
        told = await self.store.returned_of(week)
        others = [each for each in told if each.office != one.office]
        asked = Returned(one.office, one.figures, units)
        heads = self._heads({units, *(each.units for each in others)})
        found = await asyncio.to_thread(
            judged, asked, others, earlier, self.solve, self.policy, heads
        )
        await self.store.put_verdict(found)
        if found.verdict is Verdict.UNCHECKED:
            self.unchecked(found)
        return found

    async def waiting(self, now: Week) -> Sequence[Returned]:
        """What could not be checked and may be tried again, oldest first."""
        return await self.store.unchecked(now.shifted(-LAST_TRY))

    async def again(self, one: Returned) -> Returned:
        """Another try of what is `waiting`, beside all that was told in the meantime.

        What passes stands in the next digest of its office.
        """
        week = one.figures.week
        others = [each for each in await self.store.returned_of(week) if each.office != one.office]
        told = await self.store.returned_to(one.office)
        asked = replace(one, verdict=None, why=None)
        heads = self._heads({one.units, *(each.units for each in others)})
        found = await asyncio.to_thread(
            judged, asked, others, told, self.solve, self.policy, heads
        )
        await self.store.put_second_verdict(found)
        return found

    def _heads(self, scopes: set[frozenset[UnitCode]]) -> Mapping[frozenset[UnitCode], int]:
        """How many people offices answer for at most, by the bands of their groups."""
        groups = self.groups()
        own = {
            units: [each for each in groups if not units or each.unit in units] for units in scopes
        }
        return {
            units: sum(size_band(each.size)[1] for each in found)
            for units, found in own.items()
            if found
        }
