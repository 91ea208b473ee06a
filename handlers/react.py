"""Counts at their limits → a private note to admins, a sentence to the group, a note to offices.

Nothing but the books and what was noted decides: a program that dies between a count and its
reaction finds both again, and says it once.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from bot.domain.disputes import PublicCount
from bot.domain.group_scale import Band, scaled
from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.limit_windows import window_of
from bot.domain.limits import Action, Days, Level, Limit, Scope, Window
from bot.domain.periods import Week
from bot.domain.reactions import (
    Daily,
    Note,
    Rise,
    is_repeated,
    is_to_be_said,
    marked_limits,
    noted,
    one_a_day,
    rises,
)
from bot.domain.sending import Urgency
from bot.domain.tallies import CountTable, Place
from bot.domain.vocabulary import Measure
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from handlers.keep_limits import KeepLimits
from handlers.limit_ports import InForce, LimitNotes
from handlers.ports import Clock, Destination, Disputes, Ledger, Parcel, Registry
from handlers.reaction_words import ReactionWords, is_of

EVERY = timedelta(minutes=1)
LATELY = timedelta(days=1)
EXPIRES_AFTER = timedelta(days=3)
LOOKED_AT = 60  # of a group's latest counts, for the one to name
_LONG = (Window.MONTH, Window.YEAR)
_Latest = dict[tuple[GroupCode, Week], Sequence[PublicCount]]


@dataclass(slots=True)
class ReactToCounts:
    """Says what counts call for. Called again, it says nothing twice.

    What is due off-hours waits in the outbox for working time; one sentence for a kind and day
    goes to a group, and the outbox keeps the group's budget.
    """

    ledger: Ledger
    disputes: Disputes
    limits: KeepLimits
    registers: InForce
    registry: Registry
    notes: LimitNotes
    words: ReactionWords
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
    group_scale: Sequence[Band] = ()
    _next: datetime | None = field(default=None, init=False)
    _summed: dict[tuple[date, date, bool, int], CountTable] = field(
        default_factory=dict, init=False
    )

    async def __call__(self) -> int:
        """How many parcels were put into the outbox."""
        now = self.clock.now()
        if self._next is not None and now < self._next:
            return 0
        self._next = now + EVERY
        local = now.astimezone(self.zone)
        found = await self.rises(local.date())
        if not found:
            return 0
        at = self.calendar.next_working_moment(local, self.hours)
        known = await self.notes.since(local.date() - timedelta(days=400))
        last = {(note.subject, note.first): note for note in known}
        news = [rise for rise in found if is_to_be_said(rise, last.get(_key(rise)), at.date())]
        if not news:
            return 0
        parcels = await self._parcels(news, at)
        parcels += self._escalations(news, _by_subject(known), at)
        return await self.notes.say([noted(rise, at.date()) for rise in news], parcels)

    async def rises(self, today: date) -> list[Rise]:
        """The limits whose count is near or over and rose today or yesterday."""
        running = {week: await self.ledger.running(week) for week in await self._weeks(today)}
        longer: list[tuple[Limit, list[Daily]]] = [
            (limit, await self._before(window_of(limit.window, today), limit))
            for limit in self._scaled(today)
            if limit.window in _LONG
        ]
        # A large county's week takes half a second, and the doors must go on answering.
        return await asyncio.to_thread(
            self._found, running, longer, list(self.registry.groups()), today
        )

    def _scaled(self, day: date) -> tuple[Limit, ...]:
        """The limits of a day, the number of groups by each unit's staff."""
        return scaled(self.limits.on(day), self.group_scale, self.registry.units())

    def _found(
        self,
        running: Mapping[Week, CountTable],
        longer: Sequence[tuple[Limit, list[Daily]]],
        groups: Sequence[GroupProfile],
        today: date,
    ) -> list[Rise]:
        numbers = [
            one
            for week, table in running.items()
            for one in _dated(table, week)
            if one.day is not None and one.day <= today
        ]
        numbers += [
            Daily(Place(one.code, one.unit, one.line, 0), today, Measure.GROUP_COUNT, 1)
            for one in groups
        ]
        found: list[Rise] = []
        # Shortly after midnight yesterday's windows still have their say.
        for day in (today - LATELY, today):
            limits = marked_limits(self.limits.on(day), self.registers.view, groups, day)
            for window in (Window.DAY, Window.WEEK):
                some = [one for one in limits if one.window is window]
                found += self._risen(numbers, some, window_of(window, day), day)
        for limit, before in longer:
            span = window_of(limit.window, today)
            found += self._risen([*before, *numbers], [limit], span, today)
        return list(dict.fromkeys(found))

    def _risen(
        self, numbers: Sequence[Daily], limits: Sequence[Limit], span: tuple[date, date], day: date
    ) -> list[Rise]:
        since = day - LATELY
        return rises(
            numbers, limits, span, lambda on: since <= on <= day, self.calendar.is_working_day
        )

    async def _weeks(self, today: date) -> Sequence[Week]:
        """Open weeks that may still be heard of; an import of an old month is no news."""
        this = Week.on(today)
        return [
            week for week in await self.ledger.open_weeks() if this.shifted(-1) <= week <= this
        ]

    async def _before(self, span: tuple[date, date], limit: Limit) -> list[Daily]:
        """What closed weeks hold of a long window."""
        working = limit.days is Days.WORKING
        closed = len(await self.ledger.closed_weeks())
        key = (*span, working, closed)
        if key not in self._summed:
            rest = self._rest_days(span) if working else ()
            self._summed = {one: table for one, table in self._summed.items() if one[3] == closed}
            self._summed[key] = await self.ledger.summed(*span, rest)
        return [
            Daily(Place(*cell[:4]), None, cell.measure, n)
            for cell, n in self._summed[key]
            if cell.measure is limit.measure and isinstance(cell.measure, Measure)
        ]

    def _rest_days(self, span: tuple[date, date]) -> list[date]:
        days = (span[0] + timedelta(days=n) for n in range((span[1] - span[0]).days + 1))
        return [day for day in days if not self.calendar.is_working_day(day)]

    # --- what is said ---

    async def _parcels(self, news: Sequence[Rise], at: datetime) -> list[Parcel]:
        parcels = []
        latest: _Latest = {}
        for code, part, rise in one_a_day(news):
            group = self.registry.group(code)
            if group is None or group.retired or rise.limit.measure is Measure.GROUP_COUNT:
                continue
            if rise.level is Level.NEAR and Action.WARN in rise.limit.actions:
                parcels += self._to_admins(group, part, rise, at)
            if rise.level is Level.OVER and Action.REMIND in rise.limit.actions:
                parcels += await self._to_the_group(group, part, rise, at, latest)
        return parcels

    def _to_admins(self, group: GroupProfile, part: int, rise: Rise, at: datetime) -> list[Parcel]:
        said = self.words.near(group, part, rise, at.date())
        return [
            self._parcel("near", f"{group.code}:{rise.limit.measure}", to, said, at)
            for to in self.registry.admins_of(group.code)
        ]

    async def _to_the_group(
        self, group: GroupProfile, part: int, rise: Rise, at: datetime, latest: _Latest
    ) -> list[Parcel]:
        chats = self.registry.chats_of(group.code)
        # One sentence: of several chats of a group the first. Where no robot can speak, its admins.
        hearers = chats[:1] or self.registry.admins_of(group.code)
        if not hearers:
            return []
        count = await self._count_of(group.code, rise, latest)
        said = self.words.over(group, part, rise, count, at.date())
        subject = f"{group.code}:{rise.limit.measure}"
        return [self._parcel("over", subject, to, said, at) for to in hearers]

    async def _count_of(self, group: GroupCode, rise: Rise, latest: _Latest) -> PublicCount | None:
        """The latest count that the sentence is about, to be spoken of by its id."""
        last = min(window_of(rise.limit.window, rise.first)[1], self._today())
        for week in (Week.on(last), Week.on(last).shifted(-1)):
            if (group, week) not in latest:
                latest[group, week] = await self.disputes.latest(group, week, LOOKED_AT)
            for count in latest[group, week]:
                if is_of(count, rise.limit.measure):
                    return count
        return None

    def _escalations(
        self, news: Sequence[Rise], notes: Mapping[str, Sequence[Note]], at: datetime
    ) -> list[Parcel]:
        parcels = []
        for rise in news:
            if not rise.limit.actions & {Action.ESCALATE, Action.ALERT}:
                continue
            unit = self._unit_of(rise)
            if rise.limit.measure is Measure.GROUP_COUNT and rise.level is Level.OVER:
                said = self.words.too_many_groups(rise)
            elif Action.ESCALATE in rise.limit.actions and is_repeated(rise, notes, at.date()):
                said = self.words.repeated(unit, rise)
            elif _is_first(rise, notes):
                said = self.words.first_time(unit, rise)
            else:
                continue
            subject = f"{rise.limit.measure}:{rise.limit.scope}:{rise.code}:{Week.on(at.date())}"
            for office in self.registry.offices():
                if not office.units or unit in office.units:
                    parcels += [
                        self._parcel("repeated", subject, to, said, at)
                        for to in office.destinations
                    ]
        return list({parcel.key: parcel for parcel in parcels}.values())

    def _unit_of(self, rise: Rise) -> str:
        """The unit that the office hears of: a group is told by its unit, a line by none."""
        match rise.limit.scope:
            case Scope.UNIT:
                return rise.code
            case Scope.GROUP:
                group = self.registry.group(GroupCode(rise.code))
                return group.unit if group else ""
            case _:
                return ""

    def _parcel(
        self, sort: str, subject: str, to: Destination, said: tuple[str, str], at: datetime
    ) -> Parcel:
        title, markdown = said
        where = hashlib.sha256(
            "\0".join((to.platform, to.account, to.id.reveal())).encode()
        ).hexdigest()[:16]
        return Parcel(
            key=f"limit:{sort}:{subject}:{at.date()}:{where}",
            destination=to,
            title=title,
            markdown=markdown,
            not_before=at,
            urgency=Urgency.HINT,
            expires_at=at + EXPIRES_AFTER,
        )

    def _today(self) -> date:
        return self.clock.now().astimezone(self.zone).date()


def _is_first(rise: Rise, notes: Mapping[str, Sequence[Note]]) -> bool:
    """Whether the office wants to hear at once, and has not yet heard of this window."""
    wanted = Action.ALERT in rise.limit.actions and rise.level is Level.OVER
    return wanted and all(one.first != rise.first for one in notes.get(rise.subject, ()))


def _key(rise: Rise) -> tuple[str, date]:
    return rise.subject, rise.first


def _by_subject(notes: Iterable[Note]) -> dict[str, list[Note]]:
    found: dict[str, list[Note]] = {}
    for note in notes:
        found.setdefault(note.subject, []).append(note)
    return found


def _dated(table: CountTable, week: Week) -> Iterable[Daily]:
    days = week.days
    for cell, n in table:
        if isinstance(cell.measure, Measure):
            yield Daily(Place(*cell[:4]), days[cell.weekday - 1], cell.measure, n)
