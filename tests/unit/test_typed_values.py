"""Numbers and days as people type them, in figures of any width and in Chinese."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.domain.emergency_words import declaration
from bot.domain.errors import UserError
from bot.domain.typed_values import typed_days, typed_number

TODAY = date(2026, 10, 14)


@pytest.mark.parametrize(
    ("written", "n"),
    [
        ("3", 3), ("３", 3), ("三", 3), ("3次", 3), ("两次", 2), ("十", 10), ("十二件", 12),
        ("二十个", 20), ("0", 0), ("零", 0), ("一百", None), ("次", None), ("三月", None),
        ("3.5", None), ("-1", None), ("", None), ("打卡接龙", None),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_typed(written: str, n: int | None) -> None:
    assert typed_number(written) == n


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("11月1日", [(11, 1)]), ("十一月一日", [(11, 1)]), ("十一月三十日", [(11, 30)]),
        ("11-1", [(11, 1)]), ("2026年11月1日", [(11, 1)]), ("二〇二六年十一月一日", [(11, 1)]),
        ("11月1日至11月30日", [(11, 1), (11, 30)]), ("十一月一日至三十日", []),
        ("督备3号", []), ("2026-3", []), ("一日", []), ("三月", []),
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_typed(written: str, days: list[tuple[int, int]]) -> None:
    assert typed_days(written, TODAY) == tuple(date(2026, *day) for day in days)


@pytest.mark.parametrize("written", ["2月30日", "十三月一日", "二月三十日", "0000年1月1日"])
def test_a_day_that_there_is_not_is_refused(written: str) -> None:
    with pytest.raises(UserError):
        typed_days(written, TODAY)


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("12小时", 12), ("十二小时", 12), ("12个小时", 12), ("三天", 72), ("3天", 72),
        ("两日", 48), ("12h", 12), ("99999999小时", 999),
    ],
)  # fmt: skip
def test_how_long_an_emergency_lasts(written: str, hours: int) -> None:
    found = declaration(["县防指〔2026〕3号", written])

    assert found.lasts_for == timedelta(hours=hours)
    assert found.basis == "县防指〔2026〕3号"
