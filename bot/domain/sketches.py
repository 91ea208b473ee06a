"""Sketches: what a text is about as keyed hashes of its pairs of characters, without words."""

from __future__ import annotations

import re
from operator import add

MOST_SHINGLES = 32
# Function words, addresses and times: in every notice, so they say nothing of its object.
_STOP = frozenset(
    "的了请各在是和及与为就都还也有没不要把被给对到从向于之其这那你我他她它们大家位吧吗呢啊哈哦呀"
    "今明昨天日号点分前后上下午早晚周月年时一二三四五六七八九十两几个家人"
)
_TELLING = "".join(sign for sign in map(chr, range(0x4E00, 0xA000)) if sign not in _STOP)
_RUN = re.compile(f"[{_TELLING}a-z]{{2,}}")
_NAMED = re.compile(r"@[^\s,。:!?]{1,14}")


def pairs(text: str, most: int = MOST_SHINGLES) -> list[str]:
    """The telling pairs of characters, each once, spread over the text when there are many."""
    found: dict[str, None] = {}
    for run in _RUN.findall(_NAMED.sub(" ", text) if "@" in text else text):
        found.update(dict.fromkeys(map(add, run, run[1:])))
    chosen = list(found)
    if len(chosen) <= most:
        return chosen
    # The object stands in the head, what is to be done about it in the tail.
    half = most // 2
    return chosen[:half] + chosen[-(most - half) :]


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """How much of the smaller sketch is in the other, 0 to 1; small ones are trusted less."""
    return len(one & other) / (min(len(one), len(other)) + 2)
