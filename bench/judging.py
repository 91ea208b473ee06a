"""Messages judged per second on one core, beside a plain loop over 300 compiled patterns.

    python -m bench.judging [--rounds N] [--quiet] [--alone]

CPU seconds, so that neighbours on the machine do not count as much; but what they push out of the
caches costs us more than the plain loop, which needs little of them. `--quiet` thins burdens out to
one message in ten, as in a group that is not a test.

Those 300 begin with words, so that `re` looks for these first. What the rulebook itself asks of a
text, one pattern and word after the other, is the second loop. `--alone` leaves both out: two runs
under `valgrind --tool=cachegrind --cache-sim=no`, of two rounds and of three, differ by the
instructions of one.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time
from collections.abc import Callable, Sequence

from bench.measuring import ROOT
from bot.domain.episodes import GroupMemory
from bot.domain.groups import GroupProfile
from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.periods import Week
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from bot.domain.rules import Rulebook
from bot.platforms.transcripts import read_transcript
from config.calendar import load_calendar
from config.rulebook import load_rulebook

CORPUS = ROOT / "tests" / "corpus"
PATTERNS = 300
Search = Callable[[str], object]
Prepared = tuple[IncomingMessage, GroupProfile, bytes, bytes, tuple[WeekKey, ...]]


def plain_patterns() -> list[re.Pattern[str]]:
    """Gap patterns of the sort that a first version would loop over."""
    verbs = [
        "上报",
        "报送",
        "提交",
        "发送",
        "填写",
        "汇总",
        "反馈",
        "上传",
        "回复",
        "确认",
        "参加",
        "签到",
        "打卡",
        "转发",
        "关注",
        "下载",
        "安装",
        "投票",
        "学习",
        "整改",
    ]
    nouns = [
        "截图",
        "照片",
        "视频",
        "定位",
        "表格",
        "台账",
        "数据",
        "名单",
        "材料",
        "总结",
        "方案",
        "情况",
        "会议",
        "通知",
        "承诺书",
    ]
    return [re.compile(f"{verb}.{{0,8}}{noun}") for verb in verbs for noun in nouns][:PATTERNS]


def loops_over_rules(rulebook: Rulebook) -> tuple[list[Search], list[str]]:
    """The searches and the words of the rulebook, as they stand in its files."""
    rules = rulebook.rules
    patterns = [one for rule in rules for one in (*rule.patterns, *rule.exclusions)]
    return [one.search for one in patterns], [word for rule in rules for word in rule.words]


def messages_of_corpus(one_burden_in: int = 1) -> list[tuple[IncomingMessage, GroupProfile]]:
    found = []
    for name in ("dev_a", "dev_b"):
        path = CORPUS / f"{name}.jsonl"
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        burdens = [
            r["id"] for r in rows if r.get("label", {}).get("act") in ("demand", "reminder")
        ]
        keep = set(burdens if one_burden_in == 1 else burdens[:: one_burden_in // 2])
        thinned = set(burdens) - keep
        groups = {}
        for told in read_transcript(path):
            if isinstance(told, GroupProfile):
                groups[told.code] = told
            elif told.key.reveal() not in thinned:
                found.append((told, groups[told.conversation.id.reveal()]))
    return found


def rate_of_judging(judge: Judge, prepared: Sequence[Prepared]) -> float:
    """Messages judged in a CPU second, each group's from an empty memory on."""
    start = time.process_time()
    memories: dict[str, GroupMemory] = {}
    for message, group, tag, sender, keys in prepared:
        reading = judge.read(message, group, tag=tag, sender_tag=sender, sketch_keys=keys)
        before = memories.get(group.code, GroupMemory.EMPTY)
        _, memories[group.code] = judge.judge(reading, before, group)
    return len(prepared) / (time.process_time() - start)


def rate_of_looping(
    texts: Sequence[str], searches: Sequence[Search], words: Sequence[str]
) -> float:
    """Texts gone through in a CPU second, each with every search and every word."""
    start = time.process_time()
    for text in texts:
        for search in searches:
            search(text)
        for word in words:
            _ = word in text
    return len(texts) / (time.process_time() - start)


def prepared(mix: Sequence[tuple[IncomingMessage, GroupProfile]]) -> list[Prepared]:
    """The messages with the tags and keys that production has at hand."""
    found = []
    for message, group in mix:
        week = Week.of(message.sent_at, group.zone)
        keys = tuple(WeekKey(week.shifted(-back), bytes(KEY_BYTES)) for back in range(4))
        tag = keys[0].message_tag("t", "t", "t", message.key)
        sender = keys[0].sender_tag("t", "t", group.code, message.sender)
        found.append((message, group, tag, sender, keys))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--alone", action="store_true")
    asked = parser.parse_args()
    rulebook = load_rulebook()
    judge = Judge(rulebook, load_calendar())
    mix = messages_of_corpus(one_burden_in=10 if asked.quiet else 1)
    messages, texts = prepared(mix), [message.text.reveal() for message, _ in mix]
    plain = [pattern.search for pattern in plain_patterns()]
    own, words = loops_over_rules(rulebook)
    loops: dict[str, tuple[Sequence[Search], Sequence[str]]] = {
        f"{len(plain)} compiled patterns": (plain, ()),
        f"the rulebook's {len(own)} patterns and {len(words)} words": (own, words),
    }
    ours: list[float] = []
    looped: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(asked.rounds):
        ours.append(rate_of_judging(judge, messages))
        for name, loop in loops.items() if not asked.alone else ():
            looped[name].append(rate_of_looping(texts, *loop))
    rate = statistics.median(ours)
    print(f"read and judge {len(mix):,}: {rate:,.0f} messages/s (best {max(ours):,.0f})")
    for name, rates in looped.items() if not asked.alone else ():
        ratio = statistics.median(a / b for a, b in zip(ours, rates, strict=True))
        print(f"{name}, one by one: {statistics.median(rates):,.0f} messages/s")
        print(f"ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
