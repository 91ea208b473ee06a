"""What goes first, how far it has come, and how fast a platform lets it go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

LONGEST_RECEIPT = 256


class Urgency(IntEnum):
    """What goes first when not all may go: the least number."""

    DIGEST = 0
    ANSWER = 1  # somebody asked
    HINT = 2  # nobody asked: the bot's own word to a group, on its budget


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the saying of a parcel has come: its first `parts` parts were said, last `at`.

    `receipts` are the platform's own marks of what was said, one a part, empty where it gives
    none; a recall needs them.
    """

    parts: int = 0
    at: datetime | None = None
    receipts: tuple[str, ...] = ()

    @property
    def is_recallable(self) -> bool:
        """Whether there is a receipt for all that was said."""
        return 0 < self.parts == len(self.receipts) and all(self.receipts)

    def with_part(self, receipt: str, at: datetime) -> Progress:
        """One part more. A receipt that is no plain mark is not kept."""
        is_plain = receipt.isascii() and receipt.isprintable() and len(receipt) <= LONGEST_RECEIPT
        return Progress(self.parts + 1, at, (*self.receipts, receipt if is_plain else ""))


NOTHING_SAID = Progress()


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many within a moving window."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so many in a calendar day, or with `monthly` in a calendar month."""

    most: int
    monthly: bool


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a platform lets an account say: in all, in one conversation, and in the long run."""

    per_account: tuple[Rate, ...] = ()
    per_conversation: tuple[Rate, ...] = ()
    quota: Quota | None = None
