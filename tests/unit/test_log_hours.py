"""What verify says of hours: on the wall clock of Beijing, as an office writes them."""

from __future__ import annotations

import pytest

from bot.domain.verdicts import Finding
from bot.terminal.log_hours import spoken_values
from config.load import load_texts

ZH, EN = load_texts("zh-CN"), load_texts("en")


def said(key: str, texts=ZH, **values: str | int) -> str:
    return texts(f"proof.finding.{key}", **spoken_values(Finding(None, key, values), texts))


@pytest.mark.parametrize(
    ("spans", "chinese", "english"),
    [
        ("2026-10-12T01Z", "2026年10月12日9时至10时", "2026/10/12 9:00 to 10:00"),
        ("2026-10-12T01Z…2026-10-12T07Z", "2026年10月12日9时至16时", "2026/10/12 9:00 to 16:00"),
        ("2026-10-12T14Z…2026-10-12T15Z", "2026年10月12日22时至24时", "22:00 to 24:00"),
        (
            "2026-10-12T15Z…2026-10-12T16Z",
            "2026年10月12日23时至10月13日1时",
            "2026/10/12 23:00 to 10/13 1:00",
        ),
        (
            "2026-12-31T15Z…2026-12-31T16Z",
            "2026年12月31日23时至2027年1月1日1时",
            "2026/12/31 23:00 to 2027/1/1 1:00",
        ),
        (
            "2026-12-30T01Z, 2027-01-02T01Z, 2027-01-03T01Z",
            "2026年12月30日9时至10时、2027年1月2日9时至10时、1月3日9时至10时",
            "2026/12/30 9:00 to 10:00; 2027/1/2 9:00 to 10:00; 1/3 9:00 to 10:00",
        ),
        (
            "2026-10-12T01Z, 2026-10-12T05Z",
            "2026年10月12日9时至10时、10月12日13时至14时",
            "2026/10/12 9:00 to 10:00; 10/12 13:00 to 14:00",
        ),
    ],
)
def test_late_hours_are_told_from_when_to_when(spans: str, chinese: str, english: str) -> None:
    assert said("hours_late", count=1, spans=spans).endswith(chinese)
    assert said("hours_late", EN, count=1, spans=spans).endswith(english)


def test_hours_that_are_missing_and_where_they_end_are_told_in_beijing_time() -> None:
    missing = said("hours_missing", first="2026-10-12T01Z", last="2026-10-12T02Z", n=4)
    ended = said("hours_end", first="2026-10-12T16Z", n=4)

    assert "缺少小时记录：2026年10月12日9时至11时（" in missing
    assert "小时记录自2026年10月13日0时起中断" in ended


def test_a_witness_saw_it_in_beijing_time() -> None:
    seen = said("cosigned", name="jiwei", at="2026-10-12T01:05Z")

    assert seen == "jiwei 于2026年10月12日9时05分会签（北京时间）"
