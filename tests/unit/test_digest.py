"""What a digest says, and when it keeps silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.anonymity import protect
from bot.domain.coverage import Coverage
from bot.domain.digest import Digest, Masthead, compose_digest
from bot.domain.digest_corrected import Reissue
from bot.domain.digest_figures import DigestFigures
from bot.domain.digest_words import Names
from bot.domain.documents import Bullets, Column, Figures, Paragraph, Row, Table
from bot.domain.limits import Ground, Limit, Scope, Window
from bot.domain.over_limits import Subject
from bot.domain.periods import Week
from bot.domain.vocabulary import Measure as M
from bot.domain.vocabulary import Tallied as T
from bot.domain.work_calendar import WorkCalendar
from bot.renderings.chat_markdown import chat_markdown
from config.calendar import load_calendar
from config.load import load_texts
from tests.golden.weeks import (
    BUSY,
    GROUPS,
    NAMES,
    POLICY,
    QUIET,
    WEEK,
    Rows,
    busy,
    coverage,
    digest,
    heard,
    nothing,
    protected,
    quiet,
    table,
)


def said(of: Digest, section: int) -> str:
    """A section's words, one after the other."""
    words = []
    for block in of.document.sections[section].blocks:
        match block:
            case Bullets(items):
                words.extend(items)
            case Table(_, _, rows):
                words.extend(row.sentence for row in rows)
            case Figures(items):
                words.extend(f"{one.label} {one.value} {one.remark}" for one in items)
            case Paragraph(text):
                words.append(text)
            case _:
                words.append(block.sentence if hasattr(block, "sentence") else block.text)
    return "\n".join(words)


OVERALL, OVER_LIMIT, CASES, COMPLAINTS, LAST_WEEK, NEXT_WEEK, NOTES = range(7)


def test_the_same_week_is_told_in_the_same_words() -> None:
    assert busy() == busy()


def test_no_exact_table_can_be_composed() -> None:
    """compose_digest takes a ProtectedTable; mypy refuses a CountTable, and so does the code."""
    with pytest.raises(AttributeError):
        compose_digest(
            WEEK,
            object(),  # type: ignore[arg-type]
            coverage(GROUPS, QUIET),
            Masthead("county", "…", "…"),
            names=NAMES,
            calendar=WorkCalendar({}),
            texts=load_texts("zh-CN"),
            smallest_group=10,
        )


def test_change_is_computed_from_the_published_week_before() -> None:
    assert "环比：工作要求减少32件，催办减少4次，非工作时间@提醒减少15次。" in said(
        quiet(), OVERALL
    )


def test_a_first_digest_has_nothing_to_compare_with_and_says_so() -> None:
    told = said(digest(QUIET), OVERALL)

    assert "上周无可比数据" in told
    assert "去年同周无可比数据" in told


def test_the_same_week_of_last_year_is_compared_where_there_is_one() -> None:
    last_year = digest(BUSY, week=Week(2025, 42))

    assert "同比：工作要求减少32件" in said(digest(QUIET, year_ago=last_year.figures), OVERALL)


def test_another_reach_is_mentioned_beside_the_change() -> None:
    few = digest([*heard(GROUPS[:3])], GROUPS[:3], week=WEEK.shifted(-1))

    assert "工作群由3个变为8个" in said(digest(QUIET, previous=few.figures), OVERALL)


def test_nothing_recorded_is_said_where_everything_was_heard() -> None:
    told = digest([*heard(GROUPS)])

    assert "未记录到工作要求" in said(told, OVERALL)
    assert "没有超过限额的事项" in said(told, OVER_LIMIT)


def test_zero_is_not_said_where_only_addressed_messages_were_heard() -> None:
    told = digest([*heard(GROUPS)], whole=0)

    assert "不能据此认为没有工作要求" in said(told, OVERALL)
    assert "0件" not in said(told, OVERALL)
    assert "不作“没有超限”的判断" in said(told, OVER_LIMIT)
    assert "因统计范围不足不作判断" in said(told, OVERALL)


def test_a_week_without_messages_gives_no_figures_at_all() -> None:
    told = nothing()

    assert not any(isinstance(block, Figures) for block in told.document.sections[0].blocks)
    assert "不能据此认为没有工作要求" in said(told, OVERALL)


def test_weeks_running_are_counted_across_digests() -> None:
    third = digest(BUSY, previous=busy().figures, week=WEEK.shifted(1))

    weeks = {
        one.item.measure: one.weeks for one in third.figures.over_limit if one.item.code == "U01"
    }
    assert weeks[M.SCREENSHOT_REPORT] == 3
    assert weeks[M.RANKING] == 2


def test_a_province_reads_its_items_added_up_and_last_weeks_as_well() -> None:
    rows: Rows = [*heard(GROUPS), *[("G8", f"U{n:02}", "L03", 1, M.RANKING, 2) for n in range(41)]]
    last = digest(rows, week=WEEK.shifted(-1))

    told = digest(rows, previous=last.figures)

    table = told.document.sections[OVER_LIMIT].blocks[0]
    assert isinstance(table, Table)
    assert [row.sentence for row in table.rows] == [
        "排名通报：限额每周0件，41个超限，合计超出82件。"
    ]
    assert "本周仍超限额41项" in said(told, LAST_WEEK)
    assert len(told.figures.over_limit) == 41


def test_typical_cases_name_nobody() -> None:
    told = said(busy(), CASES)

    assert "有关单位" in told
    assert not any(name in told for name in (*NAMES.units.values(), *NAMES.groups.values()))


def test_there_are_at_most_three_typical_cases_each_of_another_kind() -> None:
    rows: Rows = [
        *heard(GROUPS),
        *[
            ("G8", f"U{n}", "L03", 1, measure, 2)
            for n in range(1, 6)
            for measure in (M.RANKING, M.FORCED_USE, M.SECONDMENT, M.SHORT_NOTICE)
        ],
    ]

    told = digest(rows).document.sections[CASES].blocks[0]

    assert isinstance(told, Bullets)
    assert len(told.items) == 3
    assert len({case.split("限额")[0] for case in told.items}) == 3


def test_a_case_tells_its_days_and_joins_those_in_a_row() -> None:
    assert "有关单位周一、周二、周四、周六在非工作时间@提醒成员13次" in said(busy(), CASES)
    rows: Rows = [*heard(GROUPS), *[("G1", "U01", "L01", d, M.RANKING, 1) for d in (1, 2, 3, 6)]]
    assert "有关单位周一至周三、周六提出的要求中，排名通报4件" in said(digest(rows), CASES)


def test_last_weeks_items_are_followed_up() -> None:
    told = said(quiet(), LAST_WEEK)

    assert "青石镇截图上报：上周9件，本周0件，未再超限。" in told


def test_an_item_that_stays_over_is_called_so() -> None:
    assert "本周9件，仍超限额" in said(busy(), LAST_WEEK)


def test_an_item_of_a_unit_that_was_not_heard_is_not_called_mended() -> None:
    now = digest([*heard(GROUPS[7:])], previous=busy().figures, week=WEEK.shifted(1))

    told = said(now, LAST_WEEK)
    assert "没有可统计的消息，不作判断" in told
    assert "未再超限" not in told


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        (Week(2026, 42), "下周一至周五正常上班"),
        (Week(2026, 40), "10月5日（周一）、10月6日（周二）、10月7日（周三）"),
        (Week(2026, 40), "下周调休上班：10月10日（周六）"),
        (Week(2026, 52), "2027年放假安排按法定节假日暂列"),
        (Week(2027, 52), "2028年放假安排尚未载入"),
    ],
)
def test_next_week_tells_rest_days_make_up_days_and_what_is_not_known(
    week: Week, expected: str
) -> None:
    assert expected in said(digest(QUIET, week=week), NEXT_WEEK)


def test_a_year_without_a_calendar_is_said_and_composed_all_the_same() -> None:
    assert "2030年放假安排尚未载入" in said(digest(QUIET, week=Week(2030, 10)), OVERALL)


def test_complaints_are_not_yet_known_and_that_is_not_zero() -> None:
    assert said(quiet(), COMPLAINTS) == (
        "匿名诉求功能尚未开通，本期无此项数据。没有数据不表示没有诉求。"
    )


def test_notes_tell_what_was_not_seen() -> None:
    told = said(busy(), NOTES)

    assert "5个登记为读取全部消息；3个登记为只读取@本机器人" in told
    assert "连接没有记录" in told
    assert "语音和图片" in told
    assert "漏计32条" in told
    assert "误计12条" in told
    assert "不设红黑榜" in told
    assert "主动在工作群发消息0条" in told


def test_losses_are_told_only_where_there_are_some() -> None:
    lossy = Coverage(("U01",), ("U01",), 1, 1, 0, 0, 9, 4, True, "r1")
    told = compose_digest(
        WEEK,
        protected(QUIET),
        lossy,
        Masthead("county", "…", "…"),
        names=Names(),
        calendar=WorkCalendar({}),
        texts=load_texts("zh-CN"),
        smallest_group=10,
    )

    assert "上周（2026-W41）的消息有4条在结账后到达" in said(told, NOTES)
    assert "密钥曾丢失" in said(told, NOTES)
    assert "未做抽样核验" in said(told, NOTES)
    assert "密钥曾丢失" not in said(busy(), NOTES)


def test_codes_are_printed_where_no_names_are_given() -> None:
    told = compose_digest(
        WEEK,
        protected(BUSY),
        coverage(GROUPS, BUSY),
        Masthead("county", "…", "…"),
        names=Names(),
        calendar=WorkCalendar({}),
        texts=load_texts("zh-CN"),
        smallest_group=10,
    )

    page = chat_markdown(told.document)
    assert "U01" in page
    assert "青石镇" not in page


def test_over_limit_items_of_small_groups_name_their_unit_only() -> None:
    small = [
        one.item for one in busy().figures.over_limit if one.item.subject is Subject.SMALL_GROUPS
    ]

    assert {item.code for item in small} == {"U01"}
    assert "G2" not in chat_markdown(busy().document)


def test_emergencies_and_claims_of_urgency_stand_apart() -> None:
    assert "应急期间工作要求2件单列，不计入限额。自称紧急1件" in said(busy(), OVERALL)


def test_traffic_in_working_time_is_not_published_as_a_figure() -> None:
    rows: Rows = [*heard(GROUPS), ("G1", "U01", "L01", 1, T.PINGS, 30)]

    figures = digest(rows).figures

    assert T.PINGS.value not in figures.totals
    assert all(T.PINGS.value not in row for row in figures.units.values())


def test_that_a_demand_was_reported_is_not_published() -> None:
    figures = busy().figures

    rows = [figures.totals, *(figures.lines or {}).values()]
    rows += [*figures.units.values(), *figures.groups.values(), *figures.small_groups.values()]
    assert not any(T.REPORTED.value in row for row in rows)


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="one cell for each column"):
        Table("…", (Column("…"),), (Row(("a", "b"), "a b"),))


def test_a_group_named_after_its_unit_says_the_unit_once() -> None:
    names = Names(units=NAMES.units, groups={"G1": "青石镇网格工作群"})
    told = compose_digest(
        WEEK,
        protected(BUSY),
        coverage(GROUPS, BUSY),
        Masthead("county", "…", "…"),
        names=names,
        calendar=WorkCalendar({}),
        texts=load_texts("zh-CN"),
        smallest_group=10,
    )

    assert "青石镇 网格工作群" in said(told, OVER_LIMIT)
    assert "青石镇 青石镇" not in said(told, OVER_LIMIT)


def test_lines_and_everybody_are_named_as_such() -> None:
    limits = [
        Limit(M.RANKING, Scope.LINE, Window.WEEK, 0, Ground.FIRM, "ranking"),
        Limit(M.RANKING, Scope.ALL, Window.WEEK, 0, Ground.FIRM, basis_text="县委办通知"),
    ]
    counts = table([*heard(GROUPS), ("G1", "U01", "L01", 1, M.RANKING, 2)])

    def told(**before: DigestFigures) -> Digest:
        return compose_digest(
            WEEK,
            protect(counts, GROUPS, POLICY, limits=limits),
            coverage(GROUPS, QUIET),
            Masthead("county", "…", "…"),
            names=NAMES,
            calendar=WorkCalendar({}),
            texts=load_texts("zh-CN"),
            smallest_group=10,
            **before,
        )

    digest = told(previous=told().figures)
    words = said(digest, OVER_LIMIT)
    assert "综治条线：排名通报2件" in words
    assert "全部单位：排名通报2件" in words
    assert ("②", "有现行规定", "县委办通知") in digest.document.annex[0].rows
    assert "有关条线周一提出的要求中，排名通报2件" in said(told(), CASES)


def test_the_error_by_kind_stands_in_the_annex_with_its_intervals() -> None:
    (sheet,) = [one for one in busy().document.annex if one.name == "判断误差"]

    assert [row[0] for row in sheet.rows] == [
        "全部工作要求和催办",
        "截图上报",
        "打卡接龙",
        "填表报数",
        "其余各类合计",
    ]
    assert sheet.rows[2][1:] == (121, 8, "3.4–12.5", 118, 5, "1.8–9.5")
    assert sheet.rows[-1][1:] == (18, 5, "12.5–50.9", 16, 3, "6.6–43.0")


def test_what_was_disputed_is_told_with_its_share_where_there_are_enough_counts() -> None:
    few = busy()
    many = digest([*BUSY, ("G1", "U01", "L01", 1, T.EPISODES, 66)])

    assert "结账前被提出异议：工作要求3次，认定误计1次" in said(few, NOTES)
    assert "工作要求3次（占3.0%），认定误计1次" in said(many, NOTES)
    (sheet,) = [one for one in few.document.annex if one.name == "异议"]
    assert sheet.rows[0] == ("工作要求", 35, 3, "", 1, 1, 1)


def test_what_a_further_issue_takes_out_is_still_among_what_was_disputed_of() -> None:
    rows = [*BUSY, ("G1", "U01", "L01", 1, T.EPISODES, 66)]
    fewer = [*BUSY, ("G1", "U01", "L01", 1, T.EPISODES, 65)]
    first = digest(rows)

    second = compose_digest(
        WEEK,
        protected(fewer),
        first.figures.coverage,
        Masthead("county", "…", "…"),
        names=NAMES,
        calendar=load_calendar(),
        texts=load_texts("zh-CN"),
        smallest_group=10,
        reissue=Reissue(2, first.figures, ()),
    )

    counts = [
        one.rows[0] for of in (first, second) for one in of.document.annex if one.name == "异议"
    ]
    assert second.figures.total(T.EPISODES) == first.figures.total(T.EPISODES) - 1
    assert counts[0] == counts[1]


def test_nothing_disputed_is_said_and_an_office_of_some_units_hears_nothing() -> None:
    for disputed, told in (((), True), (None, False)):
        seen = replace(coverage(GROUPS, BUSY), disputed=disputed)
        made = compose_digest(
            WEEK,
            protected(BUSY),
            seen,
            Masthead("county", "…", "…"),
            names=NAMES,
            calendar=load_calendar(),
            texts=load_texts("zh-CN"),
            smallest_group=10,
        )
        assert ("结账前没有计数被提出异议" in said(made, NOTES)) is told
