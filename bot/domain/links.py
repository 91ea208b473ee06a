"""Links: the open episodes that a message may belong to, and the odds that it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log
from typing import NamedTuple

from bot.domain.episodes import SENDER_BYTES, Episode, freshest
from bot.domain.link_weights import LINK_TRAITS, MEASURED, MEASURED_PLACES, LinkWeights, Measures
from bot.domain.moments import (
    UNTOLD,
    Matter,
    Moment,
    is_answered,
    matter_between,
    own_sketch,
)
from bot.domain.namings import NAMELESS, Naming, namings_of
from bot.domain.own_words import UNCALLED, Called, called_in
from bot.domain.reading import Reading
from bot.domain.traits import TRAIT_BIT, RuleBits
from bot.domain.vocabulary import KINDS, Kind

_DAY = 24 * 60
# Of older episodes only those are looked at that a message resembles.
_FRESH = 12
_LIKE_ENOUGH = 0.1
# Who wants a notice confirmed that has just been read says so within so many minutes.
_JUST_READ = 15
_ACKNOWLEDGE = 1 << KINDS.index(Kind.ACKNOWLEDGE)
# So many pairs of characters name a matter fully.
_MUCH = 3
SHORT = sum(TRAIT_BIT[f"length.{most}"] for most in (4, 8, 14, 22))

(
    _BIAS, _, _LIKE_ANY, _LIKE_BEST, _KINDS_SHARED, _, _KINDS_FOREIGN,
    _NO_KINDS, _, _, _MINE, _OPENER, _LATEST, _LATEST_MINE, _,
    _, _MINUTES, _HOUR, _SAME_DAY, _EARLIER_DAY, _ANSWERS, _DEADLINE_SAME, _DEADLINE_PAST,
    _DEADLINE_TO_COME, _DUE_TODAY, _DUE_SOON, _DUE_JUST_PAST, _PRESSED, _, _EMERGENCY,
    _ORPHAN, _BARE, _BARE_LATEST, _BARE_LATEST_MINE, _BARE_MINE, _BARE_SAME_DAY,
    _FOREIGN_MINE, _ROUTINE_EARLIER, _LACK_DUE, _NO_DEADLINE,
    _, _MATTER_SAME, _MATTER_OTHER, _MATTER_FAR, _MATTER_UNTOLD,
    _, _NAMED_BEST, _, _, _NAMED_ALONE,
    _, _, _CALLED, _ASKS_IF_READ,
) = (1 << place for place in range(len(LINK_TRAITS)))  # fmt: skip

Traits = Sequence[tuple[int, float]]


class Link(NamedTuple):
    """An episode that a message may belong to, with the log-odds that it does.

    `signs` are the bits of the LINK_TRAITS that are there, `measures` those that have a measure.
    """

    episode: Episode
    odds: float
    like: float
    signs: int = 0
    measures: Measures = (0.0,) * len(MEASURED)
    matter: Matter = UNTOLD
    naming: Naming = NAMELESS
    called: Called = UNCALLED

    @property
    def asks_if_read(self) -> bool:
        """Whether the message asks to confirm that the episode's notice, just given, was read."""
        return bool(self.signs & _ASKS_IF_READ)

    @property
    def traits(self) -> Traits:
        """All that was weighed, by the places of LINK_TRAITS."""
        found = [(place, 1.0) for place in range(len(LINK_TRAITS)) if self.signs >> place & 1]
        return found + [
            (place, value)
            for place, value in zip(MEASURED_PLACES, self.measures, strict=True)
            if value
        ]


Links = tuple[Link, ...]


class Said(NamedTuple):
    """What of a message is compared with every episode: worked out once."""

    kinds: int
    votes: Sequence[tuple[int, float]]  # kind bit → how sure the words are of it
    voted: float
    sender: bytes
    bare: bool
    routine: bool
    lack: bool
    asks_if_read: bool  # briefly asks to confirm that something was read

    def votes_on(self, kinds: int) -> float:
        """How much of the words' votes falls on some kinds."""
        total = 0.0
        for bit, share in self.votes:
            if kinds & bit:
                total += share
        return total


def asks_if_read(reading: Reading, alive: Iterable[Episode]) -> bool:
    """Whether a message briefly asks to confirm a notice that was given just now."""
    if not (reading.kinds & _ACKNOWLEDGE and reading.traits & SHORT):
        return False
    return any(reading.minute - episode.last_at <= _JUST_READ for episode in alive)


def said_of(reading: Reading, bits: RuleBits) -> Said:
    """What of a message is compared with episodes."""
    votes = [
        (1 << number, 1 / (1 + exp(-score)))
        for number, score in enumerate(reading.kind_scores)
        if score > -3
    ]
    short = bool(reading.traits & SHORT)
    return Said(
        reading.kinds,
        votes,
        sum(share for _, share in votes),
        reading.sender_tag[:SENDER_BYTES],
        short and not reading.kinds,
        bool(reading.fired & bits.routine),
        bool(reading.fired & bits.lack),
        short and bool(reading.kinds & _ACKNOWLEDGE),
    )


def _signs_of(
    reading: Reading,
    said: Said,
    episode: Episode,
    gap: int,
    rank: int,
    *,
    mine: bool,
    is_latest_mine: bool,
) -> int:
    """What is there, or not, of how a message stands to an episode."""
    kinds = said.kinds
    today = episode.day == reading.day
    signs = _BIAS | (_SAME_DAY if today else _EARLIER_DAY)
    if gap <= 60:
        signs |= _MINUTES if gap <= 10 else _HOUR
    if kinds & episode.kinds:
        signs |= _KINDS_SHARED
    else:
        signs |= _KINDS_FOREIGN if kinds else _NO_KINDS
        if kinds and mine:
            signs |= _FOREIGN_MINE
    if mine:
        signs |= _MINE
        if said.sender == episode.senders[0]:
            signs |= _OPENER
    if rank == 0:
        signs |= _LATEST
        if said.asks_if_read and gap <= _JUST_READ and kinds & ~episode.kinds == _ACKNOWLEDGE:
            signs |= _ASKS_IF_READ
    if is_latest_mine:
        signs |= _LATEST_MINE
    if said.bare:
        signs |= _BARE
        if rank == 0:
            signs |= _BARE_LATEST
        if is_latest_mine:
            signs |= _BARE_LATEST_MINE
        if mine:
            signs |= _BARE_MINE
        if today:
            signs |= _BARE_SAME_DAY
    if said.routine and not today:
        signs |= _ROUTINE_EARLIER
    if reading.answers and is_answered(reading, episode):
        signs |= _ANSWERS
    if episode.presses:
        signs |= _PRESSED
    if episode.emergency:
        signs |= _EMERGENCY
    if episode.orphan:
        signs |= _ORPHAN
    return signs


def _deadline_signs(reading: Reading, said: Said, due: int) -> int:
    left = due - reading.minute
    signs = _DEADLINE_PAST if left < 0 else _DEADLINE_TO_COME
    if reading.due == due:
        signs |= _DEADLINE_SAME
    if abs(left) < _DAY // 2:
        signs |= _DUE_TODAY
    if 0 <= left <= 60:
        signs |= _DUE_SOON
    elif -90 <= left < 0:
        signs |= _DUE_JUST_PAST
    if said.lack and -_DAY // 4 <= left <= 120:
        signs |= _LACK_DUE
    return signs


def _matter_signs(matter: Matter) -> int:
    if not matter.own:
        return _MATTER_UNTOLD
    if not matter.theirs:
        return 0
    # Most share nothing, and need not be weighed.
    if matter.shared:
        if matter.is_same:
            return _MATTER_SAME
        if not matter.is_other:
            return 0
    return (
        _MATTER_OTHER | _MATTER_FAR if min(matter.own, matter.theirs) >= _MUCH else _MATTER_OTHER
    )


def _measures_of(
    said: Said,
    episode: Episode,
    like: float,
    matter: Matter,
    naming: Naming,
    called: Called,
    gap: int,
    rank: int,
) -> Measures:
    """How much of each thing that has a measure, in the order of `MEASURED`."""
    kinds, theirs, voted = said.kinds, episode.kinds, said.voted
    shared = kinds & theirs
    own = said.votes_on(theirs)
    return (
        like,
        shared.bit_count() / (kinds | theirs).bit_count() if shared else 0.0,
        own / voted if voted > 1.0 else own,
        min(1.0, voted - own),
        log(1 + gap / 60),
        log(1 + rank),
        log(1 + episode.presses) if episode.presses else 0.0,
        matter.shared / (min(matter.own, matter.theirs) + 1) if matter.shared else 0.0,
        # Where little is shared, whose it is says little.
        naming.share * max(like, called.terms),
        naming.less,
        log(1 + naming.only) if naming.only else 0.0,
        called.terms,
        called.signs,
    )


def links_of(reading: Reading, moment: Moment, bits: RuleBits, weights: LinkWeights) -> Links:
    """The episodes that a message may belong to, the likeliest first."""
    if not moment.alive:
        return ()
    said = said_of(reading, bits)
    sender, minute = said.sender, reading.minute
    alive, likes = moment.alive, moment.likes
    keys = list(map(freshest, alive))
    order = sorted(range(len(alive)), key=keys.__getitem__, reverse=True)
    best = max(likes)
    namings = namings_of(reading, alive, likes)
    named = any(sketch.matter for sketch in reading.sketches)
    short = any(sketch.said for sketch in reading.sketches)
    latest_mine = None
    links = []
    for rank, place in enumerate(order):
        episode, like = alive[place], likes[place]
        mine = sender in episode.senders
        if mine and latest_mine is None:
            latest_mine = episode
        elif rank >= _FRESH and like < _LIKE_ENOUGH:
            continue
        gap = max(0, minute - episode.last_at)
        signs = _signs_of(
            reading, said, episode, gap, rank, mine=mine, is_latest_mine=episode is latest_mine
        )
        due = episode.deadline
        signs |= _NO_DEADLINE if due is None else _deadline_signs(reading, said, due)
        if like > 0:
            signs |= _LIKE_ANY | _LIKE_BEST if like == best else _LIKE_ANY
        sketch = own_sketch(reading, episode) if named or short else None
        matter = matter_between(sketch, episode, like) if named else UNTOLD
        signs |= _matter_signs(matter)
        naming = namings[place]
        if naming.is_best:
            signs |= _NAMED_BEST | _NAMED_ALONE if naming.share == 1.0 else _NAMED_BEST
        called = called_in(sketch, episode) if short else UNCALLED
        if called.wholly:
            signs |= _CALLED
        measures = _measures_of(said, episode, like, matter, naming, called, gap, rank)
        odds = weights.odds(signs, measures)
        links.append(Link(episode, odds, like, signs, measures, matter, naming, called))
    links.sort(key=_odds, reverse=True)
    return tuple(links)


def _odds(link: Link) -> tuple[float, int, int]:
    episode = link.episode
    return link.odds, episode.opened_at, episode.rank


def sum_of(traits: Traits, weights: Sequence[float]) -> float:
    """What the traits come to."""
    total = 0.0
    for place, value in traits:
        total += weights[place] * value
    return total
