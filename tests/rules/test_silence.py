"""On ordinary messages judgement is silent; on demands it is not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judging import Judge
from bot.domain.work_calendar import OfficeHours
from config.calendar import load_calendar
from config.rulebook import load_rulebook
from handlers.explain_text import ExplainText

HERE = Path(__file__).parent
EXPLAIN = ExplainText(Judge(load_rulebook(), load_calendar()))
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 10, 14, 9, 30, tzinfo=SHANGHAI)
GROUP = GroupProfile(
    GroupCode("g"), "某镇工作群", UnitCode("u"), LineCode("l"), 60, SHANGHAI,
    OfficeHours.parse("08:30-12:00,14:30-17:30"),
)  # fmt: skip


def lines(folder: str) -> list[str]:
    return [
        line
        for path in sorted((HERE / folder).glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]


def counts(text: str) -> bool:
    return EXPLAIN(text, WEDNESDAY, GROUP).counts


def test_at_most_one_ordinary_message_in_two_hundred_is_counted() -> None:
    ordinary = lines("ordinary")

    false = [line for line in ordinary if counts(line)]

    assert len(false) * 200 <= len(ordinary), false


def test_most_demands_are_known_by_their_words_alone() -> None:
    """A third of them is elliptical or in dialect, and nothing went before."""
    demands = [line.partition("|")[2] for line in lines("demands")]

    found = sum(map(counts, demands))

    assert found >= 0.85 * len(demands)
