"""Reading WeCom's payloads without trusting them: JSON, fields, moments, mentions, quotations."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import orjson

from bot.domain.errors import Undecipherable
from bot.domain.messages import Conversation, Quote, ReplyAddress
from bot.domain.private import Opaque, PrivateText
from bot.platforms.base import JSON_DEPTH_LIMIT, TEXT_LIMIT

PLATFORM = "wecom"

IMAGE_TEXT = "[图片]"
VOICE_TEXT = "[语音]"
VIDEO_TEXT = "[视频]"
PLACE_TEXT = "[位置]"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Occurrence(StrEnum):
    """What reaches a door or the archive and is no message to be judged: a counter's label."""

    SUBSCRIBED = "subscribe"
    ENTERED = "enter"  # a member opened the conversation with the bot
    LEFT = "unsubscribe"
    INACTIVE = "inactive"  # the platform is about to close the app, or has
    ACTIVE_AGAIN = "active_again"
    FEEDBACK = "feedback"
    STREAM_POLL = "stream_poll"
    DISPLACED = "displaced"  # another connection took the bot over
    CONSENT = "consent"  # an outsider agreed to be archived, or did not
    RECALLED = "recalled"
    SWITCHED = "switched"  # a member changed the enterprise in the client
    DIRECT_TALK = "direct_talk"  # a private talk between members: none of ours
    COMMAND = "command"  # came by the bot's own door, too
    OWN = "own"  # the bot's own words, seen by the archive
    NO_SENDER = "no_sender"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `address` is given where a word of welcome may go."""

    occurrence: Occurrence
    address: ReplyAddress | None = None


@dataclass(frozen=True, slots=True)
class Recall:
    """A message was taken back; the demand that it made was made all the same."""

    of: Opaque
    conversation: Conversation


def read_json(raw: bytes) -> Mapping[str, object]:
    """A JSON object of bounded depth; raises Undecipherable.

    Archive texts hold raw control characters and now and then half a surrogate pair, which the
    quick parser refuses; the standard one takes them.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = _read_lenient(raw)
    if not isinstance(value, dict):
        raise Undecipherable("expected a JSON object")
    if raw.count(b"{") + raw.count(b"[") > JSON_DEPTH_LIMIT and _is_too_deep(value):
        raise Undecipherable("the JSON is nested too deeply")
    return value


def _read_lenient(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        raise Undecipherable("it is not JSON") from None


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(JSON_DEPTH_LIMIT):
        level = [
            inner
            for outer in level
            for inner in (
                outer.values()
                if isinstance(outer, dict)
                else outer
                if isinstance(outer, list)
                else ()
            )
        ]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)


def field(record: object, *path: str) -> str:
    """The text found along a path of keys; numbers become their digits, anything else ""."""
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    if isinstance(record, str):
        return record
    return str(record) if isinstance(record, int) and not isinstance(record, bool) else ""


def rows(record: object, *path: str) -> list[object]:
    """The list found along a path of keys, or []."""
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    return record if isinstance(record, list) else []


def private(text: str) -> PrivateText:
    """Words of bounded length that can be encoded: half surrogates become question marks."""
    text = text[:TEXT_LIMIT]
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return PrivateText(text)


def opaque(text: str) -> Opaque:
    """A platform id, made encodable."""
    return Opaque(private(text).reveal())


def moment(digits: str, unit: timedelta) -> datetime | None:
    """The moment so many units after the epoch, or None when it is none."""
    if not digits.isascii() or not digits.isdigit() or len(digits) > 16:
        return None
    try:
        found = _EPOCH + int(digits) * unit
    except OverflowError:
        return None
    return found if digits.strip("0") else None


# A mention ends with a space that is no ordinary one in most clients.
_SPACES = "\u2005\u2006\u00a0\u3000"
_EVERYBODY = re.compile(r"@(?:所有人|全体[^\s@\u2005,，。:：;；、!！?？]{0,8}|[Aa]ll\b)")
_MENTION = re.compile(r"(?<![A-Za-z0-9._%+-])@([^\s@\u2005,，。:：;；、!！?？()（）]{1,32})")


def mentions_in(text: str) -> tuple[tuple[Opaque, ...], bool]:
    """The names that a text calls by @, and whether it calls everybody.

    WeCom gives mentions only as text; a name stands in for the id that is not delivered.
    """
    if "@" not in text:
        return (), False
    names = (found[1] for found in _MENTION.finditer(_EVERYBODY.sub(" ", text)))
    return tuple(Opaque(name) for name in names), bool(_EVERYBODY.search(text))


def without_bot_mention(text: str, bot_name: str) -> tuple[str, bool]:
    """The text without the leading mention of the bot, and whether there was one.

    The name may hold spaces. A leading mention of everybody is not the bot's.
    """
    stripped = text.lstrip()
    rest = stripped.removeprefix("@" + bot_name)
    if bot_name and rest != stripped and not rest[:1].isalnum():
        return rest.lstrip(), True
    return text, False


def without_first_mention(text: str, bot_name: str) -> str:
    """The text of a message that is known to mention the bot, without that leading mention.

    Where the configured name is nowhere in the text it is out of date: what stands first after
    the @ is taken for it.
    """
    rest, found = without_bot_mention(text, bot_name)
    if found or (bot_name and "@" + bot_name in text):
        return rest
    stripped = text.lstrip()
    if not stripped.startswith("@") or _EVERYBODY.match(stripped):
        return text
    return re.sub(rf"^@[^\s{_SPACES}]*[\s{_SPACES}]*", "", stripped, count=1)


# Two clients' ways of writing a reply into the text; the platform documents neither, so what
# fits none of them stays as it is.
_QUOTATIONS = (
    re.compile(r"^「(?P<quoted>.{1,8000}?)」\n(?:- ){3,}-?\s*\n(?P<said>.*)$", re.DOTALL),
    re.compile(
        r"^这是一条引用/回复消息[:：]\n[\"“](?P<quoted>.{1,8000}?)[\"”]\n-{3,}\n(?P<said>.*)$",
        re.DOTALL,
    ),
)


def split_quotation(text: str) -> tuple[str, Quote | None]:
    """What was said, and what it quotes, where a client wrote the quotation into the text."""
    if not text.startswith(("「", "这是一条引用")):
        return text, None
    for pattern in _QUOTATIONS:
        if found := pattern.match(text):
            return found["said"], Quote(private(found["quoted"]))
    return text, None
