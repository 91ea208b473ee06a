"""The AI bot's callback, by URL or long connection: JSON → a message, or an event (page 100719)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.cards import Click
from bot.domain.errors import Undecipherable
from bot.domain.messages import Conversation, Form, IncomingMessage, Quote, ReplyAddress, Route
from bot.domain.private import Opaque
from bot.platforms.wecom.payload import (
    IMAGE_TEXT,
    PLATFORM,
    VIDEO_TEXT,
    VOICE_TEXT,
    Event,
    Occurrence,
    field,
    mentions_in,
    moment,
    opaque,
    private,
    read_json,
    rows,
    without_first_mention,
)

HOOK_LASTS_FOR = timedelta(hours=1)

_OCCURRENCES = {
    "enter_chat": Occurrence.ENTERED,
    "feedback_event": Occurrence.FEEDBACK,
    "disconnected_event": Occurrence.DISPLACED,
}
_ENCRYPT = re.compile(r"[A-Za-z0-9+/=]+", re.ASCII)


def encrypted_part(body: bytes) -> str:
    """The `encrypt` field of the outer JSON; raises Undecipherable. The content type plays no part."""
    sealed = read_json(body).get("encrypt")
    if not isinstance(sealed, str) or not _ENCRYPT.fullmatch(sealed):
        raise Undecipherable("expected the field encrypt")
    return sealed


def parse_aibot(
    raw: bytes, account: str, bot_id: str, bot_name: str, received_at: datetime
) -> IncomingMessage | Event:
    """What was said to the bot, or what happened; raises Undecipherable.

    `bot_id` "" accepts any bot's. In a group the leading mention of the bot is taken off. Where
    the platform gives no time the receipt's stands, and the message says so.
    """
    body = read_json(raw)
    if bot_id and field(body, "aibotid") not in ("", bot_id):
        raise Undecipherable("it is meant for another bot")
    kind = field(body, "msgtype")
    if kind == "stream":
        return Event(Occurrence.STREAM_POLL)
    sender = field(body, "from", "userid")
    if not sender or sender == "sys":
        return Event(_event(body) if kind == "event" else Occurrence.NO_SENDER)
    address = _address(body, account, opaque(sender), received_at)
    if kind == "event":
        click = _click(body)
        if click is None:
            return Event(_event(body), address)
        clicked = _message(body, account, address, Form.OTHER, "", received_at)
        return replace(clicked, click=click)
    form, said = _content(body)
    if address.conversation.is_group:
        said = without_first_mention(said, bot_name)
    return _message(body, account, address, form, said, received_at)


def _message(
    body: Mapping[str, object],
    account: str,
    address: ReplyAddress,
    form: Form,
    said: str,
    received_at: datetime,
) -> IncomingMessage:
    key = field(body, "msgid")
    if not key:
        raise Undecipherable("msgid is missing")
    given = moment(field(body, "create_time"), timedelta(seconds=1))
    mentions, everybody = mentions_in(said)
    return IncomingMessage(
        platform=PLATFORM,
        account=account,
        route=Route.WECOM_AIBOT,
        key=opaque(key),
        conversation=address.conversation,
        sender=address.to or address.conversation.id,
        sent_at=given or received_at,
        form=form,
        text=private(said),
        mentions=mentions,
        mentions_all=everybody,
        quote=_quote(body),
        is_addressed=True,
        timed_by_receipt=given is None,
        reply_address=address,
    )


def _address(
    body: Mapping[str, object], account: str, sender: Opaque, received_at: datetime
) -> ReplyAddress:
    is_group = field(body, "chattype") == "group"
    chat = opaque(field(body, "chatid"))
    if is_group and not chat:
        raise Undecipherable("chatid is missing")
    hook = field(body, "response_url")
    return ReplyAddress(
        PLATFORM,
        account,
        # A chat id is case-sensitive: it is kept as it came.
        Conversation(is_group, chat if is_group else sender),
        hook=opaque(hook) if hook else None,
        hook_expires_at=received_at + HOOK_LASTS_FOR if hook else None,
        to=sender,
    )


def _event(body: Mapping[str, object]) -> Occurrence:
    return _OCCURRENCES.get(field(body, "event", "eventtype"), Occurrence.OTHER)


def _click(body: Mapping[str, object]) -> Click | None:
    if field(body, "event", "eventtype") != "template_card_event":
        return None
    # The page nests key and card, the official client's types do not: both are read.
    key, card = (
        field(body, "event", "template_card_event", name) or field(body, "event", name)
        for name in ("event_key", "task_id")
    )
    return Click(opaque(key), opaque(card))


def _content(part: object) -> tuple[Form, str]:
    match field(part, "msgtype"):
        case "text":
            return Form.TEXT, field(part, "text", "content")
        case "mixed":
            pieces = [_content(item)[1] for item in rows(part, "mixed", "msg_item")]
            return Form.TEXT, "\n".join(piece for piece in pieces if piece)
        case "voice":
            return Form.VOICE, field(part, "voice", "content") or VOICE_TEXT
        case "image":
            return Form.IMAGE, IMAGE_TEXT
        case "video":
            return Form.VIDEO, VIDEO_TEXT
        case "file":
            return Form.FILE, field(part, "file", "filename")
        case "link":
            return Form.LINK, field(part, "link", "title")
        case _:
            return Form.OTHER, ""


def _quote(body: Mapping[str, object]) -> Quote | None:
    quoted = body.get("quote")
    if not isinstance(quoted, dict):
        return None
    _, said = _content(quoted)
    return Quote(private(said)) if said else None
