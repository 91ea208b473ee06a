"""DingTalk on loopback: tokens, Stream gateway, sends that are recorded, and a poster that signs."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from bot.platforms.dingtalk.signing import robot_signature
from bot.standins.dingtalk_gateway import CONNECT_PATH, Clock, Pace, StandinGateway
from bot.standins.dingtalk_messages import Said, body_of
from bot.standins.faults import Fault, Faults

TOKEN_PATH = "/v1.0/oauth2/accessToken"  # noqa: S105  a path
OLD_TOKEN_PATH = "/gettoken"  # noqa: S105
GROUP_PATH = "/v1.0/robot/groupMessages/send"
PEOPLE_PATH = "/v1.0/robot/oToMessages/batchSend"
HOOK_PATH = "/robot/sendBySession"
UPLOAD_PATH = "/media/upload"
POST = "post"
_TOKEN_LIFE = timedelta(seconds=7200)
_LONGEST_PARAM = 15_000
_MOST_PEOPLE = 20
_MOST_SESSIONS = 10_000
_FAULT = web.RequestKey("fault", Fault)
_POST_TIMEOUT = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True, slots=True)
class Sent:
    """Something the bot said: `by` is group, person or hook; `to` the conversation or user id."""

    by: str
    to: str
    title: str
    text: str


class DingtalkStandin:
    """One organisation with one app and its robot, on 127.0.0.1.

    It keeps the vendor's protocol and answers mistakes as the vendor does: a wrong token, robot
    code, parameter or an expired session. `dissolved` and `gone` are groups and people that are
    no more. `faults` are had in the order they were planned, by path, "push" or "post".
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
        self.sent: list[Sent] = []
        self.uploads: list[str] = []
        self.token_fetches = 0
        self.dissolved: set[str] = set()
        self.gone: set[str] = set()
        self.base_url = ""
        self._clock = clock
        self._wait = wait
        self._pace = pace or Pace()
        self.gateway = StandinGateway(
            clock=clock,
            wait=wait,
            faults=self.faults,
            credentials=(client_id, client_secret),
            pace=self._pace,
        )
        self._tokens: dict[str, datetime] = {}
        self._sessions: dict[str, tuple[str, datetime]] = {}
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None

    def app(self) -> web.Application:
        """The whole of both hosts, `api` and `oapi`, in one application."""
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.add_routes(
            [
                *self.gateway.routes(),
                web.post(TOKEN_PATH, self._token),
                web.get(OLD_TOKEN_PATH, self._old_token),
                web.post(GROUP_PATH, self._to_group),
                web.post(PEOPLE_PATH, self._to_people),
                web.post(HOOK_PATH, self._by_hook),
                web.post(UPLOAD_PATH, self._upload),
                web.post("/standin/say", self._say),
                web.get("/standin/sent", self._what_was_sent),
            ]
        )
        return app

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Serve on loopback; the address to set as both of the bot's bases."""
        self._runner = web.AppRunner(self.app(), access_log=None, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0][1]
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

    def expire_tokens(self) -> None:
        """From now on every token that was given out is refused."""
        self._tokens.clear()

    def forget_sessions(self) -> None:
        """From now on every session webhook that was given out is dead, whatever its time."""
        self._sessions.clear()

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
            corp_id="dingstandincorp",
            session_webhook=f"{self.base_url}{HOOK_PATH}?session={session}",
        )
        ends = datetime.fromtimestamp(
            body["sessionWebhookExpiredTime"] / 1000, self._clock.now().tzinfo
        )
        self._sessions[session] = (said.group or said.sender, ends)
        if len(self._sessions) > _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return body

    async def _token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        if (asked.get("appKey"), asked.get("appSecret")) != (self.client_id, self.client_secret):
            return said(400, "invalidClientIdOrSecret")
        return web.json_response({"accessToken": self._new_token("new"), "expireIn": 7200})

    async def _old_token(self, request: web.Request) -> web.Response:
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        given = (request.query.get("appkey"), request.query.get("appsecret"))
        if given != (self.client_id, self.client_secret):
            return web.json_response({"errcode": 40089, "errmsg": "invalid credential"})
        answer = {"errcode": 0, "errmsg": "ok", "expires_in": 7200}
        return web.json_response(answer | {"access_token": self._new_token("old")})

    def _new_token(self, generation: str) -> str:
        """The same token while it lives, renewed, as the platform does."""
        self.token_fetches += 1
        for token, ends in self._tokens.items():
            if token.startswith(generation) and self._clock.now() < ends:
                self._tokens[token] = self._clock.now() + _TOKEN_LIFE
                return token
        token = f"{generation}-{self.token_fetches}"
        self._tokens[token] = self._clock.now() + _TOKEN_LIFE
        return token

    def _is_good(self, token: str, generation: str) -> bool:
        ends = self._tokens.get(token)
        return ends is not None and token.startswith(generation) and self._clock.now() < ends

    async def _to_group(self, request: web.Request) -> web.Response:
        asked, wrong = await self._asked(request)
        if wrong is not None:
            return wrong
        group = str(asked.get("openConversationId", ""))
        if not group.strip():
            return said(400, "invalid.openConversationId")
        if group in self.dissolved:
            return said(400, "group.disbanded")
        return await self._recorded(request, "group", [group], asked)

    async def _to_people(self, request: web.Request) -> web.Response:
        asked, wrong = await self._asked(request)
        if wrong is not None:
            return wrong
        people = asked.get("userIds")
        if not isinstance(people, list) or not 1 <= len(people) <= _MOST_PEOPLE:
            return said(400, "too.many.people")
        invalid = [who for who in people if who in self.gone]
        reached = [who for who in people if who not in self.gone]
        extra = {"invalidStaffIdList": invalid, "flowControlledStaffIdList": []}
        return await self._recorded(request, "person", reached, asked, extra)

    async def _asked(self, request: web.Request) -> tuple[dict[str, Any], web.Response | None]:
        fault = await self._suffered(request)
        if fault is not None:
            return {}, fault
        if not self._is_good(request.headers.get("x-acs-dingtalk-access-token", ""), "new"):
            return {}, said(400, "InvalidAuthentication")
        asked = await request.json()
        if asked.get("robotCode") != self.robot_code:
            return {}, said(400, "invalidParameter.robotCode.notExsit")
        param = asked.get("msgParam")
        if not isinstance(param, str) or len(param.encode()) > _LONGEST_PARAM:
            return {}, said(400, "invalidParameter.msgParam.tooLong")
        return asked, None

    async def _recorded(
        self,
        request: web.Request,
        by: str,
        to: list[str],
        asked: Mapping[str, Any],
        extra: Mapping[str, Any] | None = None,
    ) -> web.Response:
        param = json.loads(asked["msgParam"])
        text = str(param.get("text", param.get("mediaId", "")))
        self.sent += [Sent(by, each, str(param.get("title", "")), text) for each in to]
        await self._after(request)
        key = f"query-{len(self.sent)}"
        return web.json_response({"processQueryKey": key, **(extra or {})})

    async def _by_hook(self, request: web.Request) -> web.Response:
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        to, ends = self._sessions.get(request.query.get("session", ""), ("", None))
        if ends is None or self._clock.now() > ends:
            return web.json_response({"errcode": 300001, "errmsg": "session 不存在"})
        asked = await request.json()
        if asked.get("msgtype") != "markdown":
            return web.json_response({"errcode": 400105, "errmsg": "unsupported msgtype"})
        markdown = asked["markdown"]
        self.sent.append(Sent("hook", to, markdown["title"], markdown["text"]))
        await self._after(request)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _upload(self, request: web.Request) -> web.Response:
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        if not self._is_good(request.query.get("access_token", ""), "old"):
            return web.json_response({"errcode": 40014, "errmsg": "invalid access_token"})
        form = await request.post()
        media = form["media"]
        name = media.filename if isinstance(media, web.FileField) else ""
        self.uploads.append(name)
        answer = {"errcode": 0, "errmsg": "ok", "type": "file", "created_at": 0}
        return web.json_response(answer | {"media_id": f"@media-{len(self.uploads)}"})

    async def _suffered(self, request: web.Request) -> web.Response | None:
        """The answer of a fault that comes before the deed; SLOW and RESET come after it."""
        fault = self.faults.due(request.path)
        if fault is Fault.TOKEN_EXPIRED:
            self.expire_tokens()
        elif fault is Fault.RATE_LIMITED:
            return said(403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi")
        elif fault is Fault.SERVER_ERROR:
            return said(500, "systemError")
        elif fault is not None:
            request[_FAULT] = fault
        return None

    async def _after(self, request: web.Request) -> None:
        fault = request.get(_FAULT)
        if fault is Fault.SLOW:
            await asyncio.Event().wait()  # the server ends it when the caller gives up
        if fault is Fault.RESET and request.transport is not None:
            request.transport.abort()

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

    async def _what_was_sent(self, _request: web.Request) -> web.Response:
        listed = [{"by": s.by, "to": s.to, "title": s.title, "text": s.text} for s in self.sent]
        return web.json_response(listed)


def said(status: int, code: str) -> web.Response:
    """An error in the new server generation's form."""
    return web.json_response(
        {"code": code, "message": code, "requestid": "standin"}, status=status
    )


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
