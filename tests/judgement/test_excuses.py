"""An answer that is nothing else is let go at once; what only begins like one is not."""

from __future__ import annotations

import pytest

from bot.domain.excuses import REPLY_ALONE


@pytest.mark.parametrize(
    "text",
    [
        "收到",
        "收到!",
        "柳塘镇 收到",
        "好的[抱拳]",
        "OK",
        "+1",
        "已报",
        "已报,谢谢",
        "1",
        "@王主任 收到",
        "谢谢",
        "马上来",
    ],
)
def test_a_bare_answer_is_known(text: str) -> None:
    assert REPLY_ALONE.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "收到请回复",
        "收到的扣1",
        "报数",
        "照旧",
        "二组三组",
        "1小时内报",
        "已报的退回",
        "好的图发群",
        "谁收到了",
        "在?",
    ],
)
def test_what_asks_for_something_is_no_bare_answer(text: str) -> None:
    assert not REPLY_ALONE.fullmatch(text)
