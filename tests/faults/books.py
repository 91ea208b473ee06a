"""A front desk that really counts: the use case on a real file, which outlives a restart."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque
from bot.domain.work_calendar import OfficeHours
from bot.platforms.base import Taken
from config.calendar import load_calendar
from config.directory import CsvDirectory
from config.rulebook import load_rulebook
from handlers.count_messages import Counted, CountMessages
from handlers.ports import Clock
from storage.store import Store, open_store
from tests.platforms.dingtalk_stage import Desk

JUDGE = Judge(load_rulebook(), load_calendar())
ZONE = ZoneInfo("Asia/Shanghai")
GROUP = GroupProfile(
    GroupCode("G01"),
    "网格工作群",
    UnitCode("U01"),
    LineCode("L01"),
    46,
    ZONE,
    OfficeHours.parse("08:30-12:00,14:30-17:30"),
)


class CountingDesk(Desk):
    """Hands every message to the real use case; `new` is how often each key was counted anew."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__()
        self.store = store
        self.new: Counter[str] = Counter()
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """As a new process has it: without a memory of what was counted."""
        self._count = CountMessages(
            judge=JUDGE,
            books=self.store.books,
            ledger=self.store.ledger,
            registry=self.store.registry,
            directory=CsvDirectory(),
            keyring=self.store.keyring,
            clock=self._clock,
        )

    async def __call__(self, message: IncomingMessage) -> Taken:
        self.handed.append(message)
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        if await self._count(message) is Counted.NEW:
            self.new[message.key.reveal()] += 1
        return Taken()

    async def messages(self) -> int:
        """Close the weeks; how many messages the ledger has."""
        ledger, found = self.store.ledger, 0
        for week in await ledger.open_weeks():
            line = await ledger.close(week, week.shifted(1).ends_at(ZONE), "test")
            found += line.messages
        return found


@asynccontextmanager
async def counting_desk(
    url: str, folder: Path, clock: Clock, platform: str, account: str, chat: str
) -> AsyncIterator[CountingDesk]:
    """A desk on fresh books, with a group bound to one chat."""
    async with open_store(url, folder / "keys", os.urandom) as store:
        await store.registry.put_group(GROUP)
        await store.registry.bind(platform, account, Opaque(chat), GROUP.code, False)
        yield CountingDesk(store, clock)
