"""How an entry of a register is typed: in any order, in Chinese or English, with its mistakes."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UserError
from bot.domain.filing_words import Typed, typed
from bot.domain.registers import Sort
from bot.domain.vocabulary import Kind
from config.filings_file import filing_vocabulary

KNOWN = filing_vocabulary()
TODAY = date(2026, 11, 18)
NUMBER = "督备[2026]3号"


def read(text: str) -> Typed:
    return typed(text.split(), KNOWN, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        f"督检考备案 {NUMBER} 安全生产 检查 11月20日 12月1日 2次 @qingxi 条线:应急 关键词:隐患、消防",
        f"@qingxi 2次 11-20至12-01 inspection {NUMBER} 安全生产 检查 line:应急 words:隐患,消防",
        f"{NUMBER} 检查备案 安全生产 检查 条线:应急 关键词:隐患;消防 自2026-11-20 至2026年12月1日 @qingxi 限2次",
    ],
)
def test_an_entry_is_read_in_any_order(text: str) -> None:
    assert read(text) == Typed(
        Sort.INSPECTION,
        NUMBER,
        "安全生产 检查",
        (date(2026, 11, 20), date(2026, 12, 1)),
        2,
        "qingxi",
        "应急",
        (),
        ("隐患", "消防"),
    )


def test_times_that_are_no_number_are_not_passed_over() -> None:
    """Shown in the title they are seen; dropped they would be an entry without a bound."""
    assert read(f"{NUMBER} 安全检查 十十次").title == "安全检查 十十次"
    assert read(f"{NUMBER} 安全检查 限两次").quota == 2


def test_kinds_are_named_in_either_language() -> None:
    assert read(f"{NUMBER} 年检 负担:督检考、meeting").kinds == (Kind.INSPECTION, Kind.MEETING)


def test_a_day_long_past_is_next_year_s() -> None:
    assert read("1月5日").days == (date(2027, 1, 5),)
    assert read("9月5日").days == (date(2026, 9, 5),)


@pytest.mark.parametrize(
    ("text", "said"),
    [("2月30日", "date"), ("2026-13-01", "date"), ("负担:天气", "kinds"), ("kinds:", "kinds")],
)
def test_what_there_is_not_is_said(text: str, said: str) -> None:
    with pytest.raises(UserError, match=rf"expected\.{said}$"):
        read(f"{NUMBER} 安全生产 {text}")


@given(st.lists(st.text(max_size=12), max_size=8))
def test_anything_typed_is_read_or_refused(words: list[str]) -> None:
    written = [word for word in words if word.split() == [word]]
    with suppress(UserError):  # anything else would be a crash
        assert isinstance(typed(written, KNOWN, TODAY), Typed)
