"""Invented facts and entries; what a test does not say has an ordinary value."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.judgement import EPISODE_BYTES, Entry, EpisodeRecord, Fact
from bot.domain.messages import Route
from bot.domain.periods import Week
from bot.domain.vocabulary import Act, Kind, Lead

WEEK = Week(2026, 42)
GROUP = GroupCode("g-1")
UNIT = UnitCode("u-1")
LINE = LineCode("civil")


def tag_of(name: str) -> bytes:
    """A tag that looks like one, always the same for a name."""
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


def episode_of(name: str) -> bytes:
    """The episode that the message of this name opens."""
    return tag_of(name)[:EPISODE_BYTES]


def fact(name: str, **fields: Any) -> Fact:
    """A fact of the message `name`; a plain demand for a form on Monday at nine."""
    values: dict[str, Any] = {
        "tag": tag_of(name),
        "week": WEEK,
        "weekday": 1,
        "hour": 9,
        "group": GROUP,
        "unit": UNIT,
        "line": LINE,
        "act": Act.DEMAND,
        "kinds": (Kind.FORM_FILLING,),
        "ping": False,
        "off_hours": False,
        "episode": episode_of(name),
        "opens": True,
        "lead": Lead.NONE,
        "addressed": None,
        "exempt": None,
        "claimed_urgent": False,
        "sender_tag": tag_of("sender"),
        "rules": ("form_filling.table",),
        "rulebook": "2026.1",
        "route": Route.TRANSCRIPT,
        "reported": False,
    }
    return Fact(**values | fields)


def demand(name: str, revision: int = 0, **fields: Any) -> Entry:
    """The entry of a message that leaves a fact."""
    left = fact(name, **fields)
    return Entry(
        tag=left.tag,
        week=left.week,
        weekday=left.weekday,
        group=left.group,
        route=left.route,
        fact=left,
        revision=revision,
    )


def reminder(name: str, of: str, **fields: Any) -> Entry:
    """A reminder of the demand `of`."""
    return demand(name, act=Act.REMINDER, opens=False, episode=episode_of(of), **fields)


def talk(
    name: str,
    week: Week = WEEK,
    group: GroupCode = GROUP,
    route: Route = Route.TRANSCRIPT,
    revision: int = 0,
    weekday: int = 1,
    episodes: Sequence[EpisodeRecord] = (),
    closed: Sequence[bytes] = (),
) -> Entry:
    """The entry of a message that is only counted as seen."""
    return Entry(
        tag_of(name), week, weekday, group, route, None, revision, tuple(episodes), tuple(closed)
    )


def episode(name: str, state: bytes = b"sketch", week: Week = WEEK) -> EpisodeRecord:
    """The open episode that the message `name` began."""
    return EpisodeRecord(GROUP, episode_of(name), week, state)
