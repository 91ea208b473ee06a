"""What the operator should hear of DingTalk's routes; a word each, and nothing of a message."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Notice(StrEnum):
    """Something that happened to a route."""

    CONNECTED = "connected"  # a Stream connection lives
    RENEWED = "renewed"  # the gateway asked for a new one, which was opened before the old went
    LOST = "lost"  # the connection broke; another is being opened
    SILENT = "silent"  # it lived, but nothing came: closed, another is being opened
    NOT_OPENED = "not_opened"  # the gateway could not be reached or answered nonsense
    CREDENTIAL_REFUSED = (
        "credential_refused"  # client id or secret are wrong: only a person can help
    )
    OVER_QUOTA = "over_quota"  # the month's messages are used up: words are withheld


Notify = Callable[[Notice], None]

Fault = Callable[[BaseException], None]
"""An error of ours that a route survived; whoever takes it writes its class and place only."""
