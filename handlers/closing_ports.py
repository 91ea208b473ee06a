"""What months and quarters need from a store, as a protocol. Stores and fakes fit by shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.issues import ClosingIssue


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
