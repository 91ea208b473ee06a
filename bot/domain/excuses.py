"""Named reasons why a message that looks like a demand is none."""

from __future__ import annotations

from bot.domain.reading import Reading
from bot.domain.traits import RuleBits
from bot.domain.voting import ActScores

# So far ahead that nothing of the moment could make it a burden.
_FAR_AHEAD = 7.0


def plain_excuse(fired: int, traits: int, acts: ActScores, bits: RuleBits) -> bool:
    """Whether the words alone excuse a message, whatever went before it."""
    return acts[0] - max(acts[1:]) > _FAR_AHEAD


def stated_excuses(reading: Reading, bits: RuleBits) -> tuple[str, ...]:
    """The excuses that were considered, by the ids of their rules."""
    return ()
