"""A stage for the AI bot's long connection: time that is moved, a front desk that notes, a stand-in."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp

from bot.domain.messages import IncomingMessage, Reply
from bot.domain.private import Opaque
from bot.platforms.base import FrontDesk, Taken
from bot.platforms.wecom.doors import Desk
from bot.platforms.wecom.long_connection import LiveBot, LongConnection, Patience
from bot.platforms.wecom.transport import open_session
from bot.standins.wecom import WecomStandin

NOW = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
GROUP = Opaque("wrAbCdEf")


class Time:
    """A clock, and waits that end when the test says so."""

    def __init__(self) -> None:
        self.time = NOW
        self.waits: list[float] = []
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self.time

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        due: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.time + timedelta(seconds=seconds), due))
        await due

    def pass_seconds(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        for until, due in self._sleepers:
            if until <= self.time and not due.done():
                due.set_result(None)
        self._sleepers = [(until, due) for until, due in self._sleepers if not due.done()]

    async def passes_until(self, condition: Callable[[], bool], step: float = 1.0) -> None:
        """Let time pass, with the sockets' turns in between."""
        async with asyncio.timeout(100):
            while not condition():
                for _ in range(50):
                    await asyncio.sleep(0)
                    if condition():
                        return
                self.pass_seconds(step)


class Stage:
    """A stand-in, a live connection, and a front desk that notes."""

    def __init__(self) -> None:
        self.time = Time()
        self.standin = WecomStandin(self.time, random.Random(9).randbytes)
        self.taken: list[IncomingMessage] = []
        self.reply: Reply | None = None
        self.later: list[str] = []  # what is to be said by another way
        self.troubles: list[Exception] = []
        self.notices: list[str] = []
        self.refused: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self.faults: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.patience = Patience()
        # Another front desk that takes what comes.
        self.desk: FrontDesk | None = None

    @property
    def live(self) -> LongConnection:
        assert self._live is not None
        return self._live

    async def take(self, message: IncomingMessage) -> Taken:
        if self.desk is not None:
            return await self.desk(message)
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        self.taken.append(message)
        return Taken(self.reply)

    def words(self) -> list[str]:
        return [message.text.reveal() for message in self.taken]

    def said(self) -> list[tuple[str, str]]:
        return [(sent.to, sent.content) for sent in self.standin.sent]

    def connection(self, session: aiohttp.ClientSession, secret: str = "") -> LongConnection:
        account = self.standin.account
        desk = Desk(
            take=self.take,
            answer_later=lambda _address, reply: self.later.append(reply.text),
            clock=self.time,
            elapsed=lambda: 0.0,
            token_bytes=random.Random(4).randbytes,
            refused=lambda reason: self.refused.update([reason]),
            happened=lambda name: self.happened.update([name]),
            faulted=self.faults.append,
            welcome=Reply("欢迎"),
        )
        bot = LiveBot(
            self.standin.live_url,
            account.bot_id,
            Opaque(secret or account.bot_secret),
            account.corp_id,
            account.bot_name,
        )
        return LongConnection(
            session,
            bot,
            desk,
            wait=self.time.wait,
            random=lambda: 1.0,
            notify=self.notices.append,
            patience=self.patience,
        )

    @asynccontextmanager
    async def running(self, secret: str = "") -> AsyncIterator[None]:
        async with open_session() as session:
            self._live = self.connection(session, secret)
            task = asyncio.create_task(self._live.run())
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
