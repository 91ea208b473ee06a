"""Speaking through 专有钉钉 and 浙政钉: work notices to people, the robot's words to groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import orjson

from bot.domain.errors import DeliveryUncertain, PlatformError, RecipientUnknown
from bot.domain.messages import Reply, ReplyAddress
from bot.platforms.base import Capabilities
from bot.platforms.dingtalk.markup import dingtalk_markdown, title_of
from bot.platforms.splitting import numbered_parts, split_markdown
from bot.platforms.zwdd.client import WORK_NOTICE_LIMIT_BYTES, ZwddClient
from handlers.ports import Clock, Destination, Parcel

PLATFORM = "zwdd"
# A title, marks and escapes stand around the words of a notice.
LONGEST_MARKDOWN = WORK_NOTICE_LIMIT_BYTES - 400
CAPABILITIES = Capabilities(
    platform=PLATFORM,
    longest_markdown=LONGEST_MARKDOWN,
    writes_first_to_people=True,
    writes_first_to_groups=True,
    sends_files=False,
)
_HOOK_MARGIN = timedelta(minutes=5)


class ZwddSpeaker:
    """handlers.ports.Speaker for 专有钉钉 and 浙政钉."""

    platform = PLATFORM
    capabilities = CAPABILITIES

    def __init__(self, client: ZwddClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    def parts(self, parcel: Parcel) -> Sequence[str]:
        """Parts that fit a work notice with its title, numbered when there are several."""
        limit = LONGEST_MARKDOWN
        while True:
            parts = numbered_parts(parcel.markdown, limit)
            longest = max(
                (len(orjson.dumps(_notice(parcel.title, one))) for one in parts), default=0
            )
            if longest <= WORK_NOTICE_LIMIT_BYTES:
                return parts
            limit = limit * 7 // 8

    async def send(self, parcel: Parcel) -> str:
        """Deliver one part. To a person it is a work notice, known by the parcel's key."""
        if parcel.destination.is_group:
            await self._client.say_to_group(
                parcel.destination.id, _markdown(parcel.title, parcel.markdown)
            )
            return ""
        key = f"{parcel.key}\n{parcel.markdown}"
        notice = _notice(parcel.title, parcel.markdown)
        return await self._client.notify(parcel.destination.id, key, notice)

    async def recall(self, destination: Destination, receipt: str) -> None:
        """Not built: which mark of a notice the recall wants needs a live tenant."""
        raise PlatformError("recall")

    async def answer(self, address: ReplyAddress, reply: Reply) -> None:
        """Answer by the session webhook while it lives, else by the robot itself."""
        begun = False
        for part in split_markdown(reply.text, LONGEST_MARKDOWN):
            try:
                await self._say(address, _markdown(title_of(reply.text), part))
            except PlatformError as error:
                if begun:
                    raise DeliveryUncertain(error.code) from None
                raise
            begun = True

    async def _say(self, address: ReplyAddress, markdown: Mapping[str, str]) -> None:
        hook, ends = address.hook, address.hook_expires_at
        alive = ends is None or self._clock.now() + _HOOK_MARGIN < ends
        if hook is not None and alive and self._client.may_use(hook):
            try:
                await self._client.reply(hook, markdown)
            except DeliveryUncertain:
                raise
            except PlatformError:
                pass  # it may die before its time: the robot says it
            else:
                return
        if address.conversation.is_group:
            await self._client.say_to_group(address.conversation.id, markdown)
        elif address.to is not None:
            await self._client.say_to_person(address.to, markdown)
        else:
            raise RecipientUnknown("no account id")


def _markdown(title: str, text: str) -> dict[str, str]:
    return {"title": title[:60], "text": dingtalk_markdown(text)}


def _notice(title: str, text: str) -> dict[str, object]:
    return {"msgtype": "markdown", "markdown": _markdown(title, text)}
