"""Custom webhook robots of DingTalk (sheet 5.7): a token speaks into one group and hears nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp
import orjson

from bot.domain.errors import PlatformError, RecipientUnknown
from bot.domain.messages import Reply, ReplyAddress
from bot.domain.private import Opaque
from bot.platforms.dingtalk.markup import message_param, parts_of
from bot.platforms.dingtalk.signing import robot_signature
from bot.platforms.dingtalk.transport import CALL_TIMEOUT, post
from handlers.ports import Clock, Destination, Parcel

PLATFORM = "dingtalk-webhook"


@dataclass(frozen=True, slots=True)
class Hook:
    """A robot's token, and its SEC… secret where it asks for a signature."""

    token: Opaque
    secret: Opaque | None = None


class DingtalkWebhooks:
    """Satisfies handlers.ports.Speaker; a destination's id is the name of a webhook, never its token.

    Words sent twice carry the same `msgUuid`, by which the platform drops the second.
    """

    platform = PLATFORM

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        oapi_base: str,
        hooks: Mapping[str, Hook],
        clock: Clock,
    ) -> None:
        self._session = session
        self._url = f"{oapi_base.rstrip('/')}/robot/send"
        self._hooks = dict(hooks)
        self._clock = clock

    def parts(self, parcel: Parcel) -> Sequence[str]:
        """Within 15 000 bytes each (the platform takes 20 000), numbered when there are several."""
        return parts_of(parcel.title, parcel.markdown)

    async def send(self, parcel: Parcel) -> str:
        """Deliver one part; the platform gives no receipt."""
        hook = self._hooks.get(parcel.destination.id.reveal())
        if hook is None:
            raise RecipientUnknown("webhook")
        named = hashlib.sha256(f"{parcel.key}\0{parcel.markdown}".encode()).hexdigest()
        body = {
            "msgtype": "markdown",
            "markdown": orjson.loads(message_param(parcel.title, parcel.markdown)),
            "msgUuid": named[:32],
        }
        await post(self._session, self._url, CALL_TIMEOUT, params=self._query(hook), json=body)
        return ""

    def _query(self, hook: Hook) -> dict[str, str]:
        query = {"access_token": hook.token.reveal()}
        if hook.secret is not None:
            timestamp = str(round(self._clock.now().timestamp() * 1000))
            query["timestamp"] = timestamp
            query["sign"] = robot_signature(hook.secret.reveal(), timestamp)
        return query

    async def recall(self, _destination: Destination, _receipt: str) -> None:
        """What a webhook said stays."""
        raise PlatformError("webhook")

    async def answer(self, _address: ReplyAddress, _reply: Reply) -> None:
        """Nobody can ask a webhook."""
        raise RecipientUnknown("webhook")
