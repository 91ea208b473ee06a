"""Limits: where a count stands, what is over, and which policy files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import BadPolicy
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.limits import (
    Ground,
    Level,
    Limit,
    Scope,
    Subject,
    Window,
    applicable,
    breaches,
    breaches_of,
    group_standing,
    standing,
)
from bot.domain.tallies import Cell, Counted, CountTable
from bot.domain.vocabulary import Measure, Tallied
from config.load import LOCALES, load_texts
from config.policy_file import load_limits


def limit(
    measure: Measure,
    scope: Scope,
    window: Window,
    at_most: int,
    *,
    only: str = "",
    warn_at: float = 0.8,
) -> Limit:
    return Limit(
        measure, scope, window, at_most, Ground.DESIGN, "off_hours", only=only, warn_at=warn_at
    )


def cell(group: str, unit: str, line: str, weekday: int, measure: Counted) -> Cell:
    return Cell(GroupCode(group), UnitCode(unit), LineCode(line), weekday, measure)


@pytest.mark.parametrize(
    ("at_most", "count", "level"),
    [
        (0, 0, Level.WITHIN),
        (0, 1, Level.OVER),
        (1, 0, Level.WITHIN),
        (1, 1, Level.NEAR),
        (1, 2, Level.OVER),
        (5, 3, Level.WITHIN),
        (5, 4, Level.NEAR),
        (5, 5, Level.NEAR),
        (5, 6, Level.OVER),
        (10, 7, Level.WITHIN),
        (10, 8, Level.NEAR),
        (10, 10, Level.NEAR),
        (10, 11, Level.OVER),
    ],
)
def test_a_count_is_near_from_eighty_per_cent_and_over_above_the_limit(
    at_most: int, count: int, level: Level
) -> None:
    assert limit(Measure.CHECK_IN, Scope.GROUP, Window.DAY, at_most).level(count) is level


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(0, 2000), st.floats(0.1, 1.0))
def test_levels_only_rise_with_the_count(at_most: int, count: int, warn_at: float) -> None:
    order = list(Level)
    one = limit(Measure.CHECK_IN, Scope.GROUP, Window.DAY, at_most, warn_at=warn_at)

    assert order.index(one.level(count)) <= order.index(one.level(count + 1))
    assert (one.level(count) is Level.OVER) == (count > at_most)


def test_a_limit_of_its_own_takes_the_place_of_the_general_one() -> None:
    general = limit(Measure.MEETING, Scope.UNIT, Window.WEEK, 2)
    own = limit(Measure.MEETING, Scope.UNIT, Window.WEEK, 4, only="u1")
    ranking = limit(Measure.RANKING, Scope.UNIT, Window.WEEK, 0)

    for order in ([general, own, ranking], [own, general, ranking]):
        assert set(applicable(order, Scope.UNIT, Window.WEEK, "u1")) == {own, ranking}
        assert set(applicable(order, Scope.UNIT, Window.WEEK, "u2")) == {general, ranking}
    assert applicable([general], Scope.UNIT, Window.DAY, "u1") == ()
    assert applicable([general], Scope.LINE, Window.WEEK, "u1") == ()


def test_standing_tells_also_what_is_within_and_what_is_left() -> None:
    limits = [
        limit(Measure.CHECK_IN, Scope.GROUP, Window.DAY, 2),
        limit(Measure.RANKING, Scope.GROUP, Window.DAY, 1),
    ]

    first, second = standing(limits, {Measure.CHECK_IN: 3})

    assert (first.level, first.count, first.left) == (Level.OVER, 3, 0)
    assert (second.level, second.count, second.left) == (Level.WITHIN, 0, 1)


def test_a_group_stands_by_its_day_and_by_its_week_whoever_asked() -> None:
    table = CountTable(
        [
            (cell("g1", "u1", "l1", 1, Measure.CHECK_IN), 2),
            (cell("g1", "u2", "l1", 2, Measure.CHECK_IN), 1),
            (cell("g1", "u1", "l1", 2, Measure.CHECK_IN), 1),
            (cell("g2", "u1", "l1", 2, Measure.CHECK_IN), 9),
            (cell("g1", "u1", "l1", 2, Tallied.EPISODES), 9),
        ]
    )
    limits = [
        limit(Measure.CHECK_IN, Scope.GROUP, Window.WEEK, 3),
        limit(Measure.CHECK_IN, Scope.GROUP, Window.DAY, 2),
        limit(Measure.CHECK_IN, Scope.UNIT, Window.DAY, 1),
    ]

    day, week = group_standing(limits, table, GroupCode("g1"), weekday=2)

    assert (day.limit.window, day.count, day.level) == (Window.DAY, 2, Level.NEAR)
    assert (week.limit.window, week.count, week.level) == (Window.WEEK, 4, Level.OVER)


def test_days_are_judged_one_by_one_and_weeks_as_a_whole() -> None:
    table = CountTable(
        [
            (cell("g1", "u1", "l1", 1, Measure.CHECK_IN), 2),
            (cell("g1", "u1", "l1", 3, Measure.CHECK_IN), 3),
            (cell("g2", "u1", "l2", 3, Measure.CHECK_IN), 1),
        ]
    )
    limits = [
        limit(Measure.CHECK_IN, Scope.UNIT, Window.WEEK, 5),
        limit(Measure.CHECK_IN, Scope.GROUP, Window.DAY, 2),
        limit(Measure.CHECK_IN, Scope.LINE, Window.WEEK, 5),
        limit(Measure.CHECK_IN, Scope.ALL, Window.WEEK, 5),
        limit(Measure.CHECK_IN, Scope.ALL, Window.DAY, 3),
        limit(Measure.CHECK_IN, Scope.UNIT, Window.YEAR, 0),
    ]

    found = breaches(table, limits)

    assert [(b.limit.id, b.code, b.weekday, b.count, b.over_by) for b in found] == [
        ("check_in.group.day", "g1", 3, 3, 1),
        ("check_in.all.day", "", 3, 4, 1),
        ("check_in.unit.week", "u1", 0, 6, 1),
        ("check_in.all.week", "", 0, 6, 1),
    ]


def test_breaches_stand_in_the_order_of_codes_and_never_of_sizes() -> None:
    table = CountTable(
        [
            (cell("g1", "u3", "l1", 1, Measure.RANKING), 1),
            (cell("g1", "u1", "l1", 1, Measure.RANKING), 5),
            (cell("g1", "u2", "l1", 1, Measure.RANKING), 9),
        ]
    )

    found = breaches(table, [limit(Measure.RANKING, Scope.UNIT, Window.WEEK, 0)])

    assert [one.code for one in found] == ["u1", "u2", "u3"]


def test_a_year_is_judged_from_counts_added_up_elsewhere() -> None:
    yearly = limit(Measure.INSPECTION, Scope.LINE, Window.YEAR, 1)
    counts = {
        Subject(Scope.LINE, "l1", Measure.INSPECTION): 2,
        Subject(Scope.LINE, "l2", Measure.INSPECTION): 1,
        Subject(Scope.LINE, "l1", Measure.MEETING): 9,
    }

    (only,) = breaches_of(counts, [yearly], Window.YEAR)

    assert (only.code, only.count, only.limit) == ("l1", 2, yearly)
    assert breaches_of(counts, [yearly], Window.MONTH) == ()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["g1", "g2"]),
            st.sampled_from(["u1", "u2"]),
            st.integers(1, 7),
            st.integers(0, 9),
        )
    ),
    st.integers(0, 12),
)
def test_a_week_breach_is_the_sum_of_its_cells(
    rows: list[tuple[str, str, int, int]], at_most: int
) -> None:
    table = CountTable(
        {cell(g, u, "l1", day, Measure.CHECK_IN): count for g, u, day, count in rows}
    )

    found = breaches(table, [limit(Measure.CHECK_IN, Scope.UNIT, Window.WEEK, at_most)])

    sums = {unit: sum(count for at, count in table if at.unit == unit) for unit in ("u1", "u2")}
    assert {one.code: one.count for one in found} == {
        unit: total for unit, total in sums.items() if total > at_most
    }


# --- the packaged policy ------------------------------------------------------------------------


def test_the_packaged_policy_rests_on_sentences_that_exist_in_every_language() -> None:
    limits = load_limits()

    assert len({one.id for one in limits}) == len(limits) > 10
    for locale in LOCALES:
        texts = load_texts(locale)
        for one in limits:
            assert one.basis_key in texts
            assert f"limits.ground.{one.ground}" in texts
        for words in (Scope, Window, Level):
            assert all(f"limits.{words.__name__.lower()}.{word}" in texts for word in words)


def test_the_packaged_policy_holds_the_numbers_of_the_published_rules() -> None:
    at_most = {one.id: one.at_most for one in load_limits()}

    assert at_most["off_hours.group.week"] == 0
    assert at_most["screenshot_report.unit.day"] == 1
    assert at_most["meeting.unit.week"] == 2
    assert at_most["inspection.line.year"] == 1
    assert at_most["secondment.unit.week"] == 0


LIMIT = (
    '[[limit]]\nmeasure = "meeting"\nscope = "unit"\nwindow = "week"\nat_most = 2\n'
    'ground = "design"\nbasis = "meeting"\n'
)


def policy(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text, "utf-8")
    return path


def test_an_office_may_print_its_own_words_and_warn_when_it_likes(tmp_path: Path) -> None:
    text = LIMIT.replace('basis = "meeting"', 'basis_text = "县委办〔2026〕8号"\nonly = "u1"')

    (only,) = load_limits(policy(tmp_path, "warn_at = 0.5\n" + text))

    assert (only.basis_key, only.basis_text) == ("", "县委办〔2026〕8号")
    assert (only.id, only.warn_at) == ("meeting.unit.week@u1", 0.5)
    assert only.level(1) is Level.NEAR


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("limit = ", "file"),
        ("", "limit"),
        ("limits = []\n", "limits"),
        ("limit = [1]\n", "limit"),
        ("warn_at = 0\n" + LIMIT, "warn_at"),
        ('warn_at = "80%"\n' + LIMIT, "warn_at"),
        (LIMIT + "warn_at = 1.2\n", "limit 1.warn_at"),
        (LIMIT + LIMIT, "limit 2"),
        (LIMIT + "per = 1\n", "limit 1.per"),
        (LIMIT.replace("meeting", "meetings", 1), "limit 1.measure"),
        (LIMIT.replace('measure = "meeting"\n', ""), "limit 1.measure"),
        (LIMIT.replace("unit", "village"), "limit 1.scope"),
        (LIMIT.replace("week", "fortnight"), "limit 1.window"),
        (LIMIT.replace("at_most = 2", "at_most = -1"), "limit 1.at_most"),
        (LIMIT.replace("at_most = 2", "at_most = 2.5"), "limit 1.at_most"),
        (LIMIT.replace("at_most = 2", "at_most = true"), "limit 1.at_most"),
        (LIMIT.replace("design", "law"), "limit 1.ground"),
        (LIMIT.replace('basis = "meeting"', 'basis = "gossip"'), "limit 1.basis"),
        (LIMIT.replace('basis = "meeting"', 'basis_text = " "'), "limit 1.basis"),
        (LIMIT.replace('basis = "meeting"', "basis_text = 8"), "limit 1.basis_text"),
        (LIMIT + 'basis_text = "x"\n', "limit 1.basis"),
        (LIMIT + "only = 3\n", "limit 1.only"),
        (LIMIT.replace("unit", "all") + 'only = "u1"\n', "limit 1.only"),
        ("group_scale = 3\n" + LIMIT, "group_scale"),
        (LIMIT + "[[group_scale]]\nstaff = 20\n", "group_scale 1.at_most"),
        (LIMIT + "[[group_scale]]\nstaff = -1\nat_most = 3\n", "group_scale 1.staff"),
        (LIMIT + '[[group_scale]]\nlevel = "city"\nat_most = 3\n', "group_scale 1.level"),
        (LIMIT + "[[group_scale]]\npeople = 3\n", "group_scale 1.people"),
        (LIMIT + '[[yearly]]\nsort = "app"\nat_most = 1\n', "yearly 1.sort"),
        (LIMIT + '[[yearly]]\nsort = "comprehensive"\n', "yearly 1.at_most"),
    ],
)
def test_a_policy_that_cannot_be_understood_is_refused_by_file_and_field(
    tmp_path: Path, text: str, field: str
) -> None:
    with pytest.raises(BadPolicy) as refused:
        load_limits(policy(tmp_path, text))

    assert (refused.value.where, refused.value.field) == ("policy.toml", field)


def test_a_policy_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match=r"expected\.can_be_read"):
        load_limits(tmp_path / "nowhere.toml")
