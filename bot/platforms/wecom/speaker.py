"""WeCom as a Speaker: parcels by the app, answers by the reply URL or as a direct message."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import aiohttp
from yarl import URL

from bot.domain.cards import Card
from bot.domain.errors import (
    ContentRefused,
    CredentialRefused,
    PlatformError,
    RecipientUnknown,
)
from bot.domain.messages import Reply, ReplyAddress
from bot.domain.private import Opaque
from bot.platforms.base import Capabilities
from bot.platforms.hooks import Hooks, VendorHooks
from bot.platforms.splitting import numbered_parts, split_markdown
from bot.platforms.wecom.cards import fits, template_card
from bot.platforms.wecom.client import WecomClient
from bot.platforms.wecom.payload import PLATFORM
from bot.platforms.wecom.transport import call, code_in, error_of
from handlers.ports import Clock, Destination, Parcel

MARKDOWN_LIMIT_BYTES = 2048
HOOK_LIMIT_BYTES = 20_480
HOOK_PATH = "/cgi-bin/aibot/response"

CAPABILITIES = Capabilities(
    platform=PLATFORM,
    longest_markdown=MARKDOWN_LIMIT_BYTES,
    writes_first_to_people=True,
    writes_first_to_groups=False,
    sends_files=True,
)


class WritesFirst(Protocol):
    """The AI bot's long connection, as far as speaking needs it."""

    async def send_markdown(self, conversation: Opaque, is_group: bool, text: str) -> None:
        """At most 20 480 bytes to somebody who has spoken to the bot; raises PlatformError."""
        ...

    async def send_card(
        self, conversation: Opaque, is_group: bool, card: Mapping[str, object]
    ) -> None:
        """A template card to somebody who has spoken to the bot; raises PlatformError."""
        ...


class WecomSpeaker:
    """Satisfies handlers.ports.Speaker, FileSpeaker and CardSpeaker.

    `client` is None where only an AI bot is set up, `live` where it has no long connection,
    `vendor_hooks` where answers go to the operator's own base only.
    """

    platform = PLATFORM

    def __init__(
        self,
        client: WecomClient | None,
        session: aiohttp.ClientSession,
        *,
        api_base: str,
        clock: Clock,
        live: WritesFirst | None = None,
        vendor_hooks: VendorHooks | None = None,
    ) -> None:
        self._client = client
        self._live = live
        self.capabilities = replace(CAPABILITIES, writes_first_to_groups=live is not None)
        self._clock = clock
        self._hooks = Hooks(session, [api_base.rstrip("/") + HOOK_PATH], vendor_hooks)

    def parts(self, parcel: Parcel) -> Sequence[str]:
        """Within 2048 bytes each, numbered when there are several."""
        return numbered_parts(parcel.markdown, MARKDOWN_LIMIT_BYTES)

    async def send(self, parcel: Parcel) -> str:
        """Deliver one part; a person's may be sent again, the platform drops what it delivered.

        A group hears it by the long connection if it has ever called the bot, or by the app if
        the app made it; neither gives a receipt.
        """
        to = parcel.destination
        if self._client and not to.is_group:
            return await self._client.send_markdown(to.id, parcel.markdown, once=True)
        await self._send_part(to, parcel.markdown)
        return ""

    async def recall(self, destination: Destination, receipt: str) -> None:
        """Take back what the app said to a person, within 24 hours."""
        await self._require_client().recall(receipt)

    async def _send_part(self, destination: Destination, part: str) -> None:
        if self._live:
            try:
                await self._live.send_markdown(destination.id, destination.is_group, part)
            except RecipientUnknown:
                if self._client is None:
                    raise
            else:
                return
        await self._require_client().send_to_chat(destination.id, part)

    async def send_file(self, destination: Destination, name: str, content: bytes) -> str:
        """A file or a picture by the app, to a person or a group that the app made.

        Where there is no app it is ContentRefused: waiting would not help, and would keep what
        comes after it back.
        """
        if self._client is None:
            raise ContentRefused("no app")
        if not destination.is_group:
            return await self._client.send_file(destination.id, name, content)
        await self._client.send_file_to_chat(destination.id, name, content)
        return ""

    def shows(self, card: Card, *, is_group: bool) -> bool:
        """By the app to people, by the AI bot's long connection also to groups."""
        return fits(card) and (
            self._live is not None or (self._client is not None and not is_group)
        )

    async def send_card(self, destination: Destination, card: Card) -> str:
        """To a person by the app, else by the long connection, which gives no receipt."""
        shown = template_card(card)
        if self._client and not destination.is_group:
            return await self._client.send_card(destination.id, shown)
        if self._live is None:
            raise ContentRefused("no card for a group")
        await self._live.send_card(destination.id, destination.is_group, shown)
        return ""

    async def answer(self, address: ReplyAddress, reply: Reply) -> None:
        """By the reply URL while it lasts (one call, one message), else by whatever can write first.

        A card that the platform refuses is said as text. Raises RecipientUnknown when nothing
        leads anywhere: without a long connection a group can be answered by the reply URL only.
        """
        if address.clicked and address.to and self._client and reply.done:
            # What was done is done, and is said below, whether the card shows it or not.
            with contextlib.suppress(PlatformError):
                await self._client.fade_card(address.clicked, address.to, reply.done.label)
        if reply.card is not None and fits(reply.card):
            try:
                await self._answer_by_card(address, reply.card)
            except ContentRefused:
                pass
            else:
                return
        await self._answer_in_words(address, reply)

    async def _answer_by_card(self, address: ReplyAddress, card: Card) -> None:
        """Raises ContentRefused when there is no way for a card; the reply URL is then unused."""
        where, shown = address.conversation, template_card(card)
        if self._live:
            await self._live.send_card(where.id, where.is_group, shown)
        elif self._client and address.to and not address.hook and not where.is_group:
            await self._client.send_card(address.to, shown)
        else:
            raise ContentRefused("no way for a card")

    async def _answer_in_words(self, address: ReplyAddress, reply: Reply) -> None:
        if (
            address.hook
            and address.hook_expires_at
            and self._clock.now() < address.hook_expires_at
        ):
            await self._answer_by_hook(address.hook, reply)
        elif self._live:
            where = address.conversation
            for part in split_markdown(reply.text, HOOK_LIMIT_BYTES):
                await self._live.send_markdown(where.id, where.is_group, part)
        elif self._client and address.to and not address.conversation.is_group:
            for part in split_markdown(reply.text, MARKDOWN_LIMIT_BYTES):
                await self._client.send_markdown(address.to, part, once=False)
        else:
            raise RecipientUnknown("no address")

    async def _answer_by_hook(self, hook: Opaque, reply: Reply) -> None:
        url = hook.reveal()
        session = self._hooks.session_for(url)
        if session is None:
            raise RecipientUnknown("hook")
        parts = split_markdown(reply.text, HOOK_LIMIT_BYTES)
        if not parts:
            return
        message = {"msgtype": "markdown", "markdown": {"content": parts[0]}}
        # As it came: requoting could change the code in it.
        exact = URL(url, encoded=True)
        answer = await call(session, "POST", exact, json=message, delivers=True)
        if code := code_in(answer):
            raise error_of(code)

    def _require_client(self) -> WecomClient:
        if self._client is None:
            raise CredentialRefused("no app")
        return self._client
