"""What a robot message says: form and text by message type, quoted and forwarded parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import Undecipherable
from bot.domain.messages import Form, Quote
from bot.domain.private import Opaque, PrivateText
from bot.platforms.base import TEXT_LIMIT
from bot.platforms.dingtalk.untrusted import json_value, object_of, text_of

PICTURE_MARK = "[图片]"
VOICE_MARK = "[语音]"
VIDEO_MARK = "[视频]"


@dataclass(frozen=True, slots=True)
class Content:
    """A message's form and words; without words, the mark of its type (GUIDE.md, "text")."""

    form: Form
    text: str


def content_of(body: Mapping[str, Any], robot_name: str) -> Content:
    """The content of a robot message; an unknown type is OTHER without words."""
    kind = text_of(body, "msgtype")
    reader = _READERS.get(kind)
    content = reader(body) if reader else Content(Form.OTHER, "")
    text = without_mention(content.text, robot_name, glued=kind == "richText")
    return Content(content.form, text[:TEXT_LIMIT])


def without_mention(text: str, robot_name: str, *, glued: bool) -> str:
    """`text` without white space at its ends and without a leading mention of the robot.

    The platform takes visible mentions out of plain text, so there only a mention that somebody
    typed is left, and it must end where the name ends: `@\\S+` would eat words glued to it.
    """
    text = text.strip()
    mention = f"@{robot_name}"
    if not robot_name or not text.startswith(mention):
        return text
    rest = text[len(mention) :]
    if glued or not rest or rest[0].isspace() or rest[0] in "/／,，:：":
        return rest.strip()
    return text


def _plain(body: Mapping[str, Any]) -> Content:
    # An old HTTP sample has the words at the top level.
    return Content(
        Form.TEXT, text_of(object_of(body, "text"), "content") or text_of(body, "content")
    )


def _rich(body: Mapping[str, Any]) -> Content:
    text = _rich_text(object_of(body, "content").get("richText"))
    return Content(Form.TEXT, text) if text.strip() else Content(Form.IMAGE, PICTURE_MARK)


def _rich_text(parts: Any) -> str:
    if not isinstance(parts, list):
        return ""
    return "".join(
        # In quotes a part says what it is and may keep its words under `content`.
        text_of(part, "text")
        or (text_of(part, "content") if part.get("msgType") == "text" else "")
        for part in parts
        if isinstance(part, dict)
    )


def _picture(_body: Mapping[str, Any]) -> Content:
    return Content(Form.IMAGE, PICTURE_MARK)


def _audio(body: Mapping[str, Any]) -> Content:
    return Content(Form.VOICE, text_of(object_of(body, "content"), "recognition") or VOICE_MARK)


def _video(_body: Mapping[str, Any]) -> Content:
    return Content(Form.VIDEO, VIDEO_MARK)


def _file(body: Mapping[str, Any]) -> Content:
    return Content(Form.FILE, text_of(object_of(body, "content"), "fileName"))


def _card(body: Mapping[str, Any]) -> Content:
    content = object_of(body, "content")
    return Content(Form.LINK, text_of(content, "title") or text_of(content, "text"))


def _record(_body: Mapping[str, Any]) -> Content:
    # A forwarded bundle: its words are somebody else's and stand in the quote.
    return Content(Form.TEXT, "")


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Content]] = {
    "text": _plain,
    "richText": _rich,
    "picture": _picture,
    "audio": _audio,
    "video": _video,
    "file": _file,
    "interactiveCard": _card,
    "actionCard": _card,
    "markdown": _card,
    "chatRecord": _record,
}


def quote_of(body: Mapping[str, Any]) -> Quote | None:
    """The quoted message or the forwarded bundle, as far as this client sent it (sheet 2.3, 2.4)."""
    if text_of(body, "msgtype") == "chatRecord":
        return _forwarded(object_of(body, "content"))
    for quoted in _quoted(body):
        sender = text_of(quoted, "senderId")
        words = _words(quoted.get("content", quoted.get("text")))
        return Quote(PrivateText(words[:TEXT_LIMIT]), Opaque(sender) if sender else None)
    return None


def _quoted(body: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for holder, name in (
        (object_of(body, "text"), "repliedMsg"),
        (object_of(body, "content"), "repliedMsg"),
        (body, "quoteMessage"),
    ):
        if quoted := object_of(holder, name):
            yield quoted


def _forwarded(content: Mapping[str, Any]) -> Quote | None:
    records = _records(content)
    said = [text for record in records if (text := _record_words(record))]
    words = "\n".join(said) or text_of(content, "summary")
    if not words:
        return None
    sender = text_of(records[0], "senderId") if len(records) == 1 else ""
    return Quote(PrivateText(words[:TEXT_LIMIT]), Opaque(sender) if sender else None)


def _records(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for name in ("chatRecord", "records", "messages"):
        found = _decoded(content.get(name))
        if isinstance(found, list):
            return [record for record in found if isinstance(record, dict)]
    return []


def _record_words(record: Mapping[str, Any]) -> str:
    for name in ("content", "text", "message"):
        if words := _words(record.get(name)).strip():
            return words
    return ""


def _words(value: Any) -> str:
    """Words in any of the shapes seen: text, JSON as text, an object of one of several keys."""
    decoded = _decoded(value)
    value = decoded if isinstance(decoded, dict) else value  # somebody's words may be a "[1]"
    for _ in range(_NESTED_AT_MOST):
        if isinstance(value, str):
            return value
        if not isinstance(value, dict):
            return ""
        if rich := _rich_text(value.get("richText")):
            return rich
        value = next((value[name] for name in _WORD_KEYS if value.get(name)), "")
    return value if isinstance(value, str) else ""


_WORD_KEYS = ("text", "content", "summary", "title", "fileName")
_NESTED_AT_MOST = 3


def _decoded(value: Any) -> Any:
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return json_value(value)
    except Undecipherable:
        return value
