"""Fits the first look: what words, rules and the moment say of the act, and of the kinds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from scipy.special import expit  # type: ignore[import-untyped]
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
KIND_C = 0.35
KIND_STEPS = 80
# How far a piece tells a kind from the others, in log ratios: with so many seen beforehand in either.
RATIO_PRIOR = 0.3
LEAST_RATIO = 0.3
MOST_RATIO = 4.0
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
    kind_rows = [(sample.literals, sample.kind_features) for sample in burdens]
    kind_table = _matrix(kind_rows, literals, kind_names, 1.0)
    kind_weights, kind_bias = _kind_votes(burdens, kind_table, len(literals), kind_names)
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
    burdens: Sequence[Sample], table: csr_matrix, literals: int, names: Sequence[str]
) -> tuple[Any, Any]:
    """One vote for all kinds: what stands beside a kind weighs the same for each, plus its own.

    Every kind has a weight for every feature; those of `BESIDE` are shared. What a weight costs is
    scaled (`_kind_scales`, `_telling`), so that it is cheap to lean on what plainly tells.
    """
    wanted = np.array([[sample.kinds >> n & 1 for n in range(len(KINDS))] for sample in burdens])
    weights = np.array([sample.weight for sample in burdens])
    beside = SHARED_WEIGHT * _beside_kinds(burdens)
    scales = np.array([_kind_scales(kind, literals, names, table.shape[1]) for kind in KINDS]).T
    scales[:literals] *= KIND_LITERAL_WEIGHT * _telling(table[:, :literals], wanted, weights)
    pull = KIND_C * weights[:, None] * np.where(wanted, KIND_WANTED_WEIGHT, 1.0)
    back = table.T.tocsr()
    size, manners = scales.size, len(BESIDE)

    def loss(told: Any) -> tuple[float, Any]:
        own, shared = told[:size].reshape(scales.shape), told[size : -len(KINDS)]
        bias = told[-len(KINDS) :]
        scores = table @ (scales * own) + np.tensordot(shared, beside, 1) + bias
        away = pull * (expit(scores) - wanted)
        slope = (scales * (back @ away)).ravel(), np.tensordot(beside, away, 2), away.sum(0)
        total = float((pull * (np.logaddexp(0, scores) - wanted * scores)).sum())
        return total + told @ told / 2, np.concatenate(slope) + told

    start = np.zeros(size + manners + len(KINDS))
    learned = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": KIND_STEPS}).x
    return scales * learned[:size].reshape(scales.shape), learned[-len(KINDS) :]


def _beside_kinds(burdens: Sequence[Sample]) -> Any:
    """How each kind stands beside each burden: manners × burdens × kinds, noughts and ones."""
    found = np.zeros((len(BESIDE), len(burdens), len(KINDS)))
    for at, sample in enumerate(burdens):
        for number, kind in enumerate(KINDS):
            for row, manner in enumerate(BESIDE):
                found[row, at, number] = f"beside:{manner}.{kind.value}" in sample.kind_features
    return found


def _telling(table: csr_matrix, wanted: Any, weights: Any) -> Any:
    """How far each piece tells each kind from the others: pieces × kinds, log ratios of shares.

    A piece as frequent with the kind as without says nothing of it, however often it occurs
    (Wang and Manning, "Baselines and Bigrams", 2012).
    """
    often = table.T @ weights
    with_kind = table.T @ (wanted * weights[:, None])
    those = (wanted * weights[:, None]).sum(0)
    share = (with_kind + RATIO_PRIOR) / (those + 2 * RATIO_PRIOR)
    other = (often[:, None] - with_kind + RATIO_PRIOR) / (weights.sum() - those + 2 * RATIO_PRIOR)
    return np.clip(np.abs(np.log(share / other)), LEAST_RATIO, MOST_RATIO)


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
