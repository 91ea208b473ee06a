"""Named reasons why a message that looks like a demand is none."""

from __future__ import annotations

from bot.domain.reading import Reading
from bot.domain.traits import RuleBits


def stated_excuses(reading: Reading, bits: RuleBits) -> tuple[str, ...]:
    """The excuses that were considered, by the ids of their rules."""
    return ()
