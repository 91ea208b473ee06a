"""A transcript judged as the running bot would judge it, one row per message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TypedDict

from bot.domain.episodes import GroupMemory
from bot.domain.groups import GroupProfile
from bot.domain.judgement import Hit, Judgement
from bot.domain.judging import Judge
from bot.domain.messages import IncomingMessage
from bot.domain.periods import Week
from bot.domain.pseudonyms import KEY_BYTES, WeekKey
from handlers.read_message import read_message, tag_of


class HitRow(TypedDict):
    """A rule that fired, and where in the text."""

    id: str
    span: list[int]


class JudgedRow(TypedDict):
    """What `qingzhuang classify` prints for one message."""

    id: str
    act: str
    kinds: list[str]
    ping: bool
    off_hours: bool
    episode: str | None
    deadline: str | None
    exempt: str | None
    rules: list[HitRow]


class ClassifyTranscript:
    """Judges groups and messages as a transcript tells them; nothing is kept.

    The keys are made for this one call and thrown away with it.
    """

    def __init__(self, judge: Judge, token_bytes: Callable[[int], bytes]) -> None:
        self._judge = judge
        self._token_bytes = token_bytes

    def __call__(self, told: Iterable[GroupProfile | IncomingMessage]) -> Iterator[JudgedRow]:
        """Rows by group in the order of their headers, and in order of time within a group.

        Episodes are named E1, E2 … in the order they open in their group.
        """
        groups: dict[str, GroupProfile] = {}
        messages: dict[str, list[IncomingMessage]] = defaultdict(list)
        for one in told:
            if isinstance(one, GroupProfile):
                groups[one.code] = one
            else:
                messages[one.conversation.id.reveal()].append(one)
        for code, profile in groups.items():
            yield from self._group(profile, messages[code])

    def _group(self, group: GroupProfile, messages: list[IncomingMessage]) -> Iterator[JudgedRow]:
        messages.sort(key=lambda message: (message.sent_at, message.key.reveal()))
        keys = _Keys(self._token_bytes)
        memory = GroupMemory.EMPTY
        names: dict[bytes, str] = {}
        for message in messages:
            week = Week.of(message.sent_at, group.zone)
            tag = tag_of(message, group, week, keys)
            reading = read_message(self._judge, message, group, week, keys, tag=tag)
            judgement, memory = self._judge.judge(reading, memory, group)
            hits = self._judge.hits(message) if judgement.rules else ()
            yield _row(message, judgement, hits, names)


class _Keys:
    """Keys of the weeks of one call."""

    def __init__(self, token_bytes: Callable[[int], bytes]) -> None:
        self._token_bytes = token_bytes
        self._made: dict[tuple[str, Week], WeekKey] = {}

    def tags(self, week: Week) -> WeekKey:
        return self._key("tags", week)

    def sketches(self, week: Week) -> tuple[WeekKey, ...]:
        return tuple(self._key("sketches", week.shifted(-back)) for back in range(4))

    def _key(self, use: str, week: Week) -> WeekKey:
        known = self._made.get((use, week))
        if known is None:
            known = self._made[use, week] = WeekKey(week, self._token_bytes(KEY_BYTES))
        return known


def _row(
    message: IncomingMessage, judgement: Judgement, hits: Iterable[Hit], names: dict[bytes, str]
) -> JudgedRow:
    name = None
    if judgement.episode is not None:
        name = names.setdefault(judgement.episode, f"E{len(names) + 1}")
    return JudgedRow(
        id=message.key.reveal(),
        act=judgement.act.value,
        kinds=[kind.value for kind in judgement.kinds],
        ping=judgement.ping,
        off_hours=judgement.off_hours,
        episode=name,
        deadline=judgement.deadline.isoformat() if judgement.deadline else None,
        exempt=judgement.exempt.value if judgement.exempt else None,
        rules=[HitRow(id=hit.rule, span=[hit.start, hit.end]) for hit in hits],
    )
