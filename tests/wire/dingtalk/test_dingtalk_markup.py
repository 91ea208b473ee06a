"""Our chat markdown in DingTalk's subset."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.dingtalk.markup import dingtalk_markdown, message_params, title_of


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("一行", "一行"),
        ("一行\n二行", "一行  \n  二行"),
        ("一段\n\n二段", "一段\n\n二段"),
        ("## 题\n正文", "## 题  \n  正文"),
        ("正文\n- 甲\n- 乙\n1. 丙\n> 引", "正文\n- 甲\n- 乙\n1. 丙\n> 引"),
    ],
)
def test_lines_stay_lines_in_dingtalks_subset(ours: str, theirs: str) -> None:
    assert dingtalk_markdown(ours) == theirs


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("## 本周情况\n- 甲", "本周情况"),
        ("\n**截图** `x`", "截图 x"),
        ("", ""),
        ("字" * 99, "字" * 60),
    ],
)
def test_the_title_is_the_first_line_without_marks(text: str, title: str) -> None:
    assert title_of(text) == title


@given(text=st.text(max_size=600), times=st.integers(1, 90))
def test_every_part_fits_and_no_word_is_lost(text: str, times: int) -> None:
    whole = text * times

    params = message_params("周报", whole)

    assert all(len(param.encode()) <= 15_000 for param in params)
    joined = "".join(json.loads(param)["text"] for param in params)
    assert "".join(joined.split()) == "".join(whole.split())
