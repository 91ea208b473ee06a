"""A small linear model that votes on act and kinds; every share of its vote can be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp

from bot.domain.vocabulary import KINDS, Act

ACTS = (Act.NONE, Act.DEMAND, Act.REMINDER, Act.CANCEL)
ActScores = tuple[float, float, float, float]
NO_SCORES: ActScores = (0.0, 0.0, 0.0, 0.0)
KindShares = tuple[tuple[int, float], ...]  # (place in KINDS, log-odds)


@dataclass(frozen=True, slots=True)
class Model:
    """Weights in log-odds by literal, rule and trait; made by config/model/train.py.

    A rule or trait that the model does not know has no share here; rules bring their own weight.
    """

    version: str
    literals: tuple[str, ...] = ()
    literal_acts: tuple[ActScores, ...] = ()
    literal_kinds: tuple[KindShares, ...] = ()
    acts: Mapping[str, ActScores] = field(default_factory=dict)
    kinds: Mapping[str, KindShares] = field(default_factory=dict)
    act_bias: ActScores = NO_SCORES
    kind_bias: tuple[float, ...] = (0.0,) * len(KINDS)


NO_VOTE = Model("none")


def shares(scores: ActScores) -> ActScores:
    """The scores as probabilities (softmax)."""
    top = max(scores)
    none, demand, reminder, cancel = (exp(score - top) for score in scores)
    total = none + demand + reminder + cancel
    return none / total, demand / total, reminder / total, cancel / total
