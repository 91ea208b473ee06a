"""Tricks of typing are undone, and every place leads back to the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rulebook import load_normaliser

NORMAL = load_normaliser()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("截 图", "截图"),
        ("截-图 上报", "截图 上报"),
        ("各 村 注 意 ，六 点 的", "各村注意 ,六点的"),
        ("反诈A P P这块", "反诈app这块"),
        ("每天t p 1次", "每天投票 1次"),
        ("截圖發群裡", "截图发群里"),
        ("截\u200b图\u2060上\ufeff报", "截图上报"),
        ("ＡＰＰ下载，①", "app下载,1"),
        ("街龙开始", "接龙开始"),
        ("#九月xxqg积分#", "#九月学习强国积分#"),
        ("坐个PPT", "做个ppt"),
        ("目标则任状", "目标责任状"),
        ("先簽 到", "先签到"),
        ("　台账今天交\n\n", "台账今天交"),
        ("各村注意 今天下班前把台账交上来 照片也要", "各村注意,今天下班前把台账交上来,照片也要"),
        ("@李四 明天那份材料你带过来 九点前", "@李四 明天那份材料你带过来,九点前"),
        ("台账今天交.照片也要.", "台账今天交。照片也要。"),
        ("台账今天交～～", "台账今天交"),
        ("台账今天交 [抱拳]🙏🏻~", "台账今天交"),
        ("台账今天三点[强]", "台账今天三点"),
    ],
)
def test_what_was_meant_is_read(typed: str, meant: str) -> None:
    assert NORMAL(typed).text == meant


@pytest.mark.parametrize(
    "typed",
    [
        "白鹭湖 沟口 城关",
        "金桥 无情况",
        "https://example.cn/dk?tp=1",
        "T恤到了",
        "等等...",
        "v1.2版 3.5公里",
        "看到的扣👍",
        "都去给他点👍",
        "🌹",
        "周一~周五",
        "又要报[捂脸]",
    ],
)
def test_what_is_no_trick_is_left_alone(typed: str) -> None:
    assert NORMAL(typed).text == typed.lower()


def test_a_span_covers_what_was_typed() -> None:
    form = NORMAL("请 截 图 上报")
    start = form.text.index("截图")

    first, last = form.original_span(start, start + 2)

    assert "请 截 图 上报"[first:last] == "截 图"


def test_a_span_behind_blanks_covers_what_was_typed() -> None:
    form = NORMAL("\n  今天交")

    assert form.original_span(0, len(form.text)) == (3, 6)


def test_a_quoted_message_in_front_of_an_answer_is_set_aside() -> None:
    form = NORMAL("「张三：各村报表，下班前」\n- - - - - - - - -\n收到")

    assert form.text == "收到"
    assert form.quotes


@given(st.text(max_size=200))
def test_every_place_lies_within_the_original(text: str) -> None:
    form = NORMAL(text)

    if form.places is None:
        assert len(form.text) <= len(text)
    else:
        assert len(form.places) == len(form.text)
        assert all(0 <= place < len(text) for place in form.places)


@given(st.text(alphabet="截图各村 -报前，1２\u200b圖t p", max_size=40))
def test_a_normal_form_stays_as_it_is(text: str) -> None:
    once = NORMAL(text).text

    assert NORMAL(NORMAL(once).text).text == NORMAL(once).text
