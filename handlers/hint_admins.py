"""Demands that could be spared, joined or matched → a private note to the group's admin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from bot.domain.disputes import public_id
from bot.domain.groups import GroupCode
from bot.domain.judgement import EPISODE_BYTES
from bot.domain.limits import Level
from bot.domain.periods import Week
from bot.domain.reactions import Note
from bot.domain.registers import RegisterView
from bot.domain.sending import Urgency
from bot.domain.texts import Texts
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from bot.domain.work_hints import HintSort, WorkHint, of_meetings, of_relations, of_silence
from handlers.card_words import CardWords
from handlers.limit_ports import Compared, Heard, InForce, LimitNotes, Matches
from handlers.ports import Clock, Ledger, Parcel, Registry

EVERY = timedelta(minutes=10)
EXPIRES_AFTER = timedelta(days=3)
LOOKED_BACK = 26  # weeks in which a silent group must have been heard


@dataclass(slots=True)
class HintAdmins:
    """Tells a group's admins of one thing of each sort a day, and of each thing once.

    Only a line of command, a day and a register's number are told of what another group has.
    """

    ledger: Ledger
    matches: Matches
    compared: Compared
    heard: Heard
    registers: InForce
    registry: Registry
    notes: LimitNotes
    texts: Texts
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
    noticed: Callable[[date], Sequence[WorkHint]]
    _next: datetime | None = field(default=None, init=False)

    async def __call__(self) -> int:
        """How many parcels were put into the outbox."""
        now = self.clock.now()
        if self._next is not None and now < self._next:
            return 0
        self._next = now + EVERY
        local = now.astimezone(self.zone)
        week, since = Week.on(local.date()), local.date() - timedelta(days=1)
        if week not in await self.ledger.open_weeks():
            return 0
        hints = [
            WorkHint(
                HintSort.ALIKE if one.number else HintSort.UNLISTED,
                one.count.group,
                one.count.tag[:EPISODE_BYTES],
                number=one.number,
            )
            for one in await self.matches.candidates(week)
            if week.days[one.count.weekday - 1] >= since
        ]
        hints += self.noticed(since)
        hints += of_relations(await self.compared.related(week), since)
        hints += of_meetings(await self.compared.demands(week), self.zone, since)
        heard = await self.heard.last_heard(week.shifted(-LOOKED_BACK))
        whole = {code: day for code, day in heard.items() if self._is_heard_whole(code)}
        hints += of_silence(whole, local.date())
        at = self.calendar.next_working_moment(local, self.hours)
        # As far back as the month in which a silent group was told of it.
        chosen = _first_of_each(hints, await self.notes.since(week.shifted(-5).monday), at.date())
        if not chosen:
            return 0
        notes = [Note(_subject(one), week.monday, Level.NEAR, 1, at.date()) for one in chosen]
        return await self.notes.say(
            notes, [one for hint in chosen for one in self._parcels(hint, at)]
        )

    def _is_heard_whole(self, code: GroupCode) -> bool:
        return self.registry.is_passively_counted(code)

    def _parcels(self, hint: WorkHint, at: datetime) -> list[Parcel]:
        group = self.registry.group(hint.group)
        if group is None or group.retired:
            return []
        said = self._said(hint, self.registers.view)
        card = None
        if hint.sort is HintSort.ALIKE:
            id_ = public_id(hint.episode)
            card = CardWords(self.texts).match(id_, hint.number, said)
        found = []
        for to in self.registry.admins_of(hint.group):
            where = "\0".join((to.platform, to.account, to.id.reveal())).encode()
            found.append(
                Parcel(
                    key=f"{_subject(hint)}:{at.date()}:" + hashlib.sha256(where).hexdigest()[:16],
                    destination=to,
                    title=self.texts("work_hints.title"),
                    markdown=self.texts("work_hints.frame", group=group.alias, said=said),
                    not_before=at,
                    urgency=Urgency.HINT,
                    expires_at=at + EXPIRES_AFTER,
                    card=card,
                )
            )
        return found

    def _said(self, hint: WorkHint, view: RegisterView) -> str:
        values = {"id": public_id(hint.episode), "line": hint.line, "number": hint.number}
        if hint.on is not None:
            values |= {"month": str(hint.on.month), "day": str(hint.on.day)}
        if hint.sort is HintSort.ALIKE:
            filing = view.entry(hint.number)
            values["title"] = filing.title if filing else ""
        wanted = self.texts.raw(f"work_hints.{hint.sort}")
        used = {name: value for name, value in values.items() if f"{{{name}}}" in wanted}
        return self.texts(f"work_hints.{hint.sort}", **used)


def _subject(hint: WorkHint) -> str:
    return f"hint:{hint.sort}:{hint.group}:{public_id(hint.episode)}"


def _first_of_each(hints: Sequence[WorkHint], known: Sequence[Note], on: date) -> list[WorkHint]:
    """Of each sort and group one that was not told, where none was told on the day."""
    told = {note.subject for note in known}
    today = {note.subject.rpartition(":")[0] for note in known if note.said_on == on}
    chosen: dict[str, WorkHint] = {}
    for hint in hints:
        sort_and_group = _subject(hint).rpartition(":")[0]
        if _subject(hint) not in told and sort_and_group not in today:
            chosen.setdefault(sort_and_group, hint)
    return list(chosen.values())
