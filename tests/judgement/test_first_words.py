"""A demand counts though nothing went before it; what only speaks of demands does not."""

from __future__ import annotations

import pytest

from bench.first_words import counted
from bot.domain.judging import Judge
from config.calendar import load_calendar
from config.model.samples import judged, told_line
from config.rulebook import load_rulebook

JUDGE = Judge(load_rulebook(), load_calendar())


@pytest.mark.parametrize(
    ("file", "demands", "heard", "others", "false"),
    [
        ("tuned", 30, 26, 30, 1),
        ("untouched", 30, 24, 30, 1),
        ("told", 110, 80, 150, 18),
        ("relayed", 144, 118, 122, 8),
        ("formal", 130, 121, 129, 13),
        ("public", 93, 77, 152, 38),
        ("reworded", 371, 295, 90, 2),
        ("scenes", 192, 148, 79, 3),
        ("plain", 250, 172, 250, 9),
    ],
)
def test_most_first_words_are_judged_as_they_are_meant(
    file: str, demands: int, heard: int, others: int, false: int
) -> None:
    lines = counted(JUDGE, file).values()

    of_demands = [found for counts, found in lines if counts]
    of_others = [found for counts, found in lines if not counts]

    assert (len(of_demands), len(of_others)) == (demands, others)
    assert sum(of_demands) >= heard
    assert sum(of_others) <= false


@pytest.mark.parametrize(
    "text",
    [
        "收到请回复",
        "请各位群主转发，转发后回复“已转发”",
        "所有党员每天必须登录平台学习并晒积分",
        "请各单位务必转发并截图反馈",
        "有群众反映三组路灯不亮，五点前处理好拍照发群里",
        "有家长投诉食堂，各班今天自查一遍，情况报我",
    ],
)
def test_a_plain_demand_by_a_stranger_counts(text: str) -> None:
    (judgement,) = judged(JUDGE, told_line("first words", text, text, {}))

    assert judgement.act.is_burden


@pytest.mark.parametrize(
    "text",
    [
        "记者走访发现，有的村每天要在三个群里打卡",
        "因主管道抢修，明天8:00至18:00停水，请大家提前储水。",
        "县卫健局上周开展专项检查，检查组查看台账。",
        "“一天要回十几个收到。”一位社区工作者说",
        "不得要求干部在群里晒积分",
        "一位网格员说，每天下班前都要报截图，光拍照就一小时",
        "有群众反映三组路灯不亮，已转电力",
    ],
)
def test_words_about_demands_do_not(text: str) -> None:
    (judgement,) = judged(JUDGE, told_line("first words", text, text, {}))

    assert not judgement.act.is_burden
