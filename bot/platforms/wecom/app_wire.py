"""A self-built app's callback: decrypted XML → a message, or an event (page 90239, 90240)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.domain.cards import Click
from bot.domain.errors import Undecipherable
from bot.domain.messages import Conversation, Form, IncomingMessage, ReplyAddress, Route
from bot.platforms.wecom.payload import (
    IMAGE_TEXT,
    PLACE_TEXT,
    PLATFORM,
    VIDEO_TEXT,
    VOICE_TEXT,
    Event,
    Occurrence,
    mentions_in,
    moment,
    opaque,
    private,
)

_ENCRYPT = re.compile(
    rb"<Encrypt>\s*(?:<!\[CDATA\[([A-Za-z0-9+/=]+)\]\]>|([A-Za-z0-9+/=]+))\s*</Encrypt>"
)
_OTHER_DECLARATION = re.compile(rb"<!(?!\[CDATA\[)")

_OCCURRENCES = {
    "subscribe": Occurrence.SUBSCRIBED,
    "unsubscribe": Occurrence.LEFT,
    "enter_agent": Occurrence.ENTERED,
    "inactive_alert": Occurrence.INACTIVE,
    "close_inactive_agent": Occurrence.INACTIVE,
    "low_active_alert": Occurrence.INACTIVE,
    "low_active": Occurrence.INACTIVE,
    "reopen_inactive_agent": Occurrence.ACTIVE_AGAIN,
    "active_restored": Occurrence.ACTIVE_AGAIN,
}


def slice_encrypt(body: bytes) -> str:
    """The only `Encrypt` element of the outer XML, cut out without parsing.

    Nothing else of the outer XML is read: what it says is not covered by the signature. Raises
    Undecipherable when there is none, more than one, a DTD, an entity or a comment.
    """
    if body.count(b"<Encrypt") != 1 or _OTHER_DECLARATION.search(body):
        raise Undecipherable("expected one Encrypt element")
    found = _ENCRYPT.search(body)
    if not found:
        raise Undecipherable("expected one Encrypt element")
    return (found[1] or found[2]).decode("ascii")


def parse_app_xml(raw: bytes, account: str) -> IncomingMessage | Event:
    """What a member sent to the app, or what happened; raises Undecipherable.

    A menu of the app whose key is a command counts as that command, said by who clicked: the
    operator wrote it in the console. A card's key is the bot's own value, which proves itself.
    """
    root = _root(raw)
    sender = _text(root, "FromUserName")
    sent_at = moment(_text(root, "CreateTime"), timedelta(seconds=1))
    if sent_at is None:
        raise Undecipherable("CreateTime is no moment")
    if not sender or sender == "sys":
        return Event(_OCCURRENCES.get(_text(root, "Event"), Occurrence.NO_SENDER))
    person = opaque(sender)
    conversation = Conversation(is_group=False, id=person)
    address = ReplyAddress(PLATFORM, account, conversation, to=person)
    click: Click | None = None
    if _text(root, "MsgType") == "event" and _text(root, "Event") == "template_card_event":
        click = Click(opaque(_text(root, "EventKey")), opaque(_text(root, "TaskId")))
        code = _text(root, "ResponseCode")
        address = replace(address, clicked=opaque(code) if code else None)
        form, said, key = Form.OTHER, "", _event_key(root, sender)
    elif _text(root, "MsgType") == "event":
        said = _menu_command(root)
        if not said:
            return Event(_OCCURRENCES.get(_text(root, "Event"), Occurrence.OTHER), address)
        form, key = Form.TEXT, _event_key(root, sender)
    else:
        form, said = _content(root)
        key = _text(root, "MsgId") or _event_key(root, sender)
    mentions, everybody = mentions_in(said)
    return IncomingMessage(
        platform=PLATFORM,
        account=account,
        route=Route.WECOM_APP,
        key=opaque(key),
        conversation=conversation,
        sender=person,
        sent_at=sent_at,
        form=form,
        text=private(said),
        mentions=mentions,
        mentions_all=everybody,
        is_addressed=True,
        reply_address=address,
        click=click,
    )


def _root(raw: bytes) -> Element:
    try:
        root: Element = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Undecipherable("the message is not XML") from None
    return root


def _text(root: Element, name: str) -> str:
    return (root.findtext(name) or "").strip()


def _event_key(root: Element, sender: str) -> str:
    # Events have no MsgId; the page names sender and second, the rest tells two clicks apart.
    names = ("CreateTime", "Event", "EventKey", "TaskId")
    return "\x1f".join(["event", sender, *(_text(root, name) for name in names)])


def _menu_command(root: Element) -> str:
    key = _text(root, "EventKey")
    return key if _text(root, "Event") == "click" and key.startswith("/") else ""


def _content(root: Element) -> tuple[Form, str]:
    match _text(root, "MsgType"):
        case "text":
            return Form.TEXT, _text(root, "Content")
        case "image":
            return Form.IMAGE, IMAGE_TEXT
        case "voice":
            return Form.VOICE, _text(root, "Recognition") or VOICE_TEXT
        case "video" | "shortvideo":
            return Form.VIDEO, VIDEO_TEXT
        case "location":
            return Form.LOCATION, f"{PLACE_TEXT} {_text(root, 'Label')}".rstrip()
        case "link":
            return Form.LINK, _text(root, "Title")
        case "file":
            return Form.FILE, _text(root, "FileName") or _text(root, "Title")
        case _:
            return Form.OTHER, ""
