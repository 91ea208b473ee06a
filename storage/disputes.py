"""Counts by their public ids, and the steps of the disputes about them; steps are only added."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, literal, or_, select

from bot.domain.disputes import (
    DECIDED,
    Correction,
    DisputedCounts,
    DisputeState,
    Moved,
    PublicCount,
    id_bounds,
    may_follow,
)
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.periods import Week
from bot.domain.registers import LEGITIMATE
from bot.domain.relations import RelationKind
from bot.domain.tallies import Counted
from bot.domain.vocabulary import Act, Measure, Tallied, kinds_from_bits
from handlers.proof_ports import DisputeStep
from storage import locks, tables
from storage.deriving import BURDENS, UNDER_A_DAY, is_superseded, struck_out
from storage.engine import Database
from storage.weeks import week_number, week_of

_fact, _step, _relation = tables.facts.c, tables.dispute_steps.c, tables.relations.c
_IS_COUNT = or_(_fact.act.in_(BURDENS), _fact.off_hours == 1)
_NEWEST_FIRST = (_fact.week.desc(), _fact.weekday.desc(), _fact.hour.desc(), _fact.tag)

# The tag is a keyed one whose key is destroyed: a hash of it leads nowhere.
MARK_DIGITS = 16


class SqlDisputes:
    """The Disputes port on SQLAlchemy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def latest(self, group: GroupCode, week: Week, most: int) -> Sequence[PublicCount]:
        """See handlers.ports.Disputes."""
        rows = (
            public_counts()
            .where(_fact.week == week_number(week), _fact.group_code == group)
            .where(~struck_out(tables.facts))
        )
        return await self._read(rows.order_by(*_NEWEST_FIRST).limit(most))

    async def undecided(
        self, groups: Collection[GroupCode], since: Week, until: Week, most: int
    ) -> tuple[Sequence[PublicCount], int]:
        """See handlers.ports.Disputes."""
        state = _latest(_step.state)
        rows = public_counts().where(
            _fact.week.between(week_number(since), week_number(until)),
            _fact.group_code.in_(groups),
            or_(state.is_(None), state.not_in(DECIDED)),
        )
        number = rows.with_only_columns(func.count(), maintain_column_froms=True)
        newest = rows.order_by(*_NEWEST_FIRST).limit(most)
        found, there_are = await self._database.read(
            lambda connection: (connection.execute(newest).all(), connection.scalar(number))
        )
        return [count_of(row) for row in found], there_are or 0

    async def found(
        self, written: str, since: Week, groups: Collection[GroupCode] | None
    ) -> Sequence[PublicCount]:
        """See handlers.ports.Disputes."""
        low, high = id_bounds(written)
        rows = public_counts().where(
            _fact.week >= week_number(since), _fact.tag >= low, _fact.tag < high
        )
        if groups is not None:
            rows = rows.where(_fact.group_code.in_(groups))
        return await self._read(rows)

    async def listed(self, states: Collection[DisputeState]) -> Sequence[PublicCount]:
        """See handlers.ports.Disputes."""
        rows = public_counts().where(_latest(_step.state).in_(states))
        return await self._read(rows.order_by(_fact.week, _fact.group_code, _fact.tag))

    async def move(self, count: PublicCount, wanted: DisputeState, by: str, now: Week) -> Moved:
        """See handlers.ports.Disputes."""
        return await self._database.write(
            lambda connection: _move(connection, count, wanted, by, week_number(now))
        )

    async def corrections(self, decided_in: Week) -> Sequence[Correction]:
        """See handlers.ports.Disputes."""
        return await self._corrections(_step.in_week == week_number(decided_in))

    async def corrections_of(self, week: Week) -> Sequence[Correction]:
        """See handlers.ports.Disputes."""
        return await self._corrections(_step.week == week_number(week))

    async def disputed(self, week: Week) -> Sequence[DisputedCounts]:
        """See handlers.ports.Disputes."""
        later = tables.dispute_steps.alias("later")
        is_counted: dict[Counted, ColumnElement[bool]] = {
            Tallied.EPISODES: and_(_fact.opens == 1, _fact.act.in_(BURDENS), ~_rests()),
            Measure.REPEAT: and_(_fact.opens == 0, _fact.act == Act.REMINDER),
            Measure.OFF_HOURS: and_(_fact.ping == 1, _fact.off_hours == 1),
        }
        has_later = (
            select(literal(1))
            .where(*(later.c[name] == _step[name] for name in ("week", "group_code", "tag")))
            .where(later.c.step > _step.step, later.c.after_close == 0)
            .exists()
        )
        same = and_(
            _step.week == _fact.week, _step.group_code == _fact.group_code, _step.tag == _fact.tag
        )
        # From the steps, which are few, to their facts.
        rows = (
            select(
                _step.state,
                *(func.count().filter(one).label(each.value) for each, one in is_counted.items()),
            )
            .join_from(tables.dispute_steps, tables.facts, same)
            .where(
                _step.week == week_number(week),
                _step.after_close == 0,
                _step.state != DisputeState.WITHDRAWN,
                ~has_later,
                _fact.exempt.is_(None),
                ~is_superseded(tables.facts),
            )
            .group_by(_step.state)
        )
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        by_state = {DisputeState(row.state): row._mapping for row in found}
        told = (
            DisputedCounts(
                measure.value,
                sum(row[measure.value] for row in by_state.values()),
                *(
                    by_state[each][measure.value] if each in by_state else 0
                    for each in (DisputeState.UPHELD, DisputeState.REJECTED)
                ),
            )
            for measure in is_counted
        )
        return [one for one in told if one.disputed]

    async def steps(self) -> Sequence[DisputeStep]:
        """See handlers.proof_ports.DisputeSteps."""
        same = and_(
            _step.week == _fact.week, _step.group_code == _fact.group_code, _step.tag == _fact.tag
        )
        rows = (
            select(
                _step.week, _step.in_week, _step.step, _step.state, _step.after_close, _step.by,
                _fact.tag, _fact.group_code, _fact.unit,
            )
            .join_from(tables.dispute_steps, tables.facts, same)
            .where(~is_superseded(tables.facts))
            .order_by(_step.in_week, _step.week, _step.group_code, _step.tag, _step.step)
        )  # fmt: skip
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [
            DisputeStep(
                mark=hashlib.sha256(row.tag + bytes([row.step])).hexdigest()[:MARK_DIGITS],
                week=week_of(row.week),
                in_week=week_of(row.in_week),
                state=DisputeState(row.state),
                after_close=bool(row.after_close),
                group=row.group_code,
                unit=row.unit,
                by=row.by,
            )
            for row in found
        ]

    async def _corrections(self, which: ColumnElement[bool]) -> Sequence[Correction]:
        same = and_(
            _step.week == _fact.week, _step.group_code == _fact.group_code, _step.tag == _fact.tag
        )
        where = (_fact.week, _fact.group_code, _fact.unit, _fact.line, _fact.act, _fact.opens)
        rows = (
            select(*where, func.count())
            .join_from(tables.facts, tables.dispute_steps, same)
            .where(
                which,
                _step.state == DisputeState.UPHELD,
                _step.after_close == 1,
                ~is_superseded(tables.facts),
            )
            .group_by(*where)
            .order_by(*where)
        )
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [
            Correction.of(
                week_of(week), GroupCode(group), UnitCode(unit), LineCode(line), Act(act),
                opens=bool(opens), n=n,
            )
            for week, group, unit, line, act, opens, n in found
        ]  # fmt: skip

    async def _read(self, rows: Select[Any]) -> list[PublicCount]:
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [count_of(row) for row in found]


def _latest(column: ColumnElement[Any]) -> ColumnElement[Any]:
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


def _rests() -> ColumnElement[bool]:
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
        Measure.SHORT_NOTICE: and_(charged, opens, ~_rests(), _fact.lead.in_(UNDER_A_DAY)),
        Measure.DUPLICATE: and_(charged, opens, is_duplicate),
    }


_BESIDE = _beside()


def public_counts() -> Select[Any]:
    """Rows of counts that may be shown, with the state of their dispute."""
    return select(
        _fact.week, _fact.group_code, _fact.tag, _fact.unit, _fact.line, _fact.weekday, _fact.hour,
        _fact.act, _fact.kinds, _fact.opens, _fact.rules, _fact.rulebook, _latest(_step.state),
        *(condition.label(measure.value) for measure, condition in _BESIDE.items()),
    ).where(_IS_COUNT, ~is_superseded(tables.facts))  # fmt: skip


def count_of(row: Any) -> PublicCount:
    """The count of a row of `public_counts`."""
    (week, group, tag, unit, line, weekday, hour, act, kinds, opens, rules, rulebook, state,
     *holds) = row  # fmt: skip
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
    )


def _move(
    connection: Connection, count: PublicCount, wanted: DisputeState, by: str, now: int
) -> Moved:
    number = week_number(count.week)
    if connection.dialect.name == "postgresql":
        # Whether the week's numbers are out must not change under our hands, nor another step be
        # added: whoever owns the week is alone with it.
        locks.own_week(connection, number)
    steps = connection.execute(
        select(_step.step, _step.state)
        .where(_step.week == number, _step.group_code == count.group, _step.tag == count.tag)
        .order_by(_step.step.desc())
        .limit(1)
    ).first()
    last, state = (steps[0], DisputeState(steps[1])) if steps else (0, None)
    if state is wanted:
        return Moved.ALREADY
    if not may_follow(state, wanted):
        return Moved.REFUSED
    closed = tables.closed_weeks.c.week
    is_closed = connection.scalar(select(literal(1)).where(closed == number)) is not None
    connection.execute(
        insert(tables.dispute_steps).values(
            week=number,
            group_code=count.group,
            tag=count.tag,
            step=last + 1,
            state=wanted.value,
            by=by,
            in_week=now,
            after_close=int(is_closed),
        )
    )
    return Moved.CORRECTION if is_closed and wanted is DisputeState.UPHELD else Moved.DONE
