"""Numbers and days as somebody types them behind a command: 3, ３次, 两次, 10月8日, 十月八日."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.domain.errors import UserError
from bot.domain.moment_grammar import number

FIGURE = r"(?:\d{1,8}|[〇零一二两三四五六七八九十]{1,3})"
"""A number in a pattern, as `figure` reads it."""

_UNITS = "次|件|个|条"
_NUMBER = re.compile(rf"({FIGURE})(?:{_UNITS})?")
_HAN = "[〇零一二三四五六七八九十]"
_DAY = (
    r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?|\d{1,2}[-/月]\d{1,2}[日号]?"
    rf"|(?:{_HAN}{{4}}年)?{_HAN}{{1,2}}月{_HAN}{{1,3}}[日号])"
)
_DAYS = re.compile(
    rf"(?:自|从|至|到|截止|from|to|until)?({_DAY})(?:(?:至|到|~|—|–|-)+({_DAY}))?起?止?"
)
_PARTS = re.compile(rf"\d+|{_HAN}+")
_LATEST_PASSED = timedelta(days=183)  # a day longer past than this means next year's


def figure(written: str) -> int | None:
    """A number in figures of any width or in Chinese up to 99; None for what is none."""
    if written.isdecimal():
        return int(written)
    try:
        return number(written)
    except (KeyError, ValueError):
        return None


def typed_number(word: str) -> int | None:
    """A whole word that is a number, with or without 次, 件, 个, 条; else None."""
    found = _NUMBER.fullmatch(word)
    return figure(found[1]) if found else None


def typed_days(word: str, today: date) -> tuple[date, ...]:
    """The day, or the first and the last, of a whole word; none for what is no day.

    Without a year it is this one's, or the next one's for a day long past. Raises UserError for a
    day that there is not.
    """
    found = _DAYS.fullmatch(word)
    return tuple(_day(each, today) for each in found.groups() if each) if found else ()


def _day(written: str, today: date) -> date:
    parts = [figure(part) for part in _PARTS.findall(written)]
    try:
        first, *rest = (part for part in parts if part is not None)
        if len(rest) == 2:
            return date(first, *rest)
        this = date(today.year, first, *rest)
        return this if this >= today - _LATEST_PASSED else date(today.year + 1, first, *rest)
    except (TypeError, ValueError, OverflowError):
        raise UserError("register_commands.expected.date") from None
