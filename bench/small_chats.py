"""What of each message of a small labelled chat is judged as its label says."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.domain.judgement import Judgement
from bot.domain.judging import Judge
from bot.domain.vocabulary import Act
from config.calendar import load_calendar
from config.model.samples import Told, judged
from config.model.small_chats import small_chats
from config.rulebook import load_rulebook

HALVES = ("tuned", "untouched")


class Found(NamedTuple):
    """A message, what its label says it does, and what of it was judged so, by aspect.

    A burden: `heard`, `act`, `episode` (opens its own, or stands in the one that it belongs to) and
    `kinds`; a cancel: `act` and `episode`; any other message: whether it is `counted`.
    """

    text: str
    act: Act
    aspects: dict[str, bool]

    @property
    def is_wrong(self) -> bool:
        """Whether anything is not as the label says."""
        return self.aspects.get("counted", not all(self.aspects.values()))


def found_in(judge: Judge, told: Told, *, after: int = 1) -> Iterator[Found]:
    """What is found of each message of a chat but the first `after`."""
    opened: dict[str | None, bytes | None] = {}
    for number, (message, judgement) in enumerate(
        zip(told.messages, judged(judge, told), strict=True)
    ):
        label = told.labels[message.key.reveal()]
        if judgement.opens:
            opened.setdefault(label["episode"], judgement.episode)
        if number >= after:
            act = Act(label["act"])
            at_home = opened.get(label["episode"]) == judgement.episode is not None
            aspects = _aspects(judgement, act, label["kinds"], at_home=at_home)
            yield Found(message.text.reveal(), act, aspects)


def _aspects(
    judgement: Judgement, act: Act, kinds: Sequence[str], *, at_home: bool
) -> dict[str, bool]:
    if act is Act.NONE:
        return {"counted": judgement.act.is_burden}
    told = {
        "act": judgement.act is act,
        "episode": at_home and judgement.opens == (act is Act.DEMAND),
    }
    if act is Act.CANCEL:
        return told
    burden = judgement.act.is_burden
    same = {kind.value for kind in judgement.kinds} == set(kinds)
    return {"heard": burden, **told, "kinds": burden and same}


def counted(judge: Judge, path: Path, *, after: int = 1) -> dict[str, tuple[int, int]]:
    """By act and aspect: in how many of the messages of a file it holds, and how many they are."""
    holds: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for told in small_chats(path):
        for found in found_in(judge, told, after=after):
            for aspect, so in found.aspects.items():
                of[f"{found.act.value} {aspect}"] += 1
                holds[f"{found.act.value} {aspect}"] += so
    return {name: (holds[name], of[name]) for name in sorted(of)}


def wrong(judge: Judge, path: Path, *, after: int = 1) -> Iterator[str]:
    """A line for each message of a file that is not judged as its label says."""
    for told in small_chats(path):
        for found in found_in(judge, told, after=after):
            if found.is_wrong:
                not_so = [name for name, so in found.aspects.items() if not so] or ["counted"]
                yield f"{told.name} {found.act.value} {found.text} — {', '.join(not_so)}"


def print_halves(description: str, folder: Path) -> None:
    """A script of its own: the shares of the halves that a folder has, and the tuned half's errors."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--wrong", action="store_true", help="name the tuned half's errors")
    asked = parser.parse_args()
    judge = Judge(load_rulebook(), load_calendar())
    halves = [half for half in HALVES if (folder / f"{half}.txt").exists()]
    for half in halves:
        for name, (right, of) in counted(judge, folder / f"{half}.txt").items():
            print(f"{half:<10} {name:<18} {right} of {of}")
    if asked.wrong:
        print(*wrong(judge, folder / f"{HALVES[0]}.txt"), sep="\n")
