"""A decrypted record of the message archive → a message, a recall, or an event (page 91774)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import Undecipherable
from bot.domain.messages import Conversation, Form, Forwarded, IncomingMessage, Quote, Route
from bot.platforms.forwarded import RECORDS_DEEP, bounded
from bot.platforms.wecom.payload import (
    IMAGE_TEXT,
    PLACE_TEXT,
    PLATFORM,
    VIDEO_TEXT,
    VOICE_TEXT,
    Event,
    Occurrence,
    Recall,
    field,
    mentions_in,
    moment,
    opaque,
    private,
    read_json,
    rows,
    split_quotation,
    without_bot_mention,
)

_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)  # inside a chat record
_ROBOT_PREFIX = "wb"

# Cards that ask for something: the object under the type's own name and what to read from it.
_CARDS = {
    "collect": ("[填表]", ("title",), "details", "ques"),
    "vote": ("[投票]", ("votetitle",), "voteitem", ""),
    "todo": ("[待办]", ("title", "content"), "", ""),
    "chain": ("[接龙]", ("title", "content"), "", ""),
    "calendar": ("[日程]", ("title", "place", "remarks"), "", ""),
    "meeting": ("[会议]", ("topic", "address", "remarks"), "", ""),
    "weapp": ("[小程序]", ("title",), "", ""),
}
# Some types keep their object under another name than their own.
_OBJECTS = {"docmsg": "doc", "markdown": "info", "news": "info", "qydiskfile": "info"}
# What a record in a record is called is not written anywhere: with the prefix or without it.
_NESTED = ("", "chatrecord")
_CONSENTS = ("agree", "disagree")


def _no_command(_said: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class ArchiveReader:
    """Reads records for one enterprise.

    `bot_name` is the AI bot's, `own` are the archive's ids of our own robots (wb…). `is_command`
    tells whether words behind the bot's mention are a command and nothing more.
    """

    account: str
    bot_name: str = ""
    own: Collection[str] = ()
    is_command: Callable[[str], bool] = _no_command

    def read(self, raw: bytes) -> IncomingMessage | Recall | Event:
        """What the record says; raises Undecipherable. An unknown type is a message without words.

        Talk between two members is named and left unread: only groups are the bot's business.
        """
        record = read_json(raw)
        action, kind = field(record, "action"), field(record, "msgtype")
        if action == "switch":
            return Event(Occurrence.SWITCHED)
        if kind in _CONSENTS:
            return Event(Occurrence.CONSENT)
        room, sender = field(record, "roomid"), field(record, "from")
        if not room:
            return Event(Occurrence.DIRECT_TALK)
        if not sender:
            return Event(Occurrence.NO_SENDER)
        conversation = Conversation(is_group=True, id=opaque(room))
        if action == "recall" or kind == "revoke":
            return Recall(opaque(field(record, "revoke", "pre_msgid")), conversation)
        if sender in self.own:
            return Event(Occurrence.OWN)
        return self._message(record, conversation, sender)

    def _message(
        self, record: Mapping[str, object], conversation: Conversation, sender: str
    ) -> IncomingMessage | Event:
        key = field(record, "msgid")
        sent_at = moment(field(record, "msgtime"), _MILLISECOND)
        if not key or sent_at is None:
            raise Undecipherable("msgid or msgtime is missing")
        form, said, quote = _content(record)
        forwarded = _forwarded(record)
        said, is_to_bot = without_bot_mention(said, self.bot_name)
        # A command comes by the bot's own door and is obeyed there. Other words to the bot are
        # judged: neither a mention nor a stroke in front may be a way round the count.
        if is_to_bot and self.is_command(said):
            return Event(Occurrence.COMMAND)
        mentions, everybody = mentions_in(said)
        return IncomingMessage(
            platform=PLATFORM,
            account=self.account,
            route=Route.WECOM_ARCHIVE,
            key=opaque(key),
            conversation=conversation,
            sender=opaque(sender),
            sent_at=sent_at,
            form=form,
            text=private(said),
            mentions=mentions,
            mentions_all=everybody,
            quote=quote,
            forwarded=forwarded,
            is_from_bot=sender.startswith(_ROBOT_PREFIX),
        )


def _content(record: Mapping[str, object]) -> tuple[Form, str, Quote | None]:
    kind = field(record, "msgtype")
    part = record.get(_OBJECTS.get(kind, kind))
    if kind in ("text", "markdown"):
        said, quote = split_quotation(field(part, "content"))
        return Form.TEXT, said, quote
    if kind == "mixed":
        return *_mixed(part), None
    if kind == "chatrecord":
        return Form.OTHER, "", None  # the client makes the title, out of names
    return *_single(kind, part), None


def _single(kind: str, part: object) -> tuple[Form, str]:
    if kind in _CARDS:
        return Form.LINK, _card(kind, part)
    match kind:
        case "text":
            return Form.TEXT, field(part, "content")
        case "image" | "emotion":
            return Form.IMAGE, IMAGE_TEXT
        case "voice":
            return Form.VOICE, VOICE_TEXT
        case "video":
            return Form.VIDEO, VIDEO_TEXT
        case "file" | "qydiskfile":
            return Form.FILE, field(part, "filename")
        case "link" | "docmsg":
            return Form.LINK, field(part, "title")
        case "news":
            titles = [field(item, "title") for item in rows(part, "item")]
            return Form.LINK, "\n".join(title for title in titles if title)
        case "location":
            place = field(part, "title") or field(part, "address")
            return Form.LOCATION, f"{PLACE_TEXT} {place}".rstrip()
        case _:
            return Form.OTHER, ""


def _card(kind: str, part: object) -> str:
    label, names, listed, column = _CARDS[kind]
    said = [text for name in names if (text := field(part, name))]
    items = [field(row, column) if column else field({"": row}, "") for row in rows(part, listed)]
    if any(items):
        said.append("、".join(item for item in items if item))
    return f"{label} " + "\n".join(said) if said else label


def _mixed(part: object) -> tuple[Form, str]:
    pieces = [_single(*_inner(item))[1] for item in rows(part, "item")]
    return Form.TEXT, "\n".join(piece for piece in pieces if piece)


def _forwarded(record: Mapping[str, object]) -> tuple[Forwarded, ...]:
    """The inside of a chat record; whose words they are the archive does not say."""
    if field(record, "msgtype") != "chatrecord":
        return ()
    return bounded(_said_in(record.get("chatrecord"), RECORDS_DEEP))


def _said_in(part: object, deep: int) -> Iterator[Forwarded]:
    for item in rows(part, "item"):
        kind, inner = _inner(item)
        if kind in _NESTED:
            if deep > 1:
                yield from _said_in(inner, deep - 1)
            continue
        form, said = _mixed(inner) if kind == "mixed" else _single(kind, inner)
        mentions, everybody = mentions_in(said)
        yield Forwarded(
            text=private(said),
            form=form,
            said_at=moment(field(item, "msgtime"), _SECOND),
            mentions=mentions,
            mentions_all=everybody,
        )


def _inner(item: object) -> tuple[str, object]:
    """Type and object of a part: the object comes as a JSON string, types as ChatRecordText."""
    kind = field(item, "type").removeprefix("ChatRecord").lower()
    try:
        return kind, read_json(field(item, "content").encode("utf-8", "replace"))
    except Undecipherable:
        return kind, {}
