"""Published weeks of one office or of several, added up. Nothing but what was published goes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.domain.burden import PersonHours
from bot.domain.digest_figures import DigestFigures
from bot.domain.errors import BadInput
from bot.domain.over_limits import OverLimit
from bot.domain.tallies import Counted


@dataclass(frozen=True, slots=True)
class Repeated:
    """An item that went over its limit: its last form, in how many weeks, and by how much in all."""

    item: OverLimit
    weeks: int
    over_by: int


@dataclass(frozen=True, slots=True)
class AddedUp:
    """The sum of published weeks. `weeks` are the labels of those that were published.

    `lines` is None where one of the digests had none: a sum without some would look like all.
    `person_hours` is None where one week was not estimated. `silent_weeks` are those of which too
    little was heard to say that nothing happened.
    """

    weeks: tuple[str, ...]
    totals: Mapping[str, int]
    by_week: Mapping[str, Mapping[str, int]]
    units: Mapping[str, Mapping[str, int]]
    lines: Mapping[str, Mapping[str, int]] | None
    over_limit: tuple[Repeated, ...]
    person_hours: PersonHours | None
    silent_weeks: tuple[str, ...]
    offices: int

    def total(self, measure: Counted) -> int:
        """The sum for everybody."""
        return self.totals.get(measure.value, 0)


def added_up(published: Collection[DigestFigures]) -> AddedUp:
    """The sum, the same in whatever order the digests come.

    Raises BadInput where a unit stands in two digests of a week: it would count twice.
    """
    found = sorted(published, key=lambda one: (one.week, one.office))
    _refuse_twice(found)
    weeks = tuple(sorted({one.week for one in found}))
    of_week = {
        week: [one for one in found if one.week == week and one.coverage.supports_zero]
        for week in weeks
    }
    lines = [one.lines for one in found]
    hours = [one.person_hours for one in found]
    estimated = [one for one in hours if one is not None]
    return AddedUp(
        weeks,
        _sum(one.totals for one in found),
        {week: _sum(one.totals for one in found if one.week == week) for week in weeks},
        _sums(one.units for one in found),
        None if None in lines else _sums(one for one in lines if one is not None),
        _repeated(found),
        PersonHours(sum(one.low for one in estimated), sum(one.high for one in estimated))
        if estimated and len(estimated) == len(hours)
        else None,
        tuple(week for week in weeks if not of_week[week]),
        len({one.office for one in found}),
    )


def _refuse_twice(found: Iterable[DigestFigures]) -> None:
    told: set[tuple[str, str]] = set()
    for one in found:
        for code in one.units or ("",):
            if (one.week, code) in told:
                raise BadInput(f"{one.week} {one.office}", f"unit {code}", "expected.unit_once")
            told.add((one.week, code))


def _sum(rows: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row)
    return dict(sorted(total.items()))


def _sums(tables: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    found: dict[str, list[Mapping[str, int]]] = {}
    for table in tables:
        for code, row in table.items():
            found.setdefault(code, []).append(row)
    return {code: _sum(rows) for code, rows in sorted(found.items())}


def _repeated(found: Iterable[DigestFigures]) -> tuple[Repeated, ...]:
    items: dict[tuple[str, ...], list[OverLimit]] = {}
    for one in found:
        for each in one.over_limit:
            # Codes of one installation are its own: two towns may both have a group "g-1".
            items.setdefault((one.office, *each.item.identity), []).append(each.item)
    return tuple(
        Repeated(over[-1], len(over), sum(one.over_by for one in over))
        for _, over in sorted(items.items())
    )
