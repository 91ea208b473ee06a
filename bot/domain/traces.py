"""Traces: what a demand leaves for comparison with those of other groups, without a word.

A trace is a set of keyed hashes of the text's telling pairs of characters, each with two bits
that say how telling it is, and two coarse signs of where in the hierarchy the demand stands.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from bot.domain.periods import Week
from bot.domain.pseudonyms import WeekKey

USUAL, RARE, PERIOD = 1, 2, 3
_SORT = 3  # the bits of a hash that hold one of these
_HEAD = struct.Struct(">BBB")


class Level(IntEnum):
    """Who is called on, from above to below, as far as a text says it; UNTOLD is 0."""

    UNTOLD = 0
    COUNTIES = 1
    TOWNS = 2
    VILLAGES = 3  # and communities, schools, branches
    GROUPS = 4  # and grids, classes


_CALLED = re.compile(
    r"各(?:(?P<towns>乡镇|镇街|街镇|镇|乡|街道|地)|(?P<counties>县|市|区)|"
    r"(?P<groups>组|小组|网格|班)|(?P<villages>村|社区|居|校|学校|园|党?支部|科室|站|所|点|接种点))"
)
_LEVELS = {
    "counties": Level.COUNTIES,
    "towns": Level.TOWNS,
    "villages": Level.VILLAGES,
    "groups": Level.GROUPS,
}
# Who is named as wanting it; a destination ("报县局") is not. One set of first signs, so that the
# search need not stop at every sign.
_NAMED_ABOVE = re.compile(
    r"[转省市县区镇乡街卫中](?:"
    r"(?P<passed>(?<=转)(?:发|达)?[\u4e00-\u9fff]{0,10}(?:局|部|委|办|院|里|通知))|"
    r"(?<![报交送到发给].)(?:(?P<province>(?<=[省市]))|(?P<county>(?<=[县区]))|"
    r"(?P<town>(?<=[镇乡])|(?<=街)道))(?:里|局|[\u4e00-\u9fff]{0,8}?(?:要求|要(?!点)|通知|按))|"
    r"(?P<house>(?<=卫)生院要|(?<=中)心校要))"
)
_ADDRESSED_BY = {"province": Level.COUNTIES, "county": Level.TOWNS, "town": Level.VILLAGES,
                 "house": Level.VILLAGES}  # fmt: skip
_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9])月(?:份|(?!\d))")
_QUARTER = re.compile(r"([一二三四])季度")


@dataclass(frozen=True, slots=True)
class Trace:
    """A demand without its words. `own` is keyed by its week, `before` by the week before.

    The lowest two bits of a hash say whether its pair is USUAL or RARE in notices, or the PERIOD
    that is reported on. `before` is None where that week's key is gone.
    """

    level: Level
    passed_on: bool
    own: frozenset[int]
    before: frozenset[int] | None = None

    def encode(self) -> bytes:
        """Bytes that `decode` turns into an equal trace."""
        flags = self.passed_on | (self.before is not None) << 1
        head = _HEAD.pack(self.level, flags, len(self.own))
        hashes = (*sorted(self.own), *sorted(self.before or ()))
        return head + struct.pack(f">{len(hashes)}I", *hashes)

    @classmethod
    def decode(cls, raw: bytes) -> Trace:
        """The trace of `encode`; ValueError when these are other bytes."""
        try:
            level, flags, count = _HEAD.unpack_from(raw)
            hashes = struct.unpack(f">{(len(raw) - _HEAD.size) // 4}I", raw[_HEAD.size :])
        except struct.error:
            raise ValueError("not the trace of a demand") from None
        before = frozenset(hashes[count:]) if flags & 2 else None
        return cls(Level(level), bool(flags & 1), frozenset(hashes[:count]), before)


def sort_of(hashed: int) -> int:
    """Whether a hash of a trace is of a USUAL or a RARE pair, or of a PERIOD."""
    return hashed & _SORT


def trace_of(
    text: str,
    sorts: Sequence[int],
    hashed: Sequence[int],
    earlier: Sequence[int] | None,
    keys: Sequence[WeekKey],
) -> Trace:
    """The trace of a normal form.

    `hashed` and `earlier` are the hashes of its pairs under the first of `keys` and the second,
    `sorts` say which pairs every notice has (0), which are USUAL and which RARE.
    """
    periods = _periods(text)
    own = _marks(sorts, hashed, periods, keys[0])
    before = None
    if earlier is not None and _follows(keys[0].week, keys[1].week):
        before = _marks(sorts, earlier, periods, keys[1])
    level = _level(text)
    return Trace(level, _is_passed_on(text, level), own, before)


def _is_passed_on(text: str, level: Level) -> bool:
    """Whether the text names somebody further up as wanting it; its own house is not above it."""
    for match in _NAMED_ABOVE.finditer(text):
        above = _ADDRESSED_BY.get(match.lastgroup or "")
        if above is None or above < (level or Level.VILLAGES):
            return True
    return False


def _marks(
    sorts: Sequence[int], hashed: Sequence[int], periods: Sequence[str], key: WeekKey
) -> frozenset[int]:
    marks = [shingle & ~_SORT | sort for shingle, sort in zip(hashed, sorts, strict=True) if sort]
    return frozenset(marks + [_period(key, period) for period in periods])


def _period(key: WeekKey, period: str) -> int:
    return key.shingle(f"period:{period}") | PERIOD


def _periods(text: str) -> list[str]:
    months = _MONTH.findall(text) if "月" in text else []
    return [f"m{month}" for month in months] + (_QUARTER.findall(text) if "季度" in text else [])


@lru_cache(maxsize=64)
def _follows(week: Week, other: Week) -> bool:
    return other == week.shifted(-1)


def _level(text: str) -> Level:
    if "各" not in text:
        return Level.UNTOLD
    called = [_LEVELS[match.lastgroup or ""] for match in _CALLED.finditer(text)]
    if not called:
        return Level.UNTOLD
    # A notice names those it calls on first; one that is passed on is followed by them.
    return max(called) if text.startswith("转") else called[0]
