"""Shares travel packed in one integer and come out as they went in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.voting import (
    OUTPUTS,
    SCALE,
    act_scores,
    emergency_score,
    kind_scores,
    packed,
    packed_sparse,
    shares,
)

WEIGHTS = st.lists(st.integers(-15_000, 15_000), min_size=OUTPUTS, max_size=OUTPUTS)


@given(st.lists(WEIGHTS, min_size=1, max_size=40))
def test_a_sum_of_packed_weights_is_the_sum_of_the_weights(rows: list[list[int]]) -> None:
    total = sum(map(packed, rows))

    expected = [sum(column) / SCALE for column in zip(*rows, strict=True)]
    told = [*act_scores(total, len(rows)), *kind_scores(total, len(rows))]
    assert [*told, emergency_score(total, len(rows))] == expected


@given(WEIGHTS)
def test_weights_told_by_their_places_are_packed_alike(row: list[int]) -> None:
    told = [number for place in enumerate(row) if place[1] for number in place]

    assert packed_sparse(told) == packed(row)


def test_lanes_do_not_spill_over_however_many_features_there_are() -> None:
    rows = [[15_000, -15_000] * (OUTPUTS // 2) + [15_000] * (OUTPUTS % 2)] * 8_000

    total = sum(map(packed, rows))

    assert act_scores(total, len(rows))[:2] == (120_000.0, -120_000.0)


def test_shares_add_up_to_one() -> None:
    assert sum(shares((1.0, -2.0, 800.0, 3.0))) == pytest.approx(1.0)
