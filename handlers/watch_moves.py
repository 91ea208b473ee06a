"""A measure that jumps to another group after one was told of its limit → a note to the office."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from bot.domain.groups import GroupCode, UnitCode
from bot.domain.limits import Level
from bot.domain.periods import Week
from bot.domain.reactions import Note
from bot.domain.sending import Urgency
from bot.domain.tallies import CountTable
from bot.domain.texts import Texts
from bot.domain.vocabulary import Measure
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from bot.domain.work_hints import Told, moved_on
from handlers.limit_ports import LimitNotes
from handlers.ports import Clock, Ledger, Parcel, Registry

EVERY = timedelta(hours=1)
EXPIRES_AFTER = timedelta(days=3)

_Counts = Counter[tuple[GroupCode, Measure]]


@dataclass(slots=True)
class WatchMoves:
    """Looks each hour; tells an office once a week of each unit and measure, without numbers."""

    ledger: Ledger
    registry: Registry
    notes: LimitNotes
    texts: Texts
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
    _next: datetime | None = field(default=None, init=False)

    async def __call__(self) -> int:
        """How many parcels were put into the outbox."""
        now = self.clock.now()
        if self._next is not None and now < self._next:
            return 0
        self._next = now + EVERY
        local = now.astimezone(self.zone)
        week = Week.on(local.date())
        known = await self.notes.since(week.monday)
        told = [one for note in known if (one := _told(note)) is not None]
        if not told or week not in await self.ledger.open_weeks():
            return 0
        since = min(one.on for one in told) - timedelta(days=1)
        running = _counted(await self.ledger.running(week), week, since)
        last = week.shifted(-1)
        before = _counted(await self.ledger.tallies(last), last, last.monday)
        units = {group.code: group.unit for group in self.registry.groups()}
        said = {note.subject for note in known}
        at = self.calendar.next_working_moment(local, self.hours)
        notes, parcels = [], []
        for unit, measure in moved_on(told, running, before, units):
            subject = f"moved:{unit}:{measure}"
            if subject not in said:
                notes.append(Note(subject, week.monday, Level.OVER, 1, at.date()))
                parcels += self._parcels(unit, measure, week, at)
        return await self.notes.say(notes, parcels) if notes else 0

    def _parcels(self, unit: UnitCode, measure: Measure, week: Week, at: datetime) -> list[Parcel]:
        name = self.texts(f"measures.name.{measure}")
        said = self.texts("work_hints.moved", unit=unit, measure=name)
        found = []
        for office in self.registry.offices():
            for to in office.destinations if not office.units or unit in office.units else ():
                where = "\0".join((to.platform, to.account, to.id.reveal())).encode()
                mark = hashlib.sha256(where).hexdigest()[:16]
                found.append(
                    Parcel(
                        key=f"moved:{unit}:{measure}:{week}:{mark}",
                        destination=to,
                        title=self.texts("work_hints.title"),
                        markdown=said,
                        not_before=at,
                        urgency=Urgency.HINT,
                        expires_at=at + EXPIRES_AFTER,
                    )
                )
        return found


def _told(note: Note) -> Told | None:
    """What a note of `reactions` says, if a group was told that it is over its own limit."""
    limit, _, rest = note.subject.partition("|")
    code, _, level = rest.partition("|")
    measure, _, place = limit.partition(".")
    if level != Level.OVER or not place.startswith("group."):
        return None
    return Told(GroupCode(code), Measure(measure), note.said_on)


def _counted(table: CountTable, week: Week, since: date) -> _Counts:
    sums: _Counts = Counter()
    for cell, n in table:
        if isinstance(cell.measure, Measure) and week.days[cell.weekday - 1] >= since:
            sums[cell.group, cell.measure] += n
    return sums
