"""A month or a quarter as it is published: its sums, from which issues of weeks, its document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.adding_up import AddedUp
from bot.domain.documents import Document


@dataclass(frozen=True, slots=True)
class PublishedClosing:
    """What is published of a span to an office. `span` is a month (2026-10) or a quarter (2026Q4).

    `sources` says of each week that was added up which issue of its digest was; it is empty for
    the sum of a folder's files. `log_size` and `log_root` (hexadecimal) are those of the proof
    log's last checkpoint before it, 0 for none.
    """

    span: str
    office: str
    issue: int
    sources: Mapping[str, int]
    figures: AddedUp
    document: Document
    log_size: int = 0
    log_root: str = ""
