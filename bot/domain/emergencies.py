"""Whether a burden serves an emergency at hand: by its words, and by what the group is busy with."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.episodes import Episode, GroupMemory
from bot.domain.links import SHORT, Link, Traits
from bot.domain.reading import Reading
from bot.domain.traits import RuleBits

_HOUR = 60
_MOST = 4.0  # log-odds; words say no more than this

EMERGENCY_TRAITS = (
    "bias", "vote", "rule", "of_one", "of_none", "hour", "four_hours", "day", "calm_hour",
    "short_hour",
)  # fmt: skip
_PLACES = {name: place for place, name in enumerate(EMERGENCY_TRAITS)}
# Untrained, the rule decides, and an episode hands on what it is.
_UNTRAINED = {"bias": -4.0, "rule": 8.0, "of_one": 8.0}


def emergency_traits(
    reading: Reading, memory: GroupMemory, link: Link | None, bits: RuleBits
) -> Traits:
    """What speaks for an emergency, by the places of EMERGENCY_TRAITS.

    `link` is to the episode that the burden presses for. A short order of an hour in which the
    group fights a flood belongs to it; one that comes just after ordinary work hardly does.
    """
    before = [one for one in memory.episodes if one.opened_at <= reading.minute]
    spared = _ago(reading, [one for one in before if one.emergency])
    calm = _ago(reading, [one for one in before if not one.emergency])
    within_hour = spared is not None and spared <= _HOUR
    told = {
        "bias": 1.0,
        "vote": max(-_MOST, min(_MOST, reading.emergency_score)),
        "rule": bool(reading.fired & bits.emergency),
        "of_one": link is not None and link.episode.emergency,
        "of_none": link is not None and not link.episode.emergency,
        "hour": within_hour,
        "four_hours": spared is not None and spared <= 4 * _HOUR,
        "day": spared is not None and spared <= 24 * _HOUR,
        "calm_hour": calm is not None and calm <= _HOUR,
        "short_hour": within_hour and bool(reading.traits & SHORT),
    }
    return [(_PLACES[name], float(value)) for name, value in told.items() if value]


def emergency_weights(learned: Mapping[str, float]) -> tuple[float, ...]:
    """The weights of EMERGENCY_TRAITS in their order."""
    known = learned or _UNTRAINED
    return tuple(known.get(name, 0.0) for name in EMERGENCY_TRAITS)


def _ago(reading: Reading, episodes: list[Episode]) -> int | None:
    """The minutes since the last word of these episodes."""
    latest = max((one.last_at for one in episodes), default=None)
    return None if latest is None else max(0, reading.minute - latest)
