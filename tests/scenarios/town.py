"""A town played hour by hour: real counting on real SQLite, a clock that is moved, all that is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

from bot.counting import Counting, open_counting
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.messages import Conversation, IncomingMessage, Route
from bot.domain.private import Opaque, PrivateText
from config.settings import Settings
from handlers.count_messages import Counted
from handlers.ports import Destination, Office, Parcel, Role
from tests.scenarios.running_bot import MovedClock
from tests.scenarios.week_end_house import OFFICE_HOURS, SHANGHAI, FakeSpeaker, at

CORP = "corp"
TOWN = UnitCode("qingxi")
SAFETY, CIVIL = GroupCode("safety"), GroupCode("civil")
ROBOTS_CHAT = "robot-chat-"
ROLL_CALLS = (
    "@所有人 请各村完成防汛知识打卡接龙",
    "@全体网格员 消防演练到场情况，逐人接龙签到",
    "@所有人 反诈宣传入户走访，请各村书记每天在群里打卡报到",
    "@所有人 今晚巡河上岗人员在群里打卡签到",
)
"""Four roll calls, of which three are demands of their own and the last presses one."""


@dataclass
class Town:
    """What happens in a town's two work groups; `told` is all that the bot said, with its hour."""

    counting: Counting
    clock: MovedClock
    speaker: FakeSpeaker
    told: list[str] = field(default_factory=list)
    heard: list[tuple[Parcel, datetime]] = field(default_factory=list)
    _keys: count[int] = field(default_factory=count)
    _heard: int = 0

    async def say(self, moment: str, group: str, text: str, sender: str = "chief") -> Counted:
        """A message in a group's archive, and what the bot does in the minutes after."""
        await self.go_to(moment)
        counted = await self.counting.count(
            IncomingMessage(
                platform="wecom",
                account=CORP,
                route=Route.WECOM_ARCHIVE,
                key=Opaque(f"m{next(self._keys)}"),
                conversation=Conversation(True, Opaque(f"chat-{group}")),
                sender=Opaque(sender),
                sent_at=at(moment),
                text=PrivateText(text),
            )
        )
        self.clock.moment += timedelta(minutes=2)
        await self.tick()
        return counted

    async def go_to(self, moment: str) -> None:
        """Let time pass, with a tick in the morning and in the afternoon of every day."""
        end = at(moment)
        while self.clock.moment < end:
            self.clock.moment = min(end, _next_look(self.clock.moment))
            await self.tick()

    async def tick(self) -> None:
        """What the schedule does; what was said is noted with its hour."""

        def tell(step: str, error: Exception) -> None:
            raise AssertionError(step) from error

        await self.counting.tick(tell)
        for parcel in self.speaker.said[self._heard :]:
            if not parcel.key.startswith("digest"):
                self.heard.append((parcel, self.clock.moment))
                to = parcel.destination
                kind = "群" if to.is_group else "私聊"
                when = self.clock.moment.astimezone(SHANGHAI)
                self.told.append(
                    f"{when:%m-%d %H:%M} {kind} {to.id.reveal()}\n{parcel.markdown}\n"
                )
        self._heard = len(self.speaker.said)


def _next_look(moment: datetime) -> datetime:
    local = moment.astimezone(SHANGHAI)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    looks = (today + timedelta(hours=hour) for hour in (9, 15, 33))
    return next(look for look in looks if look > local)


@asynccontextmanager
async def a_town(folder: Path, start: str, policy: Path | None = None) -> AsyncIterator[Town]:
    """Two groups of one town, an admin for each, the county's office."""
    async with AsyncExitStack() as resources:
        clock, speaker = MovedClock(at(start)), FakeSpeaker()
        counting = await open_counting(
            Settings(data_dir=folder, policy=policy),
            clock,
            lambda size: b"k" * size,
            lambda: 0.5,
            resources,
        )
        counting.speakers["wecom"] = speaker
        registry = counting.store.registry
        for code, alias, line in ((SAFETY, "安监群", "anjian"), (CIVIL, "民政群", "minzheng")):
            await registry.put_group(
                GroupProfile(code, alias, TOWN, LineCode(line), 42, SHANGHAI, OFFICE_HOURS)
            )
            await registry.bind("wecom", CORP, Opaque(f"chat-{code}"), code, True)
            await registry.bind("wecom", CORP, Opaque(f"{ROBOTS_CHAT}{code}"), code, False)
            await registry.grant(
                "wecom", CORP, Opaque(f"admin-{code}"), Role.GROUP_ADMIN, code, date(2026, 11, 2)
            )
        office = Destination("wecom", CORP, False, Opaque("county-office"))
        await registry.put_office(Office("county", "清川县减负办", (), (office,)))
        yield Town(counting, clock, speaker)
