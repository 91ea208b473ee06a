"""A demand over a limit → a private word to who laid it, where the office wants that.

Senders are known while a message is counted and are written nowhere: what is not told within the
next minutes is told never.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo

from bot.domain.errors import PlatformError
from bot.domain.groups import GroupCode
from bot.domain.judgement import Fact
from bot.domain.limit_windows import window_of
from bot.domain.limits import Action, Level
from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque
from bot.domain.reactions import Rise, member
from bot.domain.sending import Urgency
from bot.domain.tallies import Place
from bot.domain.vocabulary import Act, Lead, Measure
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from handlers.keep_limits import KeepLimits
from handlers.pacing import Pacing
from handlers.ports import Clock, Destination, Parcel, Registry, Speaker
from handlers.reaction_words import ReactionWords

MOST_WAITING = 1_000
EVERY = timedelta(minutes=1)
SHORT = (Lead.UNDER_HOUR, Lead.UNDER_HALF_DAY, Lead.UNDER_DAY)

_Once = tuple[GroupCode, Measure, Opaque]


@dataclass(frozen=True, slots=True)
class _Laid:
    """A demand just counted, with who laid it."""

    platform: str
    account: str
    sender: Opaque
    fact: Fact


@dataclass(slots=True)
class TellSenders:
    """Off unless a limit has the action `sender`. Once a day for each sender, group and kind."""

    rises: Callable[[date], Awaitable[Sequence[Rise]]]
    registry: Registry
    limits: KeepLimits
    speakers: Mapping[str, Speaker]
    pacing: Pacing
    words: ReactionWords
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
    _next: datetime | None = field(default=None, init=False)
    _waiting: list[_Laid] = field(default_factory=list, init=False, repr=False)
    _told: set[_Once] = field(default_factory=set, init=False, repr=False)
    _told_on: date | None = field(default=None, init=False)

    def heard(self, message: IncomingMessage, fact: Fact) -> None:
        """Keep who laid a burden until the next tick, if anybody is to be told anything."""
        wanted = any(Action.SENDER in limit.actions for limit in self.limits.today())
        charged = fact.act.is_burden and fact.exempt is None and not fact.reported
        if wanted and charged and len(self._waiting) < MOST_WAITING:
            self._waiting.append(_Laid(message.platform, message.account, message.sender, fact))

    async def __call__(self) -> int:
        """Tell who is to be told, best effort; how many were. Off-hours nobody is.

        Counts are held against limits once a minute at most, as for all other reactions.
        """
        now = self.clock.now().astimezone(self.zone)
        if not self._waiting or (self._next is not None and now < self._next):
            return 0
        self._next = now + EVERY
        waiting, self._waiting = self._waiting, []
        if self.calendar.next_working_moment(now, self.hours) != now:
            return 0
        if self._told_on != now.date():
            self._told_on, self._told = now.date(), set()
        told = 0
        found = [rise for rise in await self.rises(now.date()) if _is_for_senders(rise)]
        for laid in waiting:
            for rise in found:
                once = (laid.fact.group, rise.limit.measure, laid.sender)
                if once not in self._told and _adds_to(laid.fact, rise):
                    self._told.add(once)
                    told += await self._tell(laid, rise)
        return told

    async def _tell(self, laid: _Laid, rise: Rise) -> bool:
        group = self.registry.group(laid.fact.group)
        speaker = self.speakers.get(laid.platform)
        if group is None or speaker is None:
            return False
        to = Destination(laid.platform, laid.account, False, laid.sender)
        if await self.pacing.wait_before(to.platform, to.account, to.id, Urgency.HINT):
            return False
        today = self.clock.now().astimezone(self.zone).date()
        title, said = self.words.to_sender(group, rise, today)
        parcel = Parcel("", to, title, said, self.clock.now(), Urgency.HINT)
        with suppress(PlatformError):
            for part in speaker.parts(parcel):
                await speaker.send(replace(parcel, markdown=part))
            return True
        return False


def _is_for_senders(rise: Rise) -> bool:
    return rise.level is Level.OVER and Action.SENDER in rise.limit.actions


def _adds_to(fact: Fact, rise: Rise) -> bool:
    """Whether a fact is part of a rise: of its group, unit or line, measure and window."""
    place = Place(fact.group, fact.unit, fact.line, fact.weekday)
    day = fact.week.days[fact.weekday - 1]
    return (
        rise.limit.measure in _measures(fact)
        and rise.code == member(place, rise.limit.scope)
        and rise.first <= day <= window_of(rise.limit.window, rise.first)[1]
    )


def _measures(fact: Fact) -> set[Measure]:
    """The measures a fact adds to, as far as one message shows."""
    found = {Measure(kind.value) for kind in fact.kinds} if fact.opens else set()
    if fact.opens and fact.lead in SHORT:
        found.add(Measure.SHORT_NOTICE)
    if fact.ping and fact.off_hours:
        found.add(Measure.OFF_HOURS)
    if fact.act is Act.REMINDER and not fact.opens:
        found.add(Measure.REPEAT)
    return found
