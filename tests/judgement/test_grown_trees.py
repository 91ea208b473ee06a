"""Grown trees say what they were shown, the same every time, and are written as a model reads them."""

from __future__ import annotations

import json
from itertools import product

from bot.domain.forest import Forest
from bot.domain.voting import OUTPUTS, Trees
from config.model.trees import Grown, grown
from config.rulebook import load_rulebook, model_of

MEASURES, SIGNS = ("age", "likeness"), {"short": 1, "calm": 2}
# So only where it is young and short, or old and calm: no sum of weights says that.
ROWS = [
    Grown((age, 0.5), signs, (age < 1 and bool(signs & 1)) or (age > 1 and bool(signs & 2)))
    for age, signs in product((0.2, 0.4, 0.7, 1.6, 1.9, 2.4), range(4))
    for _ in range(12)
]


def forest_of(told: dict[str, object]) -> Forest:
    packaged = json.loads(json.dumps({"burden": told}))
    empty = {"scale": 1000, "literals": [], "features": [], "weights": {}, "bias": [0] * OUTPUTS}
    return Forest(model_of(json.dumps(empty | packaged).encode()).burden, MEASURES, SIGNS)


def test_trees_know_what_two_things_say_together() -> None:
    forest = forest_of(grown(ROWS, MEASURES, SIGNS, 40))

    for row in ROWS:
        assert (forest.odds(row.measures, row.signs) > 0) is row.is_so


def test_the_same_rows_grow_the_same_trees() -> None:
    assert grown(ROWS, MEASURES, SIGNS, 5) == grown(ROWS, MEASURES, SIGNS, 5)


def test_what_weighs_nothing_is_not_learned() -> None:
    lies = [row._replace(is_so=not row.is_so, weight=0.01) for row in ROWS]
    forest = forest_of(grown([*ROWS, *lies], MEASURES, SIGNS, 40))

    for row in ROWS:
        assert (forest.odds(row.measures, row.signs) > 0) is row.is_so


def test_the_packaged_trees_are_there() -> None:
    model = load_rulebook().model

    assert model.burden != Trees() != model.again
