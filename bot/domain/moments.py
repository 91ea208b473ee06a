"""The moment a message came in: how it stands to the episodes that its group still carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from bot.domain.episodes import SENDER_BYTES, Episode, GroupMemory, freshest, opening_order
from bot.domain.reading import Reading, Sketch
from bot.domain.sketches import likeness
from bot.domain.traits import BESIDE, TRAIT_BIT, RuleBits
from bot.domain.vocabulary import KINDS

_B = TRAIT_BIT
_BESIDE = tuple(tuple(_B[f"{manner}.{kind.value}"] for kind in KINDS) for manner in BESIDE)
_DAY = 24 * 60
_SHORT = _B["length.4"] | _B["length.8"] | _B["length.14"] | _B["length.22"]

LINK_TRAITS = (
    "bias", "like", "like_any", "kinds_shared", "kinds_overlap", "kinds_foreign", "no_kinds", "mine",
    "opener", "latest", "latest_mine", "age", "same_day", "earlier_day", "answers", "deadline_same",
    "deadline_past", "deadline_to_come", "due_today", "pressed", "emergency", "orphan",
)  # fmt: skip
(
    _BIAS, _LIKE, _LIKE_ANY, _KINDS_SHARED, _KINDS_OVERLAP, _KINDS_FOREIGN, _NO_KINDS, _MINE,
    _OPENER, _LATEST, _LATEST_MINE, _AGE, _SAME_DAY, _EARLIER_DAY, _ANSWERS, _DEADLINE_SAME,
    _DEADLINE_PAST, _DEADLINE_TO_COME, _DUE_TODAY, _PRESSED, _EMERGENCY, _ORPHAN,
) = range(len(LINK_TRAITS))  # fmt: skip
# Shares of each trait in the log-odds that a message belongs to an episode; the model's own
# numbers, where there is a model, take their place (config/model/train.py).
_UNTRAINED: Mapping[str, float] = {
    "like": 5.0, "like_any": 0.6, "kinds_shared": 0.8, "kinds_overlap": 1.6, "kinds_foreign": -0.8,
    "mine": 0.9, "opener": 0.6, "latest": 0.7, "latest_mine": 0.7, "age": -0.35, "same_day": 0.3,
    "earlier_day": -0.2, "answers": 5.0, "deadline_same": 2.0, "deadline_past": -0.4, "bias": -1.6,
}  # fmt: skip


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
    traits: Sequence[tuple[int, float]] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """Traits of the moment, as bits; the open episodes, and how like each the message is."""

    traits: int
    alive: tuple[Episode, ...] = ()
    likes: tuple[float, ...] = ()


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
) -> list[tuple[int, float]]:
    """How a message and an episode stand to each other, by their places in LINK_TRAITS."""
    minute = reading.minute
    found = [(_BIAS, 1.0), (_LIKE, like), (_AGE, log(1 + max(0, minute - episode.last_at) / 60))]
    if like > 0:
        found.append((_LIKE_ANY, 1.0))
    if shared := kinds & episode.kinds:
        found.append((_KINDS_SHARED, 1.0))
        share = shared.bit_count() / (kinds | episode.kinds).bit_count()
        found.append((_KINDS_OVERLAP, share))
    else:
        found.append((_KINDS_FOREIGN if kinds else _NO_KINDS, 1.0))
    sender = reading.sender_tag[:SENDER_BYTES]
    if sender in episode.senders:
        found.append((_MINE, 1.0))
        if sender == episode.senders[0]:
            found.append((_OPENER, 1.0))
    if latest:
        found.append((_LATEST, 1.0))
    if latest_mine:
        found.append((_LATEST_MINE, 1.0))
    found.append((_SAME_DAY if episode.day == reading.day else _EARLIER_DAY, 1.0))
    if reading.answers and is_answered(reading, episode):
        found.append((_ANSWERS, 1.0))
    if (due := episode.deadline) is not None:
        if reading.due == due:
            found.append((_DEADLINE_SAME, 1.0))
        found.append((_DEADLINE_PAST if due < minute else _DEADLINE_TO_COME, 1.0))
        if abs(due - minute) < _DAY // 2:
            found.append((_DUE_TODAY, 1.0))
    if episode.presses:
        found.append((_PRESSED, 1.0))
    if episode.emergency:
        found.append((_EMERGENCY, 1.0))
    if episode.orphan:
        found.append((_ORPHAN, 1.0))
    return found


def is_answered(reading: Reading, episode: Episode) -> bool:
    """Whether the message answers one of the episode's own."""
    sketch = own_sketch(reading, episode)
    return sketch is not None and sketch.answers != 0 and sketch.answers in episode.marks


def moment_of(reading: Reading, memory: GroupMemory, bits: RuleBits) -> Moment:
    """Compare a reading with everything that is remembered."""
    if not memory.episodes:
        traits = _B["memory.empty"] | _B["sender.unknown"]
        return Moment(traits | _manner_traits(reading, (), (), False, bits))
    kinds = kind_bits_of(reading.fired & ~bits.laggards, bits)
    sender = reading.sender_tag[:SENDER_BYTES]
    alive = memory.alive
    mine: Sequence[Episode] = ()
    if sender in memory.senders:
        mine = [episode for episode in alive if sender in episode.senders]
    likes = _likes(reading, alive)
    traits = _memory_traits(reading, memory, mine)
    traits |= _likeness_traits(reading, alive, likes, kinds, sender)
    alike = max(likes, default=0.0) >= 0.2
    traits |= _manner_traits(reading, alive, mine, alike, bits)
    return Moment(traits, alive, likes)


def links_of(
    reading: Reading, moment: Moment, bits: RuleBits, weights: Sequence[float]
) -> tuple[Link, ...]:
    """The episodes that a message may belong to, the likeliest first."""
    kinds = kind_bits_of(reading.fired & ~bits.laggards, bits)
    sender = reading.sender_tag[:SENDER_BYTES]
    latest = max(moment.alive, key=freshest, default=None)
    mine = [episode for episode in moment.alive if sender in episode.senders]
    latest_mine = max(mine, key=freshest, default=None)
    links = []
    for episode, like in zip(moment.alive, moment.likes, strict=True):
        found = link_traits(
            reading, episode, kinds, like,
            latest=episode is latest, latest_mine=episode is latest_mine,
        )  # fmt: skip
        odds = 0.0
        for place, value in found:
            odds += weights[place] * value
        links.append(Link(episode, odds, like, found))
    links.sort(key=_odds, reverse=True)
    return tuple(links)


def _likes(reading: Reading, alive: Sequence[Episode]) -> tuple[float, ...]:
    known = {sketch.week: sketch.shingles for sketch in reading.sketches if sketch.shingles}
    if not known:
        return (0.0,) * len(alive)
    return tuple(
        [
            likeness(own, episode.shingles) if (own := known.get(episode.week)) else 0.0
            for episode in alive
        ]
    )


def _odds(link: Link) -> tuple[float, int, int]:
    return link.odds, *opening_order(link.episode)


def _memory_traits(reading: Reading, memory: GroupMemory, mine: Sequence[Episode]) -> int:
    traits = 0
    sender = reading.sender_tag[:SENDER_BYTES]
    if memory.alive:
        traits |= _B["memory.open_one" if len(memory.alive) == 1 else "memory.open_many"]
    traits |= _B["sender.burdened" if sender in memory.senders else "sender.unknown"]
    today = reading.day
    for episode in mine:
        if episode.day == today:
            traits |= _B["sender.opened_today"]
            break
    if (latest := memory.latest) is not None:
        if sender in latest.senders:
            traits |= _B["sender.opened_last"]
        gap = reading.minute - latest.last_at
        traits |= _B[
            "last.minutes" if gap <= 10 else "last.hour" if gap <= 90
            else "last.day" if gap <= _DAY else "last.older"
        ]  # fmt: skip
    return traits


def _likeness_traits(
    reading: Reading,
    alive: Sequence[Episode],
    likes: Sequence[float],
    kinds: int,
    sender: bytes,
) -> int:
    traits = 0
    best = max(likes, default=0.0)
    if best >= 0.12:
        traits |= _B["like.weak" if best < 0.3 else "like.fair" if best < 0.6 else "like.strong"]
    due = reading.due
    if not kinds and due is None and best < 0.12 and not reading.answers:
        return 0
    fresh = bool(kinds)
    for episode, like in zip(alive, likes, strict=True):
        mine = sender in episode.senders
        today = episode.day == reading.day
        if like >= 0.25:
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
        if reading.answers and is_answered(reading, episode):
            traits |= _B["answers.burden"]
    if fresh:
        traits |= _B["kind.new"]
    if due is not None:
        traits |= _B["deadline.own"]
        if not traits & _B["deadline.same"] and traits & _B["sender.opened_last"]:
            traits |= _B["deadline.new_mine"]
    return traits


def _manner_traits(
    reading: Reading,
    alive: Sequence[Episode],
    mine: Sequence[Episode],
    alike: bool,
    bits: RuleBits,
) -> int:
    traits = 0
    fired = reading.fired
    short = bool(reading.traits & _SHORT)
    open_ = bool(alive)
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
        if alike:
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
