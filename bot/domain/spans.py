"""Months and quarters as whole ISO weeks: a week belongs where its Thursday lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.periods import Week

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")
_THURSDAY = 3
_A_YEAR, _A_QUARTER = 12, 3


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`months` months from the first of `begin` on; a month is written 2026-10, a quarter 2026Q4."""

    begin: date
    months: int

    @classmethod
    def month(cls, label: str) -> Span:
        """The month written 2026-10; ValueError says what was expected."""
        found = _MONTH.fullmatch(label.strip())
        if not found or not 1 <= int(found[2]) <= _A_YEAR or int(found[1]) < 1:
            raise ValueError("expected a month such as 2026-10")
        return cls(date(int(found[1]), int(found[2]), 1), 1)

    @classmethod
    def quarter(cls, label: str) -> Span:
        """The quarter written 2026Q4; ValueError says what was expected."""
        found = _QUARTER.fullmatch(label.strip().upper())
        if not found or int(found[1]) < 1:
            raise ValueError("expected a quarter such as 2026Q4")
        return cls(date(int(found[1]), _A_QUARTER * int(found[2]) - 2, 1), _A_QUARTER)

    @classmethod
    def parse(cls, label: str) -> Span:
        """The month or quarter of this label; ValueError when it is neither."""
        return cls.quarter(label) if "Q" in label else cls.month(label)

    @classmethod
    def month_of(cls, week: Week) -> Span:
        """The month that a week belongs to."""
        thursday = week.monday + timedelta(days=_THURSDAY)
        return cls(thursday.replace(day=1), 1)

    @classmethod
    def quarter_of(cls, week: Week) -> Span:
        """The quarter that a week belongs to."""
        thursday = week.monday + timedelta(days=_THURSDAY)
        first = thursday.month - (thursday.month - 1) % _A_QUARTER
        return cls(date(thursday.year, first, 1), _A_QUARTER)

    @property
    def is_quarter(self) -> bool:
        """Whether it is a quarter."""
        return self.months == _A_QUARTER

    @property
    def weeks(self) -> tuple[Week, ...]:
        """Its weeks in their order: each week of a year is in one month of that ISO year."""
        end = _shifted(self.begin, self.months)
        week, found = Week.on(self.begin), []
        while (thursday := week.monday + timedelta(days=_THURSDAY)) < end:
            if thursday >= self.begin:
                found.append(week)
            week = week.shifted(1)
        return tuple(found)

    def before(self) -> Span:
        """The span of the same length that ends where this one begins."""
        return Span(_shifted(self.begin, -self.months), self.months)

    def year_before(self) -> Span:
        """The same span of the year before."""
        return Span(_shifted(self.begin, -_A_YEAR), self.months)

    def __str__(self) -> str:
        if self.is_quarter:
            return f"{self.begin.year:04d}Q{(self.begin.month + 2) // _A_QUARTER}"
        return f"{self.begin.year:04d}-{self.begin.month:02d}"


def _shifted(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, _A_YEAR)
    return date(day.year + years, month + 1, 1)
