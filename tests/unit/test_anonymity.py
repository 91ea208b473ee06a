"""What passes the gate, by small tables written out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.anonymity import ProtectedTable, ProtectionPolicy, charged_to, protect
from bot.domain.complaint_release import GatedComplaints, through_gate
from bot.domain.groups import UnitCode
from bot.domain.limits import Ground, Limit, Scope, Window
from bot.domain.over_limits import OverLimit, Subject
from bot.domain.people_figures import PeoplePolicy
from bot.domain.vocabulary import Measure, Tallied
from tests.golden.weeks import Rows, group, table

POLICY = ProtectionPolicy()
GROUPS = (
    group("A", "U1", "L1", 40),
    group("B", "U1", "L1", 12),
    group("C", "U1", "L1", 7),
    group("D", "U2", "L1", 30),
)
CHECK_INS = Limit(Measure.CHECK_IN, Scope.GROUP, Window.DAY, 2, Ground.DESIGN, "check_in")


def over(rows: Rows, *limits: Limit) -> tuple[OverLimit, ...]:
    counts = table(rows)
    return protect(counts, GROUPS, POLICY, limits=limits).over_limit


def test_a_protected_table_cannot_be_written_by_hand() -> None:
    with pytest.raises(TypeError, match=r"protect\(\) only"):
        ProtectedTable(object(), {}, {}, {}, {}, {}, {}, {}, {}, frozenset(), ())


def test_a_policy_that_shows_tiny_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        ProtectionPolicy(smallest_group=7)


def test_a_folded_groups_figures_stand_under_its_unit() -> None:
    rows: Rows = [
        ("C", "U1", "L1", 1, Tallied.EPISODES, 3),
        ("B", "U1", "L1", 1, Tallied.EPISODES, 1),
        ("A", "U1", "L1", 1, Tallied.EPISODES, 5),
    ]

    shown = protect(table(rows), GROUPS, POLICY)

    assert dict(shown.by_group) == {("A", Tallied.EPISODES): 5}
    assert dict(shown.by_small_groups) == {("U1", Tallied.EPISODES): 4}
    assert dict(shown.by_unit) == {("U1", Tallied.EPISODES): 9}


def test_a_group_that_nobody_registered_counts_in_sums_only() -> None:
    shown = protect(table([("X", "U1", "L1", 1, Tallied.EPISODES, 2)]), GROUPS, POLICY)

    assert shown.totals[Tallied.EPISODES] == 2
    assert not shown.by_group


def test_the_days_of_one_limit_are_one_item() -> None:
    rows: Rows = [
        ("A", "U1", "L1", day, Measure.CHECK_IN, n) for day, n in ((1, 5), (2, 2), (4, 3))
    ]

    (item,) = over(rows, CHECK_INS)

    assert (item.subject, item.code, item.unit) == (Subject.GROUP, "A", "U1")
    assert (item.count, item.over_by, item.weekdays) == (10, 4, (1, 4))


def test_folded_groups_are_held_together_against_as_many_limits_and_no_day_is_told() -> None:
    rows: Rows = [
        ("B", "U1", "L1", 1, Measure.CHECK_IN, 3),
        ("C", "U1", "L1", 2, Measure.CHECK_IN, 6),
    ]

    (item,) = over(rows, CHECK_INS)

    # Two groups may have four a day: Monday's three are within, Tuesday's six are two above.
    assert (item.subject, item.code, item.groups, item.at_most) == (
        Subject.SMALL_GROUPS, "U1", 2, 2,
    )  # fmt: skip
    assert (item.count, item.over_by, item.weekdays) == (9, 2, ())


def test_what_is_told_of_folded_groups_over_a_limit_hangs_on_their_sum_alone() -> None:
    """Else an item, its absence or its excess would say how the sum is split."""
    weekly = replace(CHECK_INS, window=Window.WEEK, at_most=3)

    def told(b: int, c: int) -> tuple[OverLimit, ...]:
        rows = [
            ("B", "U1", "L1", 1, Measure.CHECK_IN, b),
            ("C", "U1", "L1", 1, Measure.CHECK_IN, c),
        ]
        return over(rows, weekly, CHECK_INS)

    for total in range(12):
        assert len({told(b, total - b) for b in range(total + 1)}) == 1


def test_a_folded_groups_own_limit_is_not_told_since_it_would_name_the_group() -> None:
    own = Limit(Measure.CHECK_IN, Scope.GROUP, Window.DAY, 1, Ground.DESIGN, "check_in", only="C")

    assert over([("C", "U1", "L1", 2, Measure.CHECK_IN, 6)], own) == ()


def test_a_breach_of_a_group_that_nobody_registered_is_not_told() -> None:
    assert over([("X", "U1", "L1", 2, Measure.CHECK_IN, 6)], CHECK_INS) == ()


def test_items_are_ordered_by_unit_code_and_never_by_size() -> None:
    def limit(measure: Measure, scope: Scope) -> Limit:
        return Limit(measure, scope, Window.WEEK, 0, Ground.FIRM, "ranking")

    rankings = [limit(Measure.RANKING, scope) for scope in (Scope.ALL, Scope.LINE, Scope.UNIT)]
    check_ins = [limit(Measure.CHECK_IN, scope) for scope in (Scope.UNIT, Scope.GROUP)]
    rows: Rows = [
        ("A", "U1", "L1", 1, Measure.RANKING, 1),
        ("D", "U2", "L1", 1, Measure.RANKING, 90),
        ("A", "U1", "L1", 1, Measure.CHECK_IN, 5),
    ]

    told = over(rows, *rankings, *check_ins)

    assert [(one.unit, one.subject.value, one.measure.value) for one in told] == [
        ("U1", "unit", "check_in"),
        ("U1", "unit", "ranking"),
        ("U1", "group", "check_in"),
        ("U2", "unit", "ranking"),
        ("", "line", "ranking"),
        ("", "all", "ranking"),
    ]


def test_an_office_gets_what_its_units_demanded() -> None:
    rows: Rows = [
        ("A", "U1", "L1", 1, Tallied.EPISODES, 3),
        ("A", "U9", "L1", 1, Tallied.EPISODES, 4),
    ]

    assert charged_to(table(rows), [UnitCode("U9")]) == table(rows[1:])
    assert charged_to(table(rows), []) == table(rows)


def test_which_groups_are_shown_does_not_hang_on_the_office() -> None:
    """B is hidden to cover C; an office that sees only B's part must not show it either."""
    rows: Rows = [("B", "U9", "L1", 1, Tallied.EPISODES, 4)]

    shown = protect(table(rows), GROUPS, POLICY, units=[UnitCode("U9")])

    assert not shown.by_group


def test_figures_of_people_that_passed_no_gate_cannot_be_written_by_hand() -> None:
    with pytest.raises(TypeError, match="through_gate"):
        GatedComplaints(object(), (), ())


def test_figures_of_people_come_in_only_as_the_gate_let_them_through() -> None:
    complaints = through_gate([], [], PeoplePolicy())

    assert protect(table([]), GROUPS, POLICY, complaints=complaints).complaints is complaints
    assert protect(table([]), GROUPS, POLICY).complaints is None
