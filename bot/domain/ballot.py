"""The weights of the vote, ready to be looked up, and the sums that they make."""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.perceptron import Perceptron
from bot.domain.rules import Rule, Rulebook
from bot.domain.skip_bigrams import skip_bigrams
from bot.domain.traits import TRAITS
from bot.domain.vocabulary import KINDS
from bot.domain.voting import ACTS, NOTHING, OUTPUTS, SCALE, ActScores, act_scores, packed, sum_at

_UNTRAINED = 8.0
_NO_WEIGHTS = (0,) * OUTPUTS


class Ballot:
    """The model's weights, made ready for a rulebook.

    Sums are packed, and come with the number of features in them (see `voting`).
    """

    def __init__(self, rulebook: Rulebook) -> None:
        model = rulebook.model
        weights = dict(zip(model.literals, model.literal_weights, strict=True))
        self._literals = [weights.get(text, NOTHING) for text in rulebook.matcher.literals]
        self._rules = [
            packed(model.weights.get(f"rule:{rule.id}") or _own_weights(rule))
            for rule in rulebook.rules
        ]
        self._traits = [packed(model.weights.get(f"trait:{name}", _NO_WEIGHTS)) for name in TRAITS]
        self._skips = model.skips
        self._bias = packed(model.bias)
        self._together = Perceptron(
            model.network, rulebook.matcher.literals, [rule.id for rule in rulebook.rules], TRAITS
        )

    def of_words(self, fired: int, traits: int, literals: Collection[int]) -> tuple[int, int]:
        """The sum of what rules, traits and pieces say, and how many features they are."""
        total = self._bias + sum(map(self._literals.__getitem__, literals))
        total += sum_at(self._rules, fired) + sum_at(self._traits, traits)
        return total, 1 + len(literals) + fired.bit_count() + traits.bit_count()

    def of_skips(self, text: str) -> tuple[int, int]:
        """The sum of the skip-bigrams of a text, and how many of them are known."""
        known = list(filter(None, map(self._skips.get, skip_bigrams(text))))
        return sum(known), len(known)

    def of_kinds(self, fired: int, traits: int, literals: Collection[int]) -> tuple[int, int]:
        """What rules, traits and pieces say of the kinds together, and how many features that is."""
        if not self._together:
            return 0, 0
        return self._together.of_words(fired, traits, literals), 1

    def of_traits(self, traits: int) -> tuple[int, int]:
        """The sum of some traits, and how many they are."""
        return sum_at(self._traits, traits), traits.bit_count()

    def of_rule(self, place: int) -> ActScores:
        """The shares of one rule in the acts."""
        return act_scores(self._rules[place], 1)


def _own_weights(rule: Rule) -> list[int]:
    # A rule that an office added since the model was trained decides its kind by itself.
    weights = [0] * OUTPUTS
    weights[1] = round(SCALE * rule.weight)
    weights[2] = round(SCALE * rule.weight / 2)
    if rule.kind:
        weights[len(ACTS) + KINDS.index(rule.kind)] = round(SCALE * _UNTRAINED * rule.weight)
    return weights
