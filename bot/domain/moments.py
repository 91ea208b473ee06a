"""The moment a message came in: how it stands to the episodes that its group still carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.domain.episodes import SENDER_BYTES, Episode, GroupMemory
from bot.domain.reading import Reading, Sketch
from bot.domain.sketches import likeness
from bot.domain.traits import TRAIT_BIT, RuleBits

_B = TRAIT_BIT
_DAY = 24 * 60
# What comes every day comes at about the same time of day.
_SAME_HOUR = 40
# How long before and after a deadline its demand is pressed most.
_SOON, _LATE = 75, 120
# How long after its last word an emergency still speaks in short orders, in minutes.
_EMERGENCY_WITHIN = 3 * 60
_SHORT = _B["length.4"] | _B["length.8"] | _B["length.14"] | _B["length.22"]


class Moment(NamedTuple):
    """Traits of the moment, as bits; the open episodes, and how like each the message is."""

    traits: int
    alive: tuple[Episode, ...] = ()
    likes: tuple[float, ...] = ()


def own_sketch(reading: Reading, episode: Episode) -> Sketch | None:
    """The reading's sketch under the key that the episode was sketched with, if it lives."""
    for sketch in reading.sketches:
        if sketch.week is episode.week or sketch.week == episode.week:
            return sketch
    return None


def is_of_this_hour(minute: int, day: int, episode: Episode) -> bool:
    """Whether the episode was opened on an earlier day at about this time of day."""
    if episode.day >= day:
        return False
    apart = (minute - episode.opened_at) % _DAY
    return apart <= _SAME_HOUR or apart >= _DAY - _SAME_HOUR


def is_nearly_due(minute: int, episode: Episode) -> bool:
    """Whether the deadline of the episode is about to pass, or has just passed."""
    return episode.deadline is not None and -_LATE <= episode.deadline - minute <= _SOON


def rare_shared(reading: Reading, episode: Episode) -> int:
    """How many pairs of characters that few notices have a message shares with an episode."""
    sketch = own_sketch(reading, episode)
    return 0 if sketch is None else len(sketch.rare & episode.shingles)


class Matter(NamedTuple):
    """How the matter that a message names stands to an episode's: pairs of characters, counted."""

    shared: int
    own: int
    theirs: int

    @property
    def is_same(self) -> bool:
        """Whether a good part of the smaller one is shared."""
        return 3 * self.shared >= min(self.own, self.theirs) > 0

    @property
    def is_other(self) -> bool:
        """Whether both name one, and hardly anything of it is shared."""
        return min(self.own, self.theirs) > 4 * self.shared


UNTOLD = Matter(0, 0, 0)


def matter_between(sketch: Sketch | None, episode: Episode, like: float) -> Matter:
    """How what the message is about stands to what the episode is about; `like` is their likeness.

    `sketch` is the message's `own_sketch`.
    """
    if sketch is None or not (own := sketch.matter):
        return UNTOLD
    return Matter(len(own & episode.shingles) if like else 0, len(own), len(episode.matter))


def frame_shared(reading: Reading, episode: Episode) -> float:
    """How much of a message's frame, its words without the matter, is the episode's too: 0 to 1."""
    sketch = own_sketch(reading, episode)
    if sketch is None:
        return 0.0
    frame = sketch.shingles - sketch.matter
    return len(frame & episode.shingles) / (len(frame) + 1)


def is_answered(reading: Reading, episode: Episode) -> bool:
    """Whether the message answers one of the episode's own."""
    sketch = own_sketch(reading, episode)
    return sketch is not None and sketch.answers != 0 and sketch.answers in episode.marks


def moment_of(reading: Reading, memory: GroupMemory, bits: RuleBits) -> Moment:
    """Compare a reading with everything that is remembered."""
    if not memory.episodes:
        traits = _B["memory.empty"] | _B["sender.unknown"]
        return Moment(traits | _manner_traits(reading, (), (), False, bits))
    sender = reading.sender_tag[:SENDER_BYTES]
    alive = memory.alive
    mine: Sequence[Episode] = ()
    if sender in memory.senders:
        mine = [episode for episode in alive if sender in episode.senders]
    likes = _likes(reading, memory)
    traits = _memory_traits(reading, memory, mine)
    traits |= _likeness_traits(reading, alive, likes, sender)
    alike = max(likes, default=0.0) >= 0.2
    traits |= _manner_traits(reading, alive, mine, alike, bits)
    return Moment(traits, alive, likes)


def _likes(reading: Reading, memory: GroupMemory) -> tuple[float, ...]:
    likes = [0.0] * len(memory.alive)
    for sketch in reading.sketches:
        # Most share nothing with anything, and few with more than one or two.
        shared = sketch.shingles & memory.shingles
        if not shared:
            continue
        for place, episode in enumerate(memory.alive):
            if not shared.isdisjoint(episode.shingles) and sketch.week == episode.week:
                likes[place] = likeness(sketch.shingles, episode.shingles)
    return tuple(likes)


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
    minute = reading.minute
    for episode in memory.alive:
        if (
            episode.emergency
            and episode.opened_at <= minute <= episode.last_at + _EMERGENCY_WITHIN
        ):
            traits |= _B["emergency.now"]
            if sender in episode.senders:
                traits |= _B["emergency.mine"]
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
    sender: bytes,
) -> int:
    traits = 0
    best = max(likes, default=0.0)
    if best >= 0.12:
        traits |= _B["like.weak" if best < 0.3 else "like.fair" if best < 0.6 else "like.strong"]
    due, kinds = reading.due, reading.kinds
    if not kinds and due is None and best < 0.12 and not reading.answers:
        return 0
    fresh = bool(kinds)
    answers, day = reading.answers, reading.day
    for episode, like in zip(alive, likes, strict=True):
        today = episode.day == day
        if like >= 0.25:
            traits |= _B["like.today" if today else "like.earlier"]
            if sender in episode.senders:
                traits |= _B["like.mine"] | _B["like.mine_today" if today else "like.mine_earlier"]
        if kinds & episode.kinds:
            traits |= _B["kind.open_today" if today else "kind.open_earlier"]
            if today and sender in episode.senders:
                traits |= _B["kind.mine_today"]
            fresh = False
        if due is not None and due == episode.deadline:
            traits |= _B["deadline.same"]
        if answers and is_answered(reading, episode):
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
    today = earlier = this_hour = nearly_due = False
    kinds_of_mine = 0
    for episode in mine:
        if episode.day == reading.day:
            today = True
        elif episode.day < reading.day:
            earlier = True
            kinds_of_mine |= episode.kinds
        this_hour = this_hour or is_of_this_hour(reading.minute, reading.day, episode)
        nearly_due = nearly_due or is_nearly_due(reading.minute, episode)
    if this_hour:
        traits |= _B["hour.mine"]
        if short:
            traits |= _B["hour.mine_short"]
    if nearly_due:
        traits |= _B["due.mine"]
        if short:
            traits |= _B["due.mine_short"]
    asking = fired & (bits.asking | bits.any_kind)
    if short:
        traits |= _B["short.mine" if mine else "short.others"]
        if mine:
            traits |= _B["bare.mine_today" if today else "bare.mine_earlier"]
    if fired & bits.routine:
        if earlier:
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
    if reading.kinds & kinds_of_mine and not today:
        traits |= _B["fresh_day.kind"]
    return traits
