"""Episodes: the burdens that a group still carries, remembered without a word."""

from __future__ import annotations

import struct
from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import ClassVar

from bot.domain.judgement import EPISODE_BYTES
from bot.domain.periods import Week

MOST_OPEN = 24
MOST_SENDERS = 4
MOST_MARKS = 6
SENDER_BYTES = 8
# Monthly tables are still asked for after a week; what is called off is soon forgotten.
OPEN_FOR_MINUTES = 14 * 24 * 60
CLOSED_FOR_MINUTES = 2 * 24 * 60

_HEAD = struct.Struct(">B8sHBIIIBHIHBBBBBB")
_LAYOUT = 3
# Written before episodes knew their words, or their matter: all else is as it is now.
_HEADS = {
    1: struct.Struct(">B8sHBIIIBHIHBBBB"),
    2: struct.Struct(">B8sHBIIIBHIHBBBBB"),
    _LAYOUT: _HEAD,
}


@dataclass(frozen=True, slots=True)
class Episode:
    """One burden: who laid it, when, of which kinds, and a sketch of what it is about.

    Times are minutes since the epoch, `day` the ordinal of the local day it was opened or last
    renewed on, `senders` the heads of sender tags (the opener first). `shingles` and `marks`
    (of its messages) are keyed hashes under the sketch key of `week`; `matter` are those of
    `shingles` that name what it is about, `words` of pieces that it may be called by (see
    `own_words`). `orphan` says that it was opened by a reminder whose
    notice nobody saw, `forwarded` that it came in a chat record, `points` that the words that
    opened it point at a text beside them. `rank` orders those of one minute as they were
    opened: ids are keyed, and what is judged must not depend on a key.
    """

    id: bytes
    week: Week
    opened_at: int
    last_at: int
    day: int
    senders: tuple[bytes, ...]
    kinds: int = 0
    shingles: frozenset[int] = frozenset()
    matter: frozenset[int] = frozenset()
    marks: tuple[int, ...] = ()
    deadline: int | None = None
    presses: int = 0
    closed: bool = False
    orphan: bool = False
    emergency: bool = False
    rank: int = 0
    forwarded: bool = False
    points: bool = False
    words: frozenset[int] = frozenset()

    def encode(self) -> bytes:
        """Bytes that `decode` turns into an equal episode."""
        flags = self.closed | self.orphan << 1 | self.emergency << 2
        flags |= self.forwarded << 3 | self.points << 4
        head = _HEAD.pack(
            _LAYOUT, self.id, self.week.year, self.week.number, self.opened_at, self.last_at,
            self.day, flags, self.kinds, 0 if self.deadline is None else self.deadline + 1,
            self.presses, len(self.senders), len(self.shingles), len(self.marks), self.rank,
            len(self.matter), len(self.words),
        )  # fmt: skip
        rest = sorted(self.shingles - self.matter)
        count = len(self.shingles) + len(self.marks) + len(self.words)
        hashes = struct.pack(
            f">{count}I", *sorted(self.matter), *rest, *self.marks, *sorted(self.words)
        )
        return head + b"".join(self.senders) + hashes

    @classmethod
    def decode(cls, raw: bytes) -> Episode:
        """The episode of `encode`; ValueError when these are other bytes."""
        try:
            head = _HEADS.get(raw[0] if raw else 0, _HEAD)
            layout, id_, year, number, opened, last, day, flags, kinds, due, presses, *counts = (
                head.unpack_from(raw)
            )
            senders, shingles, marks, rank, *told = counts
            matter, words = [*told, 0, 0][:2]
            at = head.size + senders * SENDER_BYTES
            hashes = struct.unpack_from(f">{shingles + marks + words}I", raw, at)
            week = Week(year, number)
        except struct.error:
            raise ValueError("not the state of an episode") from None
        known = layout in _HEADS and matter <= shingles
        if not known or len(raw) != at + 4 * len(hashes):
            raise ValueError("not the state of an episode")
        return cls(
            id_, week, opened, last, day,
            tuple(raw[head.size + n * SENDER_BYTES :][:SENDER_BYTES] for n in range(senders)),
            kinds, frozenset(hashes[:shingles]), frozenset(hashes[:matter]),
            hashes[shingles : shingles + marks],
            due - 1 if due else None, presses, bool(flags & 1), bool(flags & 2), bool(flags & 4), rank,
            bool(flags & 8), bool(flags & 16), frozenset(hashes[shingles + marks :]),
        )  # fmt: skip

    def pressed(
        self, minute: int, day: int, sender: bytes, kinds: int, mark: int, deadline: int | None
    ) -> Episode:
        """The episode after a reminder: it is fresh again, and knows who pressed."""
        senders = self.senders
        if sender not in senders:
            senders = (senders[0], *senders[1:][-(MOST_SENDERS - 2) :], sender)
        return replace(
            self,
            last_at=max(self.last_at, minute),
            day=max(self.day, day),
            senders=senders,
            kinds=self.kinds | kinds,
            marks=(*self.marks[-(MOST_MARKS - 1) :], mark) if mark else self.marks,
            deadline=self.deadline if deadline is None else deadline,
            presses=min(self.presses + 1, 0xFFFF),
        )

    def ended(self, minute: int) -> Episode:
        """The episode after it was called off."""
        return replace(self, last_at=max(self.last_at, minute), closed=True)


@dataclass(frozen=True, slots=True)
class GroupMemory:
    """All that judgement remembers of a group, in order of opening.

    Derived: those `alive`, the `latest` of them to be opened or pressed and their `shingles`, all
    `senders`.
    """

    episodes: tuple[Episode, ...] = ()
    alive: tuple[Episode, ...] = field(init=False, repr=False, compare=False)
    latest: Episode | None = field(init=False, repr=False, compare=False)
    shingles: frozenset[int] = field(init=False, repr=False, compare=False)
    senders: frozenset[bytes] = field(init=False, repr=False, compare=False)

    EMPTY: ClassVar[GroupMemory]

    def __post_init__(self) -> None:
        # Memory changes with a burden and is looked at with every message.
        alive = tuple([episode for episode in self.episodes if not episode.closed])
        shingles = frozenset[int]().union(*[episode.shingles for episode in alive])
        self._derive(alive, max(alive, key=freshest, default=None), shingles)

    def _derive(
        self, alive: tuple[Episode, ...], latest: Episode | None, shingles: frozenset[int]
    ) -> None:
        derived = object.__setattr__
        derived(self, "alive", alive)
        derived(self, "latest", latest)
        derived(self, "shingles", shingles)
        derived(self, "senders", frozenset([one for e in self.episodes for one in e.senders]))

    def with_episode(self, episode: Episode, minute: int) -> GroupMemory:
        """The memory with a new or changed episode; what is stale or too many goes."""
        episodes = self.episodes
        places = [place for place, known in enumerate(episodes) if known.id == episode.id]
        if places:
            kept = [*episodes[: places[0]], episode, *episodes[places[0] + 1 :]]
        else:
            beside = [known.rank for known in episodes if known.opened_at == episode.opened_at]
            if beside:
                episode = replace(episode, rank=min(max(beside) + 1, 0xFF))
            kept = [*episodes]
            insort(kept, episode, key=opening_order)
        stale = minute - OPEN_FOR_MINUTES, minute - CLOSED_FOR_MINUTES
        fresh = [known for known in kept if known.last_at >= stale[known.closed]]
        while len(fresh) > MOST_OPEN:
            oldest = min(range(len(fresh)), key=lambda place: _freshness(fresh[place]))
            del fresh[oldest]
        if len(fresh) == len(kept) and not episode.closed and not self._was_closed(places):
            return self._grown(tuple(kept), episode, is_new=not places)
        return GroupMemory(tuple(fresh))

    def _was_closed(self, places: list[int]) -> bool:
        return bool(places) and self.episodes[places[0]].closed

    def _grown(
        self, episodes: tuple[Episode, ...], episode: Episode, *, is_new: bool
    ) -> GroupMemory:
        """The memory with one episode more or pressed, derived from what was: far less work."""
        grown = object.__new__(GroupMemory)
        object.__setattr__(grown, "episodes", episodes)
        alive = tuple([known for known in episodes if not known.closed])
        latest = self.latest
        if latest is None or latest.id == episode.id or freshest(episode) > freshest(latest):
            latest = episode
        grown._derive(alive, latest, self.shingles | episode.shingles if is_new else self.shingles)
        return grown

    @classmethod
    def of(cls, episodes: Iterable[Episode]) -> GroupMemory:
        """The memory of stored episodes, in whatever order they come."""
        return cls(tuple(sorted(episodes, key=opening_order)))


opening_order: Callable[[Episode], tuple[int, int]] = attrgetter("opened_at", "rank")
"""Sorts the episodes of a group as they were opened."""

freshest: Callable[[Episode], tuple[int, int, int]] = attrgetter("last_at", "opened_at", "rank")
"""Sorts the episodes of a group by when they were last opened or pressed."""

GroupMemory.EMPTY = GroupMemory()


def _freshness(episode: Episode) -> tuple[bool, int, int, int]:
    return not episode.closed, *freshest(episode)


def changed_episodes(
    before: GroupMemory, after: GroupMemory
) -> tuple[tuple[Episode, ...], tuple[bytes, ...]]:
    """Episodes that are new or other than before, and the ids of those that are gone."""
    if before is after:
        return (), ()
    known = {id(episode) for episode in before.episodes}
    left = {episode.id for episode in after.episodes}
    changed = tuple(episode for episode in after.episodes if id(episode) not in known)
    return changed, tuple(e.id for e in before.episodes if e.id not in left)


assert EPISODE_BYTES == 8, "the layout of an episode holds ids of eight bytes"  # noqa: S101
