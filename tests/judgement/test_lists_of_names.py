"""How many names an enumeration has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.traits import longest_list


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("东街、西街、南街还没报", 3),
        ("东街、西街和南街", 3),
        ("东街/西街|南街", 3),
        ("@东街 @西街", 2),
        ("东街、西街。北街、中街、南街", 3),
        ("只有东街", 0),
        ("九个字以内才算一个名字、东街", 2),
        ("东街、", 0),
        ("东街 西街 南街", 3),
        ("@东街 @西街 就差你们俩了", 2),
        ("截图 @东街 @西街 @南街", 3),
        ("@东街、西街 @南街 名单呢", 3),
        ("演练材料 东街、西街、南街", 3),
        ("东街 / 西街 / 南街", 3),
        ("我看了那个进度啊 有的村还是个位数 你们自己交了没有", 0),
    ],
)
def test_the_longest_is_counted(text: str, names: int) -> None:
    assert longest_list(text) == names


@given(st.text(alphabet="甲乙a1(@、/| ,。", max_size=30))
def test_an_and_that_joins_nothing_changes_nothing(text: str) -> None:
    # With 和 in it a text is read by the pattern that tries again, without it by the quick one.
    assert longest_list(text + "。和") == longest_list(text)
