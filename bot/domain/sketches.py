"""Sketches: what a text is about as keyed hashes of its pairs of characters, without words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import add

MOST_SHINGLES = 32
# Function words, addresses and times: in every notice, so they say nothing of its object.
COUNTING = "大家位今明昨天日号点分前后上下午早晚周月年时一二三四五六七八九十两几个人"
_STOP = frozenset(
    "的了请各在是和及与为就都还也有没不要把被给对到从向于之其这那你我他她它们吧吗呢啊哈哦呀"
    + COUNTING
)
TELLING = "".join(sign for sign in map(chr, range(0x4E00, 0xA000)) if sign not in _STOP)
# Who is called on stands in every notice of a group: the class after "each" is no matter.
_RUN = re.compile(f"(各?)([{TELLING}a-z]{{2,}})")
_CLASS = 2
_NAMED = re.compile(r"@[^\s,。:!?]{1,14}")

Runs = Sequence[tuple[str, str]]


def runs_of(text: str) -> Runs:
    """The runs of telling signs, each after "各" if that stands before it; nobody's name."""
    return _RUN.findall(without_names(text))


def without_names(text: str) -> str:
    """The text with a blank for whoever it calls by @."""
    return _NAMED.sub(" ", text) if "@" in text else text


def pairs(text: str, most: int = MOST_SHINGLES) -> list[str]:
    """The telling pairs of characters, each once, spread over the text when there are many."""
    return pairs_and_matter(text, frozenset(), most)[0]


def pairs_and_matter(
    text: str, frame: frozenset[str], most: int = MOST_SHINGLES
) -> tuple[list[str], list[str]]:
    """The `pairs` of a text, and those of its `matter_runs`, which may come again."""
    found: list[str] = []
    matter: list[str] = []
    for called, run in runs_of(text):
        own = list(map(add, run, run[1:]))
        found += own
        for start, end in _matter_spans(called, own, frame):
            matter += own[start : end - 1]
    chosen = list(dict.fromkeys(found))
    if len(chosen) > most:
        # The object stands in the head, what is to be done about it in the tail.
        half = most // 2
        chosen = chosen[:half] + chosen[-(most - half) :]
    return chosen, matter


def matter_runs(runs: Runs, frame: frozenset[str]) -> list[str]:
    """What of a text's runs names what it is about, without what straddles the frame.

    `frame` are the pairs that notices of all matters are made of (config/model/count_frame.py).
    """
    return [
        run[start:end]
        for called, run in runs
        for start, end in _matter_spans(called, list(map(add, run, run[1:])), frame)
    ]


def _matter_spans(called: str, own: Sequence[str], frame: frozenset[str]) -> list[tuple[int, int]]:
    """Where in a run, by its pairs, two signs or more stand together that name its matter."""
    start = _CLASS if called else 0
    end = len(own) + 1
    if frame.isdisjoint(own):
        return [(start, end)] if end - start > 1 else []
    found = []
    # A pair at `at` is the signs at `at` and after it.
    for at in range(start, len(own)):
        if own[at] in frame:
            if at - start > 1:
                found.append((start, at))
            start = at + 2
    if end - start > 1:
        found.append((start, end))
    return found


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """How much of the smaller sketch is in the other, 0 to 1; small ones are trusted less."""
    return len(one & other) / (min(len(one), len(other)) + 2)
