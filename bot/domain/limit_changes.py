"""Limits over time: who changed what, from when on it holds, and what is in force on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.limit_windows import next_window
from bot.domain.limits import Limit

FROM_THE_FIRST = date(1970, 1, 1)


class Source(StrEnum):
    """Where a change came from."""

    FILE = "file"  # the policy file, which only who runs the host can write
    COMMAND = "command"


class ChangeState(StrEnum):
    """The life of a change: proposed by one person → standing by a second one, or withdrawn."""

    PROPOSED = "proposed"
    STANDING = "standing"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A version of one limit. `number` orders them; a proposal that stands has both persons.

    `removed` says that the limit holds no longer; `limit` is then what it was. `effective_on` is
    the first day it holds, None while it is only proposed. `by` and `confirmed_by` are codes
    (see `actors`).
    """

    number: int
    limit: Limit
    source: Source
    state: ChangeState
    proposed_at: datetime
    by: str
    removed: bool = False
    confirmed_by: str = ""
    effective_on: date | None = None


def is_tighter(new: Limit | None, old: Limit | None) -> bool:
    """Whether less is allowed than before; None is no limit at all."""
    if new is None:
        return False
    return old is None or new.at_most < old.at_most


def effective_on(new: Limit | None, old: Limit | None, today: date) -> date:
    """The first day of a change: at once where it tightens, else with the next window.

    What neither tightens nor loosens (a basis, a warn level) holds at once.
    """
    if is_tighter(new, old) or (
        new is not None and old is not None and new.at_most == old.at_most
    ):
        return today
    limit = new or old
    return today if limit is None else next_window(limit.window, today)


def in_force(changes: Iterable[LimitChange], day: date) -> tuple[Limit, ...]:
    """The limits of a day, in the order in which they were first set."""
    places: dict[str, int] = {}
    latest: dict[str, LimitChange] = {}
    for change in sorted(changes, key=lambda one: one.number):
        places.setdefault(change.limit.id, change.number)
        # Of two decisions the later one holds, once its day has come.
        if change.effective_on is not None and change.effective_on <= day:
            latest[change.limit.id] = change
    ordered = sorted(latest, key=places.__getitem__)
    return tuple(latest[id_].limit for id_ in ordered if not latest[id_].removed)


def differences(
    wanted: Sequence[Limit], known: Mapping[str, Limit | None]
) -> list[tuple[Limit, bool]]:
    """What a policy file changes, as (limit, removed), against what it said last."""
    named = {limit.id: limit for limit in wanted}
    changed = [(limit, False) for limit in wanted if known.get(limit.id) != limit]
    gone = [
        (limit, True) for id_, limit in known.items() if limit is not None and id_ not in named
    ]
    return changed + gone
