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
from bot.domain.groups import GroupCode
from bot.domain.periods import Week
from bot.domain.tallies import Counted
from bot.domain.vocabulary import (
    KINDS,
    Act,
    Kind,
    Measure,
    Tallied,
    kind_bits,
    kinds_from_bits,
)
from handlers.proof_ports import DisputeStep
from storage import locks, tables
from storage.corrections import wrong_counts, wrong_kinds
from storage.deriving import BURDENS, is_superseded
from storage.engine import Database
from storage.public_counts import (
    UPHELD_IN_TIME,
    count_of,
    latest_step,
    public_counts,
    rests_on_a_filing,
)
from storage.upheld import EVER, Struck
from storage.weeks import week_number, week_of

_fact, _step, _relation = tables.facts.c, tables.dispute_steps.c, tables.relations.c
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
            .where(UPHELD_IN_TIME.leaves_the_count)
        )
        return await self._read(rows.order_by(*_NEWEST_FIRST).limit(most))

    async def undecided(
        self, groups: Collection[GroupCode], since: Week, until: Week, most: int
    ) -> tuple[Sequence[PublicCount], int]:
        """See handlers.ports.Disputes."""
        state = latest_step(_step.state)
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
        rows = public_counts().where(latest_step(_step.state).in_(states))
        return await self._read(rows.order_by(_fact.week, _fact.group_code, _fact.tag))

    async def sharing(self, count: PublicCount, kinds: Collection[Kind]) -> Sequence[PublicCount]:
        """See handlers.ports.Disputes."""
        of_week = (_fact.week == week_number(count.week), _fact.group_code == count.group)
        stands = ~is_superseded(tables.facts)
        episode = select(_fact.episode).where(*of_week, _fact.tag == count.tag, stands)
        state = latest_step(_step.state)
        rows = public_counts().where(
            *of_week,
            _fact.episode.in_(episode),
            _fact.tag != count.tag,
            _fact.act.in_(BURDENS),
            UPHELD_IN_TIME.leaves_the_count,
            UPHELD_IN_TIME.kinds_left.bitwise_and(kind_bits(kinds)) != 0,
            or_(state.is_(None), state == DisputeState.WITHDRAWN),
        )
        return await self._read(rows.order_by(*_NEWEST_FIRST))

    async def move(
        self,
        count: PublicCount,
        wanted: DisputeState,
        by: str,
        now: Week,
        kinds: Collection[Kind] = (),
    ) -> Moved:
        """See handlers.ports.Disputes."""
        step = (wanted, kind_bits(kinds), by, week_number(now))
        return await self._database.write(lambda connection: _move(connection, count, *step))

    async def corrections(self, decided_in: Week) -> Sequence[Correction]:
        """See handlers.ports.Disputes."""
        until, before = week_number(decided_in), week_number(decided_in.shifted(-1))
        return await self._corrections(
            _step.in_week == until, Struck(until, before), Struck(until, until)
        )

    async def corrections_of(self, week: Week) -> Sequence[Correction]:
        """See handlers.ports.Disputes."""
        return await self._corrections(_step.week == week_number(week), Struck(EVER.whole), EVER)

    async def disputed(self, week: Week) -> Sequence[DisputedCounts]:
        """See handlers.ports.Disputes."""
        later = tables.dispute_steps.alias("later")
        is_counted: dict[Counted, ColumnElement[bool]] = {
            Tallied.EPISODES: and_(_fact.opens == 1, _fact.act.in_(BURDENS), ~rests_on_a_filing()),
            Measure.REPEAT: and_(_fact.opens == 0, _fact.act == Act.REMINDER),
            Measure.OFF_HOURS: and_(_fact.ping == 1, _fact.off_hours == 1),
        }
        for measure, condition in is_counted.items():
            is_counted[measure] = and_(_step.kinds == 0, condition)
        for kind in KINDS:
            concerns = _step.kinds.bitwise_and(kind_bits((kind,))) != 0
            is_counted[Measure(kind.value)] = and_(concerns, ~rests_on_a_filing())
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
                _step.kinds, _fact.tag, _fact.group_code, _fact.unit,
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
                kinds=kinds_from_bits(row.kinds),
            )
            for row in found
        ]

    async def _corrections(
        self, which: ColumnElement[bool], before: Struck, after: Struck
    ) -> Sequence[Correction]:
        """The counts upheld by these steps, and by how many episodes of a kind a week's tallies
        fall when `after` is left out of them and not only `before`."""
        return await self._database.read(
            lambda connection: [
                *wrong_counts(connection, which),
                *wrong_kinds(connection, which, before, after),
            ]
        )

    async def _read(self, rows: Select[Any]) -> list[PublicCount]:
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [count_of(row) for row in found]


def _move(
    connection: Connection,
    count: PublicCount,
    wanted: DisputeState,
    kinds: int,
    by: str,
    now: int,
) -> Moved:
    number = week_number(count.week)
    if connection.dialect.name == "postgresql":
        # Whether the week's numbers are out must not change under our hands, nor another step be
        # added: whoever owns the week is alone with it.
        locks.own_week(connection, number)
    steps = connection.execute(
        select(_step.step, _step.state, _step.kinds)
        .where(_step.week == number, _step.group_code == count.group, _step.tag == count.tag)
        .order_by(_step.step.desc())
        .limit(1)
    ).first()
    last, state, of = (steps[0], DisputeState(steps[1]), steps[2]) if steps else (0, None, kinds)
    if state is wanted and kinds == of:
        return Moved.ALREADY
    # What is decided, or taken back, is what was called wrong and nothing else.
    is_of_another = wanted is not DisputeState.OPEN and kinds != of
    if is_of_another or not may_follow(state, wanted):
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
            kinds=kinds,
        )
    )
    return Moved.CORRECTION if is_closed and wanted is DisputeState.UPHELD else Moved.DONE
