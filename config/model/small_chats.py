"""Small labelled chats, written for one thing that judgement should get right (tests/corpus)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque
from config.model.samples import Told, told_line

_MONDAY = datetime(2026, 10, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def small_chats(path: Path) -> list[Told]:
    """The chats of a file: parted by empty lines, a message a line.

    `day hh:mm | who | act | kinds | episode | text`, days counted from a Monday; "-" is none.
    """
    blocks = path.read_text("utf-8").split("\n\n")
    written = [
        [line for line in block.splitlines() if line and not line.startswith("#")]
        for block in blocks
    ]
    return [
        chat_of(f"{path.stem}:{number}", lines)
        for number, lines in enumerate([lines for lines in written if lines])
    ]


def chat_of(name: str, lines: list[str]) -> Told:
    """The chat that some lines tell."""
    told = [_message(name, f"{name}-{number}", line) for number, line in enumerate(lines)]
    messages = tuple(message for one in told for message in one.messages)
    labels = {key: label for one in told for key, label in one.labels.items()}
    return Told(name, told[0].profile, messages, labels)


def _message(name: str, key: str, line: str) -> Told:
    when, who, act, kinds, episode, text = line.split(" | ")
    day, clock = when.split(" ")
    hour, minute = map(int, clock.split(":"))
    label = {
        "act": act,
        "kinds": [] if kinds == "-" else kinds.split(","),
        "episode": None if episode == "-" else episode,
        "exempt": None,
    }
    told = told_line(name, text, text, label)
    message: IncomingMessage = replace(
        told.messages[0],
        key=Opaque(key),
        sender=Opaque(who),
        sent_at=_MONDAY + timedelta(days=int(day), hours=hour, minutes=minute),
    )
    return Told(name, told.profile, (message,), {key: label})
