"""The calls that a bot may make to the stand-in of DingTalk: tokens, sends, answers, files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.platforms.dingtalk.signing import robot_signature
from bot.standins.dingtalk_cards import StandinCards
from bot.standins.dingtalk_gateway import Clock
from bot.standins.faults import Fault, Faults

TOKEN_PATH = "/v1.0/oauth2/accessToken"  # noqa: S105  a path
OLD_TOKEN_PATH = "/gettoken"  # noqa: S105
GROUP_PATH = "/v1.0/robot/groupMessages/send"
PEOPLE_PATH = "/v1.0/robot/oToMessages/batchSend"
WEBHOOK_PATH = "/robot/send"
GROUP_RECALL_PATH = "/v1.0/robot/groupMessages/recall"
PEOPLE_RECALL_PATH = "/v1.0/robot/otoMessages/batchRecall"
HOOK_PATH = "/robot/sendBySession"
UPLOAD_PATH = "/media/upload"
CARD_PATH = "/v1.0/card/instances/createAndDeliver"
CARD_CALLBACK_PATH = "/v1.0/card/callbacks/register"
_TOKEN_LIFE = timedelta(seconds=7200)
_LONGEST_PARAM = 15_000
_MOST_PEOPLE = 20
_MOST_SESSIONS = 10_000
_FAULT = web.RequestKey("fault", Fault)


@dataclass(frozen=True, slots=True)
class Sent:
    """Something the bot said: `by` is group, person, hook or card; `to` the conversation or user."""

    by: str
    to: str
    title: str
    text: str


class StandinApi:
    """Both hosts, `api` and `oapi`, of one app; it keeps what was sent.

    `dissolved` and `gone` are groups and people that are no more.
    """

    def __init__(
        self, clock: Clock, faults: Faults, credentials: tuple[str, str], robot_code: str
    ) -> None:
        self.sent: list[Sent] = []
        self.uploads: list[str] = []
        self.media: dict[str, tuple[str, str, bytes]] = {}  # media id → kind, name, content
        self.token_fetches = 0
        self.dissolved: set[str] = set()
        self.gone: set[str] = set()
        # The address book: department → its parent and its members.
        self.departments: dict[int, tuple[int, tuple[str, ...]]] = {}
        self.credentials = credentials
        self._clock = clock
        self._faults = faults
        self._robot_code = robot_code
        self._tokens: dict[str, datetime] = {}
        self._sessions: dict[str, tuple[str, datetime]] = {}
        self._keys: dict[str, list[Sent]] = {}
        self.cards = StandinCards()
        self.webhooks: dict[str, tuple[str, str]] = {}  # token → group and secret
        self._said_once: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """The paths of the vendor."""
        return [
            web.post(TOKEN_PATH, self._token),
            web.get(OLD_TOKEN_PATH, self._old_token),
            web.post(GROUP_PATH, self._to_group),
            web.post(PEOPLE_PATH, self._to_people),
            web.post("/topapi/user/listid", self._members),
            web.post("/topapi/v2/department/listsubid", self._below),
            web.post(WEBHOOK_PATH, self._by_webhook),
            web.post(GROUP_RECALL_PATH, self._recall),
            web.post(PEOPLE_RECALL_PATH, self._recall),
            web.post(HOOK_PATH, self._by_hook),
            web.post(UPLOAD_PATH, self._upload),
            web.post(CARD_PATH, self._show_card),
            web.post(CARD_CALLBACK_PATH, self._register_callback),
        ]

    def expire_tokens(self) -> None:
        """From now on every token that was given out is refused."""
        self._tokens.clear()

    def open_session(self, session: str, to: str, ends: datetime) -> None:
        """Let a session webhook reach a conversation until it ends."""
        self._sessions[session] = (to, ends)
        if len(self._sessions) > _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]

    def forget_sessions(self) -> None:
        """From now on every session webhook that was given out is dead, whatever its time."""
        self._sessions.clear()

    async def _token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        if (asked.get("appKey"), asked.get("appSecret")) != self.credentials:
            return said(400, "invalidClientIdOrSecret")
        return web.json_response({"accessToken": self._new_token("new"), "expireIn": 7200})

    async def _old_token(self, request: web.Request) -> web.Response:
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        given = (request.query.get("appkey"), request.query.get("appsecret"))
        if given != self.credentials:
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
        if asked.get("robotCode") != self._robot_code:
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
        text = str(param.get("text") or param.get("mediaId") or param.get("photoURL") or "")
        messages = [Sent(by, each, str(param.get("title", "")), text) for each in to]
        self.sent += messages
        await self._after(request)
        key = f"query-{len(self._keys)}"
        self._keys[key] = messages
        return web.json_response({"processQueryKey": key, **(extra or {})})

    async def _by_webhook(self, request: web.Request) -> web.Response:
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        group, secret = self.webhooks.get(request.query.get("access_token", ""), ("", ""))
        if not group:
            return web.json_response({"errcode": 400101, "errmsg": "no such robot"})
        timestamp = request.query.get("timestamp", "")
        if secret and request.query.get("sign") != robot_signature(secret, timestamp):
            return web.json_response({"errcode": 310000, "errmsg": "sign not match"})
        asked = await request.json()
        if asked.get("msgUuid") not in self._said_once:
            self._said_once.add(asked.get("msgUuid"))
            markdown = asked["markdown"]
            self.sent.append(Sent("webhook", group, markdown["title"], markdown["text"]))
        await self._after(request)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _members(self, request: web.Request) -> web.Response:
        asked, wrong = await self._of_the_book(request)
        _, members = self.departments.get(asked, (0, ()))
        return wrong or web.json_response({"errcode": 0, "result": {"userid_list": list(members)}})

    async def _below(self, request: web.Request) -> web.Response:
        asked, wrong = await self._of_the_book(request)
        below = [number for number, (parent, _) in self.departments.items() if parent == asked]
        return wrong or web.json_response({"errcode": 0, "result": {"dept_id_list": below}})

    async def _of_the_book(self, request: web.Request) -> tuple[int, web.Response | None]:
        fault = await self._suffered(request)
        if fault is not None:
            return 0, fault
        if not self._is_good(request.query.get("access_token", ""), "old"):
            return 0, web.json_response({"errcode": 40014, "errmsg": "invalid access_token"})
        return int((await request.json()).get("dept_id", 0)), None

    async def _recall(self, request: web.Request) -> web.Response:
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        if not self._is_good(request.headers.get("x-acs-dingtalk-access-token", ""), "new"):
            return said(400, "InvalidAuthentication")
        keys = (await request.json()).get("processQueryKeys", [])
        failed = {key: "not found" for key in keys if key not in self._keys}
        for key in set(keys) - failed.keys():
            for one in self._keys.pop(key):
                self.sent.remove(one)
        done = [key for key in keys if key not in failed]
        return web.json_response({"successResult": done, "failedResult": failed})

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
        content = media.file.read() if isinstance(media, web.FileField) else b""
        self.uploads.append(name)
        media_id, kind = f"@media-{len(self.uploads)}", str(form.get("type", ""))
        self.media[media_id] = (kind, name, content)
        await self._after(request)
        answer = {"errcode": 0, "errmsg": "ok", "type": kind, "created_at": 0}
        return web.json_response(answer | {"media_id": media_id})

    async def _show_card(self, request: web.Request) -> web.Response:
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        if not self._is_good(request.headers.get("x-acs-dingtalk-access-token", ""), "new"):
            return said(400, "InvalidAuthentication")
        asked = await request.json()
        if code := self.cards.take(asked):
            return said(400, code)
        card = self.cards.shown[asked["outTrackId"]]
        self.sent.append(Sent("card", card.to, card.title, card.params.get("text", "")))
        await self._after(request)
        delivered = {"spaceId": card.to, "success": True}
        result = {"outTrackId": card.track, "deliverResults": [delivered]}
        return web.json_response({"success": True, "result": result})

    async def _register_callback(self, request: web.Request) -> web.Response:
        fault = await self._suffered(request)
        if fault is not None:
            return fault
        if not self._is_good(request.headers.get("x-acs-dingtalk-access-token", ""), "new"):
            return said(400, "InvalidAuthentication")
        self.cards.register(await request.json())
        return web.json_response({"success": True, "result": {}})

    async def _suffered(self, request: web.Request) -> web.Response | None:
        """The answer of a fault that comes before the deed; SLOW and RESET come after it."""
        fault = self._faults.due(request.path)
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


def said(status: int, code: str) -> web.Response:
    """An error in the new server generation's form."""
    return web.json_response(
        {"code": code, "message": code, "requestid": "standin"}, status=status
    )
