"""No small group's number can be had from what is published, whatever the county looks like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import gcd
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.anonymity import ProtectedTable, ProtectionPolicy, protect
from bot.domain.folding import folded_groups, folding
from bot.domain.groups import GroupProfile, UnitCode
from bot.domain.limits import Ground, Limit, Scope, Window
from bot.domain.over_limits import Subject
from bot.domain.tallies import CountTable
from bot.domain.vocabulary import Measure, Tallied
from config.policy_file import load_limits
from tests.golden.weeks import group, table

# The machine may be busy; how long an example takes says nothing here.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
POLICY = ProtectionPolicy()
LIMITS = load_limits()
OF_MANY = [
    Limit(Measure.RANKING, scope, Window.WEEK, 0, Ground.FIRM, "ranking")
    for scope in (Scope.LINE, Scope.ALL)
]

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


Row = list[int]
Span = list[tuple[int, Row]]


def margins(groups: Sequence[GroupProfile]) -> list[Row]:
    """Units and lines, as sums of groups."""
    keys: list[tuple[str, str]] = [("unit", u) for u in sorted({g.unit for g in groups})]
    keys += [("line", line) for line in sorted({g.line for g in groups})]
    return [[int(getattr(g, kind) == code) for g in groups] for kind, code in keys]


def span_of(published: Iterable[Row]) -> Span:
    """Rows that span the same, each with the place of its first number."""
    span: Span = []
    for row in published:
        left = beyond(span, row)
        place = next((n for n, value in enumerate(left) if value), None)
        if place is not None:
            span.append((place, left))
    return span


def beyond(span: Span, row: Row) -> Row:
    """What is left of a row when all is taken off that the span can make; in whole numbers, exact."""
    left = row
    for place, one in span:
        if left[place]:
            ours, theirs = one[place], left[place]
            left = [ours * a - theirs * b for a, b in zip(left, one, strict=True)]
            if (most := gcd(*left)) > 1:
                left = [value // most for value in left]
    return left


def is_determined(wanted: Row, published: Span) -> bool:
    """Whether a linear combination of what is published is the wanted sum."""
    return not any(beyond(published, wanted))


def only(place: int, length: int) -> Row:
    return [int(place == other) for other in range(length)]


def recovered(groups: Sequence[GroupProfile], folded: frozenset[str]) -> set[str]:
    """What an attacker gets from units, lines and shown groups, beyond units and lines alone."""
    shown = [only(n, len(groups)) for n, g in enumerate(groups) if g.code not in folded]
    conceded = span_of(margins(groups))
    published = span_of([*margins(groups), *shown])
    return {
        g.code
        for n, g in enumerate(groups)
        if g.size < POLICY.smallest_group
        and is_determined(only(n, len(groups)), published)
        and not is_determined(only(n, len(groups)), conceded)
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


# --- all offices' digests together ---

DAYS = (1, 2)
Answers = frozenset[UnitCode]
EVERYWHERE: Answers = frozenset()
"""What an office answers for; an office for all units names none."""

offices = st.lists(
    st.frozensets(st.sampled_from([UnitCode(f"U{n}") for n in range(1, 5)]), max_size=3),
    min_size=1,
    max_size=4,
)


def of_cells(groups: Sequence[GroupProfile], kind: str, code: str, days: Sequence[int]) -> Row:
    """The sum of what happened on these days in the groups of a unit, of a line, or in one."""
    return [int(getattr(g, kind) == code and day in days) for g in groups for day in DAYS]


def published_to(groups: Sequence[GroupProfile], answers: Answers) -> list[Row]:
    """Every figure of an office's digest as a sum of groups' days, found by trying each day of
    each group alone: the gate adds up, and does nothing else with a number.
    """
    alone = [
        figures(
            protect(
                table([(g.code, g.unit, g.line, day, Tallied.EPISODES, 1)]),
                groups,
                POLICY,
                units=answers,
            )
        )
        for g in groups
        for day in DAYS
    ]
    keys = {key for one in alone for key in one}
    return [[one.get(key, 0) for one in alone] for key in sorted(keys, key=repr)]


def figures(shown: ProtectedTable) -> dict[object, int]:
    parts: dict[str, Mapping[Any, int]] = {
        "total": shown.totals,
        "unit": shown.by_unit,
        "line": shown.by_line or {},
        "weekday": shown.by_weekday,
        "group": shown.by_group,
        "small": shown.by_small_groups,
    }
    return {(part, key): n for part, rows in parts.items() for key, n in rows.items()}


def subtracted(groups: Sequence[GroupProfile], digests: Sequence[Row]) -> set[str]:
    """Small groups with a day or a week to be had from digests, beyond units by day and lines."""
    conceded = [of_cells(groups, "unit", g.unit, [day]) for g in groups for day in DAYS]
    conceded += [of_cells(groups, "line", g.line, DAYS) for g in groups]
    without, with_them = span_of(conceded), span_of([*conceded, *digests])
    return {
        g.code
        for g in groups
        if g.size < POLICY.smallest_group
        for days in (DAYS, DAYS[:1], DAYS[1:])
        if is_determined(wanted := of_cells(groups, "code", g.code, days), with_them)
        and not is_determined(wanted, without)
    }


def lines_within(groups: Sequence[GroupProfile], answers: Answers) -> list[Row]:
    """What a digest for some units would say of lines."""
    own = [[int(g.unit in answers)] * len(DAYS) for g in groups]
    mask = [share for shares in own for share in shares]
    return [
        [a * b for a, b in zip(of_cells(groups, "line", line, DAYS), mask, strict=True)]
        for line in sorted({g.line for g in groups})
    ]


@settings(UNHURRIED, max_examples=60)
@given(counties, offices)
def test_no_small_group_is_recovered_from_the_digests_of_all_offices_together(
    groups: list[GroupProfile], answers: list[Answers]
) -> None:
    """Offices for some units too, overlapping or not, beside the one for all."""
    digests = [row for one in (EVERYWHERE, *answers) for row in published_to(groups, one)]

    assert subtracted(groups, digests) == set()


CROSSED = [
    group("A", "U1", "L1", 5),
    group("B", "U1", "L2", 40),
    group("C", "U2", "L1", 40),
    group("D", "U2", "L2", 40),
]
"""Lines by units where a line within a unit is one group."""


@pytest.mark.parametrize(
    "answers",
    [
        [frozenset({"U1"})],
        [frozenset({"U2"})],
        [frozenset({"U1", "U3"}), frozenset({"U3"})],
        [frozenset({"U1", "U3"}), frozenset({"U2", "U3"})],
    ],
    ids=["own", "the-others", "one-within-another", "overlapping"],
)
def test_the_same_attack_succeeds_where_offices_for_some_units_are_told_of_lines(
    answers: list[Answers],
) -> None:
    """The attack works: with lines it finds the number, directly or by subtraction."""
    groups = [*CROSSED, group("E", "U3", "L1", 60), group("F", "U3", "L1", 60)]
    digests = [row for one in (EVERYWHERE, *answers) for row in published_to(groups, one)]
    with_lines = [row for one in answers for row in lines_within(groups, one)]

    assert subtracted(groups, digests) == set()
    assert subtracted(groups, [*digests, *with_lines]) == {"A"}


# --- members of all units may write in any group ---

Charged = list[tuple[GroupProfile, UnitCode]]
"""The cells when anybody writes anywhere: a group, and the unit that what is written is charged to."""


def anywhere(groups: Sequence[GroupProfile]) -> Charged:
    return [(g, unit) for g in groups for unit in sorted({g.unit for g in groups})]


def printed_of(groups: Sequence[GroupProfile], answers: Answers, cells: Charged) -> list[Row]:
    """Every figure of a digest as a sum of cells, by trying each cell alone."""
    line_of = {g.unit: g.line for g in groups}
    alone = [
        figures(
            protect(
                table([(g.code, unit, line_of[unit], 1, Tallied.EPISODES, 1)]),
                groups,
                POLICY,
                units=answers,
            )
        )
        for g, unit in cells
    ]
    keys = {key for one in alone for key in one}
    return [[one.get(key, 0) for one in alone] for key in sorted(keys, key=repr)]


def taken_apart(
    groups: Sequence[GroupProfile], digests: Sequence[Row], cells: Charged
) -> set[str]:
    """Small groups of which a sum comes out: all that was demanded there, or by one unit."""
    units = sorted({g.unit for g in groups})
    wanted: dict[str, list[Row]] = {
        g.code: [
            [int(own.code == g.code) for own, _ in cells],
            *([int((own.code, by) == (g.code, unit)) for own, by in cells] for unit in units),
        ]
        for g in groups
        if g.size < POLICY.smallest_group
    }
    published = span_of(digests)
    return {
        code for code, sums in wanted.items() if any(is_determined(s, published) for s in sums)
    }


@settings(UNHURRIED, max_examples=60)
@given(counties, offices)
def test_no_small_group_is_recovered_where_members_of_all_units_write_in_it(
    groups: list[GroupProfile], answers: list[Answers]
) -> None:
    cells = anywhere(groups)
    digests = [row for one in (EVERYWHERE, *answers) for row in printed_of(groups, one, cells)]

    assert taken_apart(groups, digests, cells) == set() or len(groups) == 1


def test_the_same_attack_succeeds_where_the_only_group_of_a_unit_has_a_row() -> None:
    """As it was before: the row of U1's other groups was A's number, whoever wrote in it."""
    groups = [group("A", "U1", "L1", 5), group("B", "U2", "L2", 40), group("C", "U2", "L2", 30)]
    cells = anywhere(groups)
    row_of_u1 = [int(g.unit == "U1") for g, _ in cells]
    digests = printed_of(groups, EVERYWHERE, cells)

    assert taken_apart(groups, digests, cells) == set()
    assert taken_apart(groups, [*digests, row_of_u1], cells) == {"A"}


@UNHURRIED
@given(counted_counties(), st.frozensets(st.sampled_from(["U1", "U2", "U3"]), min_size=1))
def test_an_office_for_some_units_is_told_nothing_of_lines_and_of_everybody(
    county: tuple[list[GroupProfile], CountTable], answers: Answers
) -> None:
    groups, counts = county

    shown = protect(counts, groups, POLICY, units=answers, limits=[*LIMITS, *OF_MANY])

    assert shown.by_line is None
    assert {unit for unit, _ in shown.by_unit} <= answers
    assert not {one.subject for one in shown.over_limit} & {Subject.LINE, Subject.ALL}


@UNHURRIED
@given(counted_counties())
def test_no_small_group_is_ever_shown_by_itself(
    county: tuple[list[GroupProfile], CountTable],
) -> None:
    groups, counts = county
    small = {g.code for g in groups if g.size < POLICY.smallest_group}

    shown = protect(counts, groups, POLICY, limits=LIMITS)

    assert not small & {code for code, _ in shown.by_group}
    assert not small & {one.code for one in shown.over_limit if one.subject is Subject.GROUP}


@UNHURRIED
@given(counted_counties())
def test_no_bundle_is_one_small_group_unless_it_is_all_there_is(
    county: tuple[list[GroupProfile], CountTable],
) -> None:
    groups, _ = county
    sizes = {g.code: g.size for g in groups}

    for codes in folding(groups, POLICY.smallest_group).bundles().values():
        assert len(codes) > 1 or sizes[codes[0]] >= POLICY.smallest_group or len(groups) == 1


@UNHURRIED
@given(counted_counties())
def test_conduct_adds_up_exactly_at_every_level(
    county: tuple[list[GroupProfile], CountTable],
) -> None:
    groups, counts = county

    shown = protect(counts, groups, POLICY)

    for measure, n in shown.totals.items():
        assert sum(x for (_, m), x in shown.by_unit.items() if m is measure) == n
        assert sum(x for (_, m), x in (shown.by_line or {}).items() if m is measure) == n
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

    one = protect(counts, groups, POLICY, limits=LIMITS)
    two = protect(mixed, mixed_groups, POLICY, limits=LIMITS)

    assert one == two
