"""专有钉钉 on loopback: it checks each signature, keeps what was sent, and calls the bot's door."""

from __future__ import annotations

import asyncio
import hmac
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from bot.platforms.zwdd.signing import sign
from bot.standins.dingtalk_gateway import Clock
from bot.standins.faults import Fault, Faults

WRONG_SIGNATURE = "OPF-B001-05-16-0009"
NOTICE_PATH = "/message/workNotification"
_FRESH_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Sent:
    """Something the bot said: `by` is notice, group, person or hook."""

    by: str
    to: str
    text: str


class ZwddStandin:
    """One tenant with one app and its robot, on 127.0.0.1.

    `faults` are had in the order they were planned, by path. A work notice that comes again with
    its `bizMsgId` is taken and not shown twice.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        app_key: str = "zwdd-standin",
        app_secret: str = "standin-secret",  # noqa: S107  a loopback toy
        tenant_id: str = "50",
        outgoing_token: str = "standin-outgoing",  # noqa: S107
    ) -> None:
        self.app_key = app_key
        self.app_secret = app_secret
        self.tenant_id = tenant_id
        self.outgoing_token = outgoing_token
        self.faults = Faults()
        self.sent: list[Sent] = []
        self.base_url = ""
        self._clock = clock
        self._nonces: set[str] = set()
        self._notices: set[str] = set()
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Serve on loopback; the address to set as the bot's base."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/gettoken.json", self._token),
                web.post(NOTICE_PATH, self._notice),
                web.post("/robot/message/sendgroup", self._to_group),
                web.post("/robot/message/sendoto", self._to_person),
                web.post("/robot/sendBySession", self._by_hook),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, taken = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{taken}"
        return self.base_url

    async def stop(self) -> None:
        """Stop serving."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def say(
        self,
        door: str,
        text: str,
        *,
        sender: str = "1001",
        chat: str = "",
        token: str | None = None,
    ) -> int:
        """Call the bot's door as the platform would; the status it answered."""
        now = self._clock.now()
        body = {
            "msgtype": "text",
            "text": {"content": text},
            "msgId": f"msg-{next(self._numbers)}",
            "senderId": sender,
            "senderStaffId": sender,
            "senderNick": "somebody",
            "conversationId": chat or f"dm-{sender}",
            "conversationType": "2" if chat else "1",
            "createAt": int(now.timestamp() * 1000),
            "sessionWebhook": f"{self.base_url}/robot/sendBySession?session={chat or sender}",
            "sessionWebhookExpiredTime": int((now + timedelta(hours=1)).timestamp() * 1000),
        }
        headers = {"token": self.outgoing_token if token is None else token}
        async with (
            aiohttp.ClientSession() as session,
            session.post(door, json=body, headers=headers) as response,
        ):
            return response.status

    async def _token(self, request: web.Request) -> web.Response:
        refusal = await self._refusal(request, dict(request.query))
        if refusal is not None:
            return refusal
        return _success({"accessToken": "standin-token", "expiresIn": "7200"})

    async def _notice(self, request: web.Request) -> web.Response:
        asked = await _form(request)
        refusal = await self._refusal(request, asked)
        if refusal is not None:
            return refusal
        if asked["bizMsgId"] not in self._notices:
            self._notices.add(asked["bizMsgId"])
            text = json.loads(asked["msg"])["markdown"]["text"]
            self.sent += [Sent("notice", one, text) for one in asked["receiverIds"].split(",")]
        await self._after(request)
        return _success({"messageId": asked["bizMsgId"]})

    async def _to_group(self, request: web.Request) -> web.Response:
        return await self._robot(request, "group", "chatId")

    async def _to_person(self, request: web.Request) -> web.Response:
        return await self._robot(request, "person", "accountId")

    async def _robot(self, request: web.Request, by: str, field: str) -> web.Response:
        asked = await _form(request)
        refusal = await self._refusal(request, asked)
        if refusal is not None:
            return refusal
        self.sent.append(Sent(by, asked.get(field, ""), json.loads(asked["msgBody"])["text"]))
        await self._after(request)
        return _success({})

    async def _by_hook(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.sent.append(Sent("hook", request.query["session"], body["markdown"]["text"]))
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _refusal(
        self, request: web.Request, params: Mapping[str, str]
    ) -> web.Response | None:
        match self.faults.due(request.path):
            case Fault.SERVER_ERROR:
                return web.Response(status=500)
            case Fault.RATE_LIMITED:
                return web.Response(status=429)
            case Fault.RESET:
                request["reset"] = True
        if not self._is_signed(request, params):
            return _failure(WRONG_SIGNATURE)
        if params.get("tenantId", self.tenant_id) != self.tenant_id:
            return _failure("TENANT_NOT_EXIST")
        return None

    def _is_signed(self, request: web.Request, params: Mapping[str, str]) -> bool:
        given = {name: request.headers.get(f"X-Hmac-Auth-{name}", "") for name in _SIGNED}
        nonce, timestamp = given["Nonce"], given["Timestamp"]
        if not nonce or nonce in self._nonces or given["Version"] != "1.0":
            return False
        try:
            age = abs(self._clock.now() - datetime.fromisoformat(timestamp))
        except (ValueError, TypeError):
            return False
        self._nonces.add(nonce)
        wanted = sign(self.app_secret, request.method, timestamp, nonce, request.path, params)
        return (
            age <= _FRESH_FOR
            and request.headers.get("apiKey") == self.app_key
            and hmac.compare_digest(wanted, given["Signature"])
        )

    async def _after(self, request: web.Request) -> None:
        if request.get("reset") and request.transport is not None:
            request.transport.abort()
            await asyncio.sleep(0)


_SIGNED = ("Timestamp", "Version", "Nonce", "Signature")


async def _form(request: web.Request) -> dict[str, str]:
    return {name: str(value) for name, value in (await request.post()).items()}


def _success(data: Mapping[str, Any]) -> web.Response:
    content = {"success": True, "data": data, "responseCode": "0", "responseMessage": "OK"}
    return web.json_response({"success": True, "content": content})


def _failure(code: str) -> web.Response:
    return web.json_response({"success": False, "errorCode": code, "errorMsg": code})
