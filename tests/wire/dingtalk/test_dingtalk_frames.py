"""Stream frames of the protocol page, and what is answered to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Undecipherable
from bot.platforms.dingtalk.frames import (
    DISCONNECT,
    DONE,
    FAILED,
    NO_HANDLER,
    PING,
    ROBOT_TOPIC,
    FrameType,
    acknowledge,
    parse_frame,
)

PING_FRAME = {
    "specVersion": "1.0", "type": "SYSTEM",
    "headers": {"topic": "ping", "messageId": "p1", "contentType": "application/json",
                "time": "1790000000456"},
    "data": '{"opaque":"9b7e"}',
}  # fmt: skip
ROBOT_FRAME = {
    "specVersion": "1.0", "type": "CALLBACK",
    "headers": {"appId": "0f2a", "connectionId": "5c1e", "contentType": "application/json",
                "messageId": "c0a8_18f0_1", "time": "1790000000123", "topic": ROBOT_TOPIC},
    "data": '{"msgtype":"text","text":{"content":" /状态"},"msgId":"msgAbc=="}',
}  # fmt: skip
EVENT_FRAME = {
    "type": "EVENT",
    "header": {"topic": "*", "messageId": "e-77", "eventType": "chat_disband", "eventId": "ev-1"},
    "data": '{"chatId":"chat676e"}',
}


def acked(frame: dict[str, Any], code: int = DONE) -> dict[str, Any]:
    return dict(json.loads(acknowledge(parse_frame(json.dumps(frame)), code)))


def test_a_ping_gets_back_what_it_brought() -> None:
    frame = parse_frame(json.dumps(PING_FRAME))

    assert (frame.type, frame.topic) == (FrameType.SYSTEM, PING)
    assert acked(PING_FRAME) == {
        "code": 200,
        "headers": {"messageId": "p1", "contentType": "application/json"},
        "message": "OK",
        "data": '{"opaque":"9b7e"}',
    }


def test_a_robot_message_is_acknowledged_without_an_answer_in_it() -> None:
    frame = parse_frame(json.dumps(ROBOT_FRAME))

    assert (frame.type, frame.topic) == (FrameType.CALLBACK, ROBOT_TOPIC)
    assert json.loads(frame.data)["msgId"] == "msgAbc=="
    ack = acked(ROBOT_FRAME)
    assert (ack["code"], ack["headers"]["messageId"]) == (200, "c0a8_18f0_1")
    assert json.loads(ack["data"]) == {"response": None}


def test_a_robot_message_that_was_not_recorded_is_answered_as_failed() -> None:
    assert acked(ROBOT_FRAME, FAILED)["code"] == 500


def test_an_event_says_success_or_asks_for_another_push() -> None:
    assert json.loads(acked(EVENT_FRAME)["data"])["status"] == "SUCCESS"
    assert json.loads(acked(EVENT_FRAME, FAILED)["data"])["status"] == "LATER"


def test_the_spelling_header_is_read_like_headers() -> None:
    assert acked(EVENT_FRAME)["headers"]["messageId"] == "e-77"


def test_a_disconnect_is_known() -> None:
    raw = {"type": "SYSTEM", "headers": {"topic": DISCONNECT}, "data": '{"reason":"expired"}'}

    frame = parse_frame(json.dumps(raw))

    assert (frame.type, frame.topic, frame.message_id) == (FrameType.SYSTEM, DISCONNECT, "")


def test_a_type_of_next_year_is_other_and_answered_as_without_handler() -> None:
    raw = PING_FRAME | {"type": "GREETING"}

    assert parse_frame(json.dumps(raw)).type is FrameType.OTHER
    assert acked(raw, NO_HANDLER)["code"] == 404


def test_data_that_was_not_encoded_twice_is_read_all_the_same() -> None:
    frame = parse_frame(json.dumps(ROBOT_FRAME | {"data": {"msgId": "m"}}))

    assert json.loads(frame.data) == {"msgId": "m"}


def test_a_frame_shows_neither_data_nor_ids_when_printed() -> None:
    shown = repr(parse_frame(json.dumps(ROBOT_FRAME)))

    assert "msgAbc" not in shown
    assert "状态" not in shown
    assert "c0a8" not in shown


@pytest.mark.parametrize("raw", ["", "[]", "1", "{}", '{"headers":[]}', "pong", "{" * 5000])
def test_what_is_not_a_frame_is_refused(raw: str) -> None:
    with pytest.raises(Undecipherable):
        parse_frame(raw)


@given(raw=st.text(max_size=60) | st.binary(max_size=60))
def test_no_bytes_make_the_parser_fail_otherwise(raw: str | bytes) -> None:
    try:
        frame = parse_frame(raw)
    except Undecipherable:
        return
    json.loads(acknowledge(frame))
