"""What judgement can be kept busy with: hostile messages, and groups that never end.

    python -m bench.judging_bounds [--rounds N]

The slowest pattern of the rulebook on 10 000 hostile characters (the bar is 5 ms), and what a
message costs in a group of 10 000 messages beside one of 100. CPU seconds, the best of N.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from bench.judging import messages_of_corpus
from bot.domain.episodes import GroupMemory
from bot.domain.groups import GroupProfile
from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.periods import Week
from bot.domain.private import Opaque, PrivateText
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from config.calendar import load_calendar
from config.rulebook import load_rulebook

LONG = 10_000
SEEDS = (
    "报", "各村", "、甲", " 甲乙", "@甲 ", "1", "1,", "甲1、", "甲1% ", "没", "请各村报", "还有", "各", "前",
    "点前", "不", "会议", "来检查", "拍照", "数据", "\n1、甲", "（", "“", "a", "的", "今天", "[捂脸]", "…",
    "各村报表。",
)  # fmt: skip
HOSTILE = tuple((seed * LONG)[:LONG] for seed in SEEDS)
SHORT_GROUP, LONG_GROUP = 100, 10_000
_APART = timedelta(minutes=1)
_KEY = bytes(KEY_BYTES)


def quickest(take: Callable[[], object], rounds: int) -> float:
    """CPU seconds of the quickest of several runs."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        take()
        best = min(best, time.process_time() - start)
    return best


def slowest_pattern(patterns: Sequence[re.Pattern[str]], rounds: int) -> tuple[float, str]:
    """The seconds of the slowest pattern on its worst text, and the pattern."""
    return max(
        (quickest(lambda: pattern.search(text), rounds), pattern.pattern)  # noqa: B023
        for pattern in patterns
        for text in HOSTILE
    )


Prepared = tuple[IncomingMessage, GroupProfile, bytes, bytes, tuple[WeekKey, ...]]


def chat(length: int) -> list[Prepared]:
    """So many messages of the corpus, a minute apart, said in one group."""
    corpus = messages_of_corpus()
    first, group = corpus[0]
    prepared = []
    for number in range(length):
        message = replace(
            corpus[number % len(corpus)][0],
            key=Opaque(f"m{number}"),
            sent_at=first.sent_at + number * _APART,
        )
        week = Week.of(message.sent_at, group.zone)
        keys = (WeekKey(week, _KEY), WeekKey(week.shifted(-1), _KEY))
        tag = keys[0].message_tag("t", "t", group.code, message.key)
        sender = keys[0].sender_tag("t", "t", group.code, message.sender)
        prepared.append((message, group, tag, sender, keys))
    return prepared


def judge_all(judge: Judge, said: Sequence[Prepared], length: int) -> None:
    """Read and judge them all; a new group begins with each `length` messages."""
    for number, (message, group, tag, sender, keys) in enumerate(said):
        if number % length == 0:
            memory = GroupMemory.EMPTY
        reading = judge.read(message, group, tag=tag, sender_tag=sender, sketch_keys=keys)
        _, memory = judge.judge(reading, memory, group)


def slowest_reading(judge: Judge, like: Prepared, rounds: int) -> float:
    """The seconds that the worst hostile message takes to be read."""
    message, group, tag, sender, keys = like

    def read(text: str) -> None:
        hostile = replace(message, text=PrivateText(text))
        judge.read(hostile, group, tag=tag, sender_tag=sender, sketch_keys=keys)

    return max(quickest(lambda: read(text), rounds) for text in HOSTILE)  # noqa: B023


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    rulebook = load_rulebook()
    patterns = [p for rule in rulebook.rules for p in (*rule.patterns, *rule.exclusions)]
    seconds, pattern = slowest_pattern(patterns, rounds)
    print(
        f"slowest of {len(patterns)} patterns on {LONG} hostile characters: {seconds * 1e3:.2f} ms"
    )
    print(f"  {pattern[:80]}")
    judge, said = Judge(rulebook, load_calendar()), chat(LONG_GROUP)
    reading = slowest_reading(judge, said[0], rounds)
    print(f"reading the worst of {len(HOSTILE)} such messages: {reading * 1e3:.1f} ms")
    short, long = (
        quickest(lambda: judge_all(judge, said, length), rounds) / LONG_GROUP  # noqa: B023
        for length in (SHORT_GROUP, LONG_GROUP)
    )
    print(f"a message in groups of {SHORT_GROUP}: {short * 1e6:.0f} us CPU")
    print(f"a message in one of {LONG_GROUP}: {long * 1e6:.0f} us CPU, ratio {long / short:.2f}")


if __name__ == "__main__":
    main()
