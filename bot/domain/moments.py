"""The moment a message came in: how it stands to the episodes that its group still carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from bot.domain.episodes import SENDER_BYTES, Episode, GroupMemory, opening_order
from bot.domain.reading import Reading, Sketch
from bot.domain.sketches import likeness
from bot.domain.traits import BESIDE, TRAIT_BIT, RuleBits
from bot.domain.vocabulary import KINDS

_B = TRAIT_BIT
_BESIDE = tuple(tuple(_B[f"{manner}.{kind.value}"] for kind in KINDS) for manner in BESIDE)
_HOUR = 60
_DAY = 24 * 60

LINK_TRAITS = (
    "like", "like_any", "kinds_shared", "kinds_overlap", "kinds_foreign", "no_kinds", "mine",
    "opener", "latest", "latest_mine", "age", "same_day", "earlier_day", "answers", "deadline_same",
    "deadline_past", "deadline_to_come", "due_today", "pressed", "emergency", "orphan", "bias",
)  # fmt: skip
# Shares of each trait in the log-odds that a message belongs to an episode; the model's own
# numbers, where there is a model, take their place (config/model/train.py).
LINK_WEIGHTS: Mapping[str, float] = {
    "like": 5.0, "like_any": 0.6, "kinds_shared": 0.8, "kinds_overlap": 1.6, "kinds_foreign": -0.8,
    "mine": 0.9, "opener": 0.6, "latest": 0.7, "latest_mine": 0.7, "age": -0.35, "same_day": 0.3,
    "earlier_day": -0.2, "answers": 5.0, "deadline_same": 2.0, "deadline_past": -0.4, "bias": -1.6,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """An episode that a message may belong to, with the log-odds that it does."""

    episode: Episode
    odds: float
    like: float
    traits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """Traits of the moment, as bits; candidate episodes, the likeliest first."""

    traits: int
    links: tuple[Link, ...] = ()


def own_sketch(reading: Reading, episode: Episode) -> Sketch | None:
    """The reading's sketch under the key that the episode was sketched with, if it lives."""
    for sketch in reading.sketches:
        if sketch.week == episode.week:
            return sketch
    return None


def kind_bits_of(fired: int, bits: RuleBits) -> int:
    """The kinds whose rules fired, as bits by their place in KINDS."""
    kinds = 0
    for number, own in enumerate(bits.by_kind):
        if fired & own:
            kinds |= 1 << number
    return kinds


def link_traits(
    reading: Reading, episode: Episode, kinds: int, like: float, *, latest: bool, latest_mine: bool
) -> dict[str, float]:
    """How a message and an episode stand to each other, by the names of LINK_TRAITS."""
    sender = reading.sender_tag[:SENDER_BYTES]
    sketch = own_sketch(reading, episode)
    shared = (kinds & episode.kinds).bit_count()
    either = (kinds | episode.kinds).bit_count()
    found = {
        "bias": 1.0,
        "like": like,
        "age": log(1 + max(0, reading.minute - episode.last_at) / 60),
    }
    if like > 0:
        found["like_any"] = 1.0
    if shared:
        found["kinds_shared"] = 1.0
        found["kinds_overlap"] = shared / either
    elif kinds:
        found["kinds_foreign"] = 1.0
    else:
        found["no_kinds"] = 1.0
    if sender in episode.senders:
        found["mine"] = 1.0
        if sender == episode.senders[0]:
            found["opener"] = 1.0
    if latest:
        found["latest"] = 1.0
    if latest_mine:
        found["latest_mine"] = 1.0
    found["same_day" if episode.day == reading.day else "earlier_day"] = 1.0
    if sketch is not None and sketch.answers and sketch.answers in episode.marks:
        found["answers"] = 1.0
    if episode.deadline is not None:
        if reading.deadline is not None and minute_of(reading) == episode.deadline:
            found["deadline_same"] = 1.0
        found["deadline_past" if episode.deadline < reading.minute else "deadline_to_come"] = 1.0
        if abs(episode.deadline - reading.minute) < _DAY // 2:
            found["due_today"] = 1.0
    if episode.presses:
        found["pressed"] = 1.0
    if episode.emergency:
        found["emergency"] = 1.0
    if episode.orphan:
        found["orphan"] = 1.0
    return found


def minute_of(reading: Reading) -> int | None:
    """The deadline that the text fixes, in minutes since the epoch."""
    return None if reading.deadline is None else int(reading.deadline.timestamp()) // 60


def moment_of(
    reading: Reading, memory: GroupMemory, bits: RuleBits, weights: Mapping[str, float]
) -> Moment:
    """Compare a reading with everything that is remembered."""
    kinds = kind_bits_of(reading.fired & ~bits.laggards, bits)
    sender = reading.sender_tag[:SENDER_BYTES]
    alive = [episode for episode in memory.episodes if not episode.closed]
    latest = max(alive, key=_last, default=None)
    mine = [episode for episode in alive if sender in episode.senders]
    latest_mine = max(mine, key=_last, default=None)
    links = []
    for episode in alive:
        sketch = own_sketch(reading, episode)
        like = likeness(sketch.shingles, episode.shingles) if sketch else 0.0
        found = link_traits(
            reading, episode, kinds, like,
            latest=episode is latest, latest_mine=episode is latest_mine,
        )  # fmt: skip
        odds = sum(weights.get(name, 0.0) * value for name, value in found.items())
        links.append(Link(episode, odds, like, found))
    links.sort(key=_odds, reverse=True)
    traits = _memory_traits(reading, memory, alive, mine, latest)
    traits |= _likeness_traits(reading, links, kinds, sender)
    return Moment(traits | _manner_traits(reading, links, mine, bits), tuple(links))


def _last(episode: Episode) -> tuple[int, int, int]:
    return episode.last_at, *opening_order(episode)


def _odds(link: Link) -> tuple[float, int, int]:
    return link.odds, *opening_order(link.episode)


def _memory_traits(
    reading: Reading,
    memory: GroupMemory,
    alive: Sequence[Episode],
    mine: Sequence[Episode],
    latest: Episode | None,
) -> int:
    if not memory.episodes:
        return _B["memory.empty"] | _B["sender.unknown"]
    traits = 0
    sender = reading.sender_tag[:SENDER_BYTES]
    if alive:
        traits |= _B["memory.open_one" if len(alive) == 1 else "memory.open_many"]
    if any(sender in episode.senders for episode in memory.episodes):
        traits |= _B["sender.burdened"]
    else:
        traits |= _B["sender.unknown"]
    if any(episode.day == reading.day for episode in mine):
        traits |= _B["sender.opened_today"]
    if latest is not None:
        if sender in latest.senders:
            traits |= _B["sender.opened_last"]
        gap = reading.minute - latest.last_at
        traits |= _B[
            "last.minutes" if gap <= 10 else "last.hour" if gap <= 90
            else "last.day" if gap <= _DAY else "last.older"
        ]  # fmt: skip
    return traits


def _likeness_traits(reading: Reading, links: Sequence[Link], kinds: int, sender: bytes) -> int:
    traits = 0
    best = max((link.like for link in links), default=0.0)
    if best >= 0.12:
        traits |= _B["like.weak" if best < 0.3 else "like.fair" if best < 0.6 else "like.strong"]
    due = minute_of(reading)
    fresh = bool(kinds)
    for link in links:
        episode = link.episode
        mine = sender in episode.senders
        today = episode.day == reading.day
        if link.like >= 0.25:
            traits |= _B["like.today" if today else "like.earlier"]
            if mine:
                traits |= _B["like.mine"] | _B["like.mine_today" if today else "like.mine_earlier"]
        if kinds & episode.kinds:
            traits |= _B["kind.open_today" if today else "kind.open_earlier"]
            if mine and today:
                traits |= _B["kind.mine_today"]
            fresh = False
        if due is not None and due == episode.deadline:
            traits |= _B["deadline.same"]
        sketch = own_sketch(reading, episode)
        if sketch is not None and sketch.answers and sketch.answers in episode.marks:
            traits |= _B["answers.burden"]
    if fresh:
        traits |= _B["kind.new"]
    if due is not None:
        traits |= _B["deadline.own"]
        if not traits & _B["deadline.same"] and traits & _B["sender.opened_last"]:
            traits |= _B["deadline.new_mine"]
    return traits


def _manner_traits(
    reading: Reading, links: Sequence[Link], mine: Sequence[Episode], bits: RuleBits
) -> int:
    traits = 0
    fired = reading.fired
    short = bool(
        reading.traits & (_B["length.4"] | _B["length.8"] | _B["length.14"] | _B["length.22"])
    )
    open_ = bool(links)
    today = any(episode.day == reading.day for episode in mine)
    asking = fired & (bits.asking | bits.any_kind)
    if short:
        traits |= _B["short.mine" if mine else "short.others"]
        if mine:
            traits |= _B["bare.mine_today" if today else "bare.mine_earlier"]
    if fired & bits.routine:
        if any(episode.day < reading.day for episode in mine):
            traits |= _B["routine.earlier"]
        elif today:
            traits |= _B["routine.today"]
    if fired & bits.lack:
        traits |= _B["lack.open" if open_ else "lack.none"]
    if reading.traits & _B["name_list"] and mine:
        traits |= _B["names.open"]
    if asking:
        traits |= _B["asks.mine_open" if mine else "asks.unknown"]
    else:
        traits |= _B["plain.mine" if mine else "plain.unknown"]
    if fired & bits.cancel and open_:
        traits |= _B["cancel.mine" if mine else "cancel.open"]
        if any(link.like >= 0.2 for link in links):
            traits |= _B["like.cancel"]
    if mine and fired & bits.question:
        traits |= _B["question.mine"]
    if mine and fired & bits.reply:
        traits |= _B["reply.mine"]
    if reading.traits & _B["form.link"] and today:
        traits |= _B["card.after_notice"]
    kinds_of_mine = 0
    for episode in mine:
        if episode.day < reading.day:
            kinds_of_mine |= episode.kinds
    if kind_bits_of(fired & ~bits.laggards, bits) & kinds_of_mine and not today:
        traits |= _B["fresh_day.kind"]
    return traits


def beside_traits(own: int, kinds: int, *, routine: bool) -> int:
    """How each kind stands to the episode a message belongs to, or to the routine it takes up.

    `own` are the kinds that the message names, `kinds` those of the episode.
    """
    bare, named, others, foreign = _BESIDE[4:] if routine else _BESIDE[:4]
    traits = _B["renewed" if routine else "pressed"]
    for number in range(len(KINDS)):
        bit = 1 << number
        if kinds & bit:
            table = bare if not own else named if own & bit else others if own & kinds else bare
            traits |= table[number]
        elif own & bit:
            traits |= foreign[number]
    return traits
