"""Which groups stand alone, in small counties drawn by hand."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.folding import Shape, folded_groups, folding
from bot.domain.groups import GroupProfile, UnitCode
from tests.golden.weeks import group


def folded(*groups: GroupProfile) -> set[str]:
    return set(folded_groups(groups, 10))


def bundles(*groups: GroupProfile) -> dict[str, list[str]]:
    return {name: list(codes) for name, codes in folding(groups, 10).bundles().items()}


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


def test_where_all_else_would_be_shown_the_smallest_other_is_hidden_too() -> None:
    """The total less the shown ones would be what everybody demanded in A."""
    others = [group("B", "U2", "L2", 40), group("C", "U2", "L2", 30), group("D", "U3", "L3", 90)]

    assert folded(group("A", "U1", "L1", 5), *others) == {"A", "C"}
    assert bundles(group("A", "U1", "L1", 5), *others) == {"U1 U2": ["A", "C"]}


def test_a_group_that_is_all_there_is_stands_for_itself() -> None:
    assert bundles(group("A", "U1", "L1", 5)) == {"U1": ["A"]}


def test_the_hidden_groups_of_a_unit_are_shown_together() -> None:
    small = [group("A", "U1", "L1", 5), group("B", "U1", "L1", 6)]

    assert bundles(*small, group("C", "U1", "L1", 40)) == {"U1": ["A", "B"]}


def test_small_groups_that_are_all_there_is_of_their_units_are_shown_two_and_two() -> None:
    bare = [group(f"G{n}", f"U{n}", f"L{n}", 5) for n in range(1, 6)]

    assert bundles(*bare[:2]) == {"U1 U2": ["G1", "G2"]}
    assert bundles(*bare) == {"U1 U2": ["G1", "G2"], "U3 U4 U5": ["G3", "G4", "G5"]}


def test_a_single_one_of_them_is_shown_with_the_fewest_others() -> None:
    many = [group(f"M{n}", "U2", "L2", 5) for n in range(3)]
    two = [group(f"T{n}", "U3", "L2", 5) for n in range(2)]

    assert bundles(group("A", "U1", "L1", 5), *many, *two) == {
        "U2": ["M0", "M1", "M2"],
        "U1 U3": ["A", "T0", "T1"],
    }


def test_a_large_group_that_covers_others_may_stand_alone_under_its_unit() -> None:
    """Only small ones are anybody's to hide."""
    small = [group("A", "U1", "L1", 5), group("B", "U1", "L2", 6)]
    others = [group("C", "U2", "L1", 40), group("D", "U3", "L2", 50), group("E", "U3", "L1", 50)]

    found = bundles(*small, *others)

    assert found["U1"] == ["A", "B"]
    assert all(len(units.split()) == 1 for units in found)


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


# --- further issues of a week ---

COUNTY = [
    group("A", "U1", "L1", 5),
    group("B", "U1", "L1", 6),
    group("C", "U2", "L2", 7),
    group("D", "U2", "L2", 60),
    group("E", "U2", "L2", 40),
]


def shape(groups: list[GroupProfile]) -> Shape:
    found = folding(groups, 10)
    shown = frozenset(one.code for one in groups) - found.bundle_of.keys()
    return Shape(shown, frozenset(found.bundle_of.values()))


def again(groups: list[GroupProfile], before: Shape) -> dict[str, list[str]]:
    """The bundles of a further issue for which groups are registered so."""
    heard = {one.code for one in COUNTY}
    found = folding(groups, 10).no_finer_than(before, groups, heard)
    return {name: list(codes) for name, codes in found.bundles().items()}


def test_a_further_issue_has_the_bundles_of_the_first() -> None:
    assert again(COUNTY, shape(COUNTY)) == bundles(*COUNTY)


def test_a_group_that_has_grown_stays_where_it_was_hidden() -> None:
    grown = [replace(one, size=80) if one.code in "AC" else one for one in COUNTY]

    assert "A" not in bundles(*grown).get("U2", [])
    assert again(grown, shape(COUNTY)) == {"U1": ["A", "B"], "U2": ["C", "E"]}


def test_where_bundles_would_differ_all_hidden_groups_are_one() -> None:
    """A and B by themselves, then A with others: the two issues' sums would overlap."""
    moved = [replace(one, unit=UnitCode("U9")) if one.code == "B" else one for one in COUNTY]

    (together,) = again(moved, shape(COUNTY)).values()
    assert set(together) >= {"A", "B", "C", "E"}


def test_a_group_that_was_shown_and_has_shrunk_makes_them_one_too() -> None:
    shrunk = [replace(one, size=8) if one.code == "D" else one for one in COUNTY]

    (together,) = again(shrunk, shape(COUNTY)).values()
    assert set(together) == {"A", "B", "C", "D", "E"}
