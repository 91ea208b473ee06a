"""A stage for DingTalk's tests: virtual time, a front desk that notes, a client on a stand-in."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.errors import QingzhuangError
from bot.domain.messages import IncomingMessage, Route
from bot.platforms.base import NoteGroupEvent, Taken
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.frames import EVENTS, SUBSCRIPTIONS
from bot.platforms.dingtalk.gateway import Gateway
from bot.platforms.dingtalk.notices import Notice
from bot.platforms.dingtalk.stream import DingtalkStream, Patience
from bot.platforms.dingtalk.transport import open_session
from bot.platforms.dingtalk.wire import RobotChannel
from bot.platforms.hooks import VendorHooks
from bot.standins.dingtalk import DingtalkStandin
from bot.standins.dingtalk_api import TOKEN_PATH
from bot.standins.dingtalk_gateway import Pace
from bot.standins.dingtalk_messages import Said
from config.platform_settings import DingtalkSettings

Got = TypeVar("Got")
# Virtual seconds are quick, sockets are not: pushes must outlast a reconnection.
PACE = Pace(pushes=60)
START = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)


class VirtualTime:
    """A clock and a wait that move only when told to."""

    def __init__(self) -> None:
        self._now = START
        self._waiting: list[tuple[datetime, asyncio.Future[None]]] = []
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self._now

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        due: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._now + timedelta(seconds=seconds), due))
        await due

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        for when, due in self._waiting:
            if when <= self._now and not due.done():
                due.set_result(None)
        self._waiting = [(when, due) for when, due in self._waiting if not due.done()]

    async def passes_until(self, condition: Callable[[], bool], step: float = 1.0) -> None:
        """Let virtual seconds pass, with some turns of the loop between them."""
        async with asyncio.timeout(100):
            while not condition():
                self.advance(step)
                for _ in range(200):
                    await asyncio.sleep(0)
                    if condition():
                        return

    async def passes_during(self, doing: Awaitable[Got], step: float = 1.0) -> Got:
        """What `doing` gives, while virtual time passes."""
        task = asyncio.ensure_future(doing)
        await self.passes_until(task.done, step)
        return await task


async def until(condition: Callable[[], bool]) -> None:
    """Turn the loop until the condition holds; time stands still."""
    async with asyncio.timeout(100):
        while not condition():
            await asyncio.sleep(0)


class Desk:
    """Counts each message key once, as the books do, and keeps every message it was handed."""

    def __init__(self) -> None:
        self.handed: list[IncomingMessage] = []
        self.counted: Counter[str] = Counter()
        self.troubles: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, message: IncomingMessage) -> Taken:
        self.handed.append(message)
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        key = message.key.reveal()
        if key not in self.counted:
            self.counted[key] += 1
        return Taken()

    @property
    def keys(self) -> set[str]:
        return set(self.counted)


class Stage:
    """A stand-in and everything that listens to or speaks with it."""

    def __init__(self) -> None:
        self.time = VirtualTime()
        self.desk = Desk()
        self.standin = DingtalkStandin(self.time, wait=self.time.wait, pace=PACE)
        self.refused: Counter[str] = Counter()
        self.notices: list[Notice] = []
        self.faults: list[BaseException] = []
        self._said = 0

    def says(self, text: str = "今晚8点前截图上报", **fields: Any) -> Said:
        """The next message of somebody in a group."""
        self._said += 1
        given = {"key": f"m{self._said}", "sender": "user-7", "group": "cidDEMO1==", "text": text}
        return Said(**({"at": self.time.now()} | given | fields))

    def refuse(self, reason: str) -> None:
        self.refused[reason] += 1

    def channel(self, route: Route) -> RobotChannel:
        code = self.standin.robot_code if route is Route.DINGTALK_HTTP else ""
        return RobotChannel(self.standin.client_id, route, "轻装", code)

    @asynccontextmanager
    async def streaming(
        self,
        api_base: str = "",
        secret: str = "",
        random: Callable[[], float] = lambda: 0.5,
        patience: Patience | None = None,
        note_group_event: NoteGroupEvent | None = None,
    ) -> AsyncIterator[DingtalkStream]:
        """A Stream client that runs until the block ends."""
        async with open_session() as session:
            stream = DingtalkStream(
                gateway=Gateway(
                    session,
                    api_base or self.standin.base_url,
                    self.standin.client_id,
                    secret or self.standin.client_secret,
                    subscriptions=(*SUBSCRIPTIONS, EVENTS) if note_group_event else SUBSCRIPTIONS,
                ),
                channel=self.channel(Route.DINGTALK_STREAM),
                front_desk=self.desk,
                clock=self.time,
                wait=self.time.wait,
                random=random,
                refused=self.refuse,
                notify=self.notices.append,
                fault=self.faults.append,
                patience=patience,
                note_group_event=note_group_event,
            )
            running = asyncio.create_task(stream.run())
            try:
                yield stream
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    @asynccontextmanager
    async def speaking(self, **changed: Any) -> AsyncIterator[DingtalkClient]:
        """A client of the stand-in."""
        async with open_session() as session, open_session(public_only=True) as outward:
            settings: dict[str, Any] = {
                "session": session,
                "vendor_hooks": VendorHooks(DingtalkSettings().hooks, outward),
                "api_base": self.standin.base_url,
                "oapi_base": self.standin.base_url,
                "client_id": self.standin.client_id,
                "secret": self.standin.client_secret,
                "robot_code": self.standin.robot_code,
                "clock": self.time,
                "wait": self.time.wait,
                "random": lambda: 0.0,
                "notify": self.notices.append,
            }
            yield DingtalkClient(**(settings | changed))


Kind = TypeVar("Kind", bound=Stage)


@asynccontextmanager
async def staged(kind: type[Kind]) -> AsyncIterator[Kind]:
    """A stage whose stand-in listens on a free port."""
    stage = kind()
    await stage.standin.start()
    try:
        yield stage
    finally:
        await stage.standin.stop()


@asynccontextmanager
async def platform_that_says(*answers: tuple[int, dict[str, Any]]) -> AsyncIterator[str]:
    """A platform that gives out a token and then these answers, in turn; its address."""
    left = list(answers)

    async def answer(request: web.Request) -> web.Response:
        if request.path == TOKEN_PATH:
            return web.json_response({"accessToken": "t", "expireIn": "7200"})
        status, body = left.pop(0)
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


class Trouble(QingzhuangError):
    """An error that nobody expects."""
