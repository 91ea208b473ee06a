"""What is left of a message once its words are gone: enough to judge it, now or again."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from bot.domain.periods import Week
from bot.domain.private import Opaque
from bot.domain.traces import Trace
from bot.domain.voting import NO_SCORES, ActScores, emergency_score, kind_scores


class Place:
    """Where a message stands in its group: by time, then by key. It shows neither."""

    __slots__ = ("_key", "_sent_at")

    def __init__(self, sent_at: datetime, key: Opaque) -> None:
        self._sent_at = sent_at
        self._key = key

    def __lt__(self, other: Place) -> bool:
        if self._sent_at != other._sent_at:
            return self._sent_at < other._sent_at
        return self._key.reveal() < other._key.reveal()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Place)
            and self._sent_at == other._sent_at
            and self._key == other._key
        )

    def __hash__(self) -> int:
        return hash((self._sent_at, self._key))

    def __repr__(self) -> str:
        return "<place>"


class Part(NamedTuple):
    """A part of a short text: keyed hashes of its pairs of signs and of its signs."""

    terms: frozenset[int]
    signs: frozenset[int]


class Sketch(NamedTuple):
    """Keyed hashes under one week's key: of the text, of the message, of what it answers.

    `rare` are those of `shingles` that few notices have; `matter` those that name what it is about
    (see `sketches.matter_runs`). `words` are what a burden may be called by later, `said` what
    the parts of a short text may call one by (see `own_words`).
    """

    week: Week
    shingles: frozenset[int]
    mark: int = 0
    answers: int = 0
    rare: frozenset[int] = frozenset()
    matter: frozenset[int] = frozenset()
    words: frozenset[int] = frozenset()
    said: tuple[Part, ...] = ()


class Reading(NamedTuple):
    """A message read: wordless, so that it can be judged again when an earlier one comes late.

    `tag` and `sender_tag` are the week's pseudonyms. `order` sorts the messages of a group.
    `minute` and `due` (the deadline) count from the epoch, `day` is the day of the group's zone as an ordinal. `fired`
    and `traits` are bits by the places of the rulebook's rules and of `traits.TRAITS`;
    `act_scores`, `kind_scores` and `emergency_score` are the vote of the words alone, in log-odds;
    `vote` holds them packed, with the number of features in it (see `voting`). `sketches` is
    empty where nothing can come of the message. `trace` is what is compared with demands of other
    groups; None where the words ask for nothing. `inside` are the messages of a forwarded chat
    record that may ask for something; `points` says that the words point at a text beside them.
    `kinds` are those that rules name for sure, as bits by their place in KINDS.
    `sentence_scores` are the most that one of several sentences says of each kind by itself, in
    log-odds; empty where there is but one.
    `faint` words say none by themselves, unless they call a burden of their sender's by its name.
    """

    tag: bytes
    sender_tag: bytes
    order: Place
    sent_at: datetime
    week: Week | None = None
    minute: int = 0
    day: int = 0
    plain: bool = False
    ping: bool = False
    fired: int = 0
    traits: int = 0
    act_scores: ActScores = NO_SCORES
    vote: tuple[int, int] = (0, 0)
    sketches: tuple[Sketch, ...] = ()
    answers: bool = False
    deadline: datetime | None = None
    due: int | None = None
    named: int = 0
    for_all: bool = False
    trace: Trace | None = None
    inside: tuple[Zone, ...] = ()
    points: bool = False
    kinds: int = 0
    faint: bool = False
    sentence_scores: tuple[float, ...] = ()

    @property
    def kind_scores(self) -> tuple[float, ...]:
        """Unpacked when asked for: most messages are no burden, and have no kind."""
        return kind_scores(*self.vote)

    @property
    def emergency_score(self) -> float:
        """The same, of an emergency at hand."""
        return emergency_score(*self.vote)


class Zone(NamedTuple):
    """A message of a forwarded chat record, read as if its forwarder had said it.

    `place` is which one of the record it is; `said_on` the day it was said on in the group's zone,
    as an ordinal, or None where the platform does not tell.
    """

    place: int
    said_on: int | None
    reading: Reading
