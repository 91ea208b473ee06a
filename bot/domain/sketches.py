"""Sketches: what a text is about as keyed hashes of its pairs of characters, without words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import add

MOST_SHINGLES = 32
# Function words, addresses and times: in every notice, so they say nothing of its object.
_STOP = frozenset(
    "的了请各在是和及与为就都还也有没不要把被给对到从向于之其这那你我他她它们大家位吧吗呢啊哈哦呀"
    "今明昨天日号点分前后上下午早晚周月年时一二三四五六七八九十两几个家人"
)
_TELLING = "".join(sign for sign in map(chr, range(0x4E00, 0xA000)) if sign not in _STOP)
# Who is called on stands in every notice of a group: the class after "each" is no matter.
_RUN = re.compile(f"(各?)([{_TELLING}a-z]{{2,}})")
_CLASS = 2
_NAMED = re.compile(r"@[^\s,。:!?]{1,14}")

Runs = Sequence[tuple[str, str]]


def runs_of(text: str) -> Runs:
    """The runs of telling signs, each after "各" if that stands before it; nobody's name."""
    return _RUN.findall(_NAMED.sub(" ", text) if "@" in text else text)


def pairs(text: str, most: int = MOST_SHINGLES) -> list[str]:
    """The telling pairs of characters, each once, spread over the text when there are many."""
    return pairs_of(runs_of(text), most)


def pairs_of(runs: Runs, most: int = MOST_SHINGLES) -> list[str]:
    """The `pairs` of a text's runs."""
    found: dict[str, None] = {}
    for _, run in runs:
        found.update(dict.fromkeys(map(add, run, run[1:])))
    chosen = list(found)
    if len(chosen) <= most:
        return chosen
    # The object stands in the head, what is to be done about it in the tail.
    half = most // 2
    return chosen[:half] + chosen[-(most - half) :]


def matter_runs(runs: Runs, frame: frozenset[str]) -> list[str]:
    """What of a text's runs names what it is about, without what straddles the frame.

    `frame` are the pairs that notices of all matters are made of (config/model/count_frame.py).
    """
    found: list[str] = []
    for called, whole in runs:
        run = whole[_CLASS:] if called else whole
        own = list(map(add, run, run[1:]))
        if frame.isdisjoint(own):
            found.append(run)
            continue
        start = 0
        # A pair at `at` is the signs at `at` and after it.
        for at, pair in enumerate(own):
            if pair in frame:
                found.append(run[start:at])
                start = at + 2
        found.append(run[start:])
    return [run for run in found if len(run) > 1]


def matter_of(runs: Runs, frame: frozenset[str]) -> frozenset[str]:
    """The pairs within `matter_runs`."""
    return frozenset([pair for run in matter_runs(runs, frame) for pair in map(add, run, run[1:])])


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """How much of the smaller sketch is in the other, 0 to 1; small ones are trusted less."""
    return len(one & other) / (min(len(one), len(other)) + 2)
