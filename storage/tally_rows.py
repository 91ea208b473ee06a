"""Rows of tallies as the domain's count table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.domain.tallies import Cell, CountTable
from storage.deriving import WORDS


def count_table(rows: Iterable[Any]) -> CountTable:
    """Group, unit, line, weekday, measure, number → the counts of a week."""
    return CountTable(
        {
            Cell(group, unit, line, weekday, WORDS[measure]): number
            for group, unit, line, weekday, measure, number in rows
        }
    )
