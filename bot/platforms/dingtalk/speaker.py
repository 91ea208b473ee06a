"""Speaking through DingTalk: parcels to registered places, answers to whoever asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import orjson

from bot.domain.cards import Card
from bot.domain.errors import (
    ContentRefused,
    DeliveryUncertain,
    PlatformError,
    RateLimited,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.messages import Reply, ReplyAddress
from bot.domain.private import Opaque
from bot.platforms.base import Capabilities, Wait
from bot.platforms.dingtalk.cards import CardChannel, fits
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.markup import (
    LONGEST_PARAM,
    file_message,
    message_param,
    message_params,
    parts_of,
    title_of,
)
from bot.platforms.dingtalk.wire import PLATFORM
from handlers.ports import Clock, Destination, Parcel

CAPABILITIES = Capabilities(
    platform=PLATFORM,
    longest_markdown=LONGEST_PARAM,
    writes_first_to_people=True,
    writes_first_to_groups=True,
    sends_files=True,
)
_MARKDOWN = "sampleMarkdown"
_HOOK_MARGIN = timedelta(minutes=5)
_TRIES_OF_A_LATER_PART = 3
_LONGEST_WAIT = 60.0

Send = Callable[[str], Awaitable[None]]


class DingtalkSpeaker:
    """handlers.ports.Speaker, FileSpeaker and CardSpeaker for DingTalk.

    Cards are shown where there is a template for them (`cards`).

    An answer in several parts is begun once: when a later part fails it is tried again here, and
    in the end the whole is uncertain, so that nobody reads the first part twice.
    """

    platform = PLATFORM
    capabilities = CAPABILITIES

    def __init__(
        self, client: DingtalkClient, clock: Clock, wait: Wait, cards: CardChannel | None = None
    ) -> None:
        self._client = client
        self._cards = cards
        self._clock = clock
        self._wait = wait

    def parts(self, parcel: Parcel) -> Sequence[str]:
        """Within 15 000 bytes each as they go over the wire, numbered when there are several."""
        return parts_of(parcel.title, parcel.markdown)

    async def send(self, parcel: Parcel) -> str:
        """Deliver one part to a registered group or person; the key by which to recall it."""
        param = message_param(parcel.title, parcel.markdown)
        send = self._to_group if parcel.destination.is_group else self._to_person
        return await send(parcel.destination.id, param)

    async def send_file(self, destination: Destination, name: str, content: bytes) -> str:
        """Upload and deliver a file or a picture, by its name; the key by which to recall it."""
        kind, param = file_message(name, await self._client.upload(name, content))
        send = self._to_group if destination.is_group else self._to_person
        return await send(destination.id, param, kind)

    def shows(self, card: Card, *, is_group: bool) -> bool:
        """To groups and people alike, by the template."""
        return self._cards is not None and fits(card)

    async def send_card(self, destination: Destination, card: Card) -> str:
        """Make it and deliver it; a card cannot be recalled."""
        if self._cards is None:
            raise ContentRefused("no template")
        await self._client.deliver_card(self._cards.delivery(card, destination))
        return ""

    async def recall(self, destination: Destination, receipt: str) -> None:
        """Take back what the robot said, within 24 hours; a group sees no notice of it."""
        group = destination.id if destination.is_group else None
        await self._client.recall(receipt, group)

    async def answer(self, address: ReplyAddress, reply: Reply) -> None:
        """Answer by a card, else by the session webhook while it lives, else by an ordinary message.

        A card that the platform refuses is said in words.
        Where the webhook may have delivered it is not said again. Without a webhook, a person
        whom the robot does not know by user id cannot be answered: RecipientUnknown.
        """
        if await self._is_said_by_card(address, reply):
            return
        params = message_params(title_of(reply.text), reply.text)
        hook = self._usable(address)
        if hook is not None and params:
            try:
                await self._client.reply(hook, orjson.loads(params[0]))
            except DeliveryUncertain:
                raise
            except PlatformError:
                hook = None  # it may die long before the time it gave (sheet 5.2)
            else:
                params = params[1:]
        begun = hook is not None
        await self._in_parts(params, lambda param: self._say(address, hook, param), begun=begun)

    async def _is_said_by_card(self, address: ReplyAddress, reply: Reply) -> bool:
        where = address.conversation
        to = where.id if where.is_group else address.to
        if reply.card is None or to is None or not self.shows(reply.card, is_group=where.is_group):
            return False
        destination = Destination(address.platform, address.account, where.is_group, to)
        try:
            await self.send_card(destination, reply.card)
        except ContentRefused:
            return False
        return True

    def _usable(self, address: ReplyAddress) -> Opaque | None:
        hook = address.hook
        if hook is None or not self._is_alive(address) or not self._client.may_use(hook):
            return None
        return hook

    def _is_alive(self, address: ReplyAddress) -> bool:
        ends = address.hook_expires_at
        return ends is not None and self._clock.now() + _HOOK_MARGIN < ends

    async def _say(self, address: ReplyAddress, hook: Opaque | None, param: str) -> None:
        if hook is not None:
            await self._client.reply(hook, orjson.loads(param))
        elif address.conversation.is_group:
            await self._to_group(address.conversation.id, param)
        elif address.to is not None:
            await self._to_person(address.to, param)
        else:
            raise RecipientUnknown("no user id")

    async def _to_group(self, group: Opaque, param: str, kind: str = _MARKDOWN) -> str:
        return await self._client.send_to_group(group, kind, param)

    async def _to_person(self, person: Opaque, param: str, kind: str = _MARKDOWN) -> str:
        reached = await self._client.send_to_people((person,), kind, param)
        if reached.unknown:
            raise RecipientUnknown("invalidStaffIdList")
        if reached.slowed:
            raise RateLimited("flowControlledStaffIdList", timedelta(seconds=60))
        return reached.receipt

    async def _in_parts(self, params: list[str], send: Send, *, begun: bool = False) -> None:
        for param in params:
            await (self._later_part(param, send) if begun else send(param))
            begun = True

    async def _later_part(self, param: str, send: Send) -> None:
        for _ in range(_TRIES_OF_A_LATER_PART):
            try:
                await send(param)
            except RateLimited as slow:
                await self._wait(min(slow.retry_after.total_seconds(), _LONGEST_WAIT))
            except Unreachable:
                await self._wait(1.0)
            except PlatformError as error:
                raise DeliveryUncertain(error.code) from None
            else:
                return
        raise DeliveryUncertain("parts")
