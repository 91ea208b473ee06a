"""How wrong judgement is: counted from a labelled sample, told with its interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.measured_error import MeasuredError, wilson

numbers = st.integers(0, 10**6)


def test_missed_and_false_are_counted_apart() -> None:
    pairs = [(True, True)] * 5 + [(True, False)] * 2 + [(False, True)] * 3 + [(False, False)] * 90

    found = MeasuredError.of(pairs, "2026-10-15", "2026.11")

    assert found == MeasuredError(100, 7, 8, 2, 3, "2026-10-15", "2026.11")


@given(st.builds(MeasuredError, numbers, numbers, numbers, numbers, numbers, st.just("2026-10-15"), st.just("r1")))  # fmt: skip
def test_what_is_kept_is_read_back(found: MeasuredError) -> None:
    assert MeasuredError.parse(found.text()) == found
    assert len(found.text()) < 256


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Brown, Cai and DasGupta (2001), and by hand.
        (0, 10, 0.0, 27.8),
        (10, 10, 72.2, 100.0),
        (1, 10, 1.8, 40.4),
        (50, 100, 40.4, 59.6),
        (0, 0, 0.0, 100.0),
    ],
)
def test_the_interval_is_wilson_s(hits: int, n: int, low: float, high: float) -> None:
    found = wilson(hits, n)

    assert [round(bound, 1) for bound in found] == [low, high]


@given(st.integers(1, 5000), st.data())
def test_the_share_lies_within_its_interval(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))

    low, high = wilson(hits, n)

    assert 0 <= low <= 100 * hits / n + 1e-9
    assert 100 * hits / n - 1e-9 <= high <= 100
