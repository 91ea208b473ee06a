"""Chats in which a demand is laid again by its name alone, made of the demands of a transcript.

A group calls its daily round "三检" and on the next morning says no more than that; labelled groups
hold a few such words, and what they say is in no notice of another town. From every few demands that
name a matter a chat is made: itself, its name alone on the next day, a short reminder of the
transcript that says the name, and the name again a day later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from typing import Any

from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.own_words import LONGEST
from bot.domain.private import Opaque, PrivateText
from config.model.crowds import Press, presses_of
from config.model.samples import Told
from config.model.twins import Demand, demands_of

EVERY = 40
_DAY = 24 * 60
_PRESSED_AFTER = 40
_QUOTED = re.compile(r"[“《【]([\u4e00-\u9fff]{1,5})[”》】]")
_NAMES = (slice(None, 4), slice(-2, None), slice(None, 3), slice(-1, None), slice(None, 2))
_ENDINGS = ("", "!", "", "。", "了")
# How far from yesterday's hour the round is called; the last is another time of day.
_APART = (-8, 0, 3, 15, 200)


def echoes_of(judge: Judge, told: Sequence[Told]) -> list[Told]:
    """A chat for some of the demands of the groups that name a matter, under their groups' names."""
    found = list(demands_of(judge, told))
    short = [
        press
        for press in presses_of(judge, told)
        if press.act == "reminder" and len(press.text) <= LONGEST
    ]
    if not short:
        return []
    ways = zip(cycle(_NAMES), cycle(_ENDINGS[::-1]), cycle(_APART[1:]), strict=False)
    return [
        _chat(found[at], short[number % len(short)], *way)
        for number, (at, way) in enumerate(zip(range(0, len(found), EVERY), ways, strict=False))
    ]


def _chat(demand: Demand, press: Press, cut: slice, ending: str, apart: int) -> Told:
    quoted = _QUOTED.search(demand.text)
    name = quoted[1] if quoted else demand.runs[0][cut]
    said = press.text.replace(press.piece, name)
    rows = (
        (0, demand.text, "demand", "E1"),
        (_DAY + apart, name + ending, "demand", "E2"),
        (_DAY + apart + _PRESSED_AFTER, said, "reminder", "E2"),
        (2 * _DAY + apart, name, "demand", "E3"),
    )
    key = f"echo {demand.message.key.reveal()}"
    labels: dict[str, dict[str, Any]] = {}
    messages: list[IncomingMessage] = []
    for number, (minutes, text, act, episode) in enumerate(rows):
        own = Opaque(f"{key} {number}")
        sent = demand.message.sent_at + timedelta(minutes=minutes)
        messages.append(
            replace(demand.message, key=own, text=PrivateText(text), sent_at=sent, reply_to=None)
        )
        labels[own.reveal()] = {**demand.label, "act": act, "episode": episode}
    return Told(demand.told.name, demand.told.profile, tuple(messages), labels)
