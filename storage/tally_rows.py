"""Rows of tallies as the domain's count table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.domain.tallies import CountTable, Place


def count_table(rows: Iterable[Any]) -> CountTable:
    """Group, unit, line, weekday and a number for each of COUNTED → the counts of a week."""
    return CountTable.of_rows((Place(*row[:4]), tuple(row[4:])) for row in rows)
