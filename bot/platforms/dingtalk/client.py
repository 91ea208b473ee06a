"""Calls to DingTalk: tokens, messages to groups and people, answers by session webhook, files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    DeliveryUncertain,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.private import Opaque
from bot.platforms.base import Wait
from bot.platforms.dingtalk.markup import PICTURE_KINDS
from bot.platforms.dingtalk.notices import Notice, Notify
from bot.platforms.dingtalk.refusals import QuotaUsedUp, TokenWorn, TooQuick, answer_of
from bot.platforms.dingtalk.tokens import Token, TokenCache
from bot.platforms.dingtalk.transport import (
    ANSWER_LIMIT_BYTES,
    BOOK_LIMIT_BYTES,
    CALL_TIMEOUT,
    HOOK_TIMEOUT,
    UPLOAD_TIMEOUT,
    post,
    read_answer,
)
from bot.platforms.dingtalk.untrusted import number_of, object_of, text_of
from bot.platforms.hooks import Hooks, VendorHooks
from handlers.ports import Clock

PEOPLE_PER_CALL = 20
FILE_LIMIT_BYTES = 20 * 1024 * 1024
FILE_KINDS = ("xlsx", "pdf", "zip", "rar", "doc", "docx")
_TRIES = 5
_NO_RIGHT = "PermissionDenied"
HOOK_PATH = "/robot/sendBySession"

Attempt = Callable[[str], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom a message to people did not reach, though the call succeeded."""

    unknown: tuple[Opaque, ...] = ()
    slowed: tuple[Opaque, ...] = ()
    receipt: str = ""  # of the last call


class DingtalkClient:
    """One app and its robot. Raises PlatformError subclasses only, each with the platform's code.

    Calls over the limit per second are repeated up to five times, a worn token is fetched anew
    once; nothing else is repeated here.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        api_base: str,
        oapi_base: str,
        client_id: str,
        secret: str,
        robot_code: str,
        clock: Clock,
        wait: Wait,
        random: Callable[[], float],
        notify: Notify,
        vendor_hooks: VendorHooks | None = None,
    ) -> None:
        self._session = session
        self._api = api_base.rstrip("/")
        self._oapi = oapi_base.rstrip("/")
        self._client_id = client_id
        self._secret = secret
        self._robot_code = robot_code or client_id
        self._clock = clock
        self._wait = wait
        self._random = random
        self._notify = notify
        self._token = TokenCache(self._fetch_token, clock)
        # Neither server generation is sure to take the other's token (sheet 5.1).
        self._old_token = TokenCache(self._fetch_old_token, clock)
        own = [base + HOOK_PATH for base in (self._api, self._oapi)]
        self._hooks = Hooks(session, own, vendor_hooks)

    async def check(self) -> None:
        """Return when the credentials are taken by both servers; costs no quota."""
        await self._token.get()
        await self._old_token.get()

    async def send_to_group(self, group: Opaque, kind: str, param: str) -> str:
        """A message of a template (`msgKey`, `msgParam`) to a group the robot is in; its key."""
        answer = await self._call(
            "/v1.0/robot/groupMessages/send",
            {
                "robotCode": self._robot_code,
                "openConversationId": group.reveal(),
                "msgKey": kind,
                "msgParam": param,
            },
        )
        return text_of(answer, "processQueryKey")

    async def deliver_card(self, card: Mapping[str, Any]) -> None:
        """Make an interactive card and deliver it (sheet 5.6).

        ContentRefused, and nothing shown, also where the app lacks the right to cards: the same
        can be said in words.
        """
        try:
            answer = await self._call("/v1.0/card/instances/createAndDeliver", card)
        except CredentialRefused as error:
            if _NO_RIGHT not in error.code:
                raise
            raise ContentRefused(error.code) from None
        listed = object_of(answer, "result").get("deliverResults")
        results = listed if isinstance(listed, list) else []
        if any(isinstance(one, dict) and one.get("success") is False for one in results):
            raise ContentRefused("deliverResults")

    async def register_card_callback(self, route_key: str, url: str, secret: str) -> None:
        """Tell the platform where clicks go over HTTP, and what to sign them with."""
        asked = {"callbackRouteKey": route_key, "callbackUrl": url, "apiSecret": secret}
        await self._call("/v1.0/card/callbacks/register", {**asked, "forceUpdate": True})

    async def recall(self, receipt: str, group: Opaque | None) -> None:
        """Take back a message by its key, within 24 hours; `group` is None for a person's."""
        asked: dict[str, Any] = {"robotCode": self._robot_code, "processQueryKeys": [receipt]}
        path = "/v1.0/robot/otoMessages/batchRecall"
        if group is not None:
            asked["openConversationId"] = group.reveal()
            path = "/v1.0/robot/groupMessages/recall"
        answer = await self._call(path, asked)
        if answer.get("failedResult"):
            raise ContentRefused("failedResult")

    async def send_to_people(self, people: Sequence[Opaque], kind: str, param: str) -> Reached:
        """A direct message to each, by user id, twenty in a call."""
        unknown: list[Opaque] = []
        slowed: list[Opaque] = []
        receipt = ""
        for start in range(0, len(people), PEOPLE_PER_CALL):
            answer = await self._call(
                "/v1.0/robot/oToMessages/batchSend",
                {
                    "robotCode": self._robot_code,
                    "userIds": [who.reveal() for who in people[start : start + PEOPLE_PER_CALL]],
                    "msgKey": kind,
                    "msgParam": param,
                },
            )
            unknown += _ids(answer, "invalidStaffIdList") + _ids(answer, "filteredStaffIdList")
            slowed += _ids(answer, "flowControlledStaffIdList")
            receipt = text_of(answer, "processQueryKey")
        return Reached(tuple(unknown), tuple(slowed), receipt)

    def may_use(self, hook: Opaque) -> bool:
        """Whether a reply address points at DingTalk or at the operator's own base."""
        return self._hooks.session_for(hook.reveal()) is not None

    async def reply(self, hook: Opaque, markdown: Mapping[str, str]) -> None:
        """Answer by session webhook, once; RecipientUnknown when it has expired.

        An address outside the allow-list is ContentRefused and nothing is sent.
        """
        url = hook.reveal()
        session = self._hooks.session_for(url)
        if session is None:
            raise ContentRefused("hook")
        body = {"msgtype": "markdown", "markdown": dict(markdown)}
        await post(session, url, HOOK_TIMEOUT, json=body)

    async def ask(self, path: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer of an interface of the older server that only reads."""

        async def attempt(token: str) -> Mapping[str, Any]:
            query = {"access_token": token}
            url, most = self._oapi + path, BOOK_LIMIT_BYTES
            return await self._post(url, CALL_TIMEOUT, most, params=query, json=payload)

        return await self._with_token(self._old_token, attempt)

    async def upload(self, name: str, content: bytes) -> str:
        """Store a file or picture at the platform; its media id (sheet 5.5).

        Nothing is said by it, so it is never DeliveryUncertain. ContentRefused, and nothing sent,
        for what is beyond the platform's limits of size and kind.
        """
        suffix = Path(name).suffix.lstrip(".").lower()
        is_picture = suffix in PICTURE_KINDS
        if len(content) > FILE_LIMIT_BYTES or not (is_picture or suffix in FILE_KINDS):
            raise ContentRefused("file")

        async def attempt(token: str) -> Mapping[str, Any]:
            # Names go as they are: percent-encoded ones would be shown like that.
            kind = "image" if is_picture else "file"
            form = aiohttp.FormData({"type": kind}, quote_fields=False)
            form.add_field("media", content, filename=name)
            return await self._post(
                f"{self._oapi}/media/upload",
                UPLOAD_TIMEOUT,
                params={"access_token": token},
                data=form,
            )

        try:
            return _media_id(await self._with_token(self._old_token, attempt))
        except DeliveryUncertain as error:
            raise Unreachable(error.code) from None

    async def _call(self, path: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        async def attempt(token: str) -> Mapping[str, Any]:
            headers = {"x-acs-dingtalk-access-token": token}
            return await self._post(self._api + path, CALL_TIMEOUT, json=payload, headers=headers)

        return await self._with_token(self._token, attempt)

    async def _with_token(self, tokens: TokenCache, attempt: Attempt) -> Mapping[str, Any]:
        renewed = False
        tries = 1
        while True:
            token = await tokens.get()
            try:
                return await attempt(token)
            except TokenWorn:
                tokens.drop(token)
                if renewed:
                    raise
                renewed = True
            except TooQuick:
                if tries == _TRIES:
                    raise
                await self._wait(2 ** (tries - 1) * (1 + self._random()))
                tries += 1
            except QuotaUsedUp:
                self._notify(Notice.OVER_QUOTA)
                raise

    async def _post(
        self,
        url: str,
        patience: aiohttp.ClientTimeout,
        most_bytes: int = ANSWER_LIMIT_BYTES,
        **request: Any,
    ) -> Mapping[str, Any]:
        return await post(self._session, url, patience, most_bytes, **request)

    async def _fetch_token(self) -> Token:
        body = {"appKey": self._client_id, "appSecret": self._secret}
        answer = await self._asked_for_token(
            "POST", f"{self._api}/v1.0/oauth2/accessToken", json=body
        )
        return self._token_of(answer, "accessToken", "expireIn")

    async def _fetch_old_token(self) -> Token:
        query = {"appkey": self._client_id, "appsecret": self._secret}
        answer = await self._asked_for_token("GET", f"{self._oapi}/gettoken", params=query)
        return self._token_of(answer, "access_token", "expires_in")

    async def _asked_for_token(self, method: str, url: str, **request: Any) -> Mapping[str, Any]:
        try:
            async with self._session.request(
                method, url, timeout=CALL_TIMEOUT, allow_redirects=False, **request
            ) as response:
                return answer_of(response.status, await read_answer(response))
        except ContentRefused as error:
            # There is no content in it: what is wrong can only be the credentials.
            raise CredentialRefused(error.code) from None
        except (DeliveryUncertain, aiohttp.ClientError, TimeoutError, OSError):
            # Asking for a token delivers nothing, so it may always be asked for again.
            raise Unreachable("token") from None

    def _token_of(self, answer: Mapping[str, Any], name: str, life: str) -> Token:
        value, seconds = text_of(answer, name), number_of(answer, life)
        if not value or not seconds:
            raise Unreachable("token")
        return Token(value, self._clock.now() + timedelta(seconds=min(seconds, 7200)))


def _ids(answer: Mapping[str, Any], name: str) -> list[Opaque]:
    listed = answer.get(name)
    return (
        [Opaque(each) for each in listed if isinstance(each, str)]
        if isinstance(listed, list)
        else []
    )


def _media_id(answer: Mapping[str, Any]) -> str:
    media_id = text_of(answer, "media_id")
    if not media_id:
        raise RecipientUnknown("media")
    return media_id
