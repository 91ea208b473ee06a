"""A box to which no office has a key: nothing is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Never

from bot.domain.complaints import Complaint
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt
from handlers.complaints.ports import BoxClosed


class ClosedBox:
    """Satisfies ComplaintBox; every act raises BoxClosed."""

    is_open = False
    fingerprints: Sequence[str] = ()

    async def submit(self, _complaint: Complaint) -> Never:
        """See ComplaintBox."""
        raise BoxClosed("complaint_box.closed")

    async def look_up(self, _receipt: Receipt) -> Never:
        """See ComplaintBox."""
        raise BoxClosed("complaint_box.closed")

    async def supplement(self, _receipt: Receipt, _text: PrivateText, _week: Week) -> Never:
        """See ComplaintBox."""
        raise BoxClosed("complaint_box.closed")

    async def withdraw(self, _receipt: Receipt, _week: Week) -> Never:
        """See ComplaintBox."""
        raise BoxClosed("complaint_box.closed")
