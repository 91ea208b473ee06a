"""Group webhooks of WeCom (消息推送, page 99110): a key speaks into one group and hears nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aiohttp

from bot.domain.errors import PlatformError, RecipientUnknown
from bot.domain.messages import Reply, ReplyAddress
from bot.domain.private import Opaque
from bot.platforms.splitting import numbered_parts
from bot.platforms.wecom.transport import call, code_in, error_of
from handlers.ports import Destination, Parcel

PLATFORM = "wecom-webhook"
MARKDOWN_LIMIT_BYTES = 4096


class WecomWebhooks:
    """Satisfies handlers.ports.Speaker; a destination's id is the name of a webhook, never its key.

    The key is the credential: it goes into the address of the operator's own base, and no error
    shows the address.
    """

    platform = PLATFORM

    def __init__(
        self, session: aiohttp.ClientSession, *, api_base: str, keys: Mapping[str, Opaque]
    ) -> None:
        self._session = session
        self._url = f"{api_base.rstrip('/')}/cgi-bin/webhook/send"
        self._keys = dict(keys)

    def parts(self, parcel: Parcel) -> Sequence[str]:
        """Within 4096 bytes each, numbered when there are several."""
        return numbered_parts(parcel.markdown, MARKDOWN_LIMIT_BYTES)

    async def send(self, parcel: Parcel) -> str:
        """Deliver one part; the platform gives no receipt."""
        key = self._keys.get(parcel.destination.id.reveal())
        if key is None:
            raise RecipientUnknown("webhook")
        message = {"msgtype": "markdown", "markdown": {"content": parcel.markdown}}
        params = {"key": key.reveal()}
        answer = await call(
            self._session, "POST", self._url, params=params, json=message, delivers=True
        )
        if code := code_in(answer):
            raise error_of(code)
        return ""

    async def recall(self, _destination: Destination, _receipt: str) -> None:
        """What a webhook said stays."""
        raise PlatformError("webhook")

    async def answer(self, _address: ReplyAddress, _reply: Reply) -> None:
        """Nobody can ask a webhook."""
        raise RecipientUnknown("webhook")
