"""What waits in memory for its slot, and what only memory may know: which records are real."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.domain.complaint_files import SealedReport
from bot.domain.groups import UnitCode
from bot.domain.periods import Week

SLOT_RECORDS = 2
WAITING_ROOM = 48  # records; an orderly stop writes as many, so that nothing that waits is lost


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sealed record that has no slot yet. `unit` is None for what is no complaint."""

    report: SealedReport
    unit: UnitCode | None = None


@dataclass(slots=True)
class Spool:
    """The queue and the counters. Nothing of it is written; a crash forgets it."""

    queue: deque[Waiting] = field(default_factory=deque)
    slot: int = -1  # of the clock, in which this process wrote last
    # Real complaints that were written and not handed over: lookup tag → week of slot, unit.
    real: dict[bytes, tuple[Week, UnitCode]] = field(default_factory=dict)
    # Dummies that were written and not handed over, by id: among these, withdrawals can hide.
    dummies: dict[bytes, Week] = field(default_factory=dict)
    withdrawn: dict[bytes, Week] = field(default_factory=dict)  # ids of records that are to go

    @property
    def is_full(self) -> bool:
        """Whether no more can be promised to survive an orderly stop."""
        return len(self.queue) >= WAITING_ROOM

    def take(self, most: int) -> list[Waiting]:
        """The first of the queue, without removing them: that is for when they are written."""
        return [self.queue[place] for place in range(min(most, len(self.queue)))]

    def wrote(
        self, taken: Sequence[Waiting], dummies: Sequence[SealedReport], week: Week
    ) -> list[SealedReport]:
        """Note that these are at rest now, in a slot of `week`; those of them that were taken
        back while they were written."""
        waiting = {each.report.id for each in self.queue}
        gone = {each.report.id for each in taken}
        self.queue = deque(each for each in self.queue if each.report.id not in gone)
        for each in taken:
            if each.unit is not None:
                self.real[each.report.lookup] = (week, each.unit)
        for dummy in dummies:
            self.dummies[dummy.id] = week
        return [each.report for each in taken if each.report.id not in waiting]

    def drop(self, lookup: bytes) -> bool:
        """Take a complaint out that still waits; whether it did."""
        kept = deque(each for each in self.queue if each.report.lookup != lookup)
        was_here = len(kept) < len(self.queue)
        self.queue = kept
        return was_here

    def withdraw(self, report: bytes, lookup: bytes, week: Week) -> None:
        """Remember to take a record out at the rewrite; it no longer counts for the batch."""
        self.withdrawn[report] = self.real.pop(lookup, (week, UnitCode("")))[0]

    def counted(self, until: Week) -> list[UnitCode]:
        """The units of the real complaints that wait for the hand-over, one entry each."""
        return [unit for week, unit in self.real.values() if week <= until]

    def handed_over(self, until: Week) -> None:
        """Forget what went to the office."""
        self.real = {tag: each for tag, each in self.real.items() if each[0] > until}
        self.dummies = {tag: week for tag, week in self.dummies.items() if week > until}
        self.withdrawn = {tag: week for tag, week in self.withdrawn.items() if week > until}


def in_week(waiting: Waiting, week: Week) -> SealedReport:
    """The record as it is written in a slot of this week."""
    return replace(waiting.report, week=week)
