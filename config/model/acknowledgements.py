"""Chats in which a notice has just been read and its confirmation is asked for, made of a transcript.

In the labelled groups a notice mostly asks for its own acknowledgement; in a town the clerk does, a minute
after the leader. From every few demands that ask for none a chat is made: another group's demand, the
demand itself, and then words of a line that asks for an acknowledgement and names no matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle

from bot.domain.judging import Judge
from bot.domain.private import Opaque, PrivateText
from bot.domain.sketches import matter_runs, runs_of
from bot.domain.vocabulary import KINDS, Kind
from config.model.samples import Told
from config.model.twins import Demand, demands_of

EVERY = 6
LONGEST = 16
_ELSEWHERE = 37
_APART = 20
_ASKED_AFTER = (1, 2, 4, 1, 8, 12, 3)
_CLERK = Opaque("clerk")
_ACKNOWLEDGE = Kind.ACKNOWLEDGE.value
_BIT = 1 << KINDS.index(Kind.ACKNOWLEDGE)


def acknowledgements_of(judge: Judge, told: Sequence[Told], lines: Sequence[Told]) -> list[Told]:
    """A chat for some of the demands that ask for none, under their groups' names."""
    found = [one for one in demands_of(judge, told) if _ACKNOWLEDGE not in one.label["kinds"]]
    asked = list(dict.fromkeys(asked_in(judge, lines)))
    if not asked:
        return []
    ways = zip(range(0, len(found), EVERY), cycle(asked), cycle(_ASKED_AFTER), strict=False)
    return [
        # The clerk and the sender in turn, each in all the words.
        _chat(
            found[(at + _ELSEWHERE) % len(found)], found[at], said, later,
            is_clerk=number // len(asked) % 2 == 0,
        )
        for number, (at, said, later) in enumerate(ways)
    ]  # fmt: skip


def asked_in(judge: Judge, lines: Sequence[Told]) -> Iterator[str]:
    """The short lines that ask for an acknowledgement, for nothing else, and of any notice."""
    matcher, frame = judge.rulebook.matcher, judge.rulebook.frame
    for line in lines:
        (message,) = line.messages
        text = judge.rulebook.normaliser(message.text.reveal()).text
        if line.labels[message.key.reveal()]["kinds"] != [_ACKNOWLEDGE] or len(text) > LONGEST:
            continue
        fired = matcher.rules_in(text, matcher.literals_in(text))
        asks = judge.bits.kinds_in(fired) & _BIT and not fired & judge.bits.lack
        if asks and not matter_runs(runs_of(text), frame):
            yield text


def _chat(earlier: Demand, notice: Demand, asked: str, later: int, *, is_clerk: bool) -> Told:
    key = f"acknowledgement {notice.message.key.reveal()}"
    sender = notice.message.sender
    rows = (
        (-_APART, earlier.text, sender, {**earlier.label, "episode": "E1"}),
        (0, notice.text, sender, {**notice.label, "episode": "E2"}),
        (
            later, asked, _CLERK if is_clerk else sender,
            {**notice.label, "act": "reminder", "kinds": [_ACKNOWLEDGE], "episode": "E2"},
        ),
    )  # fmt: skip
    messages = tuple(
        replace(
            notice.message,
            key=Opaque(f"{key} {number}"),
            text=PrivateText(text),
            sender=who,
            sent_at=notice.message.sent_at + timedelta(minutes=minutes),
            reply_to=None,
        )
        for number, (minutes, text, who, _) in enumerate(rows)
    )
    labels = {message.key.reveal(): row[3] for message, row in zip(messages, rows, strict=True)}
    return Told(notice.told.name, notice.told.profile, messages, labels)
