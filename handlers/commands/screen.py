"""What fits on a phone: as many lines of a list as one screen holds, and how many were left out."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.texts import Texts

MOST_LINES = 24
MOST_BYTES = 2000
"""WeCom takes 2 048 bytes of markdown at once; a screen of a phone is shorter than that."""


def on_one_screen(head: Sequence[str], items: Sequence[str], foot: str, texts: Texts) -> str:
    """Head, items and foot; items that do not fit are named by their number."""
    for shown in range(len(items), -1, -1):
        left = len(items) - shown
        more = [texts("admin.screen.more", n=left)] if left else []
        text = "\n".join([*head, *items[:shown], *more, *(["", foot] if foot else [])])
        if text.count("\n") < MOST_LINES and len(text.encode()) <= MOST_BYTES:
            return text
    return "\n".join(head)
