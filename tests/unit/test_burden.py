"""Person-hours: a range, from published figures, by the office's table."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.burden import MinutesTable, PersonHours, Spread, person_hours
from bot.domain.errors import BadPolicy
from bot.domain.vocabulary import Measure as M
from bot.domain.vocabulary import Tallied as T
from config.minutes_file import load_minutes
from tests.golden.weeks import GROUPS, QUIET, Rows, group, protected

TABLE = MinutesTable(
    {M.CHECK_IN: Spread(1, 3), M.FORM_FILLING: Spread(10, 30), M.REPEAT: Spread(2, 2)},
    Spread(0.5, 1),
    10,
)
OF_EACH_KIND = st.sampled_from((M.CHECK_IN, M.FORM_FILLING, M.REPEAT, M.OFF_HOURS))


def hours(rows: Rows, table: MinutesTable = TABLE) -> PersonHours:
    return person_hours(protected(rows), table)


def test_a_demand_costs_each_who_has_to_do_it_its_minutes() -> None:
    # G1 has 50 to 99 members: at least half of them 10 minutes, at most all of them 30.
    assert hours([("G1", "U01", "L01", 2, M.FORM_FILLING, 6)]) == PersonHours(25, 297)


def test_a_demand_of_two_kinds_is_at_least_the_costlier_and_at_most_both() -> None:
    both: Rows = [
        ("G1", "U01", "L01", 2, T.EPISODES, 6),
        ("G1", "U01", "L01", 2, M.FORM_FILLING, 6),
        ("G1", "U01", "L01", 2, M.CHECK_IN, 6),
    ]

    assert hours(both) == PersonHours(25, 327)


def test_demands_of_several_kinds_count_as_demands_at_least() -> None:
    both: Rows = [
        ("G1", "U01", "L01", 2, T.EPISODES, 6),
        ("G1", "U01", "L01", 2, M.FORM_FILLING, 4),
        ("G1", "U01", "L01", 2, M.CHECK_IN, 4),
    ]

    # 44 minutes for eight kinds of six demands: 33; the forms alone are 40.
    assert hours(both).low == int(40 * 50 * 0.5 / 60)


def test_reminders_come_on_top() -> None:
    rows: Rows = [
        ("G1", "U01", "L01", 2, M.FORM_FILLING, 6),
        ("G1", "U01", "L01", 2, M.REPEAT, 30),
    ]

    assert hours(rows) == PersonHours(50, 396)


def test_of_folded_groups_only_their_smallest_and_largest_band_is_used() -> None:
    # G2 (7 members) goes under its unit, and G4 (23) covers it: from 1 to 49 members.
    alone = hours([("G2", "U01", "L02", 3, M.FORM_FILLING, 60)])

    assert alone == PersonHours(5, 49 * 30)


BANDS = [(1, 9), (10, 19), (20, 49), (50, 99), (100, 199), (200, 399), (400, 799)]


@given(st.sampled_from(BANDS), st.data(), OF_EACH_KIND, st.integers(1, 400))
def test_no_size_within_a_band_can_be_told_from_another(
    band: tuple[int, int], data: st.DataObject, measure: M, n: int
) -> None:
    """Else hours, counts and minutes, all of them printed, would give the size."""
    sizes = st.integers(*band)
    one, other = (
        person_hours(
            protected(
                [("A", "U1", "L1", 1, measure, n), ("B", "U1", "L1", 2, M.FORM_FILLING, 3)],
                [group("A", "U1", "L1", data.draw(sizes)), group("B", "U1", "L1", 40)],
            ),
            TABLE,
        )
        for _ in range(2)
    )

    assert one == other


def test_exact_sizes_were_told_by_the_hours() -> None:
    """The control: from printed hours, count and minutes the size of G1 comes out at once."""
    size, forms, minutes = 86, 6, TABLE.minutes[M.FORM_FILLING].high
    printed = math.ceil(size * forms * minutes / 60)

    fitting = [n for n in range(1, 1000) if math.ceil(n * forms * minutes / 60) == printed]

    assert fitting == [size]


def test_nothing_counted_is_no_time() -> None:
    assert hours([]) == PersonHours(0, 0)


@given(st.lists(st.tuples(st.sampled_from(GROUPS), OF_EACH_KIND, st.integers(1, 50)), max_size=12))
def test_more_demands_never_cost_less(found: list[tuple[object, M, int]]) -> None:
    rows = [(g.code, g.unit, g.line, 1, measure, n) for g, measure, n in found]  # type: ignore[attr-defined]
    before, after = hours(rows), hours([*rows, ("G1", "U01", "L01", 1, M.CHECK_IN, 1)])

    assert 0 <= before.low <= before.high
    assert before.low <= after.low
    assert before.high <= after.high


def test_traffic_costs_nothing() -> None:
    assert hours([row for row in QUIET if row[4] is T.MESSAGES]) == PersonHours(0, 0)


def test_the_packaged_table_knows_every_kind() -> None:
    table = load_minutes()

    assert {M.SCREENSHOT_REPORT, M.CHECK_IN, M.FORM_FILLING, M.REPEAT} <= table.minutes.keys()
    assert 0 < table.share.low <= table.share.high <= 1


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("share = 3", "minutes"),
        ("[minutes]\ncheck_in = {low = 3, high = 1}", "reading_seconds"),
        ("reading_seconds = 5\n[minutes]\ncheck_in = {low = 3, high = 1}", "minutes.check_in"),
        ("reading_seconds = 5\n[minutes]\ncheck_in = {low = 1}", "minutes.check_in"),
        ("reading_seconds = 5\n[minutes]\ncheck_in = {low = true, high = 2}", "minutes.check_in"),
        ("reading_seconds = 5\n[minutes]\nlunch = {low = 1, high = 2}", "minutes.lunch"),
        ("reading_seconds = 5\n[minutes]\ncheck_in = {low = 1, high = 2}", "share"),
        ("unknown = 1", "unknown"),
        ("= 1", "file"),
    ],
)
def test_a_table_that_is_wrong_is_refused_whole_with_file_and_field(
    tmp_path: Path, written: str, field: str
) -> None:
    path = tmp_path / "minutes.toml"
    path.write_text(written, "utf-8")

    with pytest.raises(BadPolicy) as refused:
        load_minutes(path)

    assert (refused.value.where, refused.value.field) == ("minutes.toml", field)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match=r"gone\.toml"):
        load_minutes(tmp_path / "gone.toml")


@pytest.mark.parametrize(("low", "high"), [(-1, 2), (3, 2)])
def test_a_spread_runs_upwards_from_nothing(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="low"):
        Spread(low, high)
