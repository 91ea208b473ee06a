"""What a week's first digests were estimated by: groups as they were then, and the office's minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.domain.burden import MinutesTable
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode


class Place(NamedTuple):
    """Whom a group belonged to, and how many members it had."""

    unit: UnitCode
    line: LineCode
    size: int


@dataclass(frozen=True, slots=True)
class WeekBackground:
    """Groups and minutes when a week's digest was first composed; a correction takes them again."""

    groups: Mapping[GroupCode, Place]
    minutes: MinutesTable | None

    @classmethod
    def of(cls, groups: Iterable[GroupProfile], minutes: MinutesTable | None) -> WeekBackground:
        """Groups as they are now."""
        return cls({one.code: Place(one.unit, one.line, one.size) for one in groups}, minutes)

    def as_then(self, groups: Iterable[GroupProfile]) -> list[GroupProfile]:
        """These groups as they were; those that came since are left out."""
        return [
            replace(one, unit=then.unit, line=then.line, size=then.size)
            for one in groups
            if (then := self.groups.get(one.code)) is not None
        ]
