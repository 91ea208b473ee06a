"""What serves an emergency at hand is counted apart; what only speaks of one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.emergencies import EMERGENCY_TRAITS, emergency_traits, emergency_weights
from bot.domain.episodes import GroupMemory
from bot.domain.judging import Judge
from bot.domain.vocabulary import Act, Exemption
from bot.domain.voting import NO_VOTE
from config.calendar import load_calendar
from config.load import load_texts
from config.model.samples import Collector, told_lines
from config.rulebook import load_rulebook
from handlers.explain_text import ExplainText, explained
from tests.judgement.test_judging import GROUP, JUDGE, MONDAY, judged, message, read

FLOOD = "@所有人 河水漫过青石桥了，沿河三个组马上转移，各组组长带人挨家敲门，转移一户在群里报一户"


@pytest.mark.parametrize(
    "text",
    [
        FLOOD,
        "@所有人 后山起火，各村应急分队马上带工具到电站集合，林业站带路",
        "@所有人 3栋一位老人走失，穿灰棉袄，各网格员马上在自己片区找，找到在群里说",
        "@所有人 化工厂泄漏，下风口两个社区立即组织撤离，人数十分钟报一次",
    ],
)
def test_an_emergency_at_hand_is_counted_apart(text: str) -> None:
    (judgement,) = judged([("boss", 0, text)])

    assert judgement.act.is_burden
    assert judgement.exempt is Exemption.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "@所有人 明天上午10点消防疏散演练，各班拍照片一张、视频一段，12点前发群里",
        "各村今天下班前把防汛台账报镇应急办，附巡查照片两张",
        "洪灾过后的损失统计表今天17点前报，房屋、农作物分开填，照片附后",
        "请各单位组织职工观看抗洪救灾先进事迹视频，看完截图接龙",
        "各网格员每天下午五点前在群里接“平安无火情”，天天都要接",
        "紧急通知：各单位今天下班前报送三季度总结",
        "水厕改造完成情况：第一名梅湾村，倒数三名是上岭、黄坝、双桥",
        "各村报一下人数",
        "各村把人数报一下，马上",
    ],
)
def test_what_only_speaks_of_one_counts_as_usual(text: str) -> None:
    (judgement,) = judged([("boss", 0, text)])

    assert judgement.act.is_burden
    assert judgement.exempt is None


@pytest.mark.parametrize(
    ("written", "known"),
    [("各村报一下人数", False), ("沿河的人马上转移", True), ("暴雨，各村报一下情况", None)],
)
def test_a_line_serves_an_emergency_where_the_list_beside_it_says_so(
    tmp_path: Path, written: str, known: bool | None
) -> None:
    (tmp_path / "demands").mkdir()
    (tmp_path / "demands" / "some.txt").write_text(f"# Some.\nform_filling|{written}\n", "utf-8")
    (tmp_path / "emergencies.txt").write_text(
        "# Of them.\nemergency|沿河的人马上转移\nunclear|暴雨，各村报一下情况\n", "utf-8"
    )
    (line,) = told_lines(tmp_path)

    assert {one.emergency for one in Collector().of_group(line, 1.0)} == {known}


def test_short_orders_of_an_emergency_belong_to_it_and_the_reports_of_the_week_after_do_not() -> (
    None
):
    flood, order, report = judged([
        ("boss", 0, FLOOD),
        ("deputy", 12, "二组的船先去粮站，接到人报个数"),
        ("desk", 5 * 24 * 60, "请各村周五前把第三季度党建台账报组织办，附活动照片"),
    ])  # fmt: skip

    assert flood.exempt is order.exempt is Exemption.EMERGENCY
    assert report.act is Act.DEMAND
    assert report.exempt is None


def test_a_press_is_of_what_it_presses_for() -> None:
    *_, press = judged([
        ("boss", 0, "各村今天下班前把第三季度台账报镇应急办，附照片两张"),
        ("boss", 200, "台账还差李家村、张家村、赵家村，抓紧报"),
    ])  # fmt: skip

    assert press.act is Act.REMINDER
    assert press.exempt is None


def test_a_message_that_came_late_knows_of_no_emergency_that_began_after_it() -> None:
    _, memory = JUDGE.judge(read(message("boss", 0, FLOOD, 1)), GroupMemory.EMPTY, GROUP)

    def traits(minutes: int) -> set[str]:
        said = read(message("deputy", minutes, "各组把人数报一下", 2))
        return {EMERGENCY_TRAITS[at] for at, _ in emergency_traits(said, memory, None, JUDGE.bits)}

    assert {"hour", "four_hours", "day"} <= traits(10)
    assert not {"hour", "four_hours", "day"} & traits(-30)


def test_without_a_model_the_rule_decides() -> None:
    judge = Judge(load_rulebook(model=NO_VOTE), load_calendar())
    weights = emergency_weights({})

    for text, is_one in ((FLOOD.replace("漫过", "漫堤，漫过"), True), ("今天的台账照旧", False)):
        said = read(message("boss", 0, text, 1), judge=judge)
        traits = emergency_traits(said, GroupMemory.EMPTY, None, judge.bits)
        assert (sum(weights[at] * value for at, value in traits) > 0) is is_one


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_what_is_counted_apart_says_what_it_rests_on(locale: str) -> None:
    explanation = ExplainText(JUDGE)(FLOOD, MONDAY, GROUP)

    share = explanation.emergency
    assert share is not None
    assert abs(share.rules) + abs(share.wording) == pytest.approx(1)
    assert share.words
    assert all(word in FLOOD for word in share.words)
    shown = explained(explanation, load_texts(locale))
    assert f"“{share.words[0]}" in shown.splitlines()[1]
    assert len(shown.splitlines()) == 2


def test_what_is_not_counted_apart_says_nothing_of_it() -> None:
    assert ExplainText(JUDGE)("各村今天下班前报台账", MONDAY, GROUP).emergency is None
