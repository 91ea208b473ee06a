"""How far a message leans to a burden: the vote of the first look, and trees that stand on it."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log1p

from bot.domain.forest import Forest
from bot.domain.moments import Moment
from bot.domain.reading import Reading
from bot.domain.rules import Rulebook, rule_places
from bot.domain.traits import TRAIT_BIT, TRAITS
from bot.domain.vocabulary import KINDS
from bot.domain.voting import ACTS, ActScores

# What the trees ask for: the first look with the moment and by the words alone, the kinds, how many
# episodes are open and how like the likest is, who is called.
LEANING_MEASURES = (
    *(f"act.{act.value}" for act in ACTS),
    *(f"words.{act.value}" for act in ACTS),
    *(f"kind.{kind.value}" for kind in KINDS),
    "open", "like", "named", "for_all",
)  # fmt: skip
_MOST = 6.0


def leaning_measures(reading: Reading, moment: Moment, scores: ActScores) -> Sequence[float]:
    """What the trees weigh of a message, in the order of LEANING_MEASURES."""
    return (
        *scores,
        *reading.act_scores,
        *[max(-_MOST, min(_MOST, score)) for score in reading.kind_scores],
        len(moment.alive),
        max(moment.likes, default=0.0),
        reading.named,
        reading.for_all,
    )


def leaning_signs(reading: Reading, moment: Moment) -> int:
    """Traits and rules that are there, by the bits of `sign_bits`."""
    return reading.traits | moment.traits | reading.fired << len(TRAITS)


def sign_bits(rulebook: Rulebook) -> dict[str, int]:
    """The bit of each trait and of each rule, by the names that a model calls them by."""
    bits = {f"trait:{name}": bit for name, bit in TRAIT_BIT.items()}
    for rule, place in rule_places(rulebook.rules).items():
        bits[f"rule:{rule}"] = 1 << len(TRAITS) + place
    return bits


class Leaning:
    """The log-odds that a message is a burden and not nothing.

    The words' vote adds up what each of its features says; what two of them say together only
    trees know. Both are heard: the mean of the two errs less than either.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self.trees = Forest(rulebook.model.burden, LEANING_MEASURES, sign_bits(rulebook))

    def __call__(self, reading: Reading, moment: Moment, scores: ActScores) -> float:
        """How far it leans; `scores` are those of the first look."""
        none, demand, reminder, _ = scores
        likelier, other = max(demand, reminder), min(demand, reminder)
        voted = likelier - none + log1p(exp(other - likelier))
        if not self.trees:
            return voted
        measures = leaning_measures(reading, moment, scores)
        return (voted + self.trees.odds(measures, leaning_signs(reading, moment))) / 2
