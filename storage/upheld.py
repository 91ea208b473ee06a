"""What upheld disputes leave of facts: the one place where a count, or a kind of it, is struck out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, and_, case, func, or_

from bot.domain.disputes import DisputeState
from storage import tables


@dataclass(frozen=True, slots=True)
class Struck:
    """Which upheld disputes leave out what they are about: those upheld before the close, and of
    those upheld after it the ones decided up to a week, as an integer; 0 for none.

    `whole` is for disputes of whole counts, `kinds` for those of some of their kinds.
    """

    whole: int = 0
    kinds: int = 0


IN_TIME = Struck()
EVER = Struck(999_999, 999_999)


@dataclass(frozen=True, slots=True)
class Upheld:
    """What was upheld of facts: a count is struck out, or some of its kinds are.

    `beside` are the facts, each with what was upheld of it or nothing: a count is decided once.
    The others are expressions over it: whether the count is left, and which of its kinds are.
    """

    beside: FromClause
    leaves_the_count: ColumnElement[bool]
    kinds_left: ColumnElement[int]
    kinds_gone: ColumnElement[int]


def upheld(struck: Struck = IN_TIME) -> Upheld:
    """What the upheld disputes leave of facts."""
    facts, steps = tables.facts, tables.dispute_steps.alias("upheld")
    step = steps.c
    until = case((step.kinds == 0, struck.whole), else_=struck.kinds)
    late = or_(step.after_close == 0, step.in_week <= until)
    is_of_the_fact = and_(
        step.week == facts.c.week,
        step.group_code == facts.c.group_code,
        step.tag == facts.c.tag,
        step.state == DisputeState.UPHELD,
        step.after_close == 0 if struck == IN_TIME else late,
    )
    gone = func.coalesce(step.kinds, 0)
    return Upheld(
        beside=facts.outerjoin(steps, is_of_the_fact),
        leaves_the_count=or_(step.kinds.is_(None), step.kinds != 0),
        kinds_left=facts.c.kinds - facts.c.kinds.bitwise_and(gone),
        kinds_gone=gone,
    )
