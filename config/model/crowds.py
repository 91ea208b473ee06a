"""Chats in which several demands of one frame are open and one of them is named, made of a transcript.

Labelled groups seldom have three demands with the same opening and deadline; a town has them every
day, and presses one of them by its matter. From every few demands with a matter a chat is made:
itself, the same words around the matters of two other groups' demands (or, for every second, those
demands as they are), and then two messages that press one or take it back, in words that pressed or
took back some other demand of the transcript.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from typing import Any, NamedTuple

from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque, PrivateText
from bot.domain.sketches import matter_runs, runs_of
from config.model.samples import Told
from config.model.twins import LATER, Demand, demands_of, with_matter_of

EVERY = 30
SIZE = 3
PRESSES = 2
_STEPS = (37, 53)
_SHORTEST_NAME = 2
# People name a matter by all of its words, its head or its tail.
_NAMES = (slice(None), slice(None, 4), slice(-4, None), slice(None, 2))


class Press(NamedTuple):
    """Words that press for something or take it back, and the piece of them that names it."""

    text: str
    piece: str
    act: str
    message: IncomingMessage


def crowds_of(judge: Judge, told: Sequence[Told]) -> list[Told]:
    """A chat for some of the demands of the groups that name a matter, under their groups' names."""
    found = list(demands_of(judge, told))
    presses = list(presses_of(judge, told))
    if not presses or len(found) < SIZE:
        return []
    ways = zip(cycle(LATER), cycle(_NAMES), strict=False)
    return [
        _chat(found, at, presses, number, *way)
        for number, (at, way) in enumerate(zip(range(0, len(found), EVERY), ways, strict=False))
    ]


def presses_of(judge: Judge, told: Sequence[Told]) -> Iterator[Press]:
    """The reminders and cancels that name the matter of their notice."""
    for group in told:
        notices: dict[str, list[str]] = {}
        for message in group.messages:
            label = group.labels[message.key.reveal()]
            if label["act"] == "none" or label["episode"] is None:
                continue
            text = judge.rulebook.normaliser(message.text.reveal()).text
            runs = matter_runs(runs_of(text), judge.rulebook.frame)
            if label["act"] == "demand":
                notices.setdefault(label["episode"], []).extend(runs)
                continue
            said = [_longest_shared(run, notices.get(label["episode"], [])) for run in runs]
            piece = max(said, key=len, default="")
            if len(piece) >= _SHORTEST_NAME:
                yield Press(text, piece, label["act"], message)


def _longest_shared(run: str, runs: Sequence[str]) -> str:
    pieces = (
        run[start:end] for start in range(len(run)) for end in range(start + 1, len(run) + 1)
    )
    return max(
        (piece for piece in pieces if any(piece in own for own in runs)), key=len, default=""
    )


def _chat(
    found: Sequence[Demand],
    at: int,
    presses: Sequence[Press],
    number: int,
    later: int,
    name: slice,
) -> Told:
    one = found[at]
    others = [found[(at + step) % len(found)] for step in _STEPS]
    texts = [
        one.text,
        *(with_matter_of(one, other) if number % 2 else other.text for other in others),
    ]
    matters = [demand.runs[0] for demand in (one, *others)]
    kinds = [
        one.label["kinds"],
        *(one.label["kinds"] if number % 2 else other.label["kinds"] for other in others),
    ]
    sent = one.message.sent_at
    key = f"crowd {one.message.key.reveal()}"
    messages: list[IncomingMessage] = []
    labels: dict[str, dict[str, Any]] = {}

    def say(text: str, minutes: int, **label: Any) -> None:
        own = Opaque(f"{key} {len(messages)}")
        moment = sent + timedelta(minutes=minutes)
        messages.append(
            replace(one.message, key=own, text=PrivateText(text), sent_at=moment, reply_to=None)
        )
        labels[own.reveal()] = {**one.label, **label}

    for place, text in enumerate(texts):
        say(text, 3 * place, act="demand", kinds=kinds[place], episode=f"E{place}")
    for turn in range(PRESSES):
        meant = (number + turn) % SIZE
        press = presses[(number * PRESSES + turn) % len(presses)]
        text = press.text.replace(press.piece, matters[meant][name])
        say(text, 9 + later * (turn + 1), act=press.act, kinds=kinds[meant], episode=f"E{meant}")
    return Told(one.told.name, one.told.profile, tuple(messages), labels)
