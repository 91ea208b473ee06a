"""What a self-built app can ask of WeCom: a token, messages to people and its own chats, files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import aiohttp

from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    PlatformError,
    RecipientUnknown,
)
from bot.domain.private import Opaque
from bot.platforms.wecom.payload import field, rows
from bot.platforms.wecom.transport import (
    ANSWER_LIMIT_BYTES,
    STALE_TOKEN_CODES,
    call,
    code_in,
    error_of,
)
from handlers.ports import Clock

BOOK_LIMIT_BYTES = 8 * 1024 * 1024
REFRESH_EARLY = timedelta(minutes=5)
DUPLICATE_CHECK_SECONDS = 14_400
# Page 90253. Older pages say 2 MB for pictures: the smaller figure is the safe one.
MOST_BYTES = {"file": 20 * 1024 * 1024, "image": 2 * 1024 * 1024}
LEAST_BYTES = 6
PICTURES = (".png", ".jpg", ".jpeg")


class AccessToken:
    """One secret's token (page 91039): fetched once for all who wait, renewed before it ends."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_base: str,
        corp_id: str,
        secret: str,
        clock: Clock,
    ) -> None:
        self._session = session
        self._url = f"{api_base}/cgi-bin/gettoken"
        self._corp_id = corp_id
        self._secret = secret
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._renew_at: datetime | None = None

    async def get(self, stale: str = "") -> str:
        """A token that is not `stale` (one the platform has just refused)."""
        async with self._lock:
            due = self._renew_at is None or self._clock.now() >= self._renew_at
            if due or self._token == stale:
                await self._fetch()
            return self._token

    async def _fetch(self) -> None:
        params = {"corpid": self._corp_id, "corpsecret": self._secret}
        answer = await call(self._session, "GET", self._url, params=params)
        if code := code_in(answer):
            raise error_of(code)
        token, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(lasts, int):
            raise CredentialRefused("no token")
        self._token = token
        lasts_for = timedelta(seconds=lasts)
        self._renew_at = self._clock.now() + max(lasts_for - REFRESH_EARLY, lasts_for / 2)


class WecomClient:
    """The API of one app. Raises PlatformError subclasses, whose code is the platform's."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_base: str,
        corp_id: str,
        secret: str,
        agent_id: int,
        clock: Clock,
    ) -> None:
        self._session = session
        self._base = api_base.rstrip("/")
        self._agent_id = agent_id
        self._token = AccessToken(session, self._base, corp_id, secret, clock)

    async def check(self) -> None:
        """Ask for a token: raises when the credentials or the address are not accepted."""
        await self._token.get()

    async def get(self, path: str, params: Mapping[str, str]) -> Mapping[str, object]:
        """The answer of an interface that only reads."""
        return await self._ask(path, params, method="GET", most_bytes=BOOK_LIMIT_BYTES)

    async def ask(self, path: str, asked: Mapping[str, object]) -> Mapping[str, object]:
        """The answer of an interface that only reads and is asked by POST."""
        return await self._ask(path, json=asked, most_bytes=BOOK_LIMIT_BYTES)

    async def userid_of(self, encrypted: Opaque) -> Opaque | None:
        """The corp's own id of an encrypted one; None for whoever the app does not see."""
        path, asked = "/cgi-bin/batch/openuserid_to_userid", encrypted.reveal()
        answer = await self._ask(path, json={"open_userid_list": [asked]})
        for row in rows(answer, "userid_list"):
            if field(row, "open_userid") == asked and (own := field(row, "userid")):
                return Opaque(own)
        return None

    async def send_markdown(self, user: Opaque, text: str, *, once: bool) -> str:
        """Markdown of at most 2048 bytes to a member; the message's id, by which to recall it.

        `once` lets the platform drop the same words to the same person within four hours, so
        that trying again after an uncertain delivery is harmless.
        """
        message = {"msgtype": "markdown", "markdown": {"content": text}}
        return await self._send_to(user, message, once)

    async def send_card(self, user: Opaque, card: Mapping[str, object]) -> str:
        """A template card to a member; the message's id, as of send_markdown."""
        return await self._send_to(user, card, once=False)

    async def fade_card(self, response_code: Opaque, user: Opaque, label: str) -> None:
        """Put words that cannot be clicked in place of a clicked card's buttons (page 94888).

        The code is good for one call within 72 hours.
        """
        body = {
            "userids": [user.reveal()],
            "agentid": self._agent_id,
            "response_code": response_code.reveal(),
            "button": {"replace_name": label},
        }
        await self._ask("/cgi-bin/message/update_template_card", json=body)

    async def recall(self, message_id: str) -> None:
        """Take back what this app sent within 24 hours (page 94867)."""
        await self._ask("/cgi-bin/message/recall", json={"msgid": message_id})

    async def send_file(self, user: Opaque, name: str, content: bytes) -> str:
        """A file, or a picture by its name, to a member; the message's id, as of send_markdown."""
        return await self._send_to(user, await self._uploaded(name, content), once=False)

    async def send_file_to_chat(self, chat: Opaque, name: str, content: bytes) -> None:
        """A file or a picture to a group that this app made; any other is RecipientUnknown."""
        message = {"chatid": chat.reveal(), **await self._uploaded(name, content)}
        await self._ask("/cgi-bin/appchat/send", json=message, delivers=True)

    async def send_to_chat(self, chat: Opaque, text: str) -> None:
        """Markdown to a group that this app made; any other is RecipientUnknown."""
        message = {
            "chatid": chat.reveal(),
            "msgtype": "markdown",
            "markdown": {"content": text},
        }
        await self._ask("/cgi-bin/appchat/send", json=message, delivers=True)

    async def _uploaded(self, name: str, content: bytes) -> Mapping[str, object]:
        kind = "image" if name.lower().endswith(PICTURES) else "file"
        return {"msgtype": kind, kind: {"media_id": await self.upload_file(name, content, kind)}}

    async def upload_file(self, name: str, content: bytes, kind: str = "file") -> str:
        """The media id of a temporary file or image (three days).

        ContentRefused, and nothing sent, for what is beyond the platform's limits of size.
        """
        if not LEAST_BYTES <= len(content) <= MOST_BYTES[kind]:
            raise ContentRefused("size")

        def form() -> aiohttp.FormData:
            # Quoted fields would turn a Chinese name into percent signs.
            fields = aiohttp.FormData(quote_fields=False)
            fields.add_field(
                "media", content, filename=name, content_type="application/octet-stream"
            )
            return fields

        answer = await self._ask("/cgi-bin/media/upload", {"type": kind}, form=form)
        media_id = answer.get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise PlatformError("no media_id")
        return media_id

    async def _send_to(self, user: Opaque, message: Mapping[str, object], once: bool) -> str:
        body = {"touser": user.reveal(), "agentid": self._agent_id, **message}
        if once:
            body |= {
                "enable_duplicate_check": 1,
                "duplicate_check_interval": DUPLICATE_CHECK_SECONDS,
            }
        answer = await self._ask("/cgi-bin/message/send", json=body, delivers=True)
        # A success that names the only recipient as invalid is none.
        if answer.get("invaliduser") or answer.get("unlicenseduser"):
            raise RecipientUnknown("invaliduser")
        return str(answer.get("msgid", ""))

    async def _ask(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        json: object = None,
        form: Callable[[], aiohttp.FormData] | None = None,
        delivers: bool = False,
        method: str = "POST",
        most_bytes: int = ANSWER_LIMIT_BYTES,
    ) -> Mapping[str, object]:
        """Call with the token; a token that went stale is renewed and the call made once more."""

        async def once(token: str) -> Mapping[str, object]:
            return await call(
                self._session,
                method,
                self._base + path,
                params={**(params or {}), "access_token": token},
                json=json,
                data=form() if form else None,
                delivers=delivers,
                most_bytes=most_bytes,
            )

        token = await self._token.get()
        answer = await once(token)
        if code_in(answer) in STALE_TOKEN_CODES:
            answer = await once(await self._token.get(stale=token))
        if code := code_in(answer):
            raise error_of(code)
        return answer
