"""Limits and registers in dictionaries, for the console and for tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.domain.limit_changes import ChangeState, LimitChange
from bot.domain.registers import (
    LEGITIMATE,
    EmergencyWindow,
    Filing,
    Mark,
    Proposal,
    RegisterView,
)
from storage.memory_books import MemoryBooks


class MemoryLimitLog:
    """The LimitLog port."""

    def __init__(self) -> None:
        self._changes: list[LimitChange] = []

    async def changes(self) -> Sequence[LimitChange]:
        """See handlers.limit_ports.LimitLog."""
        return list(self._changes)

    async def append(self, changes: Sequence[LimitChange]) -> Sequence[LimitChange]:
        """See handlers.limit_ports.LimitLog."""
        first = len(self._changes) + 1
        written = [replace(one, number=first + place) for place, one in enumerate(changes)]
        self._changes += written
        return written

    async def settle(
        self, number: int, state: ChangeState, by: str, effective_on: date | None
    ) -> bool:
        """See handlers.limit_ports.LimitLog."""
        for place, change in enumerate(self._changes):
            if change.number == number and change.state is ChangeState.PROPOSED:
                self._changes[place] = replace(
                    change, state=state, confirmed_by=by, effective_on=effective_on
                )
                return True
        return False


class MemoryRegisters:
    """The RegisterStore port."""

    def __init__(self, books: MemoryBooks) -> None:
        self._books = books
        self._entries: dict[str, Filing] = {}
        self._emergencies: dict[str, EmergencyWindow] = {}
        self._marks: dict[str, Mark] = {}
        self._proposals: dict[int, Proposal] = {}
        self._proposed = 0

    @property
    def view(self) -> RegisterView:
        """See handlers.limit_ports.InForce."""
        used = Counter(
            number
            for numbers in self._books.filed.values()
            for number, how in numbers.items()
            if how in LEGITIMATE
        )
        return RegisterView(
            tuple(self._entries.values()),
            tuple(self._emergencies.values()),
            tuple(self._marks.values()),
            used,
            tuple(self._proposals.values()),
        )

    def use(self, number: str, tag: bytes) -> None:
        """The books are asked anew whenever `view` is."""

    async def load(self) -> None:
        """Nothing to read: it is all here."""

    async def put_entries(self, entries: Sequence[Filing], by: str, now: datetime) -> None:
        """See handlers.limit_ports.RegisterStore."""
        self._entries |= {entry.number: entry for entry in entries}

    async def propose(self, entry: Filing, by: str, now: datetime) -> Proposal:
        """See handlers.limit_ports.RegisterStore."""
        self._proposed += 1
        proposal = self._proposals[self._proposed] = Proposal(self._proposed, entry, now)
        return proposal

    async def settle(
        self, proposal: Proposal, entry: Filing | None, by: str, now: datetime
    ) -> bool:
        """See handlers.limit_ports.RegisterStore."""
        waited = self._proposals.pop(proposal.number, None) is not None
        if waited and entry is not None:
            await self.put_entries([entry], by, now)
        return waited

    async def put_emergency(self, window: EmergencyWindow) -> None:
        """See handlers.limit_ports.RegisterStore."""
        self._emergencies[window.id] = window

    async def put_mark(self, mark: Mark, now: datetime) -> None:
        """See handlers.limit_ports.RegisterStore."""
        self._marks[mark.id] = mark

    async def remove_mark(self, id: str, by: str, now: datetime) -> bool:  # noqa: A002
        """See handlers.limit_ports.RegisterStore."""
        return self._marks.pop(id, None) is not None
