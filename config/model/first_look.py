"""Fits the first look: what words, rules and the moment say of the act, and of the kinds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from bot.domain.vocabulary import KINDS, Kind
from bot.domain.voting import ACTS, SCALE
from config.model.samples import BESIDE, Sample

FEWEST_MESSAGES = 3
FEWEST_GROUPS = 2
MOST_LITERALS = 9000
# How far words may carry against rules and traits: they know the towns they were learned in.
ACT_LITERAL_WEIGHT = 1.0
KIND_LITERAL_WEIGHT = 0.5
ACT_C = 0.5
KIND_C = 0.7
KIND_WANTED_WEIGHT = 2.0
SHARED_WEIGHT = 2.0
FOREIGN_WEIGHT = 0.6
OWN_WEIGHT = 3.0
SMALLEST_WEIGHT = 0.02


def fitted(samples: Sequence[Sample], seed: int = 1) -> dict[str, Any]:
    """The first look as it is written to the file: whole numbers, `SCALE` to the unit."""
    literals = chosen_literals(samples)
    act_names = sorted({name for sample in samples for name in sample.features})
    rows = [(sample.literals, sample.features) for sample in samples]
    table = _matrix(rows, literals, act_names, ACT_LITERAL_WEIGHT)
    acts = np.array([ACTS.index(sample.act) for sample in samples])
    weights = np.array([sample.weight for sample in samples])
    votes = LogisticRegression(C=ACT_C, max_iter=2000, random_state=seed)
    votes.fit(table, acts, sample_weight=weights)
    act_weights = votes.coef_.T.copy()
    act_weights[: len(literals)] *= ACT_LITERAL_WEIGHT

    burdens = [sample for sample in samples if sample.act.is_burden]
    kind_names = sorted({name for sample in burdens for name in sample.kind_features})
    kind_table = _matrix(
        [(sample.literals, sample.kind_features) for sample in burdens],
        literals, kind_names, KIND_LITERAL_WEIGHT,
    )  # fmt: skip
    kind_weights, kind_bias = _kind_votes(burdens, kind_table, len(literals), kind_names, seed)
    kind_weights[: len(literals)] *= KIND_LITERAL_WEIGHT
    return _told(literals, act_names, act_weights, votes.intercept_, kind_names, kind_weights,
                 kind_bias)  # fmt: skip


def chosen_literals(samples: Sequence[Sample]) -> list[str]:
    """Pieces that occur often enough and in more than one group."""
    often: Counter[str] = Counter()
    groups: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        often.update(sample.literals)
        for literal in sample.literals:
            groups[literal].add(sample.group)
    kept = [
        literal
        for literal, times in often.items()
        if times >= FEWEST_MESSAGES and len(groups[literal]) >= FEWEST_GROUPS
    ]
    kept.sort(key=lambda literal: (-often[literal], literal))
    return kept[:MOST_LITERALS]


def _matrix(
    rows: Sequence[tuple[frozenset[str], frozenset[str]]],
    literals: Sequence[str],
    names: Sequence[str],
    literal_weight: float,
) -> csr_matrix:
    column = {name: at for at, name in enumerate([*literals, *names])}
    data, places, ends = [], [], [0]
    for words, features in rows:
        for word in words:
            at = column.get(word)
            if at is not None and at < len(literals):
                places.append(at)
                data.append(literal_weight)
        for feature in features:
            at = column.get(feature)
            if at is not None:
                places.append(at)
                data.append(1.0)
        ends.append(len(places))
    return csr_matrix((data, places, ends), shape=(len(rows), len(column)))


def _kind_votes(
    burdens: Sequence[Sample], table: csr_matrix, literals: int, names: Sequence[str], seed: int
) -> tuple[Any, Any]:
    """One vote for all kinds: what stands beside a kind weighs the same for each, plus its own.

    A row per message and kind. Columns: every feature for every kind, then the shared ones.
    """
    width = table.shape[1]
    shared = {manner: at for at, manner in enumerate(BESIDE)}
    own_rows, own_columns, own_data = [], [], []
    wanted, weights = [], []
    scales = [_kind_scales(kind, literals, names, width) for kind in KINDS]
    for number, kind in enumerate(KINDS):
        part = (table @ diags(scales[number])).tocoo()
        base = number * len(burdens)
        own_rows.append(part.row + base)
        own_columns.append(part.col + number * width)
        own_data.append(part.data)
        for at, sample in enumerate(burdens):
            has = sample.kinds >> number & 1
            wanted.append(has)
            weights.append(sample.weight * (KIND_WANTED_WEIGHT if has else 1.0))
            for manner, column in shared.items():
                if f"beside:{manner}.{kind.value}" in sample.kind_features:
                    own_rows.append(np.array([base + at]))
                    own_columns.append(np.array([len(KINDS) * width + column]))
                    own_data.append(np.array([SHARED_WEIGHT]))
        own_rows.append(np.arange(base, base + len(burdens)))
        own_columns.append(np.full(len(burdens), len(KINDS) * width + len(shared) + number))
        own_data.append(np.ones(len(burdens)))
    size = (len(KINDS) * len(burdens), len(KINDS) * width + len(shared) + len(KINDS))
    whole = csr_matrix(
        (np.concatenate(own_data), (np.concatenate(own_rows), np.concatenate(own_columns))), size
    )
    vote = LogisticRegression(C=KIND_C, solver="liblinear", random_state=seed, max_iter=500)
    vote.fit(whole, np.array(wanted), sample_weight=np.array(weights))
    learned = vote.coef_[0]
    votes = (learned[: len(KINDS) * width].reshape(len(KINDS), width) * np.array(scales)).T.copy()
    return votes, learned[len(KINDS) * width + len(shared) :] + vote.intercept_[0]


def _kind_scales(kind: Kind, literals: int, names: Sequence[str], width: int) -> Any:
    """How far each feature may count for a kind: what speaks of other kinds says little of it."""
    scale = np.ones(width)
    for at, name in enumerate(names):
        rule = name.removeprefix("rule:").split(".")[0]
        told = name.removeprefix("beside:").rsplit(".", 1)[-1]
        foreign = {other.value for other in KINDS if other is not kind}
        if (name.startswith("rule:") and rule in foreign) or (
            name.startswith("beside:") and told in foreign
        ):
            scale[literals + at] = FOREIGN_WEIGHT
        elif name.startswith("rule:") and rule == kind.value:
            scale[literals + at] = OWN_WEIGHT
    return scale


def _told(
    literals: Sequence[str],
    act_names: Sequence[str],
    act_weights: Any,
    act_bias: Any,
    kind_names: Sequence[str],
    kind_weights: Any,
    kind_bias: Any,
) -> dict[str, Any]:
    act_row = {name: at for at, name in enumerate([*literals, *act_names])}
    kind_row = {name: at for at, name in enumerate([*literals, *kind_names])}
    no_acts, no_kinds = np.zeros(len(ACTS)), np.zeros(len(KINDS))

    def sparse(name: str) -> list[int]:
        row = np.concatenate([
            act_weights[act_row[name]] if name in act_row else no_acts,
            kind_weights[kind_row[name]] if name in kind_row else no_kinds,
        ])  # fmt: skip
        told: list[int] = []
        for at, value in enumerate(row):
            if abs(value) >= SMALLEST_WEIGHT:
                told += (at, round(float(value) * SCALE))
        return told

    names = [name for name in sorted({*act_row, *kind_row}) if not name.startswith("beside:")]
    weights = {name: sparse(name) for name in names}
    features = [name for name in names if name not in set(literals)]
    return {
        "scale": SCALE,
        "literals": [name for name in literals if weights[name]],
        "features": features,
        "weights": {n: told for n, told in weights.items() if told or n in set(features)},
        "bias": [round(float(value) * SCALE) for value in (*act_bias, *kind_bias)],
    }
