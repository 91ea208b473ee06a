"""The hour of a phrase such as 下午三点半, as minutes since midnight."""

from __future__ import annotations

import re

from bot.domain.moment_grammar import number
from bot.domain.work_calendar import MINUTES_OF_DAY

NOON = 12 * 60

_MORNING = frozenset(["清晨", "清早", "早晨", "早上", "早间", "大早", "早", "晨", "上午"])
_MIDDAY = frozenset(["中午", "正午", "午间"])
_AFTERNOON = frozenset(["下午", "午后", "后晌", "傍晚"])
_DAWN = 5 * 60
_LATEST_AFTERNOON_START = 6 * 60  # 明天6点 and earlier, without more, is the afternoon


def minutes_of(match: re.Match[str]) -> int | None:
    """Minutes since midnight as written, up to 24:00; None for what is no time of day."""
    try:
        hour = number(match["hour"] or match["word_hour"])
        minute = _minute(match)
    except ValueError:
        return None
    total = hour * 60 + minute
    return total if minute < 60 and total <= MINUTES_OF_DAY else None


def _minute(match: re.Match[str]) -> int:
    if match["half"]:
        return 30
    if match["quarter"]:
        return 15 if match["quarter"] == "一" else 45
    written = match["minute"] or match["word_minute"] or match["bare_minute"]
    return number(written) if written else 0


def in_part(minutes: int, part: str) -> int:
    """The same hour within a part of the day (下午3点 is 15:00); past 24:00 is the day after."""
    if minutes > NOON + 59:
        return minutes
    if part in _MORNING:
        return minutes
    if part == "凌晨":
        return minutes % NOON
    if part in _MIDDAY:
        return minutes if minutes >= 10 * 60 else minutes + NOON
    if part in _AFTERNOON:
        return minutes % NOON + NOON
    # Evening and night: 晚12点 is midnight, 夜里2点 the small hours after it.
    return minutes % NOON + (NOON if 5 * 60 <= minutes < NOON else MINUTES_OF_DAY)


def is_exact(match: re.Match[str]) -> bool:
    """Whether the writing leaves no doubt of morning or afternoon: 08:30, 10:15, 14点, 0点."""
    written = match["hour"]
    if written is None:
        return False
    return len(written) == 2 or int(written) >= 7


def readings(minutes: int, match: re.Match[str]) -> tuple[int, ...]:
    """What an hour without a part of the day can mean today, earliest first."""
    if minutes == 0:
        return (MINUTES_OF_DAY,)
    if minutes > NOON + 59 or is_exact(match):
        return (minutes,)
    if minutes >= NOON:  # 12点 said after noon is midnight
        return (minutes, minutes + NOON)
    return (minutes % NOON, minutes % NOON + NOON)


def likely(minutes: int, match: re.Match[str], *, early: bool = False) -> int:
    """What it means on another day: 明天3点 is the afternoon, 明天9点 the morning.

    `early` says that the words after it are of what begins at dawn (明天6点半集合).
    """
    if minutes >= _DAWN and (early or match["hour"]):
        return minutes
    if 60 <= minutes <= _LATEST_AFTERNOON_START + 59 and not is_exact(match):
        return minutes + NOON
    return minutes
