"""Where the conversation about a complaint meets the box that keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.complaints import Answer, Complaint
from bot.domain.errors import UserError
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt


class BoxClosed(UserError):
    """No office key is in place, so nothing could be sealed: complaints are not taken."""


class BoxFull(UserError):
    """Too much waits to be written, or to be derived; nothing was taken. Try again later."""


class ComplaintBox(Protocol):
    """Takes complaints, and finds again what was answered, by the receipt alone.

    Nothing here is told who asks. Every act but `submit` answers the same and takes the same
    for a receipt that never was, one that expired and one that nobody replied to yet.
    """

    @property
    def is_open(self) -> bool:
        """Whether complaints can be taken: an office key is in place."""
        ...

    @property
    def fingerprints(self) -> Sequence[str]:
        """The office keys that a complaint is sealed to now, as the notice prints them."""
        ...

    async def submit(self, complaint: Complaint) -> Receipt:
        """Seal it into the spool in memory, and the receipt for it.

        It is written with the next slots, at most two records every ten minutes; until then a
        crash loses it, and an orderly stop does not. Raises BoxClosed or BoxFull; then nothing
        was taken.
        """
        ...

    async def look_up(self, receipt: Receipt) -> tuple[Answer, ...]:
        """What the offices answered, newest first; empty when there is nothing (yet).

        Raises BoxFull when too many ask at once.
        """
        ...

    async def supplement(self, receipt: Receipt, text: PrivateText, week: Week) -> None:
        """Add to a complaint, by the same spool. For an unknown receipt a dummy goes there.

        ValueError for a blank or too long text. Raises BoxClosed or BoxFull.
        """
        ...

    async def withdraw(self, receipt: Receipt, week: Week) -> None:
        """Take a complaint back.

        Still in memory, it goes at once; before the hand-over, at the weekly rewrite; after it,
        the office is told by the same spool and drops it. Raises BoxClosed or BoxFull.
        """
        ...
