"""How wrong judgement is: counted from a labelled sample, told with its interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.measured_error import (
    ENOUGH,
    KindError,
    MeasuredError,
    text_of_kind,
    wilson,
    with_kinds,
)
from bot.domain.vocabulary import Kind

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


PAIRS = [(True, True)]
KINDS_NAMED = (
    [({"check_in"}, {"check_in"})] * 30
    + [({"check_in", "ranking"}, {"check_in"})] * 2
    + [((), {"pledge"})] * 3
    + [({"check_in"}, ())] * 4
)


def test_kinds_are_counted_apart_and_a_message_may_have_several() -> None:
    found = MeasuredError.of(PAIRS, "2026-10-15", "r1", KINDS_NAMED)

    assert found.kinds == (
        KindError("check_in", labelled=36, counted=32, missed=4, false=0),
        KindError("ranking", labelled=2, counted=0, missed=2, false=0),
        KindError("pledge", labelled=0, counted=3, missed=0, false=3),
    )


def test_kinds_that_the_sample_hardly_has_are_added_up() -> None:
    alone, others = MeasuredError.of(PAIRS, "2026-10-15", "r1", KINDS_NAMED).merged()

    assert [one.kind for one in alone] == ["check_in"]
    assert others == KindError("", labelled=2, counted=3, missed=2, false=3)


def test_a_kind_that_is_often_named_by_one_side_only_is_not_told_alone() -> None:
    named = [({"ranking"}, {"ranking"})] * (ENOUGH - 1) + [({"ranking"}, ())] * 9

    assert MeasuredError.of(PAIRS, "2026-10-15", "r1", named).merged()[0] == ()


def test_kinds_that_were_kept_of_an_older_sample_are_not_taken_for_this_one_s() -> None:
    older = MeasuredError.of(PAIRS, "2026-10-01", "r1", KINDS_NAMED)
    newer = MeasuredError.of(PAIRS, "2026-10-15", "r1", KINDS_NAMED)
    lines = [(Kind(one.kind), text_of_kind(one, newer)) for one in newer.kinds[:2]]
    lines += [(Kind(one.kind), text_of_kind(one, older)) for one in older.kinds[2:]]

    assert with_kinds(MeasuredError.parse(newer.text()), lines).kinds == newer.kinds[:2]
    assert max(len(line) for _, line in lines) < 256
