"""What says that a burden serves an emergency at hand: the rule, and the wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.ballot import Ballot
from bot.domain.emergencies import EMERGENCY_TRAITS
from bot.domain.explaining_kinds import MOST_WORDS, strongest_pieces
from bot.domain.hearing import Heard, Hearing
from bot.domain.traits import RuleBits
from bot.domain.voting import emergency_score


@dataclass(frozen=True, slots=True)
class EmergencyShare:
    """What a text that is counted apart rests on, as parts of all that was said for or against it.

    `rules` is what all rules say, `wording` the pieces and the form of the sentence. A part below
    zero speaks against an emergency; without their signs the two add up to 1. `words` weigh most; they
    are the asker's own and are never stored.
    """

    rules: float
    wording: float
    words: tuple[str, ...]


class EmergencyExplainer:
    """Takes apart what a text says of an emergency. It holds nothing of any text."""

    def __init__(
        self,
        hearing: Hearing,
        ballot: Ballot,
        literals: Sequence[str],
        bits: RuleBits,
        weights: Sequence[float],
    ) -> None:
        self._hearing = hearing
        self._ballot = ballot
        self._literals = literals
        self._bits = bits
        self._vote = weights[EMERGENCY_TRAITS.index("vote")]
        self._rule = weights[EMERGENCY_TRAITS.index("rule")]

    def __call__(self, heard: Heard, traits: int) -> EmergencyShare:
        """What it rests on."""
        nothing = self._said(set())
        rules = emergency_score(*self._ballot.of_words(heard.fired, 0, ()))
        voted = emergency_score(*self._hearing.vote_of(heard, traits))
        by_rule = self._vote * (rules - nothing)
        if heard.fired & self._bits.emergency:
            by_rule += self._rule
        by_wording = self._vote * (voted - rules)
        whole = abs(by_rule) + abs(by_wording) or 1.0
        parts = {
            self._literals[number]: self._said({number}) - nothing for number in heard.literals
        }
        return EmergencyShare(
            by_rule / whole, by_wording / whole, strongest_pieces(parts, MOST_WORDS)
        )

    def _said(self, literals: set[int]) -> float:
        return emergency_score(*self._ballot.of_words(0, 0, literals))
