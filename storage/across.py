"""Relations across groups: read from the demands of two weeks, kept beside the facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from bot.domain.groups import GroupCode, LineCode, Origin, UnitCode
from bot.domain.periods import Week
from bot.domain.relations import Demand, Relation, find_relations
from bot.domain.traces import Trace
from storage import tables
from storage.deriving import is_superseded
from storage.upheld import upheld
from storage.weeks import week_number, week_of

Mark = tuple[int, ...]
"""Grows with everything that can change a week's relations."""

_TOGETHER = 1_000


def demands_of(connection: Connection, week: Week) -> list[Demand]:
    """The demands that stand, of the week and of the one before."""
    demand, fact, found = tables.demands.c, tables.facts.c, upheld()
    same = (
        (fact.week == demand.week)
        & (fact.group_code == demand.group_code)
        & (fact.tag == demand.tag)
        & (fact.revision == demand.revision)
    )
    rows = (
        select(
            demand.week, demand.group_code, fact.episode, fact.unit, fact.line, found.kinds_left,
            demand.minute, fact.weekday, demand.due, demand.trace,
            demand.origin_unit, demand.origin_line,
        )
        .select_from(found.beside.join(tables.demands, same))
        .where(demand.week.in_(_weeks(week)), ~is_superseded(tables.demands))
        .where(found.leaves_the_count)
    )  # fmt: skip
    return [_demand(row) for row in connection.execute(rows)]


def _demand(row: Any) -> Demand:
    (week, group, episode, unit, line, kinds, minute, weekday, due, trace,
     origin_unit, origin_line) = row  # fmt: skip
    known = week_of(week)
    return Demand(
        week=known,
        group=GroupCode(group),
        episode=episode,
        unit=UnitCode(unit),
        line=LineCode(line),
        kinds=kinds,
        minute=minute,
        day=date.fromisocalendar(known.year, known.number, weekday).toordinal(),
        due=due,
        trace=Trace.decode(trace),
        passed_on=None
        if origin_unit is None
        else Origin(UnitCode(origin_unit), LineCode(origin_line)),
    )


def mark_of(connection: Connection, week: Week) -> Mark:
    """What `demands_of` would read, as far as it can have changed."""
    counts = [
        select(func.count()).select_from(table).where(table.c.week.in_(_weeks(week)))
        for table in (tables.demands, tables.superseded, tables.dispute_steps)
    ]
    row = select(*(count.scalar_subquery() for count in counts))
    return tuple(connection.execute(row).one())


def keep(connection: Connection, week: Week, found: Sequence[Relation]) -> None:
    """Make these the relations of the week, in place of those found before."""
    relations = tables.relations
    connection.execute(delete(relations).where(relations.c.week == week_number(week)))
    rows = [_row(one) for one in found]
    for start in range(0, len(rows), _TOGETHER):
        connection.execute(insert(relations), rows[start : start + _TOGETHER])


def relate(connection: Connection, week: Week) -> None:
    """Find and keep the relations of a week within one transaction."""
    keep(connection, week, find_relations(demands_of(connection, week), week))


def forget_minutes(connection: Connection, week: Week) -> None:
    """What a closed week's demands keep for the next week's: hours. Those before it go."""
    demands, number = tables.demands, week_number(week)
    connection.execute(delete(demands).where(demands.c.week < number))
    connection.execute(
        update(demands)
        .where(demands.c.week == number)
        .values(
            minute=demands.c.minute - demands.c.minute % literal(60),
            due=demands.c.due - demands.c.due % literal(60),
        )
    )


def _weeks(week: Week) -> tuple[int, int]:
    return week_number(week.shifted(-1)), week_number(week)


def _row(one: Relation) -> dict[str, Any]:
    later, earlier = one.later, one.earlier
    return {
        "week": week_number(later.week),
        "group_code": later.group,
        "episode": later.episode,
        "kind": one.kind.value,
        "unit": later.unit,
        "line": later.line,
        "weekday": date.fromordinal(later.day).isoweekday(),
        "earlier_week": week_number(earlier.week),
        "earlier_group": earlier.group,
        "earlier_episode": earlier.episode,
        "earlier_unit": earlier.unit,
        "earlier_line": earlier.line,
        "shift": one.shift.value,
        "depth": one.depth,
    }
