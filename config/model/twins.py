"""Chats in which the frame stays and the matter changes, made of the demands of a transcript.

Labelled groups seldom have two demands of one sender with the same opening and deadline and another
object; a town has them every day. From each demand with a matter a chat is made: itself, and minutes
later the same words around the matter of a demand of another group (a new demand), or, for every
third, another group's demand for the same deadline, or the same words again (a reminder).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle

from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.private import Opaque, PrivateText
from bot.domain.sketches import matter_runs, runs_of
from config.model.samples import Told

LATER = (2, 5, 12, 30, 75, 160, 240)
EVERY = 5
_DEADLINE = "cue.deadline"


def twins_of(judge: Judge, told: Sequence[Told]) -> list[Told]:
    """A chat for each demand of the groups that names a matter, under its group's name."""
    found = list(demands_of(judge, told))
    made = []
    for number, (at, later) in enumerate(zip(range(0, len(found), EVERY), cycle(LATER))):
        other = _from_elsewhere(found, at)
        if other is not None:
            made.append(_chat(judge, found[at], other, later, number % 3))
    return made


class Demand:
    """A demand that names a matter: its words in normal form, and the runs that name it."""

    def __init__(self, told: Told, message: IncomingMessage, text: str, runs: list[str]) -> None:
        self.told, self.message, self.text, self.runs = told, message, text, runs
        self.label = told.labels[message.key.reveal()]


def demands_of(judge: Judge, told: Sequence[Told]) -> Iterator[Demand]:
    """The demands of the groups that name a matter."""
    for group in told:
        for message in group.messages:
            if group.labels[message.key.reveal()]["act"] != "demand":
                continue
            text = judge.rulebook.normaliser(message.text.reveal()).text
            runs = list(dict.fromkeys(matter_runs(runs_of(text), judge.rulebook.frame)))
            if runs:
                yield Demand(group, message, text, runs)


def _from_elsewhere(found: Sequence[Demand], at: int) -> Demand | None:
    """A demand that stands far enough away to be of another group, the same every time."""
    for step in range(1, len(found)):
        other = found[(at + step * 37) % len(found)]
        if other.told.name != found[at].told.name:
            return other
    return None


def _chat(judge: Judge, one: Demand, other: Demand, later: int, manner: int) -> Told:
    first, second, act, kinds = one.text, one.text, "demand", one.label["kinds"]
    if manner == 0:
        second = with_matter_of(one, other)
    elif manner == 1:
        second, kinds = _due_like(judge, one.text, other.text), other.label["kinds"]
    else:
        act = "reminder"
    at = one.message.sent_at
    keys = [f"twin {one.message.key.reveal()} {number}" for number in (1, 2)]
    messages = tuple(
        replace(one.message, key=Opaque(key), text=PrivateText(text), sent_at=sent, reply_to=None)
        for key, text, sent in (
            (keys[0], first, at),
            (keys[1], second, at + timedelta(minutes=later)),
        )
    )
    labels = {
        keys[0]: {**one.label, "episode": "E1"},
        keys[1]: {
            **one.label,
            "act": act,
            "kinds": kinds,
            "episode": "E2" if act == "demand" else "E1",
        },
    }
    return Told(one.told.name, one.told.profile, messages, labels)


def with_matter_of(one: Demand, other: Demand) -> str:
    """The first demand's words around the other's matter."""
    text = one.text
    for mine, theirs in zip(one.runs, cycle(other.runs), strict=False):
        text = text.replace(mine, theirs)
    return text


def _due_like(judge: Judge, one: str, other: str) -> str:
    """The other demand, for the first one's deadline where both name one."""
    due, theirs = _deadline(judge, one), _deadline(judge, other)
    return other.replace(theirs, due) if due and theirs else other


def _deadline(judge: Judge, text: str) -> str:
    matcher = judge.rulebook.matcher
    form = judge.rulebook.normaliser(text)
    fired = matcher.rules_in(form.text, matcher.literals_in(form.text))
    spans = [span for span in matcher.spans(form, fired) if span[0] == _DEADLINE]
    return text[spans[0][1] : spans[0][2]] if spans else ""
