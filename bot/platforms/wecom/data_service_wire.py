"""Opened records of 政务微信's data service (数据开放服务) → messages.

Source: the vendor's pages "操作日志与数据" and "概述" of a private deployment. One message comes in
several records: a copy for every fifty receivers, and a record for every piece of a long text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.messages import Conversation, Form, Forwarded, IncomingMessage, Route
from bot.domain.private import Opaque
from bot.platforms.forwarded import RECORDS_DEEP, bounded
from bot.platforms.wecom.payload import (
    IMAGE_TEXT,
    PLACE_TEXT,
    PLATFORM,
    VIDEO_TEXT,
    VOICE_TEXT,
    field,
    moment,
    opaque,
    private,
    rows,
)

_SECOND = timedelta(seconds=1)
_TEXT, _LONG_TEXT, _RECORD = "1", "16", "15"
_BY_APP = "2"  # the sender's type
_EVERYBODY = "2"  # a mention's type
_EVERYBODY_TEXT = "@所有人 "
# The record gives a mention's id and no name; judgement needs only that somebody is called.
_SOMEBODY_TEXT = "@某某 "


@dataclass(frozen=True, slots=True)
class DataServiceReader:
    """Reads the records of one deployment. `own` are the ids of our own apps."""

    account: str
    own: frozenset[str] = frozenset()

    def read(
        self, records: Iterable[Mapping[str, object]], refused: Callable[[], None]
    ) -> list[IncomingMessage]:
        """The messages of a complete stretch of time, in order of sending.

        `refused` is called for each without an id, a group, a sender or a time. A long text of
        which a piece is missing is read without it.
        """
        pieces: dict[str, list[Mapping[str, object]]] = {}
        for record in records:
            pieces.setdefault(field(record, "msgid"), []).append(record)
        messages = []
        for key, parts in pieces.items():
            message = self._message(key, parts) if key else None
            if message is None:
                refused()
            elif message.sender.reveal() not in self.own:
                messages.append(message)
        return sorted(messages, key=lambda message: message.sent_at)

    def _message(self, key: str, parts: list[Mapping[str, object]]) -> IncomingMessage | None:
        first = parts[0]
        chat, sender = field(first, "chatid"), field(first, "sender", "openid")
        sent_at = moment(field(first, "send_time"), _SECOND)
        if not chat or not sender or sent_at is None:
            return None
        form, said, mentions, everybody = _content(parts)
        return IncomingMessage(
            platform=PLATFORM,
            account=self.account,
            route=Route.WECOM_DATA_SERVICE,
            key=opaque(key),
            conversation=Conversation(is_group=True, id=opaque(chat)),
            sender=opaque(sender),
            sent_at=sent_at,
            form=form,
            text=private(said),
            mentions=mentions,
            mentions_all=everybody,
            forwarded=_forwarded(first),
            is_from_bot=field(first, "sender", "type") == _BY_APP,
        )


_Content = tuple[Form, str, tuple[Opaque, ...], bool]


def _content(parts: list[Mapping[str, object]]) -> _Content:
    kind = field(parts[0], "msg_type")
    if kind in (_TEXT, _LONG_TEXT):
        name = "text_msg" if kind == _TEXT else "long_text_msg"
        said, mentions, everybody = _text(_in_order(parts, name))
        return Form.TEXT, said, mentions, everybody
    return *_single(kind, parts[0].get("content")), (), False


def _in_order(parts: list[Mapping[str, object]], name: str) -> list[object]:
    """The pieces of a text: each once, by its number where it has one."""
    lists = [rows(part, "content", name) for part in parts]
    numbered: dict[int, object] = {}
    for piece in (piece for pieces in lists for piece in pieces):
        if number := field(piece, "chunk_num"):
            numbered.setdefault(int(number) if number.isdecimal() else 0, piece)
    others = [piece for piece in lists[0] if not field(piece, "chunk_num")]
    return [numbered[number] for number in sorted(numbered)] + others if numbered else others


def _text(pieces: Iterable[object]) -> tuple[str, tuple[Opaque, ...], bool]:
    said: list[str] = []
    mentions: list[Opaque] = []
    everybody = False
    for piece in pieces:
        match field(piece, "text_type"):
            case "1":
                said.append(field(piece, "text"))
            case "2" if field(piece, "at_msg", "at_type") == _EVERYBODY:
                everybody = True
                said.append(_EVERYBODY_TEXT)
            case "2":
                called = [field(user, "openid") for user in rows(piece, "at_msg", "at_user")]
                mentions += [opaque(one) for one in called if one]
                said.append(_SOMEBODY_TEXT * len(called))
            case "3":
                said.append(field(piece, "emotion", "shortcut"))
    return "".join(said), tuple(mentions), everybody


def _single(kind: str, content: object) -> tuple[Form, str]:
    match kind:
        case "13" | "14":
            return Form.IMAGE, IMAGE_TEXT
        case "2":
            names = [field(one, "name") for one in rows(content, "file_msg")]
            return Form.FILE, "、".join(name for name in names if name)
        case "3":
            return Form.VOICE, VOICE_TEXT
        case "4":
            return Form.VIDEO, VIDEO_TEXT
        case "5":
            place = field(content, "location_msg", "title") or field(
                content, "location_msg", "address"
            )
            return Form.LOCATION, f"{PLACE_TEXT} {place}".rstrip()
        case "6":
            return Form.LINK, field(content, "link_msg", "title")
        case "10":
            titles = [field(one, "title") for one in rows(content, "news_msg", "articles")]
            return Form.LINK, "\n".join(title for title in titles if title)
        case "11":
            words = (field(content, "text_card", name) for name in ("title", "description"))
            return Form.LINK, "\n".join(word for word in words if word)
        case "15":
            return Form.OTHER, ""  # the client makes the title, out of names
        case _:
            return Form.OTHER, ""


def _forwarded(record: Mapping[str, object]) -> tuple[Forwarded, ...]:
    """The inside of a chat record; the page names it and gives no shape, so any that fits is taken."""
    if field(record, "msg_type") != _RECORD:
        return ()
    return bounded(_said_in(record.get("content"), RECORDS_DEEP))


def _said_in(content: object, deep: int) -> Iterator[Forwarded]:
    for item in rows(content, "forward_msgs", "items"):
        inner = item.get("content") if isinstance(item, dict) else None
        kind = field(item, "msg_type") or _TEXT
        if kind == _RECORD:
            if deep > 1:
                yield from _said_in(inner, deep - 1)
            continue
        mentions: tuple[Opaque, ...] = ()
        everybody = False
        if isinstance(inner, str):
            form, said = Form.TEXT, inner
        elif kind in (_TEXT, _LONG_TEXT):
            pieces = rows(inner, "text_msg") or rows(inner, "long_text_msg")
            form, (said, mentions, everybody) = Form.TEXT, _text(pieces)
        else:
            form, said = _single(kind, inner)
        sender = field(item, "sender", "openid")
        yield Forwarded(
            text=private(said),
            form=form,
            sender=opaque(sender) if sender else None,
            said_at=moment(field(item, "send_time"), _SECOND),
            mentions=mentions,
            mentions_all=everybody,
        )
