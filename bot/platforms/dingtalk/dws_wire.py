"""Lines of the `dws` command's event stream, and pages of its history → messages.

Source: the platform's pages on user-side event subscription (dingtalk-cli-event-subscription) and
the command's own open code (internal/event/personal/output.go). Sender ids are openDingTalkIds,
which are not the robot's user ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.errors import Undecipherable
from bot.domain.messages import Conversation, Form, Forwarded, IncomingMessage, Quote, Route
from bot.domain.private import Opaque, PrivateText
from bot.platforms.dingtalk.contents import PICTURE_MARK
from bot.platforms.dingtalk.untrusted import json_object, json_value, number_of, object_of, text_of
from bot.platforms.dingtalk.wire import PLATFORM
from bot.platforms.forwarded import RECORDS_DEEP, bounded

RECEIVED = ("user_im_message_receive_group", "user_im_message_receive_group_all")
RECALLED = "user_im_message_recall_group"
# The platform writes times without a zone and means its own.
PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")
_TIME = "%Y-%m-%d %H:%M:%S"
_PICTURE = re.compile(r"\[图片[^\]]{0,4}\]\(")
_EVERYBODY = ("@所有人", "@all")
_RECORD_FIELDS = ("forward_messages", "forwardMessages")
_RECORD_MARK = "[聊天记"
_ROBOT = ("robot", "bot", "app")


@dataclass(frozen=True, slots=True)
class Recalled:
    """Somebody took a message back; the demand that it made was made all the same."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The command says why it ends. `again_after` is in seconds; None: not by itself."""

    again_after: float | None


def parse_line(raw: str | bytes, account: str) -> IncomingMessage | Recalled | Trouble | None:
    """What a line of `dws event consume -f ndjson` says, flattened or enveloped.

    None for an event that is not ours to hear. Raises Undecipherable.
    """
    line = json_object(raw)
    if "retryable" in line:
        wait = number_of(line, "retry_after_seconds")
        return Trouble((wait or 0.0) if line["retryable"] is True else None)
    body, kind = _body(line)
    if kind == RECALLED:
        return Recalled()
    if kind not in RECEIVED:
        return None
    return _message(body, account, _moment(body, line))


def parse_history(raw: str | bytes, account: str) -> tuple[list[IncomingMessage], bool]:
    """The messages of a page of `dws chat message list -f json`, and whether there are more.

    A message that cannot be read is left out. Raises Undecipherable when the page cannot be.
    """
    page = json_object(raw)
    rows = page.get("messages")
    if not isinstance(rows, list):
        raise Undecipherable("a page without messages")
    found = []
    for row in rows:
        if not isinstance(row, dict):
            continue
        sender = object_of(row, "sender")
        body = {
            "message_id": text_of(row, "openMessageId") or text_of(row, "messageId"),
            "conversation_id": text_of(row, "openConversationId"),
            "sender_open_dingtalk_id": text_of(sender, "openDingTalkId"),
            "sender_type": text_of(sender, "senderType"),
            "content": text_of(row, "content") or text_of(row, "text"),
            "create_time": row.get("createTime"),
            "forward_messages": row.get("forwardMessages"),
        }
        try:
            found.append(_message(body, account, _moment(body, {})))
        except Undecipherable:
            continue
    return found, page.get("hasMore") is True


def _body(line: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    kind = text_of(line, "type") or text_of(line, "eventKey") or text_of(line, "event_key")
    data = line.get("data")
    if data is None:
        return line, kind
    envelope = json_value(data) if isinstance(data, str) else data
    if not isinstance(envelope, dict):
        raise Undecipherable("an envelope without an object")
    payload = object_of(envelope, "payload")
    raw = object_of(payload, "body") or payload
    flat = {
        "message_id": text_of(raw, "openMessageId"),
        "conversation_id": text_of(raw, "openConversationId"),
        "sender_open_dingtalk_id": text_of(raw, "senderOpenDingTalkId"),
        "content": raw.get("content"),
        "create_time": raw.get("createTime", raw.get("create_time")),
        "event_time": payload.get("event_time", envelope.get("occurredAtMs")),
        "quoted_message": raw.get("quotedMessage"),
        "forward_messages": raw.get("forwardMessages"),
    }
    return flat, kind or text_of(envelope, "eventKey")


def _message(body: Mapping[str, Any], account: str, sent_at: datetime | None) -> IncomingMessage:
    key, chat = text_of(body, "message_id"), text_of(body, "conversation_id")
    sender = text_of(body, "sender_open_dingtalk_id")
    if not key or not chat or not sender or sent_at is None:
        raise Undecipherable("an event without message, conversation, sender or time")
    form, said = _form_of(text_of(body, "content"))
    forwarded = bounded(_said_in(body, RECORDS_DEEP))
    # A mark that somebody typed, with no record beside it, is no way round the count.
    if said.startswith(_RECORD_MARK) and _holds_a_record(body):
        said = ""  # the client's own summary, with names and first words
    return IncomingMessage(
        platform=PLATFORM,
        account=account,
        route=Route.DINGTALK_DWS,
        key=Opaque(key),
        conversation=Conversation(is_group=True, id=Opaque(chat)),
        sender=Opaque(sender),
        sent_at=sent_at,
        form=form,
        text=PrivateText(said),
        mentions_all=any(word in said for word in _EVERYBODY),
        quote=_quote(body),
        forwarded=forwarded,
        is_from_bot=text_of(body, "sender_type").lower() in _ROBOT,
    )


def _quote(body: Mapping[str, Any]) -> Quote | None:
    if quoted := object_of(body, "quoted_message"):
        sender = text_of(quoted, "sender_open_dingtalk_id")
        words = text_of(quoted, "content")
        return Quote(PrivateText(words), Opaque(sender) if sender else None)
    return None


def _holds_a_record(body: Mapping[str, Any]) -> bool:
    return any(isinstance(body.get(name), list) for name in _RECORD_FIELDS)


def _said_in(record: Mapping[str, Any], deep: int) -> Iterator[Forwarded]:
    """The inside of a merged forward; fields stand as the command flattens them, or raw."""
    for name in _RECORD_FIELDS:
        found = record.get(name)
        for one in found if isinstance(found, list) else ():
            if not isinstance(one, dict):
                continue
            nested = list(_said_in(one, deep - 1)) if deep > 1 else []
            yield from nested or _said_once(one)


def _said_once(one: Mapping[str, Any]) -> Iterator[Forwarded]:
    said = text_of(one, "content")
    if said.startswith(_RECORD_MARK):
        return
    form, said = _form_of(said)
    sender = text_of(one, "sender_open_dingtalk_id") or text_of(one, "senderOpenDingTalkId")
    yield Forwarded(
        text=PrivateText(said),
        form=form,
        sender=Opaque(sender) if sender else None,
        said_at=_moment({"create_time": one.get("create_time", one.get("createTime"))}, {}),
        mentions_all=any(word in said for word in _EVERYBODY),
    )


def _form_of(said: str) -> tuple[Form, str]:
    # What follows a picture's mark is its id.
    return (Form.IMAGE, PICTURE_MARK) if _PICTURE.match(said) else (Form.TEXT, said)


def _moment(body: Mapping[str, Any], line: Mapping[str, Any]) -> datetime | None:
    """When it was said: the message's own time, else the event's."""
    written = text_of(body, "create_time")
    if written:
        try:
            return datetime.strptime(written, _TIME).replace(tzinfo=PLATFORM_ZONE)
        except ValueError:
            pass
    for fields, name in ((body, "create_time"), (body, "event_time"), (line, "timestamp")):
        milliseconds = number_of(fields, name)
        if milliseconds is not None and 0 < milliseconds / 1000 < 1e11:
            return datetime.fromtimestamp(milliseconds / 1000, UTC)
    return None


def written_time(moment: datetime) -> str:
    """A moment as the command's `--time` wants it."""
    return moment.astimezone(PLATFORM_ZONE).strftime(_TIME)
