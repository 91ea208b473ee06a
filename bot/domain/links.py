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
_AT = {name: place for place, name in enumerate(LINK_TRAITS)}
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
    at = _AT
    minute = reading.minute
    gap = max(0, minute - episode.last_at)
    found = [
        (at["bias"], 1.0),
        (at["like"], like),
        (at["age"], log(1 + gap / 60)),
        (at["rank"], log(1 + rank)),
    ]
    add = found.append
    if gap <= 10:
        add((at["minutes"], 1.0))
    elif gap <= 60:
        add((at["hour"], 1.0))
    if like > 0:
        add((at["like_any"], 1.0))
        if likest:
            add((at["like_best"], 1.0))
    kinds = said.kinds
    mine = said.sender in episode.senders
    if shared := kinds & episode.kinds:
        add((at["kinds_shared"], 1.0))
        add((at["kinds_overlap"], shared.bit_count() / (kinds | episode.kinds).bit_count()))
    else:
        add((at["kinds_foreign" if kinds else "no_kinds"], 1.0))
        if kinds and mine:
            add((at["foreign_mine"], 1.0))
    own = sum(share for bit, share in said.votes if episode.kinds & bit)
    add((at["votes_shared"], own / max(1.0, said.voted)))
    add((at["votes_foreign"], min(1.0, said.voted - own)))
    if mine:
        add((at["mine"], 1.0))
        if said.sender == episode.senders[0]:
            add((at["opener"], 1.0))
    today = episode.day == reading.day
    add((at["same_day" if today else "earlier_day"], 1.0))
    if rank == 0:
        add((at["latest"], 1.0))
    if latest_mine:
        add((at["latest_mine"], 1.0))
    if said.bare:
        add((at["bare"], 1.0))
        if rank == 0:
            add((at["bare_latest"], 1.0))
        if latest_mine:
            add((at["bare_latest_mine"], 1.0))
        if mine:
            add((at["bare_mine"], 1.0))
        if today:
            add((at["bare_same_day"], 1.0))
    if said.routine and not today:
        add((at["routine_earlier"], 1.0))
    if reading.answers and is_answered(reading, episode):
        add((at["answers"], 1.0))
    _add_deadline(found, reading, said, episode)
    if episode.presses:
        add((at["pressed"], 1.0))
        add((at["presses"], log(1 + episode.presses)))
    if episode.emergency:
        add((at["emergency"], 1.0))
    if episode.orphan:
        add((at["orphan"], 1.0))
    return found


def _add_deadline(
    found: list[tuple[int, float]], reading: Reading, said: Said, episode: Episode
) -> None:
    at = _AT
    due = episode.deadline
    if due is None:
        found.append((at["no_deadline"], 1.0))
        return
    left = due - reading.minute
    if reading.due == due:
        found.append((at["deadline_same"], 1.0))
    found.append((at["deadline_past" if left < 0 else "deadline_to_come"], 1.0))
    if abs(left) < _DAY // 2:
        found.append((at["due_today"], 1.0))
    if 0 <= left <= 60:
        found.append((at["due_soon"], 1.0))
    elif -90 <= left < 0:
        found.append((at["due_just_past"], 1.0))
    if said.lack and -_DAY // 4 <= left <= 120:
        found.append((at["lack_due"], 1.0))


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
