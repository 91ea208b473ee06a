"""What every platform shares: capabilities, the hand-over to the front desk, hook addresses."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from bot.domain.messages import IncomingMessage, Reply, ReplyAddress

BODY_LIMIT_BYTES = 256 * 1024
FRESH_FOR = timedelta(seconds=300)
TEXT_LIMIT = 20_000
PADDED_BYTES = 4096
JSON_DEPTH_LIMIT = 20
HOOK_LENGTH_LIMIT = 2048


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
    when the front desk says it by itself.
    """

    reply: Reply | None = None


FrontDesk = Callable[[IncomingMessage], Awaitable[Taken]]
"""Called before the platform is answered; raises BooksUnavailable when nothing was recorded."""

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


_ASCII_HOST = re.compile(r"[a-z0-9.-]{1,253}", re.ASCII)


def padded(json: bytes) -> bytes:
    """JSON with blanks behind it (RFC 8259, 2), up to the next 4 KiB.

    Whoever watches the line does not see from its length what was answered.
    """
    return json + b" " * (-len(json) % PADDED_BYTES)


def is_allowed_hook(url: str, allowed: Collection[str]) -> bool:
    """Whether a reply address lies below one of the `allowed` prefixes (scheme, host, port, path).

    Host and scheme are compared exactly, the path by whole prefix; there is no user part, no
    backslash, no white space, no dot segment and no escape in the path. An allowed prefix
    decides the scheme: the operator's own base may be plain http on loopback.
    """
    if len(url) > HOOK_LENGTH_LIMIT or not url.isascii() or re.search(r"[\s\\\x00-\x1f\x7f]", url):
        return False
    origin = _origin(url)
    if origin is None:
        return False
    path = _path(url)
    if "%" in path or "//" in path or "/../" in f"{path}/" or "/./" in f"{path}/":
        return False
    return any(origin == _origin(prefix) and _is_below(path, _path(prefix)) for prefix in allowed)


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or (prefix.endswith("/") and path.startswith(prefix))


def _path(url: str) -> str:
    return urlsplit(url).path or "/"


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or "@" in parts.netloc:
        return None
    if not _ASCII_HOST.fullmatch(host):
        return None
    usual = 443 if parts.scheme == "https" else 80
    return parts.scheme, host, usual if port is None else port
