"""Calls to 专有钉钉 and 浙政钉: signed forms, answered in an envelope of their own.

Source: the vendor's Java SDK (zwdd-sdk-java 1.2.0); its public pages need a login. What the SDK
does not show — the shape of `msgBody`, the codes of most refusals — needs a live tenant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import aiohttp
import orjson

from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    PlatformError,
    RateLimited,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.private import Opaque
from bot.platforms.base import TokenBytes
from bot.platforms.dingtalk.refusals import answer_of
from bot.platforms.dingtalk.transport import CALL_TIMEOUT, HOOK_TIMEOUT, read_answer
from bot.platforms.dingtalk.untrusted import json_object, object_of, text_of
from bot.platforms.hooks import Hooks, VendorHooks
from bot.platforms.zwdd.signing import VERSION, sign, written_time
from handlers.ports import Clock

WRONG_SIGNATURE = "OPF-B001-05-16-0009"
WORK_NOTICE_LIMIT_BYTES = 2048
_TOO_MANY = 429
_OK = 200


class ZwddClient:
    """One app of one tenant. Raises PlatformError subclasses only, each with the platform's code."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        api_base: str,
        app_key: str,
        app_secret: str,
        tenant_id: str,
        robot_token: str,
        client_ip: str,
        client_mac: str,
        clock: Clock,
        token_bytes: TokenBytes,
        vendor_hooks: VendorHooks | None = None,
    ) -> None:
        self._session = session
        self._base = api_base.rstrip("/")
        self._app_key = app_key
        self._secret = app_secret
        self._tenant = tenant_id
        self._robot_token = robot_token
        self._where_from = {"X-Hmac-Auth-IP": client_ip, "X-Hmac-Auth-MAC": client_mac}
        self._clock = clock
        self._token_bytes = token_bytes
        # Which path such an address has needs a live tenant.
        self._hooks = Hooks(session, [f"{self._base}/"], vendor_hooks)

    async def check(self) -> None:
        """Ask for a token: raises when the credentials or the address are not accepted."""
        params = {"appkey": self._app_key, "appsecret": self._secret}
        answer = await self._call("GET", "/gettoken.json", params, lost=Unreachable)
        if not text_of(object_of(object_of(answer, "content"), "data"), "accessToken"):
            raise CredentialRefused("no token")

    async def notify(self, person: Opaque, key: str, message: Mapping[str, object]) -> str:
        """A work notice to an account; one `key` is one notice, however often it is sent."""
        said = orjson.dumps(message)
        if len(said) > WORK_NOTICE_LIMIT_BYTES:
            raise ContentRefused("too long")
        params = {
            "bizMsgId": hashlib.sha256(key.encode()).hexdigest()[:32],
            "msg": said.decode(),
            "receiverIds": person.reveal(),
            "tenantId": self._tenant,
        }
        answer = await self._call("POST", "/message/workNotification", params)
        return text_of(object_of(object_of(answer, "content"), "data"), "messageId")

    async def say_to_group(self, chat: Opaque, markdown: Mapping[str, str]) -> None:
        """The robot's word to a group."""
        params = {"chatId": chat.reveal(), "token": self._robot_token}
        await self._say("/robot/message/sendgroup", params, markdown)

    async def say_to_person(self, person: Opaque, markdown: Mapping[str, str]) -> None:
        """The robot's word to an account."""
        await self._say("/robot/message/sendoto", {"accountId": person.reveal()}, markdown)

    async def _say(self, path: str, to: Mapping[str, str], markdown: Mapping[str, str]) -> None:
        params = {
            **to,
            "appKey": self._app_key,
            "tenantId": self._tenant,
            "msgType": "markdown",
            "msgBody": orjson.dumps(dict(markdown)).decode(),
        }
        await self._call("POST", path, params)

    def may_use(self, hook: Opaque) -> bool:
        """Whether a reply address lies on the deployment's own host."""
        return self._hooks.session_for(hook.reveal()) is not None

    async def reply(self, hook: Opaque, markdown: Mapping[str, str]) -> None:
        """Answer by a session webhook, as on the public platform; ContentRefused for a foreign one."""
        url = hook.reveal()
        session = self._hooks.session_for(url)
        if session is None:
            raise ContentRefused("hook")
        body = {"msgtype": "markdown", "markdown": dict(markdown)}
        try:
            async with session.post(
                url, json=body, timeout=HOOK_TIMEOUT, allow_redirects=False
            ) as response:
                answer_of(response.status, await read_answer(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise Unreachable("connect") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise DeliveryUncertain("no answer") from None

    async def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        lost: Callable[[str], PlatformError] = DeliveryUncertain,
    ) -> Mapping[str, Any]:
        given = {name: value for name, value in params.items() if value}
        try:
            async with self._session.request(
                method,
                self._base + path,
                headers=self._headers(method, path, given),
                timeout=CALL_TIMEOUT,
                allow_redirects=False,
                params=given if method == "GET" else None,
                data=given if method != "GET" else None,
            ) as response:
                return _checked(response.status, await read_answer(response), lost)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise Unreachable("connect") from None
        except aiohttp.InvalidURL:
            raise CredentialRefused("address") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise lost("no answer") from None

    def _headers(self, method: str, path: str, params: Mapping[str, str]) -> dict[str, str]:
        timestamp = written_time(self._clock.now())
        nonce = str(int.from_bytes(self._token_bytes(8), "big"))
        return {
            "X-Hmac-Auth-Timestamp": timestamp,
            "X-Hmac-Auth-Version": VERSION,
            "X-Hmac-Auth-Nonce": nonce,
            "apiKey": self._app_key,
            "X-Hmac-Auth-Signature": sign(self._secret, method, timestamp, nonce, path, params),
            **self._where_from,
        }


def _checked(status: int, body: bytes, lost: Callable[[str], PlatformError]) -> Mapping[str, Any]:
    """The answer when it says success, at both of its levels; else the error that it means."""
    if status == _TOO_MANY:
        raise RateLimited("http 429", timedelta(seconds=60))
    try:
        answer = json_object(body)
    except Exception:
        raise lost(f"http {status}") from None
    content = object_of(answer, "content")
    code = next(
        (
            text
            for level in (content, answer)
            for name in ("responseCode", "errorCode", "bizErrorCode", "code")
            if (text := text_of(level, name))
        ),
        f"http {status}",
    )
    if code == WRONG_SIGNATURE or status in (401, 403):
        raise CredentialRefused(code)
    if status != _OK:
        raise lost(code)
    if answer.get("success") is False or content.get("success") is False:
        raise RecipientUnknown(code) if "NOT_EXIST" in code.upper() else PlatformError(code)
    return answer
