"""How demands of different groups stand to each other, by what they leave without words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.groups import UNKNOWN_ORIGIN, GroupCode, LineCode, Origin, UnitCode
from bot.domain.periods import Week
from bot.domain.relations import (
    MINUTES_OF_DAY,
    WITHIN_MINUTES,
    Demand,
    RelationKind,
    Shift,
    find_relations,
)
from bot.domain.traces import PERIOD, RARE, USUAL, Level, Trace
from bot.domain.vocabulary import Kind, kind_bits

WEEK = Week(2026, 43)
MONDAY = WEEK.monday.toordinal()
NOON = 29_000_000 - 29_000_000 % MINUTES_OF_DAY + 12 * 60
FORM = kind_bits((Kind.FORM_FILLING,))
ELDERS = ("独居", "空巢", "巢老", "关爱")
BRIDGES = ("危桥", "桥梁", "排险", "加固")


def trace(*words: str, level: Level = Level.VILLAGES, passed_on: bool = False) -> Trace:
    return Trace(level, passed_on, frozenset(hashed(word) for word in words))


def hashed(word: str, sort: int = RARE) -> int:
    return int.from_bytes(word.encode()[:3] + word.encode()[-3:], "big") % 2**30 << 2 | sort


def demand(group: str, unit: str, line: str, after: int = 0, **fields: object) -> Demand:
    """A demand in `group` so many minutes after Monday noon."""
    values: dict[str, object] = {
        "kinds": FORM,
        "due": NOON + 3 * MINUTES_OF_DAY,
        "trace": trace(*ELDERS),
    }
    values |= fields
    return Demand(
        week=WEEK,
        group=GroupCode(group),
        episode=f"{group}{after}".encode().ljust(8)[:8],
        unit=UnitCode(unit),
        line=LineCode(line),
        minute=NOON + after,
        day=MONDAY + after // MINUTES_OF_DAY,
        **values,  # type: ignore[arg-type]
    )


COUNTY = demand("county", "局", "民政", trace=trace(*ELDERS, level=Level.TOWNS))
TOWN = demand("town", "镇", "民政", 60, trace=trace(*ELDERS))
VILLAGE = demand("village", "村", "民政", 120, trace=trace(*ELDERS, level=Level.GROUPS))


def told(*demands: Demand) -> list[tuple[str, str, str]]:
    return [
        (found.kind.value, found.later.group, found.earlier.group)
        for found in find_relations(demands, WEEK)
    ]


def test_a_level_below_passes_a_demand_on() -> None:
    assert told(COUNTY, TOWN) == [("relay", "town", "county")]


def test_a_relay_of_a_relay_is_two_deep() -> None:
    found = find_relations([COUNTY, TOWN, VILLAGE], WEEK)

    assert [(one.later.group, one.earlier.group, one.depth) for one in found] == [
        ("town", "county", 1),
        ("village", "town", 2),
    ]


@pytest.mark.parametrize(
    ("sooner", "shift"),
    [
        (0, Shift.SAME),
        (-1, Shift.LATER),
        (1, Shift.EARLIER_HOURS),
        (MINUTES_OF_DAY // 2 - 1, Shift.EARLIER_HOURS),
        (MINUTES_OF_DAY // 2, Shift.EARLIER_DAY),
        (MINUTES_OF_DAY * 3 // 2 - 1, Shift.EARLIER_DAY),
        (MINUTES_OF_DAY * 3 // 2, Shift.EARLIER_DAYS),
    ],
)
def test_how_much_earlier_a_relay_is_due_is_told_coarsely(sooner: int, shift: Shift) -> None:
    [found] = find_relations([COUNTY, replace(TOWN, due=(COUNTY.due or 0) - sooner)], WEEK)

    assert found.shift is shift
    assert found.shift.is_pressed is (sooner > 0)


def test_a_relay_without_a_deadline_is_not_said_to_press() -> None:
    [found] = find_relations([COUNTY, replace(TOWN, due=None)], WEEK)

    assert found.shift is Shift.UNKNOWN


def test_two_towns_that_pass_the_same_on_are_not_each_others_relay() -> None:
    other = demand("town-2", "街道", "民政", 90, trace=trace(*ELDERS, passed_on=True))

    assert told(COUNTY, TOWN, other) == [
        ("relay", "town", "county"),
        ("relay", "town-2", "county"),
    ]


def test_another_line_of_the_unit_that_asks_the_same_duplicates() -> None:
    assert told(TOWN, demand("grid", "镇", "综治", 600)) == [("duplicate", "grid", "town")]


def test_another_line_of_another_town_asks_other_people() -> None:
    assert told(TOWN, demand("grid", "街道", "综治", 600)) == []


def test_two_bureaus_that_call_on_all_towns_ask_the_same_people() -> None:
    other = demand("bureau", "委", "综治", 600, trace=trace(*ELDERS, level=Level.TOWNS))

    assert told(COUNTY, other) == [("duplicate", "bureau", "county")]


def test_the_same_line_in_another_group_of_its_unit_broadcasts() -> None:
    assert told(TOWN, replace(TOWN, group=GroupCode("again"), minute=TOWN.minute + 5)) == [
        ("broadcast", "again", "town")
    ]


def test_two_like_notices_of_one_line_with_other_deadlines_are_two() -> None:
    other = replace(TOWN, group=GroupCode("again"), minute=TOWN.minute + 5, due=NOON)

    assert told(TOWN, other) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"trace": trace(*BRIDGES)},
        {"trace": trace(ELDERS[0], *BRIDGES)},
        {"kinds": kind_bits((Kind.MEETING,))},
        {"after": 60 + WITHIN_MINUTES + 1},
        {"due": NOON + 3 * MINUTES_OF_DAY + WITHIN_MINUTES + 1},
        {"group": "town"},
    ],
    ids=["object", "a word in common", "kind", "a week later", "another date", "same group"],
)
def test_what_differs_in_one_thing_is_not_the_same(changed: dict[str, object]) -> None:
    values = {"group": "grid", "unit": "镇", "line": "综治", "after": 600} | changed

    assert told(TOWN, demand(**values)) == []  # type: ignore[arg-type]


def test_the_same_object_for_another_month_is_another_object() -> None:
    def of(month: str) -> Trace:
        words = frozenset(map(hashed, ELDERS)) | {hashed(f"{month}月", PERIOD)}
        return Trace(Level.VILLAGES, False, words)

    october = replace(TOWN, trace=of("十"))
    same = demand("grid", "镇", "综治", 600, trace=of("十"))
    next_month = demand("grid", "镇", "综治", 600, trace=of("冬"))

    assert told(october, same) == [("duplicate", "grid", "town")]
    assert told(october, next_month) == []


def test_a_daily_round_is_another_demand_every_day() -> None:
    daily = kind_bits((Kind.CHECK_IN,))
    today = replace(TOWN, kinds=daily, due=None)

    assert told(today, demand("grid", "镇", "综治", 90, kinds=daily, due=None))
    assert told(today, demand("grid", "镇", "综治", MINUTES_OF_DAY, kinds=daily, due=None)) == []


def test_usual_words_alone_make_nothing_the_same() -> None:
    usual = Trace(Level.VILLAGES, False, frozenset(hashed(w, USUAL) for w in ELDERS[:3]))

    assert told(replace(TOWN, trace=usual), demand("grid", "镇", "综治", 9, trace=usual)) == []


def test_words_that_all_lines_use_say_nothing() -> None:
    lines = [demand(f"g{n}", "镇", f"条线{n}", n) for n in range(30)]

    assert told(*lines) == []


def test_a_demand_of_the_week_before_is_found_by_its_own_key() -> None:
    before = replace(TOWN, week=WEEK.shifted(-1), minute=NOON - 4 * MINUTES_OF_DAY, day=MONDAY - 4)
    keyed = frozenset(hashed(f"{word}!") for word in ELDERS)
    later = demand("grid", "镇", "综治")

    with_key = replace(later, trace=Trace(Level.VILLAGES, False, keyed, later.trace.own))
    without = replace(later, trace=Trace(Level.VILLAGES, False, keyed, None))

    assert told(before, with_key) == [("duplicate", "grid", "town")]
    assert told(before, without) == []


SOME = [
    demand(
        f"{unit}-{line}",
        unit,
        line,
        37 * n,
        due=None if n % 5 == 0 else NOON + MINUTES_OF_DAY * (1 + n % 3),
        trace=trace(*words, level=level, passed_on=n % 2 == 0),
    )
    for n, (unit, line, words, level) in enumerate(
        (unit, line, words, level)
        for unit, level in (("局", Level.TOWNS), ("镇", Level.VILLAGES), ("街道", Level.VILLAGES))
        for line in ("民政", "综治")
        for words in (ELDERS, BRIDGES)
    )
]


@given(st.permutations(SOME))
def test_whatever_order_they_came_in_the_same_is_found(demands: list[Demand]) -> None:
    assert find_relations(demands, WEEK) == find_relations(SOME, WEEK)
    assert {one.kind for one in find_relations(demands, WEEK)} == {
        RelationKind.RELAY,
        RelationKind.DUPLICATE,
    }


@given(
    st.sampled_from(Level),
    st.booleans(),
    st.frozensets(st.integers(0, 2**32 - 1), max_size=40),
    st.none() | st.frozensets(st.integers(0, 2**32 - 1), max_size=40),
)
def test_a_trace_comes_back_from_its_bytes(
    level: Level, passed_on: bool, own: frozenset[int], before: frozenset[int] | None
) -> None:
    kept = Trace(level, passed_on, own, before)

    assert Trace.decode(kept.encode()) == kept


@pytest.mark.parametrize("raw", [b"", b"\x01", b"\x09\x00\x00", b"\x01\x00\x02\x00\x00"])
def test_other_bytes_are_no_trace(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"trace|Level"):
        Trace.decode(raw)


def from_a_record(asker: Origin = UNKNOWN_ORIGIN, unit: str = "镇", after: int = 60) -> Demand:
    """The county's words in a record that somebody of `unit` forwarded, of another line."""
    words = trace(*ELDERS, level=Level.UNTOLD, passed_on=True)
    return demand("record", unit, "综合", after, trace=words, passed_on=asker)


def test_a_record_passes_on_what_the_upper_body_s_group_had() -> None:
    (found,) = find_relations([COUNTY, from_a_record()], WEEK)

    assert (found.kind, found.later.unit, found.earlier) == (RelationKind.RELAY, "镇", COUNTY)
    assert (found.shift, found.depth) == (Shift.SAME, 1)


def test_a_record_of_what_no_group_had_passes_on_somebody_s() -> None:
    (found,) = find_relations([from_a_record()], WEEK)

    assert (found.kind, found.shift, found.depth) == (RelationKind.RELAY, Shift.UNKNOWN, 1)
    assert (found.earlier.group, found.earlier.unit, found.earlier.line) == ("", "", "")


def test_whose_it_is_is_kept_where_that_is_told() -> None:
    asker = Origin(UnitCode("局"), LineCode("民政"))
    (found,) = find_relations([from_a_record(asker)], WEEK)

    assert (found.earlier.group, found.earlier.unit, found.earlier.line) == ("", "局", "民政")


def test_where_that_is_told_another_unit_s_is_not_taken_for_it() -> None:
    asker = Origin(UnitCode("另一局"), LineCode("民政"))
    (found,) = find_relations([COUNTY, from_a_record(asker)], WEEK)

    assert found.earlier.unit == "另一局"


def test_words_of_one_s_own_house_are_passed_on_from_nobody() -> None:
    own = from_a_record(Origin(UnitCode("镇"), LineCode("民政")))

    assert find_relations([own], WEEK) == []


def test_a_record_asks_for_nothing_a_second_time() -> None:
    """A line that carries another line's words to its own unit has not asked as well."""
    asked = demand("asked", "镇", "民政")

    assert [one.kind for one in find_relations([asked, from_a_record()], WEEK)] == []


def test_what_a_record_is_passed_on_to_is_a_step_deeper() -> None:
    below = demand(
        "below", "村", "综合", 120, trace=trace(*ELDERS, level=Level.UNTOLD, passed_on=True),
        passed_on=UNKNOWN_ORIGIN,
    )  # fmt: skip
    found = find_relations([from_a_record(), below], WEEK)

    assert [(one.earlier.group, one.depth) for one in found] == [("", 1), ("record", 2)]


def test_a_record_and_the_words_that_announce_it_are_one_relay() -> None:
    told_first = demand("record", "镇", "民政", 59, trace=trace(*ELDERS, level=Level.VILLAGES))
    record = replace(from_a_record(), episode=told_first.episode)
    found = find_relations([COUNTY, told_first, record], WEEK)

    assert [(one.kind, one.earlier.group) for one in found] == [(RelationKind.RELAY, "county")]
