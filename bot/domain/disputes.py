"""Disputes: a count is called wrong by its public id; the office upholds or rejects it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.groups import GroupCode, LineCode, UnitCode
from bot.domain.periods import Week
from bot.domain.tallies import Counted
from bot.domain.vocabulary import Act, Kind, Measure, Tallied

ID_BITS = 30
# Crockford's digits: no I, L, O, U, which are misread and misheard.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OILU", "011V")
_LENGTH = ID_BITS // 5


class DisputeState(StrEnum):
    """The life of a dispute: open → upheld, rejected, or withdrawn; withdrawn → open again."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


_NEXT: dict[DisputeState | None, frozenset[DisputeState]] = {
    None: frozenset({DisputeState.OPEN}),
    DisputeState.OPEN: frozenset(
        {DisputeState.UPHELD, DisputeState.REJECTED, DisputeState.WITHDRAWN}
    ),
    DisputeState.WITHDRAWN: frozenset({DisputeState.OPEN}),
    DisputeState.UPHELD: frozenset(),
    DisputeState.REJECTED: frozenset(),
}


DECIDED = frozenset(state for state, then in _NEXT.items() if state and not then)


def may_follow(state: DisputeState | None, wanted: DisputeState) -> bool:
    """Whether a dispute in `state` (None: never disputed) may be brought to `wanted`."""
    return wanted in _NEXT[state]


class Moved(StrEnum):
    """What became of a step."""

    DONE = "done"
    ALREADY = "already"  # it stands like that: nothing was written
    REFUSED = "refused"  # decided otherwise, or never disputed
    CORRECTION = "correction"  # upheld after the close: the numbers stay and are corrected


@dataclass(frozen=True, slots=True)
class PublicCount:
    """A standing count as it may be shown and disputed: no words, no minute, no sender.

    `beside` are the measures besides its kinds that it counts in: off-hours pings, repeats, short
    notice, duplicates; empty for what is exempt. `kinds` are those that it is counted with,
    without what was struck out before the close; `disputed` are those that the dispute is about,
    empty where it is about the whole count.
    """

    week: Week
    group: GroupCode
    tag: bytes
    unit: UnitCode
    line: LineCode
    weekday: int
    hour: int
    act: Act
    kinds: tuple[Kind, ...]
    opens: bool
    rules: tuple[str, ...]
    rulebook: str
    state: DisputeState | None = None
    beside: frozenset[Measure] = frozenset()
    disputed: tuple[Kind, ...] = ()

    @property
    def id(self) -> str:
        """The public id."""
        return public_id(self.tag)

    @property
    def is_morning(self) -> bool:
        """Which half of the day: what is shown is no finer (DESIGN 12.6)."""
        return self.hour < 12


def telling_rules(count: PublicCount, most: int) -> tuple[str, ...]:
    """At most so many of the rules behind a count, in their order.

    Of each of its kinds the first rule is among them: also where there are more kinds than `most`.
    """
    first = {rule_of(kind, count.rules) for kind in count.kinds} - {None}
    others = [rule for rule in count.rules if rule not in first]
    chosen = first.union(others[: max(0, most - len(first))])
    return tuple(rule for rule in count.rules if rule in chosen)


def rule_of(kind: Kind, rules: Iterable[str]) -> str | None:
    """The first of the rules that speaks for a kind; None without any."""
    return next((rule for rule in rules if rule.partition(".")[0] == kind), None)


@dataclass(frozen=True, slots=True)
class Correction:
    """更正: counts of a closed week that proved wrong, or episodes that were counted with a kind too
    many. The week's numbers stay as published."""

    week: Week
    group: GroupCode
    unit: UnitCode
    line: LineCode
    measure: Counted
    n: int

    @classmethod
    def of(
        cls, week: Week, group: GroupCode, unit: UnitCode, line: LineCode, act: Act,
        *, opens: bool, n: int,
    ) -> Correction:  # fmt: skip
        """The correction of `n` counts of this sort."""
        measure: Counted = Measure.OFF_HOURS
        if act.is_burden:
            measure = Tallied.EPISODES if opens else Measure.REPEAT
        return cls(week, group, unit, line, measure, n)


@dataclass(frozen=True, slots=True)
class DisputedCounts:
    """Of a measure's counts of a week: how many were called wrong, and what was decided so far.

    What is in none of the three is not decided yet. Withdrawn disputes are none. A dispute about
    kinds of a count stands under these kinds alone.
    """

    measure: str
    disputed: int
    upheld: int
    rejected: int


def public_id(tag: bytes) -> str:
    """Six letters and digits by which a count is spoken of within its group."""
    number = int.from_bytes(tag[:4], "big") >> (32 - ID_BITS)
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def written_id(text: str) -> str | None:
    """The public id that somebody typed, however they wrote it; None when it is none."""
    plain = text.strip().lstrip("#").replace("-", "").replace(" ", "").upper().translate(_MISREAD)
    if len(plain) != _LENGTH or any(digit not in _DIGITS for digit in plain):
        return None
    return plain


def id_bounds(written: str) -> tuple[bytes, bytes]:
    """The least tag of a public id, and the first that is beyond it."""
    number = 0
    for digit in written:
        number = number << 5 | _DIGITS.index(digit)
    low, high = number << 32 - ID_BITS, number + 1 << 32 - ID_BITS
    return low.to_bytes(4, "big"), high.to_bytes(5, "big").removeprefix(b"\0")
