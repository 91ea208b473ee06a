"""What a text waives is not listened to, where the rest of it asks by itself."""

from __future__ import annotations

import pytest

from bot.domain.judging import Judge
from bot.domain.prohibitions import UNASKED
from bot.domain.vocabulary import Act, Kind
from bot.domain.waivers import without_waived
from config.calendar import load_calendar
from config.model.samples import judged, told_line
from config.rulebook import load_rulebook

JUDGE = Judge(load_rulebook(), load_calendar())


def act_of(text: str) -> Act:
    (judgement,) = judged(JUDGE, told_line("waivers", text, text, {}))
    return judgement.act


@pytest.mark.parametrize(
    ("text", "waived"),
    [
        ("纸质的不用交,电子版今天发我", "纸质的不用交"),
        ("各村今天报名单,照片先不用拍", "照片先不用拍"),
        ("报过的就不用报了,没报的中午前报完", "报过的就不用报了"),
        ("别再用旧表,各组按新表报", "别再用旧表"),
        ("纸质的不用交 电子版今天发我", "纸质的不用交"),
    ],
)
def test_a_clause_that_waives_is_taken_out(text: str, waived: str) -> None:
    assert without_waived(text) == text.replace(waived, UNASKED * len(waived))


@pytest.mark.parametrize(
    "text",
    [
        "照片不用交",  # nothing is left
        "照片不用拍了,台账今天报齐",  # it may take back what was asked before
        "特别提醒:各村今天报表",  # another word
        "别忘了报表,今天五点前",  # it asks
        "各村今天报表",
    ],
)
def test_what_waives_nothing_beside_what_it_asks_stays(text: str) -> None:
    assert without_waived(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "已报的不用再报，没报的中午前报完",
        "各科室报一下参训人数，名字先不用报",
        "不用到现场，线上签到即可，八点半截止",
        "值班的不用接龙，其他人今天都接一下",
    ],
)
def test_a_demand_that_also_waives_is_one_and_takes_nothing_back(text: str) -> None:
    assert act_of(text) is Act.DEMAND


def test_what_waives_a_part_of_something_known_is_a_burden_all_the_same() -> None:
    assert act_of("不用盖章，下班前发扫描件到邮箱").is_burden  # of which paper, it does not say


@pytest.mark.parametrize(
    "text",
    [
        "接龙不用接了",
        "总结不用交了，县里不要了",
        "那个问卷不填了，链接撤了",
        "打卡小程序停用，以后不用打了",
    ],
)
def test_what_is_called_off_is_still_taken_back(text: str) -> None:
    assert act_of(text) is Act.CANCEL


@pytest.mark.parametrize("text", ["不用谢，应该的", "我们村没有变化，不用报吧？", "停车不用登记"])
def test_what_nobody_asked_for_is_none(text: str) -> None:
    assert act_of(text) is Act.NONE


def test_its_kinds_are_those_of_what_it_asks() -> None:
    text = "各村今天报名单，照片先不用拍"
    (judgement,) = judged(JUDGE, told_line("waivers", text, text, {}))

    assert judgement.kinds == (Kind.FORM_FILLING,)
