"""The same bytes read by the vendor's own SDK: it and we must say the same of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import dingtalk_stream  # type: ignore[import-untyped]  # it ships no types
import pytest

from bot.domain.cards import Done
from bot.domain.messages import IncomingMessage, Route
from bot.platforms.dingtalk.cards import answer_of, parse_click
from bot.platforms.dingtalk.frames import CARD_TOPIC, ROBOT_TOPIC, acknowledge, parse_frame
from bot.platforms.dingtalk.wire import RobotChannel, parse_robot_message
from bot.standins.dingtalk_cards import ShownCard, click_body
from bot.standins.dingtalk_messages import Said, body_of

AT = datetime(2026, 9, 21, 14, 13, 20, 123000, UTC)
SAID = [
    Said("m1", "zhangsan01", "今晚8点前截图上报", AT, "cidDEMO1==", ("lisi02", "wangwu03")),
    Said("m2", "zhangsan01", "/隐私", AT),
]


def body(said: Said) -> dict[str, Any]:
    return body_of(said, robot_code="dingdemo", corp_id="c", session_webhook="https://x/y?z=1")


@pytest.mark.parametrize("said", SAID, ids=["group", "direct"])
def test_the_sdk_reads_a_robot_message_as_we_do(said: Said) -> None:
    theirs = dingtalk_stream.ChatbotMessage.from_dict(body(said))
    ours = parse_robot_message(
        json.dumps(body(said)), RobotChannel("dingdemo", Route.DINGTALK_STREAM, "轻装"), AT
    )

    assert isinstance(ours, IncomingMessage)
    assert ours.key.reveal() == theirs.message_id
    assert ours.sender.reveal() == theirs.sender_staff_id
    assert ours.text.reveal() == theirs.text.content.strip() == said.text
    assert ours.conversation.is_group == (theirs.conversation_type == "2")
    assert round(ours.sent_at.timestamp() * 1000) == theirs.create_at
    people = [user.staff_id for user in theirs.at_users or [] if user.staff_id]
    assert [who.reveal() for who in ours.mentions] == people
    assert ours.reply_address is not None
    assert ours.reply_address.hook is not None
    assert ours.reply_address.hook.reveal() == theirs.session_webhook


def frame(kind: str, topic: str, data: str) -> dict[str, Any]:
    headers = {"topic": topic, "messageId": "f-1", "contentType": "application/json", "time": "17"}
    return {"specVersion": "1.0", "type": kind, "headers": headers, "data": data}


class Taker(dingtalk_stream.ChatbotHandler):  # type: ignore[misc]  # the SDK ships no types
    """A handler of the SDK that takes everything."""

    async def process(self, message: Any) -> tuple[int, None]:
        return dingtalk_stream.AckMessage.STATUS_OK, None


async def test_the_sdk_acknowledges_a_robot_message_as_we_do() -> None:
    raw = frame("CALLBACK", ROBOT_TOPIC, json.dumps(body(SAID[0])))

    theirs = await Taker().raw_process(dingtalk_stream.CallbackMessage.from_dict(raw))
    ours = json.loads(acknowledge(parse_frame(json.dumps(raw))))

    assert ours["code"] == theirs.to_dict()["code"]
    assert ours["headers"] == theirs.to_dict()["headers"]
    assert json.loads(ours["data"]) == json.loads(theirs.to_dict()["data"])


class Clicked(dingtalk_stream.CallbackHandler):  # type: ignore[misc]  # it ships no types
    """A handler of the SDK that reads a click and changes the card."""

    read: Any = None

    async def process(self, callback: Any) -> tuple[int, Any]:
        self.read = dingtalk_stream.CardCallbackMessage.from_dict(callback.data)
        return dingtalk_stream.AckMessage.STATUS_OK, answer_of(Done("已办", "/限额"))


async def test_the_sdk_reads_and_answers_a_click_as_we_do() -> None:
    shown = ShownCard("group", "cidDEMO1==", "ab" * 16, {})
    raw = frame("CALLBACK", CARD_TOPIC, json.dumps(click_body(shown, "zhangsan01", "v1", "c")))
    handler = Clicked()

    theirs = await handler.raw_process(dingtalk_stream.CallbackMessage.from_dict(raw))
    parsed = parse_frame(json.dumps(raw))
    ours = parse_click(parsed.data, RobotChannel("d", Route.DINGTALK_STREAM, "轻装"), AT)
    sent = json.loads(acknowledge(parsed, response=answer_of(Done("已办", "/限额"))))

    assert ours.click is not None
    assert ours.sender.reveal() == handler.read.user_id
    assert ours.click.card.reveal() == handler.read.card_instance_id
    assert ours.click.value.reveal() == handler.read.content["cardPrivateData"]["params"]["value"]
    assert sent["code"] == theirs.to_dict()["code"]
    assert sent["headers"] == theirs.to_dict()["headers"]
    assert json.loads(sent["data"]) == json.loads(theirs.to_dict()["data"])


async def test_the_sdk_answers_a_ping_as_we_do() -> None:
    raw = frame("SYSTEM", "ping", '{"opaque":"9b7e"}')

    theirs = await dingtalk_stream.SystemHandler().raw_process(
        dingtalk_stream.SystemMessage.from_dict(raw)
    )
    ours = json.loads(acknowledge(parse_frame(json.dumps(raw))))

    assert (ours["code"], ours["headers"]) == (theirs.code, theirs.to_dict()["headers"])
    assert json.loads(ours["data"]) == json.loads(theirs.to_dict()["data"])
