"""Trains the multilayer perceptron beside the linear vote on the kinds, with dropout."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.neural_network import MLPClassifier

from bot.domain.perceptron import FINE_BITS, ROW_LIFT
from bot.domain.voting import SCALE

UNITS = 64
EPOCHS = 10
LEARNING_RATE = 2e-3
L2 = 0.1
BATCH = 128
# Of each text another half of its features in each epoch: no unit can rest on what stands in one
# town's notices alone (Srivastava et al., "Dropout", 2014).
DROPOUT = 0.5
_LARGEST = ROW_LIFT - 1


def fitted(
    table: csr_matrix, wanted: Any, weights: Any, part: float, seed: int = 1
) -> dict[str, Any]:
    """The network as it is written to the file (`bot.domain.voting.Network`).

    `table` has a row for each text and a column for each feature, `wanted` a column for each kind,
    `weights` one number for each text; what the network says is written times `part`.
    """
    chance = np.random.default_rng(seed)
    network = MLPClassifier(
        (UNITS,), alpha=L2, batch_size=min(BATCH, table.shape[0]),
        learning_rate_init=LEARNING_RATE, random_state=np.random.RandomState(seed),
    )  # fmt: skip
    kinds = np.arange(wanted.shape[1])
    for _ in range(EPOCHS):
        network.partial_fit(_thinned(table, chance), wanted, sample_weight=weights, classes=kinds)
    rows, shares = network.coefs_
    bias, kind_bias = network.intercepts_
    step = float(np.abs(rows).max()) / _LARGEST
    fine = step * part * SCALE * (1 << FINE_BITS)
    return {
        "rows": b64encode((np.round(rows / step) + ROW_LIFT).astype(np.uint8)).decode(),
        "bias": np.round(bias / step).astype(int).tolist(),
        "kinds": np.round(shares * fine).astype(int).tolist(),
        "kind_bias": np.round(kind_bias * part * SCALE).astype(int).tolist(),
    }


def _thinned(table: csr_matrix, chance: np.random.Generator) -> csr_matrix:
    """What dropout leaves of the features; what is left counts for what is not."""
    kept = chance.random(table.nnz) >= DROPOUT
    ends = np.concatenate([[0], np.cumsum(kept)])[table.indptr]
    values = np.full(int(ends[-1]), 1 / (1 - DROPOUT), np.float32)
    return csr_matrix((values, table.indices[kept], ends), shape=table.shape)
