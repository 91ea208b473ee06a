"""Stream frames and their acknowledgements, without a socket (protocol 1.3, 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from bot.domain.errors import Undecipherable
from bot.platforms.dingtalk.untrusted import json_object

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"
PING = "ping"
DISCONNECT = "disconnect"

SUBSCRIPTIONS = ({"type": "CALLBACK", "topic": ROBOT_TOPIC},)
"""The robot topic under CALLBACK: as an EVENT it connects and never brings a message."""
CLICKS = {"type": "CALLBACK", "topic": CARD_TOPIC}
"""Clicks on interactive cards."""
EVENTS = {"type": "EVENT", "topic": "*"}
"""Every event that is ticked for the app in the developer console."""

DONE, BAD_REQUEST, NO_HANDLER, FAILED = 200, 400, 404, 500


class FrameType(StrEnum):
    """What a frame is; a type we do not know is OTHER."""

    SYSTEM = "SYSTEM"
    EVENT = "EVENT"
    CALLBACK = "CALLBACK"
    OTHER = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `data` is a JSON document still as text: it may hold what somebody said."""

    type: FrameType
    topic: str
    message_id: str = field(repr=False)
    data: str = field(repr=False)
    event_type: str = ""


def parse_frame(raw: str | bytes) -> Frame:
    """The frame that `raw` holds; unknown fields are ignored. Raises Undecipherable."""
    outer = json_object(raw)
    headers = outer.get("headers", outer.get("header"))
    if not isinstance(headers, dict):
        raise Undecipherable("a frame without headers")
    data = outer.get("data", "")
    return Frame(
        type=_frame_type(outer.get("type")),
        topic=_text(headers.get("topic")),
        message_id=_text(headers.get("messageId")),
        # Documented as text; an object would be the same document not encoded twice.
        data=data if isinstance(data, str) else orjson.dumps(data).decode(),
        event_type=_text(headers.get("eventType")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _frame_type(value: Any) -> FrameType:
    try:
        return FrameType(value)
    except ValueError:
        return FrameType.OTHER


def acknowledge(frame: Frame, code: int = DONE, response: Mapping[str, Any] | None = None) -> str:
    """The acknowledgement of a frame, as text for the socket.

    A robot message answers nothing (replies go over HTTP), a click with how the card changes
    (`response`), an event says SUCCESS or asks for a new push, a ping gives back what it brought.
    Anything but DONE leaves the push open.
    """
    return orjson.dumps(
        {
            "code": code,
            "headers": {"messageId": frame.message_id, "contentType": "application/json"},
            "message": "OK" if code == DONE else "error",
            "data": _answer(frame, code, response),
        }
    ).decode()


def _answer(frame: Frame, code: int, response: Mapping[str, Any] | None) -> str:
    if frame.type is FrameType.SYSTEM:
        return frame.data
    if frame.type is FrameType.EVENT:
        if code == DONE:
            return '{"status":"SUCCESS","message":"ok"}'
        return '{"status":"LATER","message":"busy"}'
    return orjson.dumps({"response": response}).decode()
