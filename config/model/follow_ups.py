"""Chats in which something is said after a notice that names no matter, made of a transcript.

Labelled groups hold few of the words that fit any notice: a clerk asks whether it was read, the office
presses, the hour is moved, a stamp is wanted too, all is off, the forms are in the folder. From every
few demands a chat is made: another group's demand, the demand itself, and then such words, by its
sender, by a clerk, or by one of those it is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from bot.domain.judging import Judge
from bot.domain.private import Opaque, PrivateText
from bot.domain.sketches import matter_runs, runs_of
from bot.domain.vocabulary import KINDS, Act, Kind
from config.model.samples import Told
from config.model.twins import Demand, demands_of

EVERY = 4
EVERY_CONFIRMED = 6
LONGEST_CALL = 16
_ELSEWHERE = 37
_APART = 20
# Minutes after the notice: whether it was read is asked at once, all else some time that day or the next.
_CONFIRMED_AFTER = (1, 2, 4, 1, 8, 12, 3)
_SAID_AFTER = (1, 4, 12, 35, 70, 150, 290, 2, 20, 24 * 60)
_CLERK, _MEMBER = Opaque("clerk"), Opaque("member")
_ACKNOWLEDGE = Kind.ACKNOWLEDGE.value
_BIT = 1 << KINDS.index(Kind.ACKNOWLEDGE)
_THOSE_OF_THE_NOTICE, _MORE, _INSTEAD, _NONE = "=", "+", "~", "-"


class FollowUp(NamedTuple):
    """Words that fit any notice, or any of a kind, and what they do.

    `kinds` are "=" for those of the notice, "+x" for those and x, "~x" for x alone where the notice
    did not ask for it, "x" for x alone where it did, "-" for none.
    """

    text: str
    act: Act
    kinds: str = _THOSE_OF_THE_NOTICE
    by_member: bool = False

    def fits(self, notice: Demand) -> bool:
        """Whether the words can follow a notice: what is new was not asked, what is changed was."""
        own = notice.label["kinds"]
        if self.kinds.startswith((_MORE, _INSTEAD)):
            return self.kinds[1:] not in own
        return self.kinds in (_THOSE_OF_THE_NOTICE, _NONE, *own)

    def kinds_after(self, notice: Demand) -> list[str]:
        """The kinds that they carry behind a notice."""
        if self.act is not Act.REMINDER:
            return []
        if self.kinds == _THOSE_OF_THE_NOTICE:
            return list(notice.label["kinds"])
        if self.kinds.startswith(_MORE):
            return [*notice.label["kinds"], self.kinds[1:]]
        return [self.kinds.removeprefix(_INSTEAD)]


def told_follow_ups(folder: Path) -> list[FollowUp]:
    """What is written in the files of a folder: "who|act|kinds|text", who being head or member."""
    return [
        _told(line)
        for path in sorted(folder.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]


def _told(line: str) -> FollowUp:
    who, act, kinds, text = line.split("|")
    return FollowUp(text, Act(act), kinds, who == "member")


def follow_ups_of(
    judge: Judge, told: Sequence[Told], lines: Sequence[Told], written: Sequence[FollowUp]
) -> list[Told]:
    """Chats for some of the demands, under their groups' names.

    Behind some stand words of `lines` that ask to confirm that they were read, behind others what is
    `written`; either is taken in turn.
    """
    demands = list(demands_of(judge, told))
    calls = [
        FollowUp(text, Act.REMINDER, f"{_INSTEAD}{_ACKNOWLEDGE}")
        for text in dict.fromkeys(calls_to_confirm(judge, lines))
    ]
    return [
        *_chats(demands, EVERY_CONFIRMED, calls, _CONFIRMED_AFTER),
        *_chats(demands, EVERY, written, _SAID_AFTER),
    ]


def calls_to_confirm(judge: Judge, lines: Iterable[Told]) -> Iterator[str]:
    """The short lines that ask for an acknowledgement, for nothing else, and of any notice."""
    matcher, frame = judge.rulebook.matcher, judge.rulebook.frame
    for line in lines:
        (message,) = line.messages
        text = judge.rulebook.normaliser(message.text.reveal()).text
        only_that = line.labels[message.key.reveal()]["kinds"] == [_ACKNOWLEDGE]
        if not only_that or len(text) > LONGEST_CALL:
            continue
        fired = matcher.rules_in(text, matcher.literals_in(text))
        asks = judge.bits.kinds_in(fired) & _BIT and not fired & judge.bits.lack
        if asks and not matter_runs(runs_of(text), frame):
            yield text


def _chats(
    demands: Sequence[Demand], every: int, said: Sequence[FollowUp], after: Sequence[int]
) -> Iterator[Told]:
    waiting = list(said)
    ways = zip(range(0, len(demands), every), cycle(after), strict=False)
    for number, (at, later) in enumerate(ways):
        notice = demands[at]
        fitting = next((one for one in waiting if one.fits(notice)), None)
        if fitting is None:
            continue
        waiting.remove(fitting)
        waiting.append(fitting)
        # The clerk and the sender in turn, each in all the words.
        by_clerk = number // len(said) % 2 == 0
        who = _MEMBER if fitting.by_member else _CLERK if by_clerk else notice.message.sender
        yield _chat(demands[(at + _ELSEWHERE) % len(demands)], notice, fitting, later, who)


def _chat(earlier: Demand, notice: Demand, said: FollowUp, later: int, who: Opaque) -> Told:
    key = f"follow-up {said.text} {notice.message.key.reveal()}"
    sender = notice.message.sender
    is_none = said.act is Act.NONE
    rows = (
        (-_APART, earlier.text, sender, {**earlier.label, "episode": "E1"}),
        (0, notice.text, sender, {**notice.label, "episode": "E2"}),
        (
            later, said.text, who,
            {**notice.label, "act": said.act.value, "kinds": said.kinds_after(notice),
             "episode": None if is_none else "E2"},
        ),
    )  # fmt: skip
    messages = tuple(
        replace(
            notice.message,
            key=Opaque(f"{key} {number}"),
            text=PrivateText(text),
            sender=own,
            sent_at=notice.message.sent_at + timedelta(minutes=minutes),
            reply_to=None,
        )
        for number, (minutes, text, own, _) in enumerate(rows)
    )
    labels = {message.key.reveal(): row[3] for message, row in zip(messages, rows, strict=True)}
    return Told(notice.told.name, notice.told.profile, messages, labels)
