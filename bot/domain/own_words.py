"""Own words: what a group calls its routine by ("码", "三检"), as pieces too short for a sketch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import log
from typing import NamedTuple

from bot.domain.episodes import SENDER_BYTES, Episode, GroupMemory
from bot.domain.moments import is_of_this_hour, own_sketch
from bot.domain.pseudonyms import WeekKey
from bot.domain.reading import Part, Reading, Sketch
from bot.domain.sketches import COUNTING, TELLING, without_names
from bot.domain.traits import TRAIT_BIT, RuleBits

# The longest text that may be little more than such a word.
LONGEST = 14
MOST_PARTS = 4
MOST_PIECES = 32
# So much of a part's terms must be known for it to call an episode.
_ENOUGH = 0.5
_ALL = 0.99
_FEW = 3
_SIGN = re.compile(f"[{TELLING}a-z]")
# "三检", "点码", "日清": pairs that a sketch leaves out, since they count or tell the time.
_COUNTED = re.compile(f"(?=([{COUNTING}0-9][{TELLING}a-z]|[{TELLING}a-z][{COUNTING}]))")
_PAIR = re.compile(f"(?=([{TELLING}a-z]{{2}}))")
_QUOTED = re.compile(r"[“《【「]([^”》】」]{1,8})[”》】」]")
_PARTED = re.compile(r"[\s,，、。.!！?？:：;；~…]+")


def pieces_of(text: str) -> list[str]:
    """What a burden may be called by from now on: its signs and its counted pairs.

    Those in quotation marks first; of many the head and the tail, as of pairs.
    """
    text = without_names(text)
    quoted = [piece for part in _QUOTED.findall(text) for piece in _pieces(part)]
    chosen = list(dict.fromkeys(quoted + _pieces(text)))
    if len(chosen) <= MOST_PIECES:
        return chosen
    half = MOST_PIECES // 2
    return chosen[:half] + chosen[-half:]


def _pieces(text: str) -> list[str]:
    return _COUNTED.findall(text) + _SIGN.findall(text)


def parts_of(text: str, frame: frozenset[str]) -> list[tuple[list[str], list[str]]]:
    """The terms of each part of a text that may be an own word, and of a short part the signs.

    Nothing where the text is too long to be little more than one; what all notices say is left out.
    """
    if len(text) > LONGEST:
        return []
    found = []
    for part in _PARTED.split(without_names(text))[:MOST_PARTS]:
        own = part
        for pair in _PAIR.findall(part):
            if pair in frame:
                own = own.replace(pair, "  ")
        if signs := _SIGN.findall(own):
            terms = _COUNTED.findall(own) + _PAIR.findall(own)
            # Of a longer part the pairs tell enough.
            found.append((terms, signs if len(signs) <= _FEW else []))
    return found


def said_under(key: WeekKey, parts: Sequence[tuple[list[str], list[str]]]) -> tuple[Part, ...]:
    """The parts as they are kept: hashed."""
    return tuple(
        Part(frozenset(key.hashes(terms)), frozenset(key.hashes(signs))) for terms, signs in parts
    )


def all_of(parts: Sequence[Part]) -> frozenset[int]:
    """All that is in the parts: what a burden may be called by that has no other words."""
    return frozenset[int]().union(*[hashes for part in parts for hashes in part])


class Called(NamedTuple):
    """How far a part of a short text calls an episode by name: shares of its terms and signs.

    `beside` is how many other parts there are.
    """

    terms: float = 0.0
    signs: float = 0.0
    beside: int = 0

    @property
    def wholly(self) -> bool:
        """Whether the part says hardly anything else."""
        return self.terms >= _ALL or (self.signs >= _ALL and self.terms > 0)

    @property
    def by_one_sign(self) -> bool:
        """Whether it is nothing but signs that stand alone, as "码"."""
        return not self.terms and self.signs >= _ALL


UNCALLED = Called()


def called_in(sketch: Sketch | None, episode: Episode) -> Called:
    """How far a text calls an episode whose key it was hashed under: by the part that does most."""
    if sketch is None or not sketch.said or not episode.words:
        return UNCALLED
    beside = len(sketch.said) - 1
    return max([_called(part, episode, beside) for part in sketch.said])


def _called(part: Part, episode: Episode, beside: int) -> Called:
    known = [term in episode.words or term in episode.shingles for term in part.terms]
    terms = sum(known) / len(known) if known else 0.0
    signs = len(part.signs & episode.words) / len(part.signs) if part.signs else terms
    return Called(terms, signs, beside)


def calling(reading: Reading, memory: GroupMemory) -> tuple[Episode, Called] | None:
    """The episode of its own sender that a short text calls most, of those that are remembered."""
    sender = reading.sender_tag[:SENDER_BYTES]
    if sender not in memory.senders or not any(sketch.said for sketch in reading.sketches):
        return None
    found = [
        (episode, called)
        for episode in memory.episodes
        if sender in episode.senders
        for called in [called_in(own_sketch(reading, episode), episode)]
        if called.terms >= _ENOUGH or called.by_one_sign
    ]
    return max(found, key=_most_called, default=None)


def _most_called(found: tuple[Episode, Called]) -> tuple[float, int, int, int]:
    episode, called = found
    return called.terms + called.signs, episode.last_at, episode.opened_at, episode.rank


_TRAITS_OF_TEXT = (
    "length.4", "length.8", "question_mark", "exclamation", "trailing_dots", "answers",
    "mentions_one", "name_list", "form.link",
)  # fmt: skip
_CUES = (
    "question", "reply", "complaint", "mine", "report", "information", "one_person", "lack",
    "urge", "remind", "routine", "cancel", "everybody", "deadline", "please", "must", "any_kind",
)  # fmt: skip
CALL_TRAITS = (
    "bias", "lead", "lead_far", "terms", "terms_all", "signs", "signs_all", "no_terms",
    "closed", "earlier", "today", "opener", "minutes", "hour", "age", "same_hour", "pressed",
    "all_earlier", "all_today", "all_same_hour", "all_alone", "beside", "one_earlier", "one_today", "faint",
    *_TRAITS_OF_TEXT, *_CUES,
)  # fmt: skip
_C = {name: place for place, name in enumerate(CALL_TRAITS)}


def call_traits(
    reading: Reading, lead: float, episode: Episode, called: Called, bits: RuleBits
) -> Sequence[tuple[int, float]]:
    """What tells a call for the routine from talk of it; `lead` is the first look's, none ahead."""
    gap = max(0, reading.minute - episode.last_at)
    earlier = episode.day < reading.day
    same_hour = is_of_this_hour(reading.minute, reading.day, episode)
    one, wholly = called.by_one_sign, called.wholly
    told: dict[str, float] = {
        "bias": 1.0, "lead": max(-5.0, min(5.0, lead)), "lead_far": max(0.0, lead - 2.0),
        "terms": called.terms, "terms_all": called.terms >= _ALL, "signs": called.signs,
        "signs_all": called.signs >= _ALL, "no_terms": not called.terms,
        "closed": episode.closed, "earlier": earlier, "today": not earlier,
        "opener": reading.sender_tag[:SENDER_BYTES] == episode.senders[0],
        "minutes": gap <= 10, "hour": gap <= 90, "age": log(1 + gap / 60),
        "same_hour": same_hour, "pressed": bool(episode.presses),
        "all_earlier": wholly and earlier, "all_today": wholly and not earlier,
        "all_same_hour": wholly and same_hour,
        "all_alone": wholly and not called.beside, "beside": called.beside,
        "one_earlier": one and earlier, "one_today": one and not earlier,
        "faint": reading.faint,
    }  # fmt: skip
    told |= {name: bool(reading.traits & TRAIT_BIT[name]) for name in _TRAITS_OF_TEXT}
    told |= {name: bool(reading.fired & getattr(bits, name)) for name in _CUES}
    return [(_C[name], float(value)) for name, value in told.items() if value]


def call_weights(learned: Mapping[str, float]) -> tuple[float, ...]:
    """The weights of CALL_TRAITS in their order; none where no such word is heard."""
    return tuple(learned.get(name, 0.0) for name in CALL_TRAITS) if learned else ()
