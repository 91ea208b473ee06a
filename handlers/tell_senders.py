"""A demand over its group's limit → a private word to who laid it, where the office wants that.

Senders are known while a message is counted and are written nowhere: what is not told at the next
tick is told never.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo

from bot.domain.errors import PlatformError
from bot.domain.groups import GroupCode
from bot.domain.judgement import Fact
from bot.domain.limit_windows import window_of
from bot.domain.limits import Action, Level, Standing, group_standing
from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque
from bot.domain.reactions import Rise
from bot.domain.sending import Urgency
from bot.domain.vocabulary import Act, Measure
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from handlers.keep_limits import KeepLimits
from handlers.pacing import Pacing
from handlers.ports import Books, Clock, Destination, Parcel, Registry, Speaker
from handlers.reaction_words import ReactionWords

MOST_WAITING = 1_000

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

    books: Books
    registry: Registry
    limits: KeepLimits
    speakers: Mapping[str, Speaker]
    pacing: Pacing
    words: ReactionWords
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    zone: tzinfo
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
        """Tell who is to be told, best effort; how many were. Off-hours nobody is."""
        waiting, self._waiting = self._waiting, []
        now = self.clock.now().astimezone(self.zone)
        if not waiting or self.calendar.next_working_moment(now, self.hours) != now:
            return 0
        if self._told_on != now.date():
            self._told_on, self._told = now.date(), set()
        told = 0
        for laid in waiting:
            for standing in await self._over(laid):
                once = (laid.fact.group, standing.limit.measure, laid.sender)
                if once not in self._told:
                    self._told.add(once)
                    told += await self._tell(laid, standing)
        return told

    async def _over(self, laid: _Laid) -> list[Standing]:
        fact = laid.fact
        table = await self.books.standing(fact.group, fact.week)
        found = group_standing(self.limits.today(), table, fact.group, fact.weekday)
        return [
            one
            for one in found
            if one.level is Level.OVER
            and Action.SENDER in one.limit.actions
            and one.limit.measure in _measures(fact)
        ]

    async def _tell(self, laid: _Laid, standing: Standing) -> bool:
        group = self.registry.group(laid.fact.group)
        speaker = self.speakers.get(laid.platform)
        if group is None or speaker is None:
            return False
        to = Destination(laid.platform, laid.account, False, laid.sender)
        if await self.pacing.wait_before(to.platform, to.account, to.id, Urgency.HINT):
            return False
        today = self.clock.now().astimezone(self.zone).date()
        first = window_of(standing.limit.window, today)[0]
        rise = Rise(standing.limit, group.code, standing.count, Level.OVER, first, ())
        title, said = self.words.to_sender(group, rise, today)
        parcel = Parcel("", to, title, said, self.clock.now(), Urgency.HINT)
        with suppress(PlatformError):
            for part in speaker.parts(parcel):
                await speaker.send(replace(parcel, markdown=part))
            return True
        return False


def _measures(fact: Fact) -> set[Measure]:
    """The measures a fact adds to, as far as one message shows."""
    found = {Measure(kind.value) for kind in fact.kinds} if fact.opens else set()
    if fact.ping and fact.off_hours:
        found.add(Measure.OFF_HOURS)
    if fact.act is Act.REMINDER and not fact.opens:
        found.add(Measure.REPEAT)
    return found
