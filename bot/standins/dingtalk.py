"""DingTalk on loopback: tokens, Stream gateway, sends that are recorded, and a poster that signs."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp import web

from bot.listening import listen
from bot.platforms.dingtalk.signing import card_signature, robot_signature
from bot.standins.dingtalk_api import HOOK_PATH, Sent, StandinApi
from bot.standins.dingtalk_cards import click_body
from bot.standins.dingtalk_gateway import CONNECT_PATH, Clock, Pace, StandinGateway
from bot.standins.dingtalk_messages import Said, body_of
from bot.standins.faults import Fault, Faults

POST = "post"
CORP_ID = "dingstandincorp"
_POST_TIMEOUT = aiohttp.ClientTimeout(total=5)


class DingtalkStandin:
    """One organisation with one app and its robot, on 127.0.0.1.

    It keeps the vendor's protocol and answers mistakes as the vendor does: a wrong token, robot
    code, parameter or an expired session. `api` holds what the bot sent, `gateway` the Stream
    connections; `faults` are had in the order they were planned, by path, "push" or "post".
    """

    def __init__(
        self,
        clock: Clock,
        *,
        client_id: str = "dingstandin",
        client_secret: str = "standin-secret",  # noqa: S107  a loopback toy
        robot_code: str = "",
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pace: Pace | None = None,
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.robot_code = robot_code or client_id
        self.faults = Faults()
        self.base_url = ""
        self._clock = clock
        self._wait = wait
        self._pace = pace or Pace()
        credentials = (client_id, client_secret)
        self.api = StandinApi(clock, self.faults, credentials, self.robot_code)
        self.gateway = StandinGateway(
            clock=clock,
            wait=wait,
            faults=self.faults,
            credentials=credentials,
            pace=self._pace,
        )
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None

    @property
    def sent(self) -> list[Sent]:
        """What the bot said, in order, by whatever way."""
        return self.api.sent

    def app(self) -> web.Application:
        """The whole of both hosts, `api` and `oapi`, in one application."""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.add_routes(
            [
                *self.gateway.routes(),
                *self.api.routes(),
                web.post("/standin/say", self._say),
                web.post("/standin/click", self._click),
                web.get("/standin/sent", self._what_was_sent),
            ]
        )
        return app

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Serve on loopback; the address to set as both of the bot's bases."""
        self._runner = web.AppRunner(self.app(), access_log=None, handler_cancellation=True)
        await self._runner.setup()
        _, bound = await listen(self._runner, host, port)
        self.base_url = f"http://{host}:{bound}"
        self.gateway.endpoint = f"ws://{host}:{bound}{CONNECT_PATH}"
        return self.base_url

    async def stop(self) -> None:
        """Close the connections and stop serving."""
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def push(self, said: Said) -> bool:
        """Deliver by Stream; whether the bot acknowledged it as done."""
        return await self.gateway.push(self._body(said))

    async def post(self, url: str, said: Said) -> int:
        """Deliver over HTTP, signed, again while it is not taken; the last status (0: none)."""
        body = json.dumps(self._body(said), ensure_ascii=False).encode()
        status = 0
        async with aiohttp.ClientSession(timeout=_POST_TIMEOUT) as session:
            for turn in range(self._pace.pushes):
                if turn:
                    await self._wait(self._pace.before_pushing_again)
                fault = self.faults.due(POST)
                for _ in range(2 if fault is Fault.DUPLICATE else 1):
                    status = await self._post_once(session, url, body)
                if status == 200 and fault is not Fault.LOST_ACK:
                    break
        return status

    async def click(self, track: str, who: str, value: str) -> bool:
        """Somebody clicks a button: `value` is what stands behind it. Whether the bot took it.

        By Stream, or to the address that the bot registered, or as `post_click` posts it.
        """
        card = self.api.cards.shown[track]
        if card.route_key:
            url, secret = self.api.cards.registered[card.route_key]
            return await self.post_click(url, secret, track, who, value) == 200
        answer = await self.gateway.push_click(click_body(card, who, value, CORP_ID))
        self.api.cards.change(track, answer)
        return answer is not None

    async def post_click(self, url: str, secret: str, track: str, who: str, value: str) -> int:
        """The same over HTTP, signed; the status (0: none)."""
        timestamp = str(round(self._clock.now().timestamp() * 1000))
        headers = {
            "x-ddpaas-signature-timestamp": timestamp,
            "x-ddpaas-signature": card_signature(secret, timestamp),
        }
        body = click_body(self.api.cards.shown[track], who, value, CORP_ID)
        try:
            async with (
                aiohttp.ClientSession(timeout=_POST_TIMEOUT) as session,
                session.post(url, json=body, headers=headers) as response,
            ):
                raw = await response.read()
                if response.status == 200:
                    self.api.cards.change(track, json.loads(raw))
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def _post_once(self, session: aiohttp.ClientSession, url: str, body: bytes) -> int:
        timestamp = str(round(self._clock.now().timestamp() * 1000))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "timestamp": timestamp,
            "sign": robot_signature(self.client_secret, timestamp),
        }
        try:
            async with session.post(url, data=body, headers=headers) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    def _body(self, said: Said) -> dict[str, Any]:
        session = f"session-{next(self._numbers)}"
        body = body_of(
            said,
            robot_code=self.robot_code,
            corp_id=CORP_ID,
            session_webhook=f"{self.base_url}{HOOK_PATH}?session={session}",
        )
        ends = datetime.fromtimestamp(
            body["sessionWebhookExpiredTime"] / 1000, self._clock.now().tzinfo
        )
        self.api.open_session(session, said.group or said.sender, ends)
        return body

    async def _say(self, request: web.Request) -> web.Response:
        """For whoever tries a bot by hand: {text, sender?, group?, quoted?, url?}."""
        asked = await request.json()
        heard = Said(
            key=f"said-{next(self._numbers)}",
            sender=str(asked.get("sender", "user-1")),
            text=str(asked["text"]),
            at=self._clock.now(),
            group=str(asked.get("group", "")),
            quoted=str(asked.get("quoted", "")),
        )
        if url := asked.get("url"):
            return web.json_response({"status": await self.post(str(url), heard)})
        return web.json_response({"acknowledged": await self.push(heard)})

    async def _click(self, request: web.Request) -> web.Response:
        """On the newest card that was shown there: {who, label, group?}."""
        asked = await request.json()
        try:
            card = self.api.cards.latest(str(asked.get("group") or asked["who"]))
            value = card.buttons[str(asked["label"])]
        except LookupError:
            return web.json_response({"expected": "who, label, group?"}, status=400)
        taken = await self.click(card.track, str(asked["who"]), value)
        return web.json_response({"acknowledged": taken, "status": card.status})

    async def _what_was_sent(self, _request: web.Request) -> web.Response:
        listed = [{"by": s.by, "to": s.to, "title": s.title, "text": s.text} for s in self.sent]
        return web.json_response(listed)


async def run(
    port: int,
    clock: Clock,
    until: Callable[[], Awaitable[object]],
    ready: Callable[[DingtalkStandin], None],
) -> None:
    """Serve a stand-in on a port until `until` returns; `ready` learns its address and account."""
    standin = DingtalkStandin(clock)
    await standin.start(port)
    try:
        ready(standin)
        await until()
    finally:
        await standin.stop()
