"""What is taken of a forwarded chat record, on every platform that hands its inside over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.messages import Forwarded
from bot.domain.private import PrivateText
from bot.platforms.base import TEXT_LIMIT

MOST_FORWARDED = 100
LONGEST_FORWARDED = 2_000
RECORDS_DEEP = 3
"""A record in a record in a record; what lies deeper is left out."""


def bounded(found: Iterable[Forwarded]) -> tuple[Forwarded, ...]:
    """The first messages with words, MOST_FORWARDED of them and TEXT_LIMIT characters in all.

    Each is cut at LONGEST_FORWARDED; what comes after the limits is left unread.
    """
    taken: list[Forwarded] = []
    room = TEXT_LIMIT
    for one in found:
        words = one.text.reveal()[: min(LONGEST_FORWARDED, room)]
        if words.strip():
            taken.append(replace(one, text=PrivateText(words)))
            room -= len(words)
        if not room or len(taken) == MOST_FORWARDED:
            break
    return tuple(taken)
