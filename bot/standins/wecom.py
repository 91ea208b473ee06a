"""WeCom on loopback: what a bot may call, and what calls a bot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.listening import listen
from bot.standins.faults import Faults
from bot.standins.wecom_api import WecomApi
from bot.standins.wecom_archive import StandinArchive
from bot.standins.wecom_control import WecomControl
from bot.standins.wecom_data_service import StandinDataService
from bot.standins.wecom_live import WecomLive
from bot.standins.wecom_poster import WecomPoster
from bot.standins.wecom_values import Account, Clock, Delivery, Sent

__all__ = ["Account", "Delivery", "Sent", "WecomStandin", "run"]


class WecomStandin:
    """Keeps the platform's protocol in both directions, over real sockets.

    `api` holds what the bot sent, `post` calls the bot, `live` is the AI bot's long connection,
    `archive` the pulled archive, `data_service` a private deployment's log, `faults` the plan of what goes wrong. `wait` lets time pass before a callback is tried again.
    """

    def __init__(
        self,
        clock: Clock,
        token_bytes: Callable[[int], bytes],
        *,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        account: Account | None = None,
    ) -> None:
        self.account = account or Account()
        self.faults = Faults()
        self.data_service = StandinDataService(token_bytes)
        self.api = WecomApi(clock, token_bytes, self.account, self.faults, self.data_service)
        self.post = WecomPoster(self.api, wait)
        self.live = WecomLive(self.api)
        self.archive = StandinArchive(token_bytes, self.faults)
        self._runner: web.AppRunner | None = None

    @property
    def sent(self) -> list[Sent]:
        """What the bot said, in order, by whatever way."""
        return self.api.sent

    @property
    def live_url(self) -> str:
        """The address of the AI bot's long connection."""
        return self.post.base.replace("http", "ws", 1)

    def _application(self) -> web.Application:
        application = self.api.application()
        application.router.add_get("/", self.live.serve)
        control = WecomControl(self.api, self.post, self.live, self.archive)
        application.add_routes(control.routes())
        return application

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Serve on loopback; the address to set as the bot's API base."""
        self._runner = web.AppRunner(
            self._application(), access_log=None, handler_cancellation=True
        )
        await self._runner.setup()
        taken = await listen(self._runner, host, port)
        self.post.base = f"http://{taken[0]}:{taken[1]}"
        return self.post.base

    async def stop(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self.live.cut()
            await self._runner.cleanup()
            self._runner = None


async def run(
    port: int,
    clock: Clock,
    token_bytes: Callable[[int], bytes],
    until: Callable[[], Awaitable[object]],
    ready: Callable[[WecomStandin], None],
) -> None:
    """Serve a stand-in on a port until `until` returns; `ready` learns its address and account."""
    standin = WecomStandin(clock, token_bytes)
    await standin.start(port)
    try:
        ready(standin)
        await until()
    finally:
        await standin.stop()
