"""What a message forbids is not asked; what it asks beside that still is."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.prohibitions import UNASKED, without_forbidden

FORBIDS_ASKING = [
    "严禁以签到打卡、拍照上传作为考核的唯一方式",
    "转市纪委通报:不得要求各村重复报送台账,重复填表",
    "以后不准再让护士站每小时拍照",
    "禁止将学习积分纳入考核",
    "任何单位不允许借检查之名要求做展板",
    "整治强制打卡、随意截图等问题",
]
FORBIDS_BESIDE = [
    ("各村报台账,严禁代签", "各村报台账,严禁"),
    ("不得迟到,到了发照片", "不得"),
    ("拍照上传,不许用旧图。下班前报", "拍照上传,不许"),
    ("严禁要求村里陪同,请各村报台账", "严禁"),
    ("不得借机收费,支部书记把人数数清楚,各村报台账", "不得"),
]
NOT_UNASKED = [
    "每村照片不得少于3张",
    "材料不得晚于周五下班前报送",
    "不得不说这表填得好",
    "巴不得早点打卡下班",
    "统计不准时不要报",
    "严禁烟火标识牌照片今天报我",
    "禁止焚烧秸秆宣传照片请各村今天报",
    "上报飞线充电整治照片和问题台账",
    "防止返贫监测信息今天报",
    "严禁违规吃喝的提醒函发下去了,党员逐个回已知悉",
]


@pytest.mark.parametrize("text", FORBIDS_ASKING)
def test_what_must_not_be_asked_is_not_heard(text: str) -> None:
    heard = without_forbidden(text)

    assert not {"打卡", "台账", "拍照", "截图", "积分", "展板", "填表"} & {
        heard[at : at + 2] for at in range(len(heard))
    }


@pytest.mark.parametrize(("text", "begins"), FORBIDS_BESIDE)
def test_what_is_asked_beside_it_stays(text: str, begins: str) -> None:
    heard = without_forbidden(text)

    assert heard.startswith(begins + UNASKED)
    for asked in ("报台账", "发照片", "下班前报"):
        assert (asked in text) == (asked in heard)


@pytest.mark.parametrize("text", NOT_UNASKED)
def test_a_measure_a_name_or_a_turn_of_speech_forbids_nothing(text: str) -> None:
    assert without_forbidden(text) == text


PIECES = st.sampled_from(
    [
        "严禁",
        "不得",
        "要求",
        "截图",
        "打卡",
        ",",
        "。",
        "请",
        "各村",
        "报",
        "“",
        "”",
        "整治",
        "强制",
        "问题",
        "\n",
        "x",
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
@example("严禁严禁要求请")
def test_every_place_stays_where_it_was(text: str) -> None:
    heard = without_forbidden(text)

    assert len(heard) == len(text)
    assert all(now in (was, UNASKED) for was, now in zip(text, heard, strict=True))
    assert without_forbidden(heard) == heard
