"""Registers kept: entries, emergencies, marked days, and counts that rest on an entry."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from bot.domain.disputes import PublicCount, public_id
from bot.domain.errors import UserError
from bot.domain.filing_checks import YearlyCap, check_caps, check_entry, overlapping
from bot.domain.groups import GroupCode, UnitCode
from bot.domain.periods import Week
from bot.domain.registers import (
    LEGITIMISES,
    LONGEST_EMERGENCY,
    LONGEST_NUMBER,
    LONGEST_WORDS,
    EmergencyWindow,
    Filing,
    Mark,
    MarkSort,
    RegisterView,
    Sort,
)
from handlers.dispute_counts import DisputeCounts
from handlers.limit_ports import Candidate, Matches, RegisterStore
from handlers.ports import Clock

USUAL_EMERGENCY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class KeepRegisters:
    """What people enter to legitimise a demand or to mark a day. Every method that writes raises
    UserError for what a person can mend; `by` is a code of `actors`."""

    store: RegisterStore
    matches: Matches
    disputes: DisputeCounts
    clock: Clock
    zone: tzinfo
    caps: Sequence[YearlyCap] = ()

    def listed(self, sort: Sort | None = None, on: date | None = None) -> Sequence[Filing]:
        """Entries that hold on a day (today), by number."""
        day = on or self.today()
        found = (
            one for one in self.view.entries if one.holds_on(day) and sort in (None, one.sort)
        )
        return sorted(found, key=lambda one: one.number)

    @property
    def view(self) -> RegisterView:
        """All registers."""
        return self.store.view

    def used(self, number: str) -> int:
        """How many episodes an entry has legitimised."""
        return self.view.used.get(number, 0)

    async def add(self, entries: Sequence[Filing], by: str) -> tuple[Filing, ...]:
        """Enter them, all or none; those of other lines that they might be combined with."""
        for place, entry in enumerate(entries):
            self.check(entry, entries[:place])
        await self.store.put_entries(entries, by, self.clock.now())
        others = {other.number: other for entry in entries for other in self.beside(entry)}
        return tuple(others.values())

    def check(self, entry: Filing, together: Sequence[Filing] = ()) -> None:
        """Raises UserError when it cannot be entered, `together` with others or alone."""
        check_entry(entry)
        known = self.view.entry(entry.number)
        if known is not None and known.number != entry.number:
            raise UserError("registers.error.number_taken", number=known.number)
        check_caps([*self.view.entries, *together], entry, self.caps)

    def beside(self, entry: Filing) -> Sequence[Filing]:
        """Inspections of other lines that it might be combined with."""
        return overlapping(self.view.entries, entry)

    async def retire(self, number: str, by: str) -> Filing:
        """End an entry: from now on it legitimises nothing."""
        retired = replace(self._entry(number), retired=True)
        await self.store.put_entries([retired], by, self.clock.now())
        return retired

    async def open_emergency(
        self,
        basis: str,
        level: str,
        by: str,
        *,
        group: GroupCode | None = None,
        unit: UnitCode | None = None,
        lasts_for: timedelta = USUAL_EMERGENCY,
    ) -> EmergencyWindow:
        """Declare an emergency from now on, in a group, in a unit's groups, or everywhere."""
        if not basis.strip() or len(basis) > LONGEST_WORDS:
            raise UserError("registers.error.basis")
        if not timedelta() < lasts_for <= LONGEST_EMERGENCY:
            raise UserError("registers.error.lasts_for", most=str(LONGEST_EMERGENCY.days))
        now = self.clock.now()
        window = EmergencyWindow(
            id=public_id(_bytes_of(f"{now.isoformat()} {group} {unit}")),
            basis=basis.strip(),
            level=level.strip()[:LONGEST_NUMBER],
            starts=now,
            ends=now + lasts_for,
            by=by,
            group=group or GroupCode(""),
            unit=unit or UnitCode(""),
        )
        await self.store.put_emergency(window)
        return window

    async def close_emergency(self, id: str, by: str) -> EmergencyWindow:  # noqa: A002
        """End it now: what is sent from now on counts again."""
        now = self.clock.now()
        for window in self.view.emergencies:
            if window.id == id.strip().upper() and window.over_at > now:
                closed = replace(window, closed_at=now, closed_by=by)
                await self.store.put_emergency(closed)
                return closed
        raise UserError("registers.error.no_emergency")

    def emergencies(self, at: datetime | None = None) -> Sequence[EmergencyWindow]:
        """Those that are open, by when they began."""
        now = at or self.clock.now()
        open_ = (one for one in self.view.emergencies if one.starts <= now < one.over_at)
        return sorted(open_, key=lambda one: one.starts)

    async def mark(
        self,
        sort: MarkSort,
        first: date,
        last: date,
        by: str,
        *,
        weekday: int = 0,
        unit: UnitCode | None = None,
    ) -> Mark:
        """Mark days as without meetings or without notices."""
        if last < first or last - first > timedelta(days=400) or not 0 <= weekday <= 7:
            raise UserError("registers.error.days")
        name = f"{sort} {first} {last} {weekday} {unit or ''}"
        mark = Mark(
            public_id(_bytes_of(name)), sort, first, last, by, weekday, unit or UnitCode("")
        )
        await self.store.put_mark(mark, self.clock.now())
        return mark

    async def unmark(self, id: str, by: str) -> None:  # noqa: A002
        """Take a mark back."""
        if not await self.store.remove_mark(id.strip().upper(), by, self.clock.now()):
            raise UserError("registers.error.no_mark")

    def marks(self, from_day: date | None = None) -> Sequence[Mark]:
        """Marks that are not over, by their first day."""
        day = from_day or self.today()
        return sorted((one for one in self.view.marks if one.last >= day), key=lambda m: m.first)

    async def match(
        self, group: GroupCode, written: str, number: str
    ) -> tuple[PublicCount, Filing]:
        """Say that a count of the group rests on an entry: it is counted apart from now on."""
        entry = self._entry(number)
        if entry.sort not in LEGITIMISES:
            raise UserError("registers.error.legitimises_nothing")
        if entry.quota is not None and self.used(entry.number) >= entry.quota:
            raise UserError("registers.error.quota", number=entry.number)
        count = await self.disputes.count_of(written, [group])
        if not count.opens:
            raise UserError("registers.error.no_opener", id=count.id)
        if not entry.holds_on(_day_of(count)):
            raise UserError("registers.error.other_period", number=entry.number)
        if not await self.matches.match(count, entry.number):
            raise UserError("registers.error.closed")
        await self.store.load()
        return count, entry

    async def candidates(self, group: GroupCode) -> Sequence[Candidate]:
        """Counts of the group's running week that look like an entry, or stand in none."""
        return await self.matches.candidates(Week.on(self.today()), group)

    def today(self) -> date:
        """The day on the office's wall."""
        return self.clock.now().astimezone(self.zone).date()

    def _entry(self, number: str) -> Filing:
        entry = self.view.entry(number)
        if entry is None or entry.retired:
            raise UserError("registers.error.unknown")
        return entry


def _day_of(count: PublicCount) -> date:
    return count.week.days[count.weekday - 1]


def _bytes_of(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()
