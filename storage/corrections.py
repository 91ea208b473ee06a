"""更正: by how much closed weeks were counted too high, as far as it was upheld afterwards."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import ColumnElement, Connection, and_, func, select

from bot.domain.disputes import Correction, DisputeState
from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.tallies import Counted
from bot.domain.vocabulary import OF_KINDS, Act
from storage import tables
from storage.deriving import is_superseded, tally_rows
from storage.tally_rows import count_table
from storage.upheld import Struck
from storage.weeks import week_of

_fact, _step = tables.facts.c, tables.dispute_steps.c


def wrong_counts(connection: Connection, which: ColumnElement[bool]) -> list[Correction]:
    """Whole counts that these steps upheld to be wrong after the close."""
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
            _step.kinds == 0,
            ~is_superseded(tables.facts),
        )
        .group_by(*where)
        .order_by(*where)
    )
    return [
        Correction.of(
            week_of(week), GroupCode(group), UnitCode(unit), LineCode(line), Act(act),
            opens=bool(opens), n=n,
        )
        for week, group, unit, line, act, opens, n in connection.execute(rows)
    ]  # fmt: skip


def wrong_kinds(
    connection: Connection, which: ColumnElement[bool], before: Struck, after: Struck
) -> list[Correction]:
    """Episodes by the kinds that they lose when `after` is struck out and not only `before`.

    Asked of the tallies, and not of the steps: a kind that a reminder names as well stays.
    """
    groups = (
        select(_step.week, _step.group_code)
        .distinct()
        .where(which, _step.state == DisputeState.UPHELD, _step.after_close == 1, _step.kinds != 0)
        .order_by(_step.week, _step.group_code)
    )
    found: list[Correction] = []
    for number, group in connection.execute(groups).all():
        week, sums = week_of(number), Counter[tuple[UnitCode, LineCode, Counted]]()
        for struck, sign in ((before, 1), (after, -1)):
            rows = connection.execute(tally_rows(week, GroupCode(group), struck))
            for cell, n in count_table(rows):
                sums[cell.unit, cell.line, cell.measure] += sign * n
        found += [
            Correction(week, GroupCode(group), unit, line, measure, n)
            for (unit, line, measure), n in sorted(sums.items())
            if n and measure in OF_KINDS
        ]
    return found
