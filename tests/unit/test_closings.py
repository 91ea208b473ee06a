"""Months and quarters: sums of published weeks, of one office or of a county's towns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.adding_up import AddedUp, added_up
from bot.domain.closing import Closing, closing_document
from bot.domain.digest_figures import DigestFigures
from bot.domain.digest_words import Words
from bot.domain.documents import Bullets, Document, Paragraph, Table
from bot.domain.errors import BadInput
from bot.domain.periods import Week
from bot.domain.spans import Span
from bot.domain.vocabulary import Measure as M
from bot.domain.vocabulary import Tallied as T
from bot.renderings.forms import FORMS, written
from config.load import load_texts
from tests.golden.weeks import BUSY, MASTHEAD, NAMES, QUIET, digest

OCTOBER = Span.month("2026-10")


def figures(
    week: Week, rows: object = BUSY, previous: DigestFigures | None = None
) -> DigestFigures:
    return digest(rows, week=week, previous=previous).figures  # type: ignore[arg-type]


def closing(
    now: AddedUp,
    before: AddedUp | None = None,
    year_ago: AddedUp | None = None,
    *,
    locale: str = "zh-CN",
    targets: dict[M, float] | None = None,
) -> Document:
    words = Words(load_texts(locale), NAMES)
    made = Closing(OCTOBER, now, before, year_ago, words, targets or {})
    return closing_document(made, MASTHEAD)


def said(document: Document, place: int) -> str:
    told = []
    for block in document.sections[place].blocks:
        match block:
            case Paragraph(text):
                told.append(text)
            case Bullets(items, _):
                told += items
            case Table(_, _, rows):
                told += [row.sentence for row in rows]
    return "".join(told)


def test_a_week_is_in_the_month_of_its_thursday() -> None:
    assert [str(week) for week in OCTOBER.weeks] == [
        "2026-W40",  # Thursday 1 October
        "2026-W41",
        "2026-W42",
        "2026-W43",
        "2026-W44",
    ]
    assert str(Span.month("2026-01").weeks[0]) == "2026-W01"


@given(st.integers(2020, 2040))
def test_the_months_of_a_year_hold_each_of_its_weeks_once(year: int) -> None:
    weeks = [week for month in range(1, 13) for week in Span.month(f"{year}-{month:02d}").weeks]
    last = Week.on(date(year, 12, 28))

    assert weeks == [Week(year, number) for number in range(1, last.number + 1)]


@given(st.integers(2020, 2040), st.integers(1, 4))
def test_a_quarter_is_its_three_months(year: int, number: int) -> None:
    quarter = Span.quarter(f"{year}Q{number}")
    months = [Span.month(f"{year}-{3 * number - back:02d}") for back in (2, 1, 0)]

    assert quarter.weeks == tuple(week for month in months for week in month.weeks)
    assert quarter.is_quarter
    assert quarter.before().weeks[-1].shifted(1) == quarter.weeks[0]
    assert quarter.year_before() == Span.quarter(f"{year - 1}Q{number}")
    assert quarter.weeks[0].monday + timedelta(days=3) >= quarter.begin


@pytest.mark.parametrize("label", ["2026-13", "2026-00", "2026", "2026Q1", "", "0000-01"])
def test_a_month_that_is_none_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="2026-10"):
        Span.month(label)


@pytest.mark.parametrize("label", ["2026Q5", "2026-10", "Q4", ""])
def test_a_quarter_that_is_none_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="2026Q4"):
        Span.quarter(label)


def test_weeks_add_up_by_unit_line_and_week() -> None:
    one, two = figures(OCTOBER.weeks[0]), figures(OCTOBER.weeks[1], QUIET)

    both = added_up([two, one])

    assert both.weeks == ("2026-W40", "2026-W41")
    assert both.total(T.EPISODES) == one.total(T.EPISODES) + two.total(T.EPISODES)
    assert both.units["U01"]["episodes"] == (
        one.units["U01"]["episodes"] + two.units["U01"]["episodes"]
    )
    assert both.lines is not None
    assert sum(row.get("episodes", 0) for row in both.lines.values()) == both.total(T.EPISODES)
    assert both.person_hours is not None
    assert one.person_hours is not None
    assert both.person_hours.high >= one.person_hours.high
    assert added_up([one, two]) == both


def test_an_item_over_its_limit_in_two_weeks_is_told_once_with_both() -> None:
    first = figures(OCTOBER.weeks[0])
    second = figures(OCTOBER.weeks[1], previous=first)

    found = added_up([first, second]).over_limit

    assert {one.weeks for one in found} == {2}
    assert len(found) == len(first.over_limit)
    assert found[0].over_by == 2 * min(
        one.item.over_by for one in first.over_limit if one.item.identity == found[0].item.identity
    )


def test_towns_add_up_and_a_unit_told_twice_is_refused() -> None:
    week = OCTOBER.weeks[0]
    of_u01 = [row for row in BUSY if row[1] == "U01"]
    of_u02 = [row for row in BUSY if row[1] == "U02"]
    one = replace(figures(week, of_u01), office="town-1", lines=None)
    other = replace(figures(week, of_u02), office="town-2")

    county = added_up([one, other])

    assert county.offices == 2
    assert county.lines is None
    assert set(county.units) == {"U01", "U02"}
    assert county.total(T.EPISODES) == one.total(T.EPISODES) + other.total(T.EPISODES)
    with pytest.raises(BadInput, match="U01"):
        added_up([one, replace(one, office="town-3")])


def test_the_page_says_changes_and_weeks_that_lack() -> None:
    now = added_up([figures(week) for week in OCTOBER.weeks[:4]])
    before = added_up([figures(week, QUIET) for week in OCTOBER.before().weeks])

    page = closing(now, before)

    assert page.title == "基层负担监测月报"
    assert "本期5周中，已发布周报4周" in said(page, 0)
    assert "环比：工作要求增加" in said(page, 0)
    assert "同比：去年同期无可比数据" in said(page, 0)
    assert "2026-W44" in said(page, 3)
    assert "截图上报" in said(page, 1)
    assert [sheet.name for sheet in page.annex] == ["各周", "单位", "条线"]


def test_targets_are_judged_against_the_year_before_only() -> None:
    now = added_up([figures(week, QUIET) for week in OCTOBER.weeks])
    year_ago = added_up([figures(week) for week in OCTOBER.year_before().weeks])
    targets = {M.FORM_FILLING: -25.0, M.MEETING: -30.0, M.SECONDMENT: -10.0}

    told = said(closing(now, None, year_ago, targets=targets), 2)

    assert "填表报数：去年同期" in told
    assert "已达到" in told
    assert "借调抽调：目标-10%，去年同期无可比数据" in told
    assert said(closing(now), 2) == "未设定年度目标。"
    assert "无可比数据" in said(closing(now, targets=targets), 2)


def test_a_zero_is_not_said_of_weeks_that_were_not_heard() -> None:
    silent = replace(
        figures(OCTOBER.weeks[0], []),
        coverage=replace(figures(OCTOBER.weeks[0]).coverage, units_heard_whole=()),
    )

    page = closing(added_up([silent]))

    assert "未记录到" in page.sections[0].blocks[0].items[0].value  # type: ignore[union-attr]
    assert "2026-W40" in said(page, 3)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("form", FORMS[:-1])
def test_a_closing_is_written_in_every_form(form: str, locale: str) -> None:
    now = added_up([figures(week) for week in OCTOBER.weeks])

    made = written(closing(now, now, now, locale=locale), form)

    assert made
    assert made == written(closing(now, now, now, locale=locale), form)
