"""Every published sum, added up again: a week's from its raw counts, a month's from its weeks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bot.domain.digest_figures import UNPUBLISHED
from bot.domain.issues import FIRST

_UNIT, _LINE = 1, 2
_PLACE = 4
"""Before its numbers a row has its group, unit, line and weekday."""


class Wrong(NamedTuple):
    """A number that does not follow; `of` is the code of a unit or line, empty for all."""

    of: str
    measure: str
    told: int
    counted: int


def wrong_sums(digest: bytes, week: Mapping[str, Any]) -> list[Wrong]:
    """Where a digest's numbers are not the sums of `week`'s rows: in all, by unit, by line.

    A digest for some units is held against the rows of those that it names, as told of or as
    heard: a unit that it keeps quiet about altogether cannot be missed here. A further issue
    says what it took out of the totals, and its units are compared with the first issue by
    whoever reads both. A digest that cannot be read gives nothing: its hash told of it.
    """
    try:
        figures = json.loads(digest)["figures"]
        rows = _of_its_units(figures, week["rows"])
        found = list(_wrong(figures, week["columns"], rows))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return []
    return found


def wrong_closing_sums(closing: bytes, digests: Sequence[bytes]) -> list[Wrong]:
    """Where a month's or a quarter's numbers are not the sums of these digests'.

    What cannot be read gives nothing: its hash told of it.
    """
    try:
        told = json.loads(closing)["figures"]
        weeks = [json.loads(each)["figures"] for each in digests]
        found = list(_wrong_totals("", told["totals"], [one["totals"] for one in weeks]))
        for name in ("units", "lines"):
            for code, row in (told[name] or {}).items():
                rows = [(one[name] or {}).get(code, {}) for one in weeks]
                found += _wrong_totals(code, row, rows)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    return found


def _wrong_totals(
    of: str, told: Mapping[str, int], rows: Sequence[Mapping[str, int]]
) -> Iterator[Wrong]:
    for measure in sorted({*told, *(name for row in rows for name in row)}):
        counted = sum(row.get(measure, 0) for row in rows)
        if told.get(measure, 0) != counted:
            yield Wrong(of, measure, told.get(measure, 0), counted)


_Rows = Sequence[Sequence[Any]]


def _of_its_units(figures: Mapping[str, Any], rows: _Rows) -> _Rows:
    if figures["lines"] is not None:
        return rows
    heard = figures.get("coverage", {}).get("units_heard", ())
    own = {*figures.get("units", ()), *heard}
    return [row for row in rows if row[_UNIT] in own]


def _wrong(figures: Mapping[str, Any], columns: Sequence[str], rows: _Rows) -> Iterator[Wrong]:
    is_first = figures.get("issue", FIRST) <= FIRST
    gone = {} if is_first else dict(figures["corrected"])
    yield from _differences("", dict(figures["totals"]), columns, rows, gone)
    if not is_first:
        return
    for place, name in ((_UNIT, "units"), (_LINE, "lines")):
        told = figures.get(name)
        if told is None:
            continue
        of_code: dict[str, list[Sequence[Any]]] = {code: [] for code in told}
        for row in rows:
            of_code.setdefault(row[place], []).append(row)
        for code, own in sorted(of_code.items()):
            yield from _differences(code, dict(told.get(code, {})), columns, own, {})


def _differences(
    of: str, told: Mapping[str, int], columns: Sequence[str], rows: _Rows, gone: Mapping[str, int]
) -> Iterator[Wrong]:
    unpublished = {each.value for each in UNPUBLISHED}
    sums = {
        name: sum(row[_PLACE + place] for row in rows) - gone.get(name, 0)
        for place, name in enumerate(columns)
        if name not in unpublished
    }
    for measure in sorted({*told, *sums}):
        if told.get(measure, 0) != sums.get(measure, 0):
            yield Wrong(of, measure, told.get(measure, 0), sums.get(measure, 0))
