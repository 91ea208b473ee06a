"""How many work groups a unit may have: by how many work in it, or by the level it stands at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.domain.departments import Unit
from bot.domain.limits import EVERYBODY, Limit, Scope
from bot.domain.vocabulary import Measure


@dataclass(frozen=True, slots=True)
class Band:
    """At most so many groups for units of up to `staff` people (0: any), or of a `level`."""

    at_most: int
    staff: int = 0
    level: str = ""


def allowed(bands: Sequence[Band], unit: Unit) -> int | None:
    """What the bands allow a unit: by its level, else by its staff; None where neither is known."""
    for band in bands:
        if band.level and band.level == unit.level:
            return band.at_most
    if unit.staff:
        for band in bands:
            if not band.level and (not band.staff or unit.staff <= band.staff):
                return band.at_most
    return None


def scaled(
    limits: Iterable[Limit], bands: Sequence[Band], units: Iterable[Unit]
) -> tuple[Limit, ...]:
    """The limits, and for each unit whose scale is known a number of groups of its own.

    It is made of the general limit of that measure; a unit's own limit, which the office set,
    stands. Without a general limit none is made: then the office does not want it.
    """
    known = tuple(limits)
    of_groups = [one for one in known if one.measure is Measure.GROUP_COUNT]
    general = [one for one in of_groups if one.scope is Scope.UNIT and one.only == EVERYBODY]
    own = {(one.window, one.only) for one in of_groups if one.scope is Scope.UNIT}
    made = [
        replace(limit, only=unit.code, at_most=at_most)
        for limit in general
        for unit in units
        if (limit.window, unit.code) not in own and (at_most := allowed(bands, unit)) is not None
    ]
    return (*known, *made)
