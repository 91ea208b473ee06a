"""A group is told once what is read in it, kept and seen of it, and again when that changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from bot.domain.groups import GroupCode, GroupProfile
from bot.domain.sending import Urgency
from bot.domain.texts import Texts
from bot.domain.work_calendar import OfficeHours, WorkCalendar
from handlers.ports import Clock, Cursors, Outbox, Parcel, Registry

NOT_YET = ""


@dataclass(frozen=True, slots=True)
class TellNotices:
    """Puts the notice into the outbox of every group whose last one says something else.

    A version is a mark of the notice as it reads there: its words, the office, whether all is
    read. A group that was there before notices had versions is taken as told.
    """

    registry: Registry
    cursors: Cursors
    outbox: Outbox
    clock: Clock
    calendar: WorkCalendar
    hours: OfficeHours
    texts: Texts
    office: str
    _known: dict[GroupCode, str] = field(default_factory=dict, init=False)

    async def __call__(self) -> int:
        """How many parcels were put; each is due in the group's working time."""
        put = 0
        for group in self.registry.groups():
            chats, version = self.registry.chats_of(group.code), self._version(group)
            if not chats or self._known.get(group.code) == version:
                continue
            last = await self.cursors.get(_name(group.code))
            if last not in (None, version):
                put += await self._tell(group, version)
            await self._note(group.code, version)
        return put

    def notice(self, group: GroupProfile) -> str:
        """What the group reads: one screen."""
        whole = self.registry.is_passively_counted(group.code)
        seen = "whole" if whole else "addressed"
        return self.texts(
            "notice.body",
            reads=self.texts(f"notice.reads.{seen}"),
            unseen=self.texts(f"notice.unseen.{seen}"),
            office=self.office,
        )

    async def told(self, group: GroupProfile) -> None:
        """Note that the group has just read what is read in it, from somebody else."""
        await self._note(group.code, self._version(group))

    async def _tell(self, group: GroupProfile, version: str) -> int:
        local = self.clock.now().astimezone(group.zone)
        at = self.calendar.next_working_moment(local, self.hours)
        title, said = self.texts("notice.title"), self.notice(group)
        return await self.outbox.put(
            [
                Parcel(
                    f"notice:{version}:{group.code}:{number}", to, title, said, at, Urgency.HINT
                )
                for number, to in enumerate(self.registry.chats_of(group.code))
            ]
        )

    async def _note(self, group: GroupCode, version: str) -> None:
        await self.cursors.put(_name(group), version)
        self._known[group] = version

    def _version(self, group: GroupProfile) -> str:
        return hashlib.sha256(self.notice(group).encode()).hexdigest()[:16]


async def is_to_be_told(group: GroupCode, cursors: Cursors) -> None:
    """Have a group told that was not yet, after the operator bound a chat of it."""
    if await cursors.get(_name(group)) is None:
        await cursors.put(_name(group), NOT_YET)


def _name(group: GroupCode) -> str:
    return f"notice:{group}"
