"""Namings: whose matter a message names, where several open episodes share its frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.domain.episodes import Episode
from bot.domain.moments import own_sketch
from bot.domain.reading import Reading, Sketch


class Naming(NamedTuple):
    """What of a message's hashes an episode has, each counted by how few of those open have it.

    `share` is the episode's part of all that the message shares with any, 0 to 1; `less` how much
    more of it the episode has that has most, by how much is shared at all; `only` how many hashes no other has.
    """

    share: float = 0.0
    less: float = 0.0
    only: int = 0

    @property
    def is_best(self) -> bool:
        """Whether no open episode has more of what the message says."""
        return self.share > 0 and not self.less


NAMELESS = Naming()
_NOTHING: frozenset[int] = frozenset()
# Of what is alike in no pair, and is called by a name.
_BY_NAME = 0.5


def namings_of(
    reading: Reading, alive: Sequence[Episode], likes: Sequence[float]
) -> Sequence[Naming]:
    """How much each open episode is named, in their order; `likes` are their likenesses.

    What three demands in one frame share says nothing of which of them is meant.
    """
    short = any(sketch.said for sketch in reading.sketches)
    if not short and not any(likes):
        return (NAMELESS,) * len(alive)
    # Most share nothing: they are not weighed, and are named alike.
    shared = [
        _shared(own_sketch(reading, episode), episode, like) if like or short else _NOTHING
        for episode, like in zip(alive, likes, strict=True)
    ]
    often: dict[int, int] = {}
    for own in shared:
        for shingle in own:
            often[shingle] = often.get(shingle, 0) + 1
    if not often:
        return (NAMELESS,) * len(alive)
    told = [
        sum([1 / often[shingle] for shingle in own]) / len(often) if own else 0.0 for own in shared
    ]
    most, much = max(told), max(likes) or _BY_NAME
    unnamed = Naming(0.0, most * much, 0)
    return [
        Naming(share, (most - share) * much, sum([often[shingle] == 1 for shingle in own]))
        if own
        else unnamed
        for share, own in zip(told, shared, strict=True)
    ]


def _shared(sketch: Sketch | None, episode: Episode, like: float) -> frozenset[int]:
    if sketch is None:
        return _NOTHING
    shared = sketch.shingles & episode.shingles if like else _NOTHING
    for part in sketch.said:
        shared |= (part.terms or part.signs) & (episode.words | episode.shingles)
    return shared
