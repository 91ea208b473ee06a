"""Sketches: what a text is about as keyed hashes of its pairs of characters, without words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.pseudonyms import WeekKey

MOST_SHINGLES = 32
# Function words, addresses and times: in every notice, so they say nothing of its object.
_STOP = frozenset(
    "的了请各在是和及与为就都还也有没不要把被给对到从向于之其这那你我他她它们大家位吧吗呢啊哈哦呀"
    "今明昨天日号点分前后上下午早晚周月年时一二三四五六七八九十两几个家人"
)
_PAIR = re.compile(r"(?=([\u4e00-\u9fffa-z]{2}))")
_NAMED = re.compile(r"@[^\s,。:!?]{1,14}")


def pairs(text: str, most: int = MOST_SHINGLES) -> list[str]:
    """The telling pairs of characters, each once, spread over the text when there are many."""
    found = dict.fromkeys(
        pair
        for pair in _PAIR.findall(_NAMED.sub(" ", text))
        if pair[0] not in _STOP and pair[1] not in _STOP
    )
    chosen = list(found)
    if len(chosen) <= most:
        return chosen
    # The object stands in the head, what is to be done about it in the tail.
    half = most // 2
    return chosen[:half] + chosen[-(most - half) :]


def sketch(found: Iterable[str], key: WeekKey) -> frozenset[int]:
    """Keyed hashes of pairs of characters."""
    return frozenset(map(key.shingle, found))


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """How much of the smaller sketch is in the other, 0 to 1; small ones are trusted less."""
    return len(one & other) / (min(len(one), len(other)) + 2)
