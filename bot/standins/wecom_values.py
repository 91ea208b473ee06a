"""What WeCom's stand-in and a bot agree on, and what it notes of their talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, shared with the bot."""

    def now(self) -> datetime:
        """This moment, aware."""
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """What the stand-in and the bot agree on; invented, and good for loopback only."""

    corp_id: str = "ww0123456789abcdef"
    agent_id: int = 1000007
    secret: str = "standin-app-secret"  # noqa: S105  an invented one
    app_token: str = "standinapptoken"  # noqa: S105
    app_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    bot_id: str = "AIBstandin"
    bot_name: str = "轻装"
    bot_secret: str = "standin-bot-secret"  # noqa: S105
    bot_token: str = "standinbottoken"  # noqa: S105
    bot_key: str = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the bot said: `via` is app, chat, hook, ack, or live; `to` is a person, a chat or a hook."""

    via: str
    to: str
    kind: str
    content: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a callback went: every status in turn (0 is no answer), and the bot's opened answer."""

    statuses: tuple[int, ...]
    answer: Mapping[str, object] | None = None

    @property
    def accepted(self) -> bool:
        """Whether the bot took it in the end."""
        return bool(self.statuses) and self.statuses[-1] == 200


def said(body: Mapping[str, object]) -> tuple[str, str]:
    """The kind of a message and its words, or what it points to."""
    kind = str(body.get("msgtype", ""))
    part = body.get(kind)
    if not isinstance(part, dict):
        return kind, ""
    if kind == "template_card":
        title = part.get("main_title")
        words = [str(title.get("title", "")) if isinstance(title, dict) else ""]
        return kind, "\n".join([*words, str(part.get("sub_title_text", ""))]).rstrip()
    return kind, str(part.get("content") or part.get("media_id") or "")
