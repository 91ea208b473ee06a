"""Limits kept: what is in force, what was changed by whom, and who confirms a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo

from bot.domain.errors import UserError
from bot.domain.limit_changes import (
    FROM_THE_FIRST,
    ChangeState,
    LimitChange,
    Source,
    differences,
    effective_on,
    in_force,
)
from bot.domain.limits import Ground, Limit
from handlers.limit_ports import LimitLog
from handlers.ports import Clock


@dataclass(slots=True)
class KeepLimits:
    """The limits in force, and their changes. A command's change needs two persons.

    `of_file` is what the policy file says. `load` must be called before anything else.
    """

    log: LimitLog
    of_file: Sequence[Limit]
    clock: Clock
    zone: tzinfo
    _changes: list[LimitChange] = field(default_factory=list, init=False)

    async def load(self, *, writes: bool = True) -> None:
        """Read all changes; what the file changes since it was last read becomes one.

        Without `writes` (a command that only looks) the file's changes hold in RAM alone.
        """
        self._changes = list(await self.log.changes())
        of_file = [one for one in self._changes if one.source is Source.FILE]
        said: dict[str, Limit | None] = {}
        for change in of_file:
            said[change.limit.id] = None if change.removed else change.limit
        new = self._of_file(said, first=not of_file)
        if writes and new:
            self._changes += await self.log.append(new)
        else:
            self._changes += new

    def _of_file(self, said: dict[str, Limit | None], *, first: bool) -> list[LimitChange]:
        now, today = self.clock.now(), self._today()
        held = {limit.id: limit for limit in self.on(today)}
        last = max((one.number for one in self._changes), default=0)
        found: list[LimitChange] = []
        for limit, removed in differences(self.of_file, said):
            wanted = None if removed else limit
            on = FROM_THE_FIRST if first else effective_on(wanted, held.get(limit.id), today)
            found.append(
                LimitChange(
                    last + len(found) + 1,
                    limit,
                    Source.FILE,
                    ChangeState.STANDING,
                    now,
                    "file",
                    removed=removed,
                    effective_on=on,
                )
            )
        return found

    def on(self, day: date) -> tuple[Limit, ...]:
        """The limits of a day."""
        return in_force(self._changes, day)

    def today(self) -> tuple[Limit, ...]:
        """The limits in force now."""
        return self.on(self._today())

    def history(self, limit_id: str = "") -> tuple[LimitChange, ...]:
        """All versions, of one limit or of all, oldest first."""
        return tuple(one for one in self._changes if limit_id in ("", one.limit.id))

    def proposals(self) -> tuple[LimitChange, ...]:
        """What waits for the second person."""
        return tuple(one for one in self._changes if one.state is ChangeState.PROPOSED)

    async def propose(
        self, limit_id: str, at_most: int | None, by: str, basis_text: str = ""
    ) -> LimitChange:
        """Propose another number for a limit, or with None its end; nothing changes yet.

        The limit of `…@code` may be new: it is then made of the general one. Raises UserError.
        """
        base = self._named(limit_id)
        if at_most is not None and not 0 <= at_most <= 1_000_000:
            raise UserError("limits.error.number")
        limit = base if at_most is None else replace(base, at_most=at_most)
        if basis_text:
            limit = replace(limit, ground=Ground.DESIGN, basis="", basis_text=basis_text)
        change = LimitChange(
            0, limit, Source.COMMAND, ChangeState.PROPOSED, self.clock.now(), by,
            removed=at_most is None,
        )  # fmt: skip
        (written,) = await self.log.append([change])
        self._changes.append(written)
        return written

    async def confirm(self, number: int, by: str) -> LimitChange:
        """The second person's yes: it holds from its day on. Raises UserError, also for the first
        person."""
        change = self._proposed(number)
        if change.by == by:
            raise UserError("limits.error.second_person")
        today = self._today()
        held = {limit.id: limit for limit in self.on(today)}
        wanted = None if change.removed else change.limit
        on = effective_on(wanted, held.get(change.limit.id), today)
        return await self._settled(change, ChangeState.STANDING, by, on)

    async def withdraw(self, number: int, by: str) -> LimitChange:
        """Take a proposal back; either person may. Raises UserError."""
        return await self._settled(self._proposed(number), ChangeState.WITHDRAWN, by, None)

    async def _settled(
        self, change: LimitChange, state: ChangeState, by: str, on: date | None
    ) -> LimitChange:
        if not await self.log.settle(change.number, state, by, on):
            self._changes = list(await self.log.changes())
            raise UserError("limits.error.no_proposal")
        settled = replace(change, state=state, confirmed_by=by, effective_on=on)
        self._changes = [settled if one.number == change.number else one for one in self._changes]
        return settled

    def _proposed(self, number: int) -> LimitChange:
        for change in self.proposals():
            if change.number == number:
                return change
        raise UserError("limits.error.no_proposal")

    def _named(self, limit_id: str) -> Limit:
        known = {limit.id: limit for limit in self.today()}
        if limit_id in known:
            return known[limit_id]
        general, at, only = limit_id.partition("@")
        if at and only and general in known:
            return replace(known[general], only=only)
        raise UserError("limits.error.unknown")

    def _today(self) -> date:
        return self.clock.now().astimezone(self.zone).date()
