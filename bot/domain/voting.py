"""A small model that votes on act, kinds and emergency, as its file holds it, and the sums it makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp

from bot.domain.vocabulary import KINDS, Act

ACTS = (Act.NONE, Act.DEMAND, Act.REMINDER, Act.CANCEL)
ActScores = tuple[float, float, float, float]
NO_SCORES: ActScores = (0.0, 0.0, 0.0, 0.0)


SCALE = 1000
OUTPUTS = len(ACTS) + len(KINDS) + 1
"""The acts, the kinds, and whether it serves an emergency, in this order."""
# All weights of one feature travel in one integer, a lane for each output, so that the shares of
# a hundred features are added up by a hundred additions and not by fifteen hundred. A lane holds the
# sum of 32 000 of them, whatever they weigh; a model has fewer.
_LANE = 40
_RAISED = 1 << 24  # lifts every weight above zero
_LANE_MASK = (1 << _LANE) - 1
_ACT_LANES = tuple(_LANE * number for number in range(len(ACTS)))
_KIND_LANES = tuple(_LANE * number for number in range(len(ACTS), OUTPUTS - 1))
_EMERGENCY_LANE = _LANE * (OUTPUTS - 1)


def packed(weights: Iterable[int]) -> int:
    """Weights in thousandths, acts first, as one integer; each below 16 000 log-odds."""
    lanes = 0
    for number, weight in enumerate(weights):
        lanes |= (weight + _RAISED) << (_LANE * number)
    return lanes


NOTHING = packed([0] * OUTPUTS)


def packed_sparse(told: Sequence[int]) -> int:
    """The same of weights as a model's file tells them: the place of each, then the weight."""
    lanes = NOTHING
    for at in range(0, len(told), 2):
        lanes += told[at + 1] << (_LANE * told[at])
    return lanes


def sum_at(table: Sequence[int], bits: int) -> int:
    """The sum of those of a table at whose places there is a bit."""
    total = 0
    while bits:
        low = bits & -bits
        bits ^= low
        total += table[low.bit_length() - 1]
    return total


def act_scores(total: int, features: int) -> ActScores:
    """The log-odds of the acts in a sum of so many packed features."""
    lift = features * _RAISED
    a, b, c, d = _ACT_LANES
    return (
        ((total >> a & _LANE_MASK) - lift) / SCALE,
        ((total >> b & _LANE_MASK) - lift) / SCALE,
        ((total >> c & _LANE_MASK) - lift) / SCALE,
        ((total >> d & _LANE_MASK) - lift) / SCALE,
    )


def kind_scores(total: int, features: int) -> tuple[float, ...]:
    """The log-odds of the kinds in a sum of so many packed features."""
    lift = features * _RAISED
    return tuple([((total >> lane & _LANE_MASK) - lift) / SCALE for lane in _KIND_LANES])


def emergency_score(total: int, features: int) -> float:
    """The log-odds of an emergency in a sum of so many packed features."""
    return ((total >> _EMERGENCY_LANE & _LANE_MASK) - features * _RAISED) / SCALE


Node = int | tuple[str, float, "Node", "Node"]
"""A leaf in thousandths of log-odds; or a feature, a bound, what is up to it and what is above."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees as a model holds them, and what is added to their leaves, in thousandths of log-odds."""

    start: int = 0
    trees: tuple[Node, ...] = ()


NO_TREES = Trees()


@dataclass(frozen=True, slots=True)
class Network:
    """The multilayer perceptron of a model (see `perceptron`).

    `rows` have a byte for each unit by feature, 128 for no weight; `unit_bias` counts in the same
    steps. What of a unit is above zero, times its row of `kinds`, is what it says of each kind, in
    parts (2 ** FINE_BITS of them) of thousandths of log-odds; `kind_bias` is in thousandths.
    """

    rows: Mapping[str, bytes] = field(default_factory=dict)
    unit_bias: tuple[int, ...] = ()
    kinds: tuple[tuple[int, ...], ...] = ()
    kind_bias: tuple[int, ...] = ()


NO_NETWORK = Network()


@dataclass(frozen=True, slots=True)
class Model:
    """Weights in thousandths of log-odds by literal, rule, trait and link; see config/model.

    Each weight vector has OUTPUTS numbers, acts first. A rule or trait that the model does not
    know has none here; rules bring their own weight. `skips` are the packed weights of skip-bigrams.
    `links` weigh what speaks for a message's belonging to an episode, `emergencies` what speaks for
    a burden's serving one at hand. The trees of `burden` say
    whether a message is one, those of `again` whether a burden presses for the episode that it
    fits best. `network` says of the kinds what features say together.
    """

    version: str
    literals: tuple[str, ...] = ()
    literal_weights: tuple[int, ...] = ()
    weights: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    skips: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, float] = field(default_factory=dict)
    beside: Mapping[str, float] = field(default_factory=dict)
    calls: Mapping[str, float] = field(default_factory=dict)
    emergencies: Mapping[str, float] = field(default_factory=dict)
    bias: tuple[int, ...] = (0,) * OUTPUTS
    burden: Trees = NO_TREES
    again: Trees = NO_TREES
    network: Network = NO_NETWORK


NO_VOTE = Model("none")


def shares(scores: ActScores) -> ActScores:
    """The scores as probabilities (softmax)."""
    top = max(scores)
    none, demand, reminder, cancel = (exp(score - top) for score in scores)
    total = none + demand + reminder + cancel
    return none / total, demand / total, reminder / total, cancel / total
