"""Group webhooks over real sockets: signed, within the limit, told by name and never by key."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from bot.domain.errors import (
    CredentialRefused,
    DeliveryUncertain,
    PlatformError,
    RateLimited,
    RecipientUnknown,
)
from bot.domain.messages import Conversation, Reply, ReplyAddress
from bot.domain.private import Opaque
from bot.platforms.dingtalk import transport as dingtalk_transport
from bot.platforms.dingtalk.webhook import DingtalkWebhooks, Hook
from bot.platforms.wecom import transport as wecom_transport
from bot.platforms.wecom.webhook import WecomWebhooks
from bot.standins.dingtalk import DingtalkStandin
from bot.standins.faults import Fault, Faults
from bot.standins.wecom import WecomStandin
from handlers.ports import Destination, Parcel, Speaker
from tests.contracts.test_speakers import NOW, FixedClock, at_once

TOKEN = "webhook-credential"
SECRET = "SECabc"


@dataclass
class Stage:
    speaker: Speaker
    faults: Faults
    path: str
    said: Callable[[], list[str]]

    def parcel(self, markdown: str, name: str = "office") -> Parcel:
        to = Destination(self.speaker.platform, self.speaker.platform, True, Opaque(name))
        return Parcel("digest:1", to, "周报", markdown, NOW)

    async def say(self, markdown: str) -> None:
        whole = self.parcel(markdown)
        for part in self.speaker.parts(whole):
            await self.speaker.send(replace(whole, markdown=part))


@asynccontextmanager
async def wecom() -> AsyncIterator[Stage]:
    standin = WecomStandin(FixedClock(), random.Random(1).randbytes, wait=at_once)
    base = await standin.start()
    standin.api.webhooks[TOKEN] = "digest room"
    try:
        async with wecom_transport.open_session() as session:
            keys = {"office": Opaque(TOKEN), "gone": Opaque("removed")}
            speaker = WecomWebhooks(session, api_base=base, keys=keys)
            yield Stage(
                speaker,
                standin.faults,
                "/cgi-bin/webhook/send",
                lambda: [sent.content for sent in standin.sent if sent.via == "webhook"],
            )
    finally:
        await standin.stop()


@asynccontextmanager
async def dingtalk() -> AsyncIterator[Stage]:
    standin = DingtalkStandin(FixedClock(), wait=at_once)
    base = await standin.start()
    standin.api.webhooks[TOKEN] = ("digest room", SECRET)
    try:
        async with dingtalk_transport.open_session() as session:
            hooks = {
                "office": Hook(Opaque(TOKEN), Opaque(SECRET)),
                "gone": Hook(Opaque("removed")),
                "unsigned": Hook(Opaque(TOKEN)),
            }
            speaker = DingtalkWebhooks(session, oapi_base=base, hooks=hooks, clock=FixedClock())
            yield Stage(
                speaker,
                standin.faults,
                "/robot/send",
                lambda: [sent.text for sent in standin.sent if sent.by == "webhook"],
            )
    finally:
        await standin.stop()


@pytest.fixture(params=[wecom, dingtalk], ids=["wecom", "dingtalk"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with request.param() as opened:
        yield opened


async def test_a_group_hears_it(stage: Stage) -> None:
    await stage.say("**周报**")

    assert stage.said() == ["**周报**"]


async def test_a_long_text_arrives_in_order_and_numbered(stage: Stage) -> None:
    await stage.say("\n\n".join("数" * 900 for _ in range(9)))

    said = stage.said()
    assert len(said) > 1
    assert [part.rsplit("\n\n", 1)[1] for part in said] == [
        f"({n}/{len(said)})" for n in range(1, len(said) + 1)
    ]


async def test_a_webhook_that_is_not_in_the_settings_is_unknown(stage: Stage) -> None:
    with pytest.raises(RecipientUnknown):
        await stage.speaker.send(stage.parcel("x", "other"))


async def test_a_webhook_that_was_removed_is_a_matter_for_the_operator(stage: Stage) -> None:
    with pytest.raises(CredentialRefused):
        await stage.speaker.send(stage.parcel("x", "gone"))


async def test_a_robot_that_asks_for_a_signature_refuses_without() -> None:
    async with dingtalk() as stage:
        with pytest.raises(CredentialRefused, match="310000"):
            await stage.speaker.send(stage.parcel("x", "unsigned"))


async def test_too_fast_is_waited_for(stage: Stage) -> None:
    stage.faults.plan(Fault.RATE_LIMITED, stage.path)

    with pytest.raises(RateLimited):
        await stage.speaker.send(stage.parcel("x"))


async def test_a_lost_answer_is_uncertain_and_shows_no_credential(stage: Stage) -> None:
    stage.faults.plan(Fault.RESET, stage.path)

    with pytest.raises(DeliveryUncertain) as caught:
        await stage.speaker.send(stage.parcel("x"))

    assert TOKEN not in repr(caught.value)
    assert caught.value.__cause__ is None


async def test_the_same_words_sent_again_are_dropped_where_the_platform_can() -> None:
    async with dingtalk() as stage:
        for _ in range(2):
            await stage.say("周报")

        assert stage.said() == ["周报"]


async def test_nothing_is_recalled_and_nobody_answered(stage: Stage) -> None:
    with pytest.raises(PlatformError):
        await stage.speaker.recall(stage.parcel("").destination, "r")
    address = ReplyAddress(stage.speaker.platform, "a", Conversation(True, Opaque("c")))
    with pytest.raises(RecipientUnknown):
        await stage.speaker.answer(address, Reply("x"))
