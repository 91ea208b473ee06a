"""Speaking through DingTalk: once, in order, and by the webhook only while it lives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.domain.errors import (
    DeliveryUncertain,
    GroupGone,
    RateLimited,
    RecipientUnknown,
)
from bot.domain.messages import Conversation, Reply, ReplyAddress
from bot.domain.private import Opaque
from bot.platforms.dingtalk.client import DingtalkClient
from bot.platforms.dingtalk.speaker import DingtalkSpeaker
from bot.standins.dingtalk_api import GROUP_PATH, HOOK_PATH, Sent
from bot.standins.faults import Fault
from handlers.ports import Destination, Parcel
from tests.platforms.dingtalk_stage import START, Stage, platform_that_says, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(Stage) as stage:
        yield stage


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[DingtalkClient]:
    async with stage.speaking() as client:
        yield client


def speaker_of(stage: Stage, client: DingtalkClient) -> DingtalkSpeaker:
    return DingtalkSpeaker(client, stage.time, stage.time.wait)


def parcel_to(id: str, *, is_group: bool, markdown: str = "正文") -> Parcel:  # noqa: A002
    destination = Destination("dingtalk", "dingstandin", is_group, Opaque(id))
    return Parcel("digest:1", destination, "基层负担监测周报", markdown, START)


@pytest.mark.parametrize("is_group", [True, False])
async def test_a_parcel_goes_to_a_group_or_a_person(
    stage: Stage, client: DingtalkClient, is_group: bool
) -> None:
    await speaker_of(stage, client).send(parcel_to("office-1", is_group=is_group))

    by = "group" if is_group else "person"
    assert stage.standin.sent == [Sent(by, "office-1", "基层负担监测周报", "正文")]


async def test_a_long_parcel_goes_out_in_parts_in_order(
    stage: Stage, client: DingtalkClient
) -> None:
    paragraphs = [f"第{n}段" + "工作要求" * 300 for n in range(20)]
    speaker = speaker_of(stage, client)
    whole = parcel_to("office-1", is_group=True, markdown="\n\n".join(paragraphs))

    for part in speaker.parts(whole):
        await speaker.send(parcel_to("office-1", is_group=True, markdown=part))

    said = [sent.text.rsplit("\n\n", 1)[0] for sent in stage.standin.sent]
    assert len(said) > 1
    assert "\n\n".join(said) == "\n\n".join(paragraphs)


def answer_to(id: str) -> ReplyAddress:  # noqa: A002
    """A group's address without a webhook."""
    return ReplyAddress("dingtalk", "dingstandin", Conversation(True, Opaque(id)))


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.SERVER_ERROR])
async def test_a_later_part_of_an_answer_is_tried_again_without_repeating_the_first(
    stage: Stage, client: DingtalkClient, fault: Fault
) -> None:
    stage.standin.faults.plan(
        Fault.DUPLICATE, GROUP_PATH
    )  # harmless here: it takes the first turn
    stage.standin.faults.plan(fault, GROUP_PATH)

    await stage.time.passes_during(
        speaker_of(stage, client).answer(answer_to("office-1"), Reply(LONG))
    )

    assert [sent.text[0] for sent in stage.standin.sent] == ["甲", "乙"]


async def test_an_answer_of_which_a_part_never_went_out_is_uncertain_and_not_begun_again(
    stage: Stage, client: DingtalkClient
) -> None:
    stage.standin.faults.plan(Fault.DUPLICATE, GROUP_PATH)
    stage.standin.faults.plan(Fault.SERVER_ERROR, GROUP_PATH, 3)

    with pytest.raises(DeliveryUncertain):
        await stage.time.passes_during(
            speaker_of(stage, client).answer(answer_to("o"), Reply(LONG))
        )

    assert [sent.text[0] for sent in stage.standin.sent] == ["甲"]


async def test_a_person_who_left_is_unknown(stage: Stage, client: DingtalkClient) -> None:
    stage.standin.api.gone = {"user-7"}

    with pytest.raises(RecipientUnknown):
        await speaker_of(stage, client).send(parcel_to("user-7", is_group=False))


async def test_a_dissolved_group_is_gone(stage: Stage, client: DingtalkClient) -> None:
    stage.standin.api.dissolved = {"cidGONE=="}

    with pytest.raises(GroupGone):
        await speaker_of(stage, client).send(parcel_to("cidGONE==", is_group=True))


async def asked(stage: Stage, **fields: Any) -> ReplyAddress:
    """The reply address of a message that came by Stream."""
    async with stage.streaming():
        await stage.standin.gateway.joined()
        assert await stage.standin.push(stage.says("/状态", **fields))
    address = stage.desk.handed[-1].reply_address
    assert address is not None
    return address


async def test_an_answer_goes_by_the_session_webhook(stage: Stage, client: DingtalkClient) -> None:
    address = await asked(stage)

    await speaker_of(stage, client).answer(address, Reply("## 本周\n- 截图上报:3"))

    assert stage.standin.sent == [Sent("hook", "cidDEMO1==", "本周", "## 本周\n- 截图上报:3")]


@pytest.mark.parametrize(
    ("group", "by", "to"), [("cidDEMO1==", "group", "cidDEMO1=="), ("", "person", "user-7")]
)
@pytest.mark.parametrize(
    "how", ["by its time", "before its time", "within five minutes", "broken"]
)
async def test_when_the_webhook_is_dead_an_ordinary_message_takes_its_place(
    stage: Stage, client: DingtalkClient, group: str, by: str, to: str, how: str
) -> None:
    address = await asked(stage, group=group)
    if how == "by its time":
        stage.time.advance(3 * 3600)
    if how == "within five minutes":
        stage.time.advance(86 * 60)
    if how == "before its time":
        stage.standin.api.forget_sessions()
    if how == "broken":
        stage.standin.faults.plan(Fault.SERVER_ERROR, HOOK_PATH)

    await speaker_of(stage, client).answer(address, Reply("本周:3"))

    assert stage.standin.sent == [Sent(by, to, "本周:3", "本周:3")]


async def test_an_answer_that_may_have_gone_by_webhook_is_not_said_again(
    stage: Stage, client: DingtalkClient
) -> None:
    address = await asked(stage)
    stage.standin.faults.plan(Fault.RESET, HOOK_PATH)

    with pytest.raises(DeliveryUncertain):
        await speaker_of(stage, client).answer(address, Reply("本周:3"))

    assert len(stage.standin.sent) == 1


async def test_a_stranger_without_user_id_and_webhook_cannot_be_answered(
    stage: Stage, client: DingtalkClient
) -> None:
    address = ReplyAddress("dingtalk", "a", Conversation(False, Opaque("$:LWCP_v1:$x")))

    with pytest.raises(RecipientUnknown):
        await speaker_of(stage, client).answer(address, Reply("本周:3"))


async def test_an_empty_answer_is_not_sent(stage: Stage, client: DingtalkClient) -> None:
    await speaker_of(stage, client).answer(await asked(stage), Reply("\n \n"))

    assert stage.standin.sent == []


async def test_a_long_answer_goes_on_by_the_webhook_it_began_with(
    stage: Stage, client: DingtalkClient
) -> None:
    address = await asked(stage)

    await speaker_of(stage, client).answer(address, Reply("甲" * 4_000 + "\n\n" + "乙" * 4_000))

    assert [(sent.by, sent.text[0]) for sent in stage.standin.sent] == [
        ("hook", "甲"),
        ("hook", "乙"),
    ]


LONG = "\n\n".join(["甲" * 4_000, "乙" * 4_000])


async def test_a_later_part_sent_too_fast_waits_as_long_as_it_is_told_but_a_minute_at_most(
    stage: Stage,
) -> None:
    slow, much_slower = (400, {"code": "send.too.fast"}), (400, {"code": "130101"})

    async with (
        platform_that_says((200, {}), slow, much_slower, (200, {})) as base,
        stage.speaking(api_base=base) as client,
    ):
        saying = speaker_of(stage, client).answer(answer_to("o"), Reply(LONG))
        await stage.time.passes_during(saying, step=20)

    assert stage.time.waits == [60, 60]


async def test_a_later_part_whose_content_is_refused_leaves_the_answer_uncertain(
    stage: Stage,
) -> None:
    refused = 400, {"code": "contain.notAllowed.content"}

    async with (
        platform_that_says((200, {}), refused) as base,
        stage.speaking(api_base=base) as client,
    ):
        with pytest.raises(DeliveryUncertain, match="notAllowed"):
            await speaker_of(stage, client).answer(answer_to("o"), Reply(LONG))


async def test_a_person_to_whom_the_platform_is_slow_is_tried_again_later(stage: Stage) -> None:
    slowed = 200, {"processQueryKey": "k", "flowControlledStaffIdList": ["user-7"]}

    async with platform_that_says(slowed) as base, stage.speaking(api_base=base) as client:
        with pytest.raises(RateLimited):
            await speaker_of(stage, client).send(parcel_to("user-7", is_group=False))
