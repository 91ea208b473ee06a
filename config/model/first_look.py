"""Fits the first look: what words, rules and the moment say of the act, and of the kinds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from scipy.special import expit  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from bot.domain.skip_bigrams import skip_bigrams
from bot.domain.vocabulary import KINDS, Kind
from bot.domain.voting import ACTS, SCALE
from config.model.network import fitted as network
from config.model.samples import BESIDE, BREAKS, Sample

FEWEST_MESSAGES = 3
FEWEST_GROUPS = 2
MOST_LITERALS = 9000
MOST_SKIPS = 15000
# Longer than any literal, so that none begins with it.
_SKIP = "skip:"
_BIAS = "bias"
# How far words may carry against rules and traits: they know the towns they were learned in.
KIND_PIECE_WEIGHT = 0.5
ACT_C = 0.5
KIND_C = 0.35
KIND_STEPS = 80
EMERGENCY_C = 0.3
EMERGENCY_WEIGHT = 2.0  # few burdens serve one
# So much of what is said of the kinds is the network's.
NETWORK_PART = 0.5
# How far a piece tells a kind from the others, in log ratios: with so many seen beforehand in either.
RATIO_PRIOR = 0.3
LEAST_RATIO = 0.3
MOST_RATIO = 4.0
KIND_WANTED_WEIGHT = 2.0
SHARED_WEIGHT = 2.0
FOREIGN_WEIGHT = 0.6
OWN_WEIGHT = 3.0
SMALLEST_WEIGHT = 0.02  # as it is heard


def fitted(samples: Sequence[Sample], seed: int = 1) -> dict[str, Any]:
    """The first look as it is written to the file: whole numbers, `SCALE` to the unit."""
    said = [sample.literals for sample in samples]
    skips = [_skips(sample.text) for sample in samples]
    both = [own | apart for own, apart in zip(said, skips, strict=True)]
    literals = _usual(samples, said, MOST_LITERALS)
    usual = _usual(samples, skips, MOST_SKIPS)
    without = _act_votes(samples, said, literals, seed)
    with_skips = _act_votes(samples, both, [*literals, *usual], seed)
    # The mean of the two errs less than either.
    acts = {name: (weights + without.get(name, 0.0)) / 2 for name, weights in with_skips.items()}
    at = [place for place, sample in enumerate(samples) if sample.act.is_burden]
    burdens = [samples[place] for place in at]
    usual = _usual(burdens, [skips[place] for place in at], MOST_SKIPS)
    kinds = _kind_votes(burdens, [both[place] for place in at], [*literals, *usual])
    emergency = _emergency_votes(burdens, [both[place] for place in at], [*literals, *usual])
    told = _told(acts, {name: own * (1 - NETWORK_PART) for name, own in kinds.items()}, emergency)
    return told | {"network": _together(burdens, [*told["literals"], *told["features"]], seed)}


def _together(burdens: Sequence[Sample], names: Sequence[str], seed: int) -> dict[str, Any]:
    """The network, of each text once; `names` are the features that the linear vote knows."""
    texts = {(own.group, own.text, own.kinds): own for own in reversed(burdens)}.values()
    said = [own.literals for own in texts]
    table = _matrix(said, [own.kind_features for own in texts], names)
    weights = np.array([own.weight for own in texts])
    return network(table, _wanted(texts), weights, NETWORK_PART, seed)


def _act_votes(
    samples: Sequence[Sample], said: Sequence[frozenset[str]], pieces: Sequence[str], seed: int
) -> dict[str, Any]:
    """The weights of each feature for the acts, by its name; the bias by _BIAS."""
    names = sorted({name for sample in samples for name in sample.features})
    table = _matrix(said, [sample.features for sample in samples], [*pieces, *names])
    acts = np.array([ACTS.index(sample.act) for sample in samples])
    weights = np.array([sample.weight for sample in samples])
    votes = LogisticRegression(C=ACT_C, max_iter=2000, random_state=seed)
    votes.fit(table, acts, sample_weight=weights)
    return dict(zip((*pieces, *names, _BIAS), (*votes.coef_.T, votes.intercept_), strict=True))


def _emergency_votes(
    burdens: Sequence[Sample], said: Sequence[frozenset[str]], pieces: Sequence[str]
) -> dict[str, Any]:
    """What each feature says of an emergency at hand, of the burdens that somebody labelled so or not."""
    asked = [at for at, sample in enumerate(burdens) if sample.emergency is not None]
    those = [burdens[at] for at in asked]
    features = [
        frozenset(name for name in sample.kind_features if not name.startswith("beside:"))
        for sample in those
    ]
    names = sorted({name for own in features for name in own})
    is_one = np.array([sample.emergency for sample in those])
    if len(set(is_one)) < 2:
        return {_BIAS: np.zeros(1)}
    table = _matrix([said[at] for at in asked], features, [*pieces, *names])
    weights = np.array([sample.weight for sample in those])
    weights = weights * np.where(is_one, EMERGENCY_WEIGHT, 1.0)
    vote = LogisticRegression(C=EMERGENCY_C, max_iter=2000)
    vote.fit(table, is_one, sample_weight=weights)
    return dict(zip((*pieces, *names, _BIAS), (*vote.coef_.T, vote.intercept_), strict=True))


def _skips(text: str) -> frozenset[str]:
    """The skip-bigrams of a text, marked so that none is taken for a literal."""
    return frozenset(_SKIP + pair for pair in skip_bigrams(text) if not BREAKS & set(pair))


def _usual(samples: Sequence[Sample], said: Sequence[frozenset[str]], most: int) -> list[str]:
    """Pieces that occur often enough and in more than one group."""
    often: Counter[str] = Counter()
    groups: dict[str, set[str]] = defaultdict(set)
    for sample, own in zip(samples, said, strict=True):
        often.update(own)
        for piece in own:
            groups[piece].add(sample.group)
    kept = [
        piece
        for piece, times in often.items()
        if times >= FEWEST_MESSAGES and len(groups[piece]) >= FEWEST_GROUPS
    ]
    kept.sort(key=lambda piece: (-often[piece], piece))
    return kept[:most]


def _matrix(
    said: Sequence[frozenset[str]], features: Sequence[frozenset[str]], names: Sequence[str]
) -> csr_matrix:
    column = {name: at for at, name in enumerate(names)}
    places, ends = [], [0]
    for own in zip(said, features, strict=True):
        places += sorted([column[name] for part in own for name in part if name in column])
        ends.append(len(places))
    return csr_matrix((np.ones(len(places)), places, ends), shape=(len(said), len(column)))


def _kind_votes(
    burdens: Sequence[Sample], said: Sequence[frozenset[str]], pieces: Sequence[str]
) -> dict[str, Any]:
    """One vote for all kinds: what stands beside a kind weighs the same for each, plus its own.

    Every kind has a weight for every feature; those of `BESIDE` are shared. What a weight costs is
    scaled (`_kind_scales`, `_telling`), so that it is cheap to lean on what plainly tells.
    """
    names = sorted({name for sample in burdens for name in sample.kind_features})
    table = _matrix(said, [sample.kind_features for sample in burdens], [*pieces, *names])
    wanted = _wanted(burdens)
    weights = np.array([sample.weight for sample in burdens])
    beside = SHARED_WEIGHT * _beside_kinds(burdens)
    scales = np.array([_kind_scales(kind, len(pieces), names) for kind in KINDS]).T
    scales[: len(pieces)] *= KIND_PIECE_WEIGHT * _telling(table[:, : len(pieces)], wanted, weights)
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
    found, bias = scales * learned[:size].reshape(scales.shape), learned[-len(KINDS) :]
    return dict(zip((*pieces, *names, _BIAS), (*found, bias), strict=True))


def _wanted(burdens: Iterable[Sample]) -> Any:
    """The kinds of each burden: noughts and ones."""
    return np.array([[sample.kinds >> n & 1 for n in range(len(KINDS))] for sample in burdens])


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


def _kind_scales(kind: Kind, pieces: int, names: Sequence[str]) -> Any:
    """How far each feature may count for a kind: what speaks of other kinds says little of it."""
    scale = np.ones(pieces + len(names))
    for at, name in enumerate(names):
        rule = name.removeprefix("rule:").split(".")[0]
        told = name.removeprefix("beside:").rsplit(".", 1)[-1]
        foreign = {other.value for other in KINDS if other is not kind}
        if (name.startswith("rule:") and rule in foreign) or (
            name.startswith("beside:") and told in foreign
        ):
            scale[pieces + at] = FOREIGN_WEIGHT
        elif name.startswith("rule:") and rule == kind.value:
            scale[pieces + at] = OWN_WEIGHT
    return scale


def _told(
    acts: dict[str, Any], kinds: dict[str, Any], emergency: dict[str, Any]
) -> dict[str, Any]:
    parts = ((acts, np.zeros(len(ACTS))), (kinds, np.zeros(len(KINDS))), (emergency, np.zeros(1)))

    def sparse(name: str) -> list[int]:
        row = np.concatenate([own.get(name, nothing) for own, nothing in parts])
        told: list[int] = []
        for at, value in enumerate(row):
            if abs(value) >= SMALLEST_WEIGHT:
                told += (at, round(float(value) * SCALE))
        return told

    names = [
        name
        for name in acts | kinds | emergency
        if name != _BIAS and not name.startswith("beside:")
    ]
    weights = {name: sparse(name) for name in names}
    features = sorted(name for name in names if name.startswith(("rule:", "trait:")))
    skips = [name for name in names if name.startswith(_SKIP) and weights[name]]
    rest = {*features, *skips}
    literals = [name for name in names if weights[name] and name not in rest]
    return {
        "scale": SCALE,
        "literals": literals,
        "features": features,
        "weights": {name: weights[name] for name in (*literals, *features)},
        "skips": {name.removeprefix(_SKIP): weights[name] for name in skips},
        "bias": [round(float(value) * SCALE) for own, _ in parts for value in own[_BIAS]],
    }
