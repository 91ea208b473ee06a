"""Whether an entry of a register can stand: it fits something, and its year has room for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.errors import UserError
from bot.domain.registers import (
    ANY_GROUP,
    ANY_LINE,
    ANY_UNIT,
    EVERYWHERE,
    INSPECTIONS,
    LEGITIMISES,
    LONGEST_NUMBER,
    LONGEST_WORDS,
    Filing,
    Sort,
    plain,
)

YEARLY = (Sort.COMPREHENSIVE, Sort.SYSTEM_MEETING)
"""Sorts of which a line of command has so many a year; the policy file says how many."""


def overlapping(entries: Sequence[Filing], entry: Filing) -> tuple[Filing, ...]:
    """Approved inspections of others for the same people at the same time: they may be combined."""
    if entry.sort not in INSPECTIONS:
        return ()
    return tuple(
        one
        for one in entries
        if one.sort in INSPECTIONS
        and not one.retired
        and one.number != entry.number
        and one.line != entry.line
        and (EVERYWHERE in (one.unit, entry.unit) or one.unit == entry.unit)
        and one.starts <= entry.ends
        and entry.starts <= one.ends
    )


def check_entry(entry: Filing) -> None:
    """Raises UserError for an entry that could never fit, or fits everything."""
    number = plain(entry.number)
    if not len(number) >= 3 or len(entry.number) > LONGEST_NUMBER:
        raise UserError("registers.error.number")
    if not entry.title.strip() or len(entry.title) > LONGEST_WORDS:
        raise UserError("registers.error.title")
    if entry.ends < entry.starts:
        raise UserError("registers.error.period")
    if any(len(plain(word)) < 2 for word in entry.words or (entry.title,)):
        raise UserError("registers.error.words")
    if entry.quota is not None and not 0 < entry.quota <= 10_000:
        raise UserError("registers.error.quota_number")
    if entry.sort in LEGITIMISES and not any(letter.isdigit() for letter in number):
        raise UserError("registers.error.number_digit")
    if entry.sort in (*YEARLY, Sort.DUTY) and entry.line == ANY_LINE:
        raise UserError("registers.error.duty_line")
    if (entry.sort is Sort.ON_DUTY) is (entry.group == ANY_GROUP):
        raise UserError("registers.error.on_duty_group")


@dataclass(frozen=True, slots=True)
class YearlyCap:
    """At most so many entries of a sort for each line of command in a year (一年至多一次)."""

    sort: Sort
    at_most: int


def check_caps(known: Iterable[Filing], entry: Filing, caps: Iterable[YearlyCap]) -> None:
    """Raises UserError when the entry is one too many of its sort, line and year.

    An entry belongs to the year in which it begins; for one unit and for all are both of the line.
    """
    for cap in caps:
        if cap.sort is not entry.sort:
            continue
        others = [
            one
            for one in known
            if one.sort is entry.sort
            and not one.retired
            and one.line == entry.line
            and one.starts.year == entry.starts.year
            and plain(one.number) != plain(entry.number)
            and (one.unit == entry.unit or ANY_UNIT in (one.unit, entry.unit))
        ]
        if len(others) >= cap.at_most:
            raise UserError(
                "registers.error.yearly",
                year=str(entry.starts.year),
                most=str(cap.at_most),
                number=others[0].number,
            )
