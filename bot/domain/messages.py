"""What is said: the one message model behind every door, and what goes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.cards import Card, Click, Done
from bot.domain.private import NO_TEXT, Opaque, PrivateText


class Route(StrEnum):
    """The way a message came in; a group's coverage is the sum of its routes."""

    WECOM_APP = "wecom_app"
    WECOM_AIBOT = "wecom_aibot"
    WECOM_ARCHIVE = "wecom_archive"
    WECOM_DATA_SERVICE = "wecom_data_service"
    DINGTALK_STREAM = "dingtalk_stream"
    DINGTALK_HTTP = "dingtalk_http"
    DINGTALK_DWS = "dingtalk_dws"
    ZWDD = "zwdd"
    TRANSCRIPT = "transcript"
    CONSOLE = "console"

    @property
    def sees_everything(self) -> bool:
        """Whether the route carries what was not addressed to the bot."""
        return self in (
            Route.WECOM_ARCHIVE,
            Route.WECOM_DATA_SERVICE,
            Route.DINGTALK_DWS,
            Route.TRANSCRIPT,
            Route.CONSOLE,
        )


class Form(StrEnum):
    """What sort of message it is (GUIDE.md, "type")."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LINK = "link"
    LOCATION = "location"
    SYSTEM = "system"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where it was said. `id` is the platform's: a group's chat id, or the peer of a DM."""

    is_group: bool
    id: Opaque


@dataclass(frozen=True, slots=True)
class Quote:
    """The quoted earlier message, or what was shown to the robot, as far as the platform gives it."""

    text: PrivateText
    sender: Opaque | None = None


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message of a chat record (聊天记录) that somebody forwarded into the group.

    `sender` and `said_at` (aware) are who said it and when, where the platform tells.
    """

    text: PrivateText
    form: Form = Form.TEXT
    sender: Opaque | None = None
    said_at: datetime | None = None
    mentions: tuple[Opaque, ...] = ()
    mentions_all: bool = False


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """How to answer at once, best effort; lives in RAM only (DESIGN 12.16)."""

    platform: str
    account: str
    conversation: Conversation
    hook: Opaque | None = None  # response_url, sessionWebhook
    hook_expires_at: datetime | None = None
    to: Opaque | None = None  # who asked, where an answer may mention or DM them
    clicked: Opaque | None = None  # response_code: by it the clicked card is changed, once


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One message as a door hands it over: verified, decrypted, parsed.

    `account` scopes `key` and all ids (corp id, client id; "transcript"). `sent_at` is aware;
    `timed_by_receipt` says that the route gave no time of its own. `forwarded` is the inside of a
    chat record, in its order; `text` is then what the forwarder says beside it.
    """

    platform: str  # "wecom" | "dingtalk" | "zwdd" | "transcript" | "console"
    account: str
    route: Route
    key: Opaque
    conversation: Conversation
    sender: Opaque
    sent_at: datetime
    form: Form = Form.TEXT
    text: PrivateText = NO_TEXT
    mentions: tuple[Opaque, ...] = ()
    mentions_all: bool = False
    quote: Quote | None = None
    forwarded: tuple[Forwarded, ...] = ()
    reply_to: Opaque | None = None  # key of the message answered, where the route gives it
    is_from_bot: bool = False  # the platform's own flag, never a guess
    is_addressed: bool = False  # @bot in a group, or a DM
    timed_by_receipt: bool = False
    reply_address: ReplyAddress | None = field(default=None, compare=False)
    click: Click | None = None  # a card's button: then nothing was said


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot says: chat markdown of the common subset (headings, bold, lists, lines).

    `card` says the same with buttons, where the platform shows cards and it fits; `done` is what
    the card that was clicked shows from then on.
    """

    text: str
    card: Card | None = None
    done: Done | None = None
