"""Links: the open episodes that a message may belong to, and the odds that it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from bot.domain.episodes import SENDER_BYTES, Episode, freshest, opening_order
from bot.domain.moments import Moment, is_answered, kind_bits_of
from bot.domain.reading import Reading
from bot.domain.traits import TRAIT_BIT, RuleBits

_DAY = 24 * 60
# Of older episodes only those are looked at that a message resembles.
_FRESH = 12
_LIKE_ENOUGH = 0.1
SHORT = sum(TRAIT_BIT[f"length.{most}"] for most in (4, 8, 14, 22))

LINK_TRAITS = (
    "bias", "like", "like_any", "like_best", "kinds_shared", "kinds_overlap", "kinds_foreign",
    "no_kinds", "votes_shared", "votes_foreign", "mine", "opener", "latest", "latest_mine", "age",
    "rank", "minutes", "hour", "same_day", "earlier_day", "answers", "deadline_same",
    "deadline_past", "deadline_to_come", "due_today", "due_soon", "due_just_past", "pressed",
    "presses", "emergency", "orphan", "bare", "bare_latest", "bare_latest_mine", "bare_mine",
    "bare_same_day", "foreign_mine", "routine_earlier", "lack_due", "no_deadline",
)  # fmt: skip
(
    _BIAS, _LIKE, _LIKE_ANY, _LIKE_BEST, _KINDS_SHARED, _KINDS_OVERLAP, _KINDS_FOREIGN,
    _NO_KINDS, _VOTES_SHARED, _VOTES_FOREIGN, _MINE, _OPENER, _LATEST, _LATEST_MINE, _AGE,
    _RANK, _MINUTES, _HOUR, _SAME_DAY, _EARLIER_DAY, _ANSWERS, _DEADLINE_SAME, _DEADLINE_PAST,
    _DEADLINE_TO_COME, _DUE_TODAY, _DUE_SOON, _DUE_JUST_PAST, _PRESSED, _PRESSES, _EMERGENCY,
    _ORPHAN, _BARE, _BARE_LATEST, _BARE_LATEST_MINE, _BARE_MINE, _BARE_SAME_DAY,
    _FOREIGN_MINE, _ROUTINE_EARLIER, _LACK_DUE, _NO_DEADLINE,
) = range(len(LINK_TRAITS))  # fmt: skip
# Shares of each trait in the log-odds that a message belongs to an episode; the model's own
# numbers, where there is a model, take their place (config/model/train.py).
_UNTRAINED: Mapping[str, float] = {
    "like": 5.0, "like_any": 0.6, "kinds_shared": 0.8, "kinds_overlap": 1.6, "kinds_foreign": -0.8,
    "mine": 0.9, "opener": 0.6, "latest": 0.7, "latest_mine": 0.7, "age": -0.35, "same_day": 0.3,
    "earlier_day": -0.2, "answers": 5.0, "deadline_same": 2.0, "deadline_past": -0.4, "bias": -1.1,
}  # fmt: skip

Traits = Sequence[tuple[int, float]]


def link_weights(learned: Mapping[str, float]) -> tuple[float, ...]:
    """The weights of LINK_TRAITS in their order."""
    told = learned or _UNTRAINED
    return tuple(told.get(name, 0.0) for name in LINK_TRAITS)


@dataclass(frozen=True, slots=True)
class Link:
    """An episode that a message may belong to, with the log-odds that it does."""

    episode: Episode
    odds: float
    like: float
    traits: Traits = ()


Links = tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What of a message is compared with every episode: worked out once."""

    kinds: int
    votes: Sequence[tuple[int, float]]  # kind bit → how sure the words are of it
    voted: float
    sender: bytes
    bare: bool
    routine: bool
    lack: bool


def said_of(reading: Reading, bits: RuleBits) -> Said:
    """What of a message is compared with episodes."""
    votes = [
        (1 << number, 1 / (1 + exp(-score)))
        for number, score in enumerate(reading.kind_scores)
        if score > -3
    ]
    kinds = kind_bits_of(reading.fired & ~bits.laggards, bits)
    return Said(
        kinds,
        votes,
        sum(share for _, share in votes),
        reading.sender_tag[:SENDER_BYTES],
        bool(reading.traits & SHORT) and not kinds,
        bool(reading.fired & bits.routine),
        bool(reading.fired & bits.lack),
    )


def _traits_of(
    reading: Reading,
    said: Said,
    episode: Episode,
    like: float,
    *,
    likest: bool,
    rank: int,
    latest_mine: bool,
) -> list[tuple[int, float]]:
    minute = reading.minute
    gap = max(0, minute - episode.last_at)
    found = [
        (_BIAS, 1.0),
        (_LIKE, like),
        (_AGE, log(1 + gap / 60)),
        (_RANK, log(1 + rank)),
    ]
    add = found.append
    if gap <= 10:
        add((_MINUTES, 1.0))
    elif gap <= 60:
        add((_HOUR, 1.0))
    if like > 0:
        add((_LIKE_ANY, 1.0))
        if likest:
            add((_LIKE_BEST, 1.0))
    kinds = said.kinds
    mine = said.sender in episode.senders
    if shared := kinds & episode.kinds:
        add((_KINDS_SHARED, 1.0))
        add((_KINDS_OVERLAP, shared.bit_count() / (kinds | episode.kinds).bit_count()))
    else:
        add((_KINDS_FOREIGN if kinds else _NO_KINDS, 1.0))
        if kinds and mine:
            add((_FOREIGN_MINE, 1.0))
    own = sum(share for bit, share in said.votes if episode.kinds & bit)
    add((_VOTES_SHARED, own / max(1.0, said.voted)))
    add((_VOTES_FOREIGN, min(1.0, said.voted - own)))
    if mine:
        add((_MINE, 1.0))
        if said.sender == episode.senders[0]:
            add((_OPENER, 1.0))
    today = episode.day == reading.day
    add((_SAME_DAY if today else _EARLIER_DAY, 1.0))
    if rank == 0:
        add((_LATEST, 1.0))
    if latest_mine:
        add((_LATEST_MINE, 1.0))
    if said.bare:
        add((_BARE, 1.0))
        if rank == 0:
            add((_BARE_LATEST, 1.0))
        if latest_mine:
            add((_BARE_LATEST_MINE, 1.0))
        if mine:
            add((_BARE_MINE, 1.0))
        if today:
            add((_BARE_SAME_DAY, 1.0))
    if said.routine and not today:
        add((_ROUTINE_EARLIER, 1.0))
    if reading.answers and is_answered(reading, episode):
        add((_ANSWERS, 1.0))
    _add_deadline(found, reading, said, episode)
    if episode.presses:
        add((_PRESSED, 1.0))
        add((_PRESSES, log(1 + episode.presses)))
    if episode.emergency:
        add((_EMERGENCY, 1.0))
    if episode.orphan:
        add((_ORPHAN, 1.0))
    return found


def _add_deadline(
    found: list[tuple[int, float]], reading: Reading, said: Said, episode: Episode
) -> None:
    due = episode.deadline
    if due is None:
        found.append((_NO_DEADLINE, 1.0))
        return
    left = due - reading.minute
    if reading.due == due:
        found.append((_DEADLINE_SAME, 1.0))
    found.append((_DEADLINE_PAST if left < 0 else _DEADLINE_TO_COME, 1.0))
    if abs(left) < _DAY // 2:
        found.append((_DUE_TODAY, 1.0))
    if 0 <= left <= 60:
        found.append((_DUE_SOON, 1.0))
    elif -90 <= left < 0:
        found.append((_DUE_JUST_PAST, 1.0))
    if said.lack and -_DAY // 4 <= left <= 120:
        found.append((_LACK_DUE, 1.0))


def links_of(reading: Reading, moment: Moment, bits: RuleBits, weights: Sequence[float]) -> Links:
    """The episodes that a message may belong to, the likeliest first."""
    if not moment.alive:
        return ()
    said = said_of(reading, bits)
    order = sorted(moment.alive, key=freshest, reverse=True)
    latest_mine = next((e for e in order if said.sender in e.senders), None)
    likes = dict(zip(map(id, moment.alive), moment.likes, strict=True))
    best = max(moment.likes)
    links = []
    for rank, episode in enumerate(order):
        like = likes[id(episode)]
        if rank >= _FRESH and like < _LIKE_ENOUGH and episode is not latest_mine:
            continue
        found = _traits_of(
            reading, said, episode, like,
            likest=like == best, rank=rank, latest_mine=episode is latest_mine,
        )  # fmt: skip
        odds = 0.0
        for place, value in found:
            odds += weights[place] * value
        links.append(Link(episode, odds, like, found))
    links.sort(key=_odds, reverse=True)
    return tuple(links)


def _odds(link: Link) -> tuple[float, int, int]:
    return link.odds, *opening_order(link.episode)


def sum_of(traits: Traits, weights: Sequence[float]) -> float:
    """What the traits come to."""
    total = 0.0
    for place, value in traits:
        total += weights[place] * value
    return total
