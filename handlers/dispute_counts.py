"""A count is called wrong by its id; somebody else, from the office, says whether it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from bot.domain.disputes import DisputeState, Moved, PublicCount, written_id
from bot.domain.errors import UserError
from bot.domain.groups import GroupCode
from bot.domain.periods import Week
from bot.domain.vocabulary import Kind
from handlers.ports import Clock, Disputes

DISPUTABLE_WEEKS = 8


@dataclass(frozen=True, slots=True)
class DisputeCounts:
    """Finds counts by what somebody typed, and moves their disputes. Doing it again does no harm."""

    disputes: Disputes
    clock: Clock
    zone: tzinfo

    async def count_of(self, typed: str, groups: Collection[GroupCode] | None) -> PublicCount:
        """The one count meant, of these groups (None: of all).

        Raises UserError when it is no id, no count of theirs in the last weeks, or not one alone.
        """
        written = written_id(typed)
        if written is None:
            raise UserError("dispute.answer.no_id")
        found = await self.disputes.found(written, self._first_week(), groups)
        if not found:
            raise UserError("dispute.answer.unknown", id=written, weeks=str(DISPUTABLE_WEEKS))
        if len(found) > 1:
            raise UserError("dispute.answer.ambiguous", id=written)
        return found[0]

    async def move(
        self, count: PublicCount, wanted: DisputeState, by: str, kinds: Sequence[Kind] = ()
    ) -> Moved:
        """Bring the dispute of these kinds, or of the whole count, to a state.

        What was filed is decided on and taken back as it was filed, so that `kinds` may be left
        out then. `by` is the role of whoever does it, never a person. Raises UserError when that
        cannot follow what stands.
        """
        if wanted is not DisputeState.OPEN:
            kinds = kinds or count.disputed
        moved = await self.disputes.move(count, wanted, by, self.week(), kinds)
        if moved is Moved.REFUSED:
            state = await self._state_now(count)
            key = state.value if state else "undisputed"
            raise UserError(f"dispute.refused.{key}", id=count.id)
        return moved

    async def sharing(self, count: PublicCount, kinds: Sequence[Kind]) -> Sequence[PublicCount]:
        """What else keeps its demand among these kinds: counts that are disputed by themselves."""
        return await self.disputes.sharing(count, kinds) if kinds else ()

    async def open(self, groups: Collection[GroupCode] | None) -> Sequence[PublicCount]:
        """Disputes that wait for the office."""
        listed = await self.disputes.listed({DisputeState.OPEN})
        return [one for one in listed if groups is None or one.group in groups]

    async def undecided(
        self, groups: Collection[GroupCode], week: Week | None, most: int
    ) -> tuple[Sequence[PublicCount], int]:
        """The groups' counts that are not decided, of one week or of all that can be disputed.

        The newest come first, at most so many; beside them how many there are. Raises UserError
        for a week of which nothing can be disputed any more, or not yet.
        """
        first, last = self._first_week(), self.week()
        if week is not None and not first <= week <= last:
            raise UserError(
                "dispute.answer.no_week", week=str(week), first=str(first), last=str(last)
            )
        return await self.disputes.undecided(groups, week or first, week or last, most)

    async def _state_now(self, count: PublicCount) -> DisputeState | None:
        found = await self.disputes.found(count.id, count.week, [count.group])
        return next((one.state for one in found if one.tag == count.tag), None)

    def _first_week(self) -> Week:
        return self.week().shifted(1 - DISPUTABLE_WEEKS)

    def week(self) -> Week:
        """The running week."""
        return Week.of(self.clock.now(), self.zone)
