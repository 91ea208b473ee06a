"""Counts as they may be shown: what stands of a fact, and how its dispute stands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select

from bot.domain.disputes import DisputeState, PublicCount
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.registers import LEGITIMATE
from bot.domain.relations import RelationKind
from bot.domain.vocabulary import Act, Measure, kinds_from_bits
from storage import tables
from storage.deriving import BURDENS, UNDER_A_DAY, is_superseded
from storage.upheld import upheld
from storage.weeks import week_of

_fact, _step, _relation = tables.facts.c, tables.dispute_steps.c, tables.relations.c
UPHELD_IN_TIME = upheld()
"""What was upheld of the counts of `public_counts` before their weeks were closed."""
_IS_COUNT = or_(_fact.act.in_(BURDENS), _fact.off_hours == 1)


def latest_step(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of the highest step of a fact's dispute."""
    return (
        select(column)
        .where(
            _step.week == _fact.week,
            _step.group_code == _fact.group_code,
            _step.tag == _fact.tag,
        )
        .order_by(_step.step.desc())
        .limit(1)
        .correlate(tables.facts)
        .scalar_subquery()
    )


def rests_on_a_filing() -> ColumnElement[bool]:
    """Whether a fact's episode rests on a filing, so that it is counted apart."""
    filed = tables.filed.c
    return (
        select(literal(1))
        .where(
            filed.week == _fact.week,
            filed.group_code == _fact.group_code,
            filed.episode == _fact.episode,
            filed.how.in_([how.value for how in LEGITIMATE]),
        )
        .correlate(tables.facts)
        .exists()
    )


def _beside() -> dict[Measure, ColumnElement[bool]]:
    """By measure whether a fact counts in it, as `deriving` adds them up."""
    opens, charged = and_(_fact.opens == 1, _fact.act.in_(BURDENS)), _fact.exempt.is_(None)
    is_duplicate = (
        select(literal(1))
        .where(
            _relation.week == _fact.week,
            _relation.group_code == _fact.group_code,
            _relation.episode == _fact.episode,
            _relation.kind == RelationKind.DUPLICATE,
        )
        .correlate(tables.facts)
        .exists()
    )
    return {
        Measure.OFF_HOURS: and_(charged, _fact.ping == 1, _fact.off_hours == 1),
        Measure.REPEAT: and_(charged, _fact.opens == 0, _fact.act == Act.REMINDER),
        Measure.SHORT_NOTICE: and_(
            charged, opens, ~rests_on_a_filing(), _fact.lead.in_(UNDER_A_DAY)
        ),
        Measure.DUPLICATE: and_(charged, opens, is_duplicate),
    }


_BESIDE = _beside()


def public_counts() -> Select[Any]:
    """Rows of counts that may be shown, with the state of their dispute."""
    return select(
        _fact.week, _fact.group_code, _fact.tag, _fact.unit, _fact.line, _fact.weekday, _fact.hour,
        _fact.act, UPHELD_IN_TIME.kinds_left, _fact.opens, _fact.rules, _fact.rulebook,
        latest_step(_step.state), latest_step(_step.kinds),
        *(condition.label(measure.value) for measure, condition in _BESIDE.items()),
    ).select_from(UPHELD_IN_TIME.beside).where(_IS_COUNT, ~is_superseded(tables.facts))  # fmt: skip


def count_of(row: Any) -> PublicCount:
    """The count of a row of `public_counts`."""
    (week, group, tag, unit, line, weekday, hour, act, kinds, opens, rules, rulebook, state,
     disputed, *holds) = row  # fmt: skip
    return PublicCount(
        week=week_of(week),
        group=GroupCode(group),
        tag=tag,
        unit=UnitCode(unit),
        line=LineCode(line),
        weekday=weekday,
        hour=hour,
        act=Act(act),
        kinds=kinds_from_bits(kinds),
        opens=bool(opens),
        rules=tuple(rules.split()),
        rulebook=rulebook,
        state=DisputeState(state) if state else None,
        beside=frozenset(measure for measure, does in zip(_BESIDE, holds, strict=True) if does),
        disputed=kinds_from_bits(disputed or 0),
    )
