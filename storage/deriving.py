"""What a week's facts add up to: one query, the same for a close, a rebuild and a live standing.

Only standing revisions count. An episode is its opener: it is counted in the opener's group,
unit, line and weekday, and carries every kind that any demand or reminder of it named that week.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    not_,
    select,
    union_all,
)

from bot.domain.groups import GroupCode
from bot.domain.periods import Week
from bot.domain.tallies import Counted
from bot.domain.vocabulary import KINDS, Act, Lead, Measure, Tallied, kind_bits
from storage import tables
from storage.weeks import week_number

UNDER_A_DAY = (Lead.UNDER_HOUR, Lead.UNDER_HALF_DAY, Lead.UNDER_DAY)
BURDENS = tuple(act for act in Act if act.is_burden)
WHERE = ("group_code", "unit", "line", "weekday")

WORDS: dict[str, Counted] = {word.value: word for word in (*Measure, *Tallied)}


def tally_rows(week: Week, group: GroupCode | None = None) -> CompoundSelect[Any]:
    """Rows of group, unit, line, weekday, measure and a number above zero."""
    standing = _standing(week, group)
    cells = _cells(standing)
    where = [cells.c[name] for name in WHERE]
    legs = [
        select(*where, literal(name, String), cells.c[name]).where(cells.c[name] > 0)
        for name in cells.c.keys()  # noqa: SIM118 - a collection of columns, not a dict
        if name not in WHERE
    ]
    return union_all(*legs, _messages(week, group))


def standing_facts(week: Week) -> ColumnElement[int]:
    """How many facts of the week stand, as a scalar subquery."""
    standing = _standing(week, None)
    return select(func.count()).select_from(standing).scalar_subquery()


def _standing(week: Week, group: GroupCode | None) -> CTE:
    facts, superseded = tables.facts, tables.superseded
    replaced = (
        select(literal(1))
        .where(
            superseded.c.week == facts.c.week,
            superseded.c.tag == facts.c.tag,
            superseded.c.revision == facts.c.revision,
        )
        .exists()
    )
    rows = select(facts).where(facts.c.week == week_number(week), ~replaced)
    if group is not None:
        rows = rows.where(facts.c.group_code == group)
    return rows.cte("standing")


def _pressed(standing: CTE) -> CTE:
    """Kinds that demands and reminders added to an episode that an earlier message opened."""
    kinds = _summed([func.max(standing.c.kinds.bitwise_and(kind_bits((kind,)))) for kind in KINDS])
    return (
        select(standing.c.group_code, standing.c.episode, kinds.label("kinds"))
        .where(
            standing.c.opens == 0,
            standing.c.act.in_(BURDENS),
            standing.c.kinds != 0,
            standing.c.episode.is_not(None),
        )
        .group_by(standing.c.group_code, standing.c.episode)
        .cte("pressed")
    )


def _summed(terms: Sequence[ColumnElement[int]]) -> ColumnElement[int]:
    # Single bits that do not overlap: their sum is their OR, which SQLite cannot aggregate.
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _cells(standing: CTE) -> CTE:
    # One column of counts for each measure, called by its word.
    pressed = _pressed(standing)
    fact = standing.c
    kinds = fact.kinds.bitwise_or(func.coalesce(pressed.c.kinds, 0))
    charged = fact.exempt.is_(None)
    opens = fact.opens == 1
    counts: dict[Counted, ColumnElement[bool]] = {
        Measure(kind.value): and_(opens, charged, kinds.bitwise_and(kind_bits((kind,))) != 0)
        for kind in KINDS
    }
    counts |= {
        Measure.OFF_HOURS: and_(fact.ping == 1, fact.off_hours == 1, charged),
        Measure.SHORT_NOTICE: and_(opens, charged, fact.lead.in_(UNDER_A_DAY)),
        Measure.REPEAT: and_(not_(opens), charged, fact.act == Act.REMINDER),
        Tallied.EPISODES: and_(opens, charged),
        Tallied.EXEMPT: and_(opens, not_(charged)),
        Tallied.CLAIMED_URGENT: and_(opens, fact.claimed_urgent == 1),
        Tallied.REPORTED: and_(opens, fact.reported == 1),
        Tallied.PINGS: fact.ping == 1,
        Tallied.CANCELLED: fact.act == Act.CANCEL,
    }
    where = [fact[name] for name in WHERE]
    joined = standing.outerjoin(
        pressed,
        and_(opens, pressed.c.group_code == fact.group_code, pressed.c.episode == fact.episode),
    )
    numbers = [
        func.count().filter(condition).label(measure.value)
        for measure, condition in counts.items()
    ]
    return select(*where, *numbers).select_from(joined).group_by(*where).cte("cells")


def _messages(week: Week, group: GroupCode | None) -> Select[Any]:
    # Before the close the registry says whom a group belongs to; after it, the closed line does.
    coverage, groups = tables.coverage, tables.groups
    unit = func.coalesce(coverage.c.unit, groups.c.unit, "")
    line = func.coalesce(coverage.c.line, groups.c.line, "")
    messages = cast(func.sum(coverage.c.messages), Integer)
    rows = (
        select(
            coverage.c.group_code,
            unit,
            line,
            coverage.c.weekday,
            literal(Tallied.MESSAGES.value, String),
            messages,
        )
        .select_from(coverage.outerjoin(groups, groups.c.code == coverage.c.group_code))
        .where(coverage.c.week == week_number(week))
        .group_by(coverage.c.group_code, unit, line, coverage.c.weekday)
        .having(messages > 0)
    )
    return rows if group is None else rows.where(coverage.c.group_code == group)
