"""What limits and registers need from a store, as protocols. Stores and fakes fit by shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.domain.disputes import PublicCount
from bot.domain.groups import GroupCode
from bot.domain.limit_changes import ChangeState, LimitChange
from bot.domain.periods import Week
from bot.domain.reactions import Note
from bot.domain.registers import EmergencyWindow, Filing, Mark, Proposal, RegisterView
from bot.domain.relations import Demand
from bot.domain.work_hints import Related
from handlers.ports import Parcel


class LimitLog(Protocol):
    """Every version of every limit; nothing is ever taken out. Raises BooksUnavailable."""

    async def changes(self) -> Sequence[LimitChange]:
        """All of them, oldest first."""
        ...

    async def append(self, changes: Sequence[LimitChange]) -> Sequence[LimitChange]:
        """Write new versions; they come back with their numbers (given in that order)."""
        ...

    async def settle(
        self, number: int, state: ChangeState, by: str, effective_on: date | None
    ) -> bool:
        """Confirm or withdraw what is proposed; False when it is not proposed (any more)."""
        ...


class InForce(Protocol):
    """What counting asks of the registers: in RAM, at once."""

    @property
    def view(self) -> RegisterView:
        """All of it in RAM, as of the last load or write."""
        ...

    def use(self, number: str, tag: bytes) -> None:
        """Note that the episode which a message opens uses up one of an entry's quota.

        The books know it with the message; this is for those that come before the next `load`.
        """
        ...


class RegisterStore(InForce, Protocol):
    """Registers, emergencies and marks. Writes raise BooksUnavailable; then nothing changed."""

    async def load(self) -> None:
        """Read everything again."""
        ...

    async def put_entries(self, entries: Sequence[Filing], by: str, now: datetime) -> None:
        """Enter or change entries, all or none; a retired one is entered with `retired`."""
        ...

    async def propose(self, entry: Filing, by: str, now: datetime) -> Proposal:
        """Write an entry that waits for a second person."""
        ...

    async def settle(
        self, proposal: Proposal, entry: Filing | None, by: str, now: datetime
    ) -> bool:
        """Enter what was proposed, as `entry`, or withdraw it (None), in one transaction; False
        when it does not wait (any more), and then nothing was changed."""
        ...

    async def put_emergency(self, window: EmergencyWindow) -> None:
        """Open an emergency, or write that it was ended."""
        ...

    async def put_mark(self, mark: Mark, now: datetime) -> None:
        """Mark days."""
        ...

    async def remove_mark(self, id: str, by: str, now: datetime) -> bool:  # noqa: A002
        """Take a mark back; False when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A count that looks like a registered matter, or stands in none (`number` empty)."""

    count: PublicCount
    number: str


class Matches(Protocol):
    """Counts that rest on an entry of a register."""

    async def match(self, count: PublicCount, number: str) -> bool:
        """Say that the count rests on a register's entry: it is counted apart.

        False when its week is closed; nothing was changed then.
        """
        ...

    async def candidates(self, week: Week, group: GroupCode | None = None) -> Sequence[Candidate]:
        """Counts of a group, or of all, in an open week whose match is to be offered, or that
        stand in no register."""
        ...


class Compared(Protocol):
    """What demands of an open week are beside those of other groups. Raises BooksUnavailable."""

    async def demands(self, week: Week) -> Sequence[Demand]:
        """Demands of the week and of the one before, as they are compared."""
        ...

    async def related(self, week: Week) -> Sequence[Related]:
        """The week's relations that were found so far, where the later one is still counted."""
        ...


class Heard(Protocol):
    """When groups were last heard. Raises BooksUnavailable."""

    async def last_heard(self, since: Week) -> Mapping[GroupCode, date]:
        """The last day with a message, of the groups that were heard since a week."""
        ...


class LimitNotes(Protocol):
    """What was said of limits. Raises BooksUnavailable; then nothing was written."""

    async def since(self, first: date) -> Sequence[Note]:
        """Notes of windows that began on that day or later."""
        ...

    async def say(self, notes: Sequence[Note], parcels: Sequence[Parcel]) -> int:
        """Write notes and put parcels into the outbox in one transaction: a program that dies
        has done both or neither. How many parcels were new."""
        ...


class _NothingRegistered:
    """For who counts without registers."""

    view = RegisterView()

    def use(self, number: str, tag: bytes) -> None:
        """There is nothing to use up."""


NOTHING_REGISTERED: InForce = _NothingRegistered()
