"""Which groups stand alone, in small counties drawn by hand."""

from __future__ import annotations

from bot.domain.folding import folded_groups
from bot.domain.groups import GroupProfile
from tests.golden.weeks import group


def folded(*groups: GroupProfile) -> set[str]:
    return set(folded_groups(groups, 10))


def test_groups_of_ten_and_more_stand_alone() -> None:
    assert folded(group("A", "U1", "L1", 10), group("B", "U1", "L2", 200)) == set()


def test_a_group_of_nine_does_not() -> None:
    assert "A" in folded(group("A", "U1", "L1", 9))


def test_the_only_small_group_of_a_unit_takes_another_with_it() -> None:
    """Else the unit's number less the shown groups' is its number."""
    big = [group("B", "U1", "L1", 40), group("C", "U1", "L1", 30)]

    assert folded(group("A", "U1", "L1", 5), *big) == {"A", "C"}


def test_the_one_of_its_own_line_is_hidden_first_because_it_covers_both_margins() -> None:
    others = [group("B", "U1", "L2", 12), group("C", "U1", "L1", 90)]

    assert folded(group("A", "U1", "L1", 5), *others) == {"A", "C"}


def test_two_small_groups_of_the_same_unit_and_line_hide_each_other() -> None:
    small = [group("A", "U1", "L1", 5), group("B", "U1", "L1", 6)]

    assert folded(*small, group("C", "U1", "L1", 40)) == {"A", "B"}


def test_small_groups_of_different_lines_are_not_enough_where_lines_are_published_too() -> None:
    """A in L1 and B in L2: L1 less C is A. So C and D are hidden as well: a cycle of four."""
    small = [group("A", "U1", "L1", 5), group("B", "U1", "L2", 6)]
    others = [group("C", "U2", "L1", 40), group("D", "U2", "L2", 50), group("E", "U2", "L2", 60)]

    assert folded(*small, *others) == {"A", "B", "C", "D"}


def test_a_group_that_is_all_there_is_of_its_unit_goes_under_the_unit() -> None:
    assert folded(group("A", "U1", "L1", 5), group("B", "U2", "L2", 40)) == {"A"}


def test_the_order_of_the_registry_does_not_matter() -> None:
    groups = [
        group("A", "U1", "L1", 5),
        group("B", "U1", "L2", 40),
        group("C", "U2", "L1", 30),
        group("D", "U2", "L2", 20),
        group("E", "U2", "L2", 20),
    ]

    assert folded(*groups) == folded(*reversed(groups))


def test_a_county_without_groups_has_nothing_to_fold() -> None:
    assert folded() == set()
