"""No small group's number can be had from what is published, whatever the county looks like."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.anonymity import ProtectionPolicy, Subject, protect
from bot.domain.folding import folded_groups
from bot.domain.groups import GroupProfile
from bot.domain.limits import breaches
from bot.domain.tallies import CountTable
from bot.domain.vocabulary import Measure, Tallied
from config.policy_file import load_limits
from tests.golden.weeks import group, table

# The machine may be busy; how long an example takes says nothing here.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
POLICY = ProtectionPolicy()
LIMITS = load_limits()

counties = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(2, 30)), min_size=1, max_size=9
).map(
    lambda rows: [
        group(f"G{n}", f"U{unit}", f"L{line}", size) for n, (unit, line, size) in enumerate(rows)
    ]
)


@st.composite
def counted_counties(draw: st.DrawFn) -> tuple[list[GroupProfile], CountTable]:
    groups = draw(counties)
    measures = st.sampled_from([*Measure, *Tallied])
    cells = st.tuples(st.sampled_from(groups), st.integers(1, 7), measures, st.integers(0, 9))
    rows = draw(st.lists(cells, max_size=30))
    return groups, table((g.code, g.unit, g.line, day, m, n) for g, day, m, n in rows)


Row = list[Fraction]


def margins(groups: Sequence[GroupProfile]) -> list[Row]:
    """Units and lines, as sums of groups."""
    keys = [("unit", u) for u in sorted({g.unit for g in groups})]
    keys += [("line", line) for line in sorted({g.line for g in groups})]
    return [[Fraction(getattr(g, kind) == code) for g in groups] for kind, code in keys]


def is_determined(wanted: Row, published: Sequence[Row]) -> bool:
    """Whether a linear combination of what is published is the wanted sum."""
    return rank([*published, wanted]) == rank(published)


def rank(rows: Sequence[Row]) -> int:
    left, found = [list(row) for row in rows], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        for row in left[found + 1 :]:
            factor = row[column] / pivot[column]
            for place, value in enumerate(pivot):
                row[place] -= factor * value
        found += 1
    return found


def only(place: int, length: int) -> Row:
    return [Fraction(place == other) for other in range(length)]


def recovered(groups: Sequence[GroupProfile], folded: frozenset[str]) -> set[str]:
    """What an attacker gets from units, lines and shown groups, beyond units and lines alone."""
    shown = [only(n, len(groups)) for n, g in enumerate(groups) if g.code not in folded]
    published = [*margins(groups), *shown]
    return {
        g.code
        for n, g in enumerate(groups)
        if g.size < POLICY.smallest_group
        and is_determined(only(n, len(groups)), published)
        and not is_determined(only(n, len(groups)), margins(groups))
    }


@settings(UNHURRIED, max_examples=300)
@given(counties)
def test_no_small_group_is_recovered_by_linear_algebra(groups: list[GroupProfile]) -> None:
    folded = folded_groups(groups, POLICY.smallest_group)

    assert recovered(groups, folded) == set()


def test_the_same_attack_succeeds_where_only_small_groups_are_hidden() -> None:
    """The attack works: without the folding of others it finds the number."""
    groups = [group("A", "U1", "L1", 5), group("B", "U1", "L1", 40), group("C", "U1", "L1", 30)]

    assert recovered(groups, frozenset({"A"})) == {"A"}


@UNHURRIED
@given(counted_counties())
def test_no_small_group_is_ever_shown_by_itself(
    county: tuple[list[GroupProfile], CountTable],
) -> None:
    groups, counts = county
    small = {g.code for g in groups if g.size < POLICY.smallest_group}

    shown = protect(counts, groups, POLICY, breaches=breaches(counts, LIMITS))

    assert not small & {code for code, _ in shown.by_group}
    assert not small & {one.code for one in shown.over_limit if one.subject is Subject.GROUP}


@UNHURRIED
@given(counted_counties())
def test_a_unit_shows_its_other_groups_together_only_where_there_are_several(
    county: tuple[list[GroupProfile], CountTable],
) -> None:
    groups, _ = county
    folded = folded_groups(groups, POLICY.smallest_group)

    for unit in {g.unit for g in groups}:
        own = [g for g in groups if g.unit == unit]
        hidden = [g for g in own if g.code in folded]
        assert len(hidden) != 1 or len(own) == 1


@UNHURRIED
@given(counted_counties())
def test_conduct_adds_up_exactly_at_every_level(
    county: tuple[list[GroupProfile], CountTable],
) -> None:
    groups, counts = county

    shown = protect(counts, groups, POLICY)

    for measure, n in shown.totals.items():
        assert sum(x for (_, m), x in shown.by_unit.items() if m is measure) == n
        assert sum(x for (_, m), x in shown.by_line.items() if m is measure) == n
        assert sum(x for (_, m), x in shown.by_weekday.items() if m is measure) == n


@UNHURRIED
@given(counted_counties(), st.randoms())
def test_the_order_of_groups_and_cells_changes_nothing(
    county: tuple[list[GroupProfile], CountTable], order: object
) -> None:
    groups, counts = county
    mixed_groups, cells = list(groups), list(counts)
    order.shuffle(mixed_groups)  # type: ignore[attr-defined]
    order.shuffle(cells)  # type: ignore[attr-defined]
    mixed = CountTable(cells)

    one = protect(counts, groups, POLICY, breaches=breaches(counts, LIMITS))
    two = protect(mixed, mixed_groups, POLICY, breaches=breaches(mixed, LIMITS))

    assert one == two
