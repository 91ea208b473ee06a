"""Grows the trees of judgement: boosted, small, each from half of the rows; the same every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from bot.domain.forest import MOST_LEAVES
from bot.domain.voting import SCALE

DEPTH = MOST_LEAVES.bit_length() - 1
RATE = 0.1
ROWS_OF_EACH = 0.5
FEATURES_OF_EACH = 0.5
FEWEST_IN_A_LEAF = 20
# As many digits as a bound is written with: measures are thousandths, or shares of few things.
BOUND_DIGITS = 5


class Grown(NamedTuple):
    """A row to learn from: what was measured, the bits of what was there, and how it was labelled."""

    measures: Sequence[float]
    signs: int
    is_so: bool
    weight: float = 1.0


def grown(
    rows: Sequence[Grown],
    measures: Sequence[str],
    signs: Mapping[str, int],
    trees: int,
    seed: int = 1,
) -> dict[str, Any]:
    """Trees as they are written to the file (`bot.domain.voting.Trees`)."""
    names = [*measures, *signs]
    table = np.zeros((len(rows), len(names)), np.float32)
    for at, row in enumerate(rows):
        table[at, : len(measures)] = row.measures
        table[at, len(measures) :] = [row.signs & bit != 0 for bit in signs.values()]
    is_so = np.array([row.is_so for row in rows])
    forest = GradientBoostingClassifier(
        n_estimators=trees, learning_rate=RATE, max_depth=DEPTH, subsample=ROWS_OF_EACH,
        max_features=FEATURES_OF_EACH, min_samples_leaf=FEWEST_IN_A_LEAF, random_state=seed,
    )  # fmt: skip
    forest.fit(table, is_so, sample_weight=np.array([row.weight for row in rows]))
    share = forest.init_.class_prior_[1]
    return {
        "start": round(float(np.log(share / (1 - share))) * SCALE),
        "trees": [_told(tree.tree_, names) for tree in forest.estimators_[:, 0]],
    }


def _told(tree: Any, names: Sequence[str], node: int = 0) -> Any:
    if tree.children_left[node] < 0:
        return round(float(tree.value[node, 0, 0]) * RATE * SCALE)
    up_to, above = (
        _told(tree, names, child)
        for child in (tree.children_left[node], tree.children_right[node])
    )
    bound = round(float(tree.threshold[node]), BOUND_DIGITS)
    return [names[tree.feature[node]], bound, up_to, above]
