"""Opening: what is remembered of a burden, of its own or as a press of one that is open."""

from __future__ import annotations

from bot.domain.episodes import SENDER_BYTES, Episode
from bot.domain.judgement import EPISODE_BYTES
from bot.domain.own_words import MOST_PIECES
from bot.domain.reading import Reading, Sketch
from bot.domain.sketches import MOST_SHINGLES
from bot.domain.vocabulary import Act

_DAY = 24 * 60


def pressed_by(reading: Reading, known: Episode, kinds: int) -> Episode:
    """The episode after a message that presses it, for these kinds."""
    own = reading.sketches[0]
    mark = own.mark if own.week == known.week else 0
    sender = reading.sender_tag[:SENDER_BYTES]
    return known.pressed(reading.minute, reading.day, sender, kinds, mark, reading.due)


def opened_by(
    reading: Reading, kinds: int, act: Act, *, emergency: bool, renewed: Episode | None = None
) -> Episode:
    """The episode that a burden opens.

    A bare demand that makes an earlier one anew (`renewed`) is about the same thing, and due as
    long after it: what presses it later speaks of that, and not of "as yesterday".
    """
    own = reading.sketches[0]
    shingles, matter, words, due = own.shingles, own.matter, own.words, reading.due
    if renewed is not None:
        shingles, matter = _about_both(own, renewed)
        words = _called_both(own, renewed)
        due = _due_again(renewed, reading.minute) if due is None else due
    return Episode(
        id=reading.tag[:EPISODE_BYTES],
        week=own.week,
        opened_at=reading.minute,
        last_at=reading.minute,
        day=reading.day,
        senders=(reading.sender_tag[:SENDER_BYTES],),
        kinds=kinds,
        shingles=shingles,
        matter=matter,
        marks=(own.mark,),
        deadline=due,
        orphan=act is Act.REMINDER,
        emergency=emergency,
        points=reading.points,
        words=words,
    )


def _about_both(own: Sketch, renewed: Episode) -> tuple[frozenset[int], frozenset[int]]:
    if own.week != renewed.week:
        return own.shingles, own.matter
    both = own.shingles | renewed.shingles
    if len(both) > 2 * MOST_SHINGLES:
        return renewed.shingles, renewed.matter
    return both, own.matter | renewed.matter


def _called_both(own: Sketch, renewed: Episode) -> frozenset[int]:
    if own.week != renewed.week:
        return own.words
    both = own.words | renewed.words
    return renewed.words if len(both) > 2 * MOST_PIECES else both


def _due_again(renewed: Episode, minute: int) -> int | None:
    """As many days after the earlier deadline as the demand is made later."""
    if renewed.deadline is None:
        return None
    return renewed.deadline + round((minute - renewed.opened_at) / _DAY) * _DAY
