"""What months, quarters and corrections need from a store, as protocols that are met by shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.issues import ClosingIssue
from bot.domain.periods import Week
from bot.domain.week_background import WeekBackground


@dataclass(frozen=True, slots=True)
class KeptClosing:
    """An issue of a closing on the shelf; `sources` are the issues of weeks it was added up from."""

    issue: ClosingIssue
    sources: Mapping[str, int]


class ClosingShelf(Protocol):
    """Published months and quarters; nothing is ever changed. Raises BooksUnavailable."""

    async def put(
        self,
        issue: ClosingIssue,
        sources: Mapping[str, int],
        document: bytes,
        composed_at: datetime,
    ) -> bool:
        """Keep an issue; False when this issue is there already, which stays as it is."""
        ...

    async def get(self, issue: ClosingIssue) -> bytes | None:
        """The published bytes."""
        ...

    async def kept(self, office: str) -> Sequence[KeptClosing]:
        """All issues for an office, the first issue of a span first."""
        ...


class Backgrounds(Protocol):
    """What weeks' digests were composed by, kept as long as their facts. Raises BooksUnavailable."""

    async def put(self, week: Week, background: WeekBackground) -> None:
        """Keep it; what is there stays."""
        ...

    async def get(self, week: Week) -> WeekBackground | None:
        """What was kept; None for a week that was composed before any was, or is forgotten."""
        ...
