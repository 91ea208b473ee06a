"""What a week's facts add up to: one query, the same for a close, a rebuild and a live standing.

Only standing revisions count. An episode is its opener: it is counted in the opener's group,
unit, line and weekday, and carries every kind that any demand or reminder of it named that week.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Table,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)

from bot.domain.groups import GroupCode
from bot.domain.periods import Week
from bot.domain.registers import LEGITIMATE, LISTED_KINDS, How
from bot.domain.relations import RelationKind, Shift
from bot.domain.tallies import COUNTED, Counted
from bot.domain.vocabulary import (
    KINDS,
    NIGHT_BEGINS,
    NIGHT_ENDS,
    Act,
    Exemption,
    Lead,
    Measure,
    Tallied,
    kind_bits,
)
from storage import tables
from storage.upheld import IN_TIME, Struck, upheld
from storage.weeks import week_number

UNDER_A_DAY = (Lead.UNDER_HOUR, Lead.UNDER_HALF_DAY, Lead.UNDER_DAY)
BURDENS = tuple(act for act in Act if act.is_burden)
WHERE = ("group_code", "unit", "line", "weekday")

NEEDED = (
    *WHERE,
    "act",
    "ping",
    "off_hours",
    "hour",
    "episode",
    "opens",
    "lead",
    "exempt",
    "claimed_urgent",
    "reported",
)
COLUMNS = tuple(measure.value for measure in COUNTED)


# To build it takes as long as to run it on a small group's week, and the same is asked for again.
@lru_cache(maxsize=16)
def tally_rows(
    week: Week, group: GroupCode | None = None, struck: Struck = IN_TIME
) -> Select[Any]:
    """Rows of group, unit, line, weekday and a number for each of COUNTED, one above zero.

    `struck` says what is left out as it was upheld to be wrong.
    """
    standing = _standing(week, group, struck)
    legs = (
        _of_facts(standing, week),
        _of_relations(standing, week, group),
        _of_coverage(week, group),
    )
    counted = [
        select(*(leg.c[place] for place in WHERE), *(_column(leg, name) for name in COLUMNS))
        for leg in legs
    ]
    together = union_all(*counted).subquery("together")
    where = [together.c[place] for place in WHERE]
    # A sum is widened by PostgreSQL and must come back as the integers that were added.
    numbers = [cast(func.sum(together.c[name]), Integer).label(name) for name in COLUMNS]
    some = func.sum(_summed([together.c[name] for name in COLUMNS])) > 0
    return select(*where, *numbers).group_by(*where).having(some)


def _column(leg: FromClause, name: str) -> ColumnElement[int]:
    return leg.c[name] if name in leg.c else literal_column("0", Integer).label(name)


def standing_facts(week: Week) -> ColumnElement[int]:
    """How many facts of the week stand, as a scalar subquery."""
    standing = _standing(week, None)
    return select(func.count()).select_from(standing).scalar_subquery()


def standing_hour(week: Week, weekday: int, hour: int) -> Select[Any]:
    """Group, unit, line and how many facts stand there of one hour of the week, in their order."""
    facts, found = tables.facts, upheld()
    where = (facts.c.group_code, facts.c.unit, facts.c.line)
    return (
        select(*where, func.count())
        .select_from(found.beside)
        .where(
            facts.c.week == week_number(week),
            facts.c.weekday == weekday,
            facts.c.hour == hour,
            ~is_superseded(facts),
            found.leaves_the_count,
        )
        .group_by(*where)
        .order_by(*where)
    )


def _standing(week: Week, group: GroupCode | None, struck: Struck = IN_TIME) -> CTE:
    facts, found = tables.facts, upheld(struck)
    rows = (
        select(
            *(facts.c[name] for name in NEEDED),
            found.kinds_left.label("kinds"),
            found.kinds_gone.label("gone"),
        )
        .select_from(found.beside)
        .where(
            facts.c.week == week_number(week),
            ~is_superseded(facts),
            found.leaves_the_count,
        )
    )
    if group is not None:
        rows = rows.where(facts.c.group_code == group)
    # Read twice, but never copied: it is the whole week.
    return rows.cte("standing").prefix_with("NOT MATERIALIZED")


def is_superseded(facts: Table) -> ColumnElement[bool]:
    """Whether a later revision of the fact stands."""
    superseded = tables.superseded.c
    return (
        select(literal(1))
        .where(
            superseded.week == facts.c.week,
            superseded.tag == facts.c.tag,
            superseded.revision == facts.c.revision,
        )
        .exists()
    )


def misses_a_register(kinds: Any, gone: Any) -> ColumnElement[bool]:
    """Whether what was in no register when it was counted still has a kind that registers list."""
    return or_(gone == 0, kinds.bitwise_and(kind_bits(LISTED_KINDS)) != 0)


def _pressed(standing: CTE) -> CTE:
    """The kinds that what presses an episode names; few facts do, and only these are sorted."""
    fact = standing.c
    kinds = [func.max(fact.kinds.bitwise_and(kind_bits((kind,)))) for kind in KINDS]
    return (
        select(fact.group_code, fact.episode, _summed(kinds).label("kinds"))
        .where(fact.episode.is_not(None), fact.opens == 0, fact.act.in_(BURDENS))
        .group_by(fact.group_code, fact.episode)
        .cte("pressed")
        .prefix_with("MATERIALIZED")
    )


def _summed(terms: Sequence[ColumnElement[int]]) -> ColumnElement[int]:
    # Single bits that do not overlap: their sum is their OR, which SQLite cannot aggregate.
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _filed(week: Week) -> CTE:
    """How episodes stand to the registers, as 0 or 1; most stand in none."""
    filed = tables.filed.c

    def stands(*hows: How) -> ColumnElement[int]:
        return func.max(case((filed.how.in_(hows), 1), else_=0))

    return (
        select(
            filed.group_code,
            filed.episode,
            stands(*LEGITIMATE).label("rests"),
            stands(How.UNLISTED).label("unlisted"),
        )
        .where(filed.week == week_number(week))
        .group_by(filed.group_code, filed.episode)
        .cte("of_registers")
        .prefix_with("MATERIALIZED")
    )


def _of_facts(standing: CTE, week: Week) -> CTE:
    """What facts are by themselves, and what their episodes are: an opener stands for its own."""
    fact, pressed, filed = standing.c, _pressed(standing), _filed(week)

    def is_its_own(other: CTE) -> ColumnElement[bool]:
        return and_(
            fact.opens == 1,
            other.c.group_code == fact.group_code,
            other.c.episode == fact.episode,
        )

    source = standing.outerjoin(pressed, is_its_own(pressed)).outerjoin(filed, is_its_own(filed))
    opens = and_(fact.opens == 1, fact.act.in_(BURDENS))
    kinds = fact.kinds.bitwise_or(func.coalesce(pressed.c.kinds, 0))
    rests, spared = filed.c.rests == 1, fact.exempt.is_not(None)
    charged = and_(opens, not_(spared), func.coalesce(filed.c.rests, 0) == 0)
    counts: dict[Counted, ColumnElement[bool]] = {
        Measure(kind.value): and_(charged, kinds.bitwise_and(kind_bits((kind,))) != 0)
        for kind in KINDS
    }
    off_hours = and_(fact.ping == 1, fact.off_hours == 1, not_(spared))
    counts |= {
        Measure.SHORT_NOTICE: and_(charged, fact.lead.in_(UNDER_A_DAY)),
        Tallied.EPISODES: charged,
        Tallied.EXEMPT: and_(opens, or_(spared, rests)),
        Tallied.CLAIMED_URGENT: and_(opens, fact.claimed_urgent == 1),
        Tallied.REPORTED: and_(opens, fact.reported == 1),
        Tallied.DECLARED: and_(opens, fact.exempt == Exemption.DECLARED),
        Tallied.REGISTERED: and_(opens, rests),
        Tallied.UNLISTED: and_(
            charged, filed.c.unlisted == 1, misses_a_register(fact.kinds, fact.gone)
        ),
        Measure.OFF_HOURS: off_hours,
        Tallied.OFF_HOURS_NIGHT: and_(
            off_hours, or_(fact.hour >= NIGHT_BEGINS, fact.hour < NIGHT_ENDS)
        ),
        Measure.REPEAT: and_(fact.opens == 0, not_(spared), fact.act == Act.REMINDER),
        Tallied.PINGS: fact.ping == 1,
        Tallied.CANCELLED: fact.act == Act.CANCEL,
    }
    return _cells("of_facts", fact, counts, source)


def _of_relations(standing: CTE, week: Week, group: GroupCode | None) -> CTE:
    """Relations of episodes that still stand."""
    relation, fact = tables.relations.c, standing.c
    stands = (
        select(literal(1))
        .where(
            fact.group_code == relation.group_code,
            fact.episode == relation.episode,
            fact.opens == 1,
        )
        .exists()
    )
    rows = select(tables.relations).where(relation.week == week_number(week), stands)
    if group is not None:
        rows = rows.where(relation.group_code == group)
    related = rows.cte("related")
    pressed = related.c.shift.in_([shift for shift in Shift if shift.is_pressed])
    is_relay = related.c.kind == RelationKind.RELAY
    counts: dict[Counted, ColumnElement[bool]] = {
        Measure.DUPLICATE: related.c.kind == RelationKind.DUPLICATE,
        Tallied.BROADCAST: related.c.kind == RelationKind.BROADCAST,
        Tallied.RELAYED: is_relay,
        Tallied.PRESSED: and_(is_relay, pressed),
    }
    return _cells("of_relations", related.c, counts, related)


def _cells(
    name: str, of: Any, counts: dict[Counted, ColumnElement[bool]], source: FromClause
) -> CTE:
    where = [of[column] for column in WHERE]
    numbers = [
        func.count().filter(condition).label(measure.value)
        for measure, condition in counts.items()
    ]
    return select(*where, *numbers).select_from(source).group_by(*where).cte(name)


def _of_coverage(week: Week, group: GroupCode | None) -> Subquery:
    # Before the close the registry says whom a group belongs to; after it, the closed line does.
    coverage, groups = tables.coverage, tables.groups
    unit = func.coalesce(coverage.c.unit, groups.c.unit, "").label("unit")
    line = func.coalesce(coverage.c.line, groups.c.line, "").label("line")
    rows = (
        select(
            coverage.c.group_code,
            unit,
            line,
            coverage.c.weekday,
            coverage.c.messages.label(Tallied.MESSAGES.value),
        )
        .select_from(coverage.outerjoin(groups, groups.c.code == coverage.c.group_code))
        .where(coverage.c.week == week_number(week))
    )
    if group is not None:
        rows = rows.where(coverage.c.group_code == group)
    return rows.subquery("of_coverage")
