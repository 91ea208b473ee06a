"""Opening a Stream connection: one POST for a ticket, one WebSocket with it (protocol 1.1, 1.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from bot.domain.errors import CredentialRefused, Undecipherable, Unreachable
from bot.platforms.dingtalk.frames import SUBSCRIPTIONS
from bot.platforms.dingtalk.transport import read_answer
from bot.platforms.dingtalk.untrusted import json_object, text_of

OPEN_PATH = "/v1.0/gateway/connections/open"
FRAME_LIMIT_BYTES = 4 * 1024 * 1024
USER_AGENT = "qingzhuang"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where Stream connections are opened, and as whom."""

    session: aiohttp.ClientSession
    api_base: str
    client_id: str
    secret: str = field(repr=False)
    within: float = 10.0
    heartbeat: float = 30.0
    subscriptions: Sequence[dict[str, str]] = SUBSCRIPTIONS

    async def connect(self) -> aiohttp.ClientWebSocketResponse:
        """A new connection under a new ticket, within `within` seconds for each of two steps.

        Raises CredentialRefused (a person must help), else Unreachable: proxies and the gateway
        answer HTML, XML or nothing, and none of it is a reason to give up.
        """
        try:
            return await self._connect_with(await self._ticket())
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            raise Unreachable("gateway") from None

    async def _ticket(self) -> URL:
        request = {
            "clientId": self.client_id,
            "clientSecret": self.secret,
            "subscriptions": list(self.subscriptions),
            "ua": USER_AGENT,
        }
        async with self.session.post(
            self.api_base.rstrip("/") + OPEN_PATH,
            json=request,
            headers={"Accept": "application/json"},  # without it the answer may be XML
            timeout=aiohttp.ClientTimeout(total=self.within),
            allow_redirects=False,
        ) as response:
            if response.status == 401:
                raise CredentialRefused("401")
            if response.status != 200:
                raise Unreachable(str(response.status))
            answer = await read_answer(response)
        return self._address(answer)

    def _address(self, answer: bytes) -> URL:
        try:
            fields = json_object(answer)
        except Undecipherable:
            raise Unreachable("gateway answer") from None
        endpoint, ticket = text_of(fields, "endpoint"), text_of(fields, "ticket")
        # Only an operator who speaks plain http to the gateway gets a plain socket.
        schemes = ("wss", "ws") if self.api_base.startswith("http:") else ("wss",)
        if urlsplit(endpoint).scheme not in schemes or not ticket:
            raise Unreachable("gateway answer")
        joint = "&" if "?" in endpoint else "?"
        return URL(f"{endpoint}{joint}ticket={quote(ticket, safe='')}", encoded=True)

    async def _connect_with(self, address: URL) -> aiohttp.ClientWebSocketResponse:
        async with asyncio.timeout(self.within):
            return await self.session.ws_connect(
                address,
                heartbeat=self.heartbeat,
                autoclose=True,
                max_msg_size=FRAME_LIMIT_BYTES,
            )
