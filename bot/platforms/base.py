"""What every platform shares: capabilities and the hand-over to the front desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.cards import Done
from bot.domain.group_events import GroupEvent
from bot.domain.messages import IncomingMessage, Reply, ReplyAddress

BODY_LIMIT_BYTES = 256 * 1024
FRESH_FOR = timedelta(seconds=300)
TEXT_LIMIT = 20_000
PADDED_BYTES = 4096
JSON_DEPTH_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can be asked for; a handler asks these and never the platform's name.

    `longest_markdown` is in bytes of UTF-8. Writing first means without having been spoken to.
    """

    platform: str
    longest_markdown: int
    writes_first_to_people: bool
    writes_first_to_groups: bool
    sends_files: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The front desk's receipt: what was to be counted is durable.

    `reply` is an answer that the door delivers: in the acknowledgement where the platform has
    room for one and time is left, else by AnswerLater. None when there is nothing to say, or
    when the front desk says it by itself. `done` is what a clicked card shows from then on,
    whoever says the answer.
    """

    reply: Reply | None = None
    done: Done | None = None


FrontDesk = Callable[[IncomingMessage], Awaitable[Taken]]
"""Called before the platform is answered; raises BooksUnavailable when nothing was recorded."""

NoteGroupEvent = Callable[[GroupEvent], Awaitable[None]]
"""Told what happened to a chat itself; raises BooksUnavailable when it was not noted."""

AnswerLater = Callable[[ReplyAddress, Reply], None]
"""Queue an answer that goes out after the acknowledgement; never blocks, never raises."""

TokenBytes = Callable[[int], bytes]
"""So many random bytes (secrets.token_bytes), injected."""

Wait = Callable[[float], Awaitable[None]]
"""Wait so many seconds; injected, so that tests do not sleep."""


class Refusal(StrEnum):
    """Why a door turned a request away: the label of a counter, and all that is said of it."""

    QUERY = "query"  # a parameter is missing, double or misshapen
    SIGNATURE = "signature"
    STALE = "stale"
    UNDECIPHERABLE = "undecipherable"
    MALFORMED = "malformed"  # authentic or not, it cannot be parsed
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    ENCODED = "encoded"  # a Content-Encoding: the platforms send none
    BOOKS = "books"  # nothing was recorded; the platform delivers again
    FAULT = "fault"  # an error of ours


RefusalCounter = Callable[[str], None]


def padded(json: bytes) -> bytes:
    """JSON with blanks behind it (RFC 8259, 2), up to the next 4 KiB.

    Whoever watches the line does not see from its length what was answered.
    """
    return json + b" " * (-len(json) % PADDED_BYTES)
