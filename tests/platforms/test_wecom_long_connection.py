"""The AI bot's long connection: answered, kept alive, thrown out, cut off, and never given up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import unused_port

from bot.domain.errors import (
    BooksUnavailable,
    DeliveryUncertain,
    RateLimited,
    RecipientUnknown,
    Unreachable,
)
from bot.domain.messages import Conversation, Reply, ReplyAddress, Route
from bot.domain.private import Opaque
from bot.platforms.wecom.long_connection import Patience
from bot.platforms.wecom.speaker import WecomSpeaker
from bot.platforms.wecom.transport import open_session
from bot.standins.faults import Fault
from handlers.ports import Destination, Parcel
from tests.platforms.wecom_live_stage import GROUP, NOW, Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    await stage.standin.start()
    yield stage
    await stage.standin.stop()


@pytest.fixture
async def live(stage: Stage) -> AsyncIterator[Stage]:
    async with stage.running():
        await stage.time.passes_until(lambda: "connected" in stage.notices)
        yield stage


@pytest.fixture
async def impatient(stage: Stage) -> AsyncIterator[Stage]:
    """Gives up on an answer soon, for those that never come."""
    stage.patience = Patience(answer=0.5)
    async with stage.running():
        await stage.time.passes_until(lambda: "connected" in stage.notices)
        yield stage


async def test_what_is_said_in_a_group_is_taken_and_answered(live):
    live.reply = Reply("本周 12 次")

    await live.standin.live.say("zhang.wei", "/周报", chat="wrAbCdEf", quote="今晚截图")
    await live.time.passes_until(lambda: bool(live.standin.sent), step=0)

    (message,) = live.taken
    assert message.route is Route.WECOM_AIBOT
    assert message.text.reveal() == "/周报"
    assert message.quote is not None
    assert live.said() == [("wrAbCdEf", "本周 12 次")]
    assert live.standin.sent[0].kind == "stream"


async def test_an_answer_that_comes_too_late_for_its_callback_takes_another_way(live):
    live.reply = Reply("迟到")
    live.gate.clear()
    await live.standin.live.say("zhang.wei", "/周报", chat="wrAbCdEf")
    live.standin.live.expire_replies()
    live.gate.set()
    await live.time.passes_until(lambda: bool(live.later), step=0)

    assert (live.later, live.standin.sent) == (["迟到"], [])


async def test_what_one_frame_has_no_room_for_is_said_later(live):
    live.reply = Reply("\n\n".join("段" * 1000 for _ in range(9)))

    await live.standin.live.say("zhang.wei", "/周报")
    await live.time.passes_until(lambda: bool(live.later), step=0)

    [(_, first)] = live.said()
    assert "\n\n".join([first, *live.later]) == live.reply.text


async def test_an_answer_that_fails_is_counted_and_the_next_message_is_taken(live):
    live.reply = Reply("好")
    live.standin.faults.plan(Fault.RATE_LIMITED, "live")

    await live.standin.live.say("zhang.wei", "一")
    await live.standin.live.say("zhang.wei", "二")
    await live.time.passes_until(lambda: len(live.standin.sent) == 1, step=0)

    assert live.words() == ["一", "二"]
    assert live.happened == {"answer_failed": 1}


async def test_messages_are_taken_in_the_order_they_came(live):
    live.gate.clear()
    for number in range(20):
        await live.standin.live.say("zhang.wei", f"第{number}条")
    live.gate.set()
    await live.time.passes_until(lambda: len(live.taken) == 20, step=0)

    assert live.words() == [f"第{number}条" for number in range(20)]


async def test_a_slow_front_desk_does_not_delay_pings(live):
    live.gate.clear()
    await live.standin.live.say("zhang.wei", "慢")

    await live.time.passes_until(lambda: live.standin.live.pings >= 3, step=30)

    assert live.live.is_connected
    live.gate.set()


async def test_what_the_books_did_not_take_is_tried_again_here(live):
    """The platform does not repeat a callback of this route."""
    live.troubles = [BooksUnavailable(), BooksUnavailable()]

    await live.standin.live.say("zhang.wei", "要记下")
    await live.time.passes_until(lambda: bool(live.taken))

    assert live.words() == ["要记下"]
    assert live.refused == {"books": 2}


async def test_an_error_of_ours_costs_one_message_and_no_more(live):
    live.troubles = [KeyError("zhang.wei")]

    await live.standin.live.say("zhang.wei", "一")
    await live.standin.live.say("zhang.wei", "二")
    await live.time.passes_until(lambda: bool(live.taken), step=0)

    assert live.words() == ["二"]
    assert [type(error) for error in live.faults] == [KeyError]


@pytest.mark.parametrize(
    "garbage",
    ["", "not json", "[]", "{}", '{"cmd":"aibot_msg_callback"}', '{"cmd":"unheard_of","body":{}}',
     '{"headers":{"req_id":"nobody asked"},"errcode":0}', '{"cmd":"aibot_msg_callback","body":[1]}'],
)  # fmt: skip
async def test_garbage_is_counted_and_survived(live, garbage):
    await live.standin.live.push_raw(garbage)
    await live.standin.live.say("zhang.wei", "后来")
    await live.time.passes_until(lambda: bool(live.taken), step=0)

    assert live.words() == ["后来"]
    assert live.faults == []


async def test_a_first_conversation_is_welcomed(live):
    event = {"msgtype": "event", "event": {"eventtype": "enter_chat"}}

    await live.standin.live.callback("aibot_event_callback", "zhang.wei", event)
    await live.time.passes_until(lambda: bool(live.standin.sent), step=0)

    assert live.said() == [("zhang.wei", "欢迎")]
    assert live.happened == {"enter": 1}


async def test_a_cut_connection_is_opened_again(live):
    await live.standin.live.cut()
    await live.time.passes_until(lambda: live.standin.live.subscribed == 2)
    await live.standin.live.say("zhang.wei", "后来")
    await live.time.passes_until(lambda: bool(live.taken), step=0)

    assert live.notices[:2] == ["connected", "lost"]
    assert live.words() == ["后来"]


async def test_a_half_open_connection_is_noticed_by_its_pings(impatient):
    impatient.standin.faults.plan(Fault.HALF_OPEN, "live")

    await impatient.time.passes_until(lambda: impatient.standin.live.subscribed == 2, step=10)

    assert "lost" in impatient.notices


async def test_a_lost_subscription_is_made_again_though_the_socket_is_open(live):
    await live.standin.live.say("zhang.wei", "你好", chat="wrAbCdEf")
    live.standin.live.forget()

    with pytest.raises(Unreachable, match="846609"):
        await live.live.send_markdown(GROUP, True, "周报")
    await live.time.passes_until(lambda: live.standin.live.subscribed == 2)
    await live.live.send_markdown(GROUP, True, "周报")

    assert live.said() == [("wrAbCdEf", "周报")]


async def test_thrown_out_it_tells_the_operator_and_does_not_fight(live):
    await live.standin.live.displace()
    await live.time.passes_until(lambda: "displaced" in live.notices, step=0)

    assert live.standin.live.subscribed == 1
    assert live.time.waits[-1] == 300
    await live.time.passes_until(lambda: live.standin.live.subscribed == 2, step=60)


async def test_thrown_out_while_the_front_desk_is_busy_it_does_not_fight_either(live):
    live.gate.clear()
    await live.standin.live.say("zhang.wei", "慢")
    await live.standin.live.displace()
    await live.time.passes_until(lambda: "displaced" in live.notices, step=0)

    assert "lost" not in live.notices
    live.gate.set()


async def test_at_the_end_what_has_arrived_is_still_taken(stage):
    stage.gate.clear()
    async with stage.running():
        await stage.time.passes_until(lambda: "connected" in stage.notices)
        for number in range(5):
            await stage.standin.live.say("zhang.wei", f"第{number}条")
        await stage.time.passes_until(lambda: stage.standin.live.pings >= 1, step=30)
        asyncio.get_running_loop().call_soon(stage.gate.set)

    assert stage.words() == [f"第{number}条" for number in range(5)]


async def test_a_wrong_secret_is_told_and_not_hammered(stage):
    async with stage.running(secret="wrong"):
        await stage.time.passes_until(lambda: len(stage.notices) >= 3, step=60)

    assert set(stage.notices) == {"credential_refused"}
    assert set(stage.time.waits) == {300}


async def test_a_gateway_that_is_down_is_asked_ever_more_slowly(stage):
    stage.standin.faults.plan(Fault.RESET, "subscribe", times=8)

    async with stage.running():
        await stage.time.passes_until(lambda: "connected" in stage.notices, step=5)

    assert [wait for wait in stage.time.waits if wait != 30] == [2, 4, 8, 16, 32, 60, 60, 60]


async def test_an_address_where_nobody_listens_is_tried_again(stage):
    base = stage.standin.post.base
    stage.standin.post.base = f"http://127.0.0.1:{unused_port()}"
    async with stage.running():
        await stage.time.passes_until(lambda: len(stage.notices) >= 2)
    stage.standin.post.base = base

    assert set(stage.notices) == {"not_opened"}


async def test_a_flapping_gateway_is_not_hammered(live):
    """Subscribing alone does not end the back-off: the connection must hold for a while."""
    for number in range(2, 8):
        await live.standin.live.cut()
        await live.time.passes_until(lambda n=number: live.standin.live.subscribed == n)

    assert [wait for wait in live.time.waits if wait != 30] == [2, 4, 8, 16, 32, 60]


async def test_a_long_quiet_connection_starts_the_back_off_anew(live):
    await live.time.passes_until(lambda: live.standin.live.pings >= 5, step=30)
    live.time.waits.clear()

    await live.standin.live.cut()
    await live.time.passes_until(lambda: live.standin.live.subscribed == 2)

    assert [wait for wait in live.time.waits if wait != 30] == [2]


async def test_writing_first_to_strangers_is_refused_by_the_platform(live):
    with pytest.raises(RecipientUnknown):
        await live.live.send_markdown(Opaque("wrStranger"), True, "周报")


async def test_too_fast_says_so(live):
    live.standin.faults.plan(Fault.RATE_LIMITED, "live")

    with pytest.raises(RateLimited):
        await live.live.send_markdown(GROUP, True, "周报")


async def test_a_missing_acknowledgement_is_uncertain(impatient):
    impatient.standin.faults.plan(Fault.HALF_OPEN, "live")

    with pytest.raises(DeliveryUncertain):
        await impatient.live.send_markdown(GROUP, True, "周报")


async def test_without_a_connection_nothing_was_sent(stage):
    async with open_session() as session:
        with pytest.raises(Unreachable):
            await stage.connection(session).send_markdown(GROUP, True, "x")


class TestSpeaking:
    @asynccontextmanager
    async def speaker(self, live: Stage) -> AsyncIterator[WecomSpeaker]:
        async with open_session() as session:
            yield WecomSpeaker(
                None,
                session,
                api_base=live.standin.post.base,
                clock=live.time,
                live=live.live,
            )

    async def test_a_group_that_called_the_bot_hears_a_parcel(self, live):
        await live.standin.live.say("zhang.wei", "你好", chat="wrAbCdEf")
        parcel = Parcel("k", Destination("wecom", "ww", True, GROUP), "t", "超过限额", NOW)

        async with self.speaker(live) as speaker:
            await speaker.send(parcel)

        assert live.said() == [("wrAbCdEf", "超过限额")]

    async def test_a_late_answer_goes_to_where_it_was_asked(self, live):
        await live.standin.live.say("zhang.wei", "/周报", chat="wrAbCdEf")
        address = ReplyAddress("wecom", "ww", Conversation(True, GROUP), to=Opaque("zhang.wei"))

        async with self.speaker(live) as speaker:
            await speaker.answer(address, Reply("好"))

        assert live.said() == [("wrAbCdEf", "好")]
