"""Where the conversation about a complaint meets the box that keeps it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.domain.complaint_files import Batch, OfficeReplies, Reading, SealedReport
from bot.domain.complaint_release import GatedComplaints, Returned
from bot.domain.complaints import Answer, Complaint
from bot.domain.errors import UserError
from bot.domain.groups import UnitCode
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt
from bot.domain.sealed_notes import Note
from handlers.ports import Office


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

    @property
    def family(self) -> str:
        """The family of algorithms that seals, by name (bot.crypto.provider)."""
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


class ReplyPair(Protocol):
    """What a receipt gives: where its record is found, and the key pair that a reply is for."""

    @property
    def lookup(self) -> bytes:
        """The tag of the record."""
        ...

    @property
    def public(self) -> bytes:
        """What offices seal replies to."""
        ...

    def blank(self, week: Week) -> bytes:
        """A sealed reply to this receipt that says nothing, as dummies get them."""
        ...

    def open(self, sealed: bytes) -> Answer | None:
        """The reply inside; None for a dummy and for what was not sealed to this receipt."""
        ...


class ReceiptKeys(Protocol):
    """Derives from receipts, slowly and one after the other."""

    async def of(self, receipt: Receipt) -> ReplyPair:
        """The same pair for the same receipt. Raises BoxFull when too many wait."""
        ...

    def of_nobody(self) -> ReplyPair:
        """A pair that no receipt leads to, at once; nothing tells it from the other kind."""
        ...


class Sealer(Protocol):
    """Seals to the offices that are to read."""

    @property
    def fingerprints(self) -> Sequence[str]:
        """Of the keys in use; empty when there are none."""
        ...

    @property
    def family(self) -> str:
        """See ComplaintBox."""
        ...

    def reading(self, counted: Collection[UnitCode]) -> Sequence[Reading]:
        """For each office in use, what it would read of complaints from these units."""
        ...

    def seal(self, note: Note, unit: UnitCode) -> tuple[bytes, bytes]:
        """Envelopes of the note and of its unit label, of one size each. BoxClosed without keys."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What a lookup tag leads to."""

    id: bytes
    is_handed_over: bool
    replies: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What takes effect in one weekly rewrite, all at once.

    `replaced` takes records out by id and puts others in their place; `batch` is handed over,
    with every record of `batch.week` or before that waits, without their unit labels if `units`
    is False. `offices` are those whose word is needed before bodies and rows go.
    """

    week: Week
    replies: tuple[OfficeReplies, ...]
    replaced: tuple[tuple[bytes, SealedReport], ...]
    batch: Batch | None
    units: bool
    offices: frozenset[str]


class ReportStore(Protocol):
    """Sealed records at rest. Raises StoreError."""

    async def last_slot(self) -> int:
        """The number of the last slot written; 0 before the first."""
        ...

    async def write_slot(self, slot: int, reports: Sequence[SealedReport]) -> bool:
        """Write a slot's records in one transaction; False, and nothing, when it was written."""
        ...

    async def found(self, lookup: bytes) -> Found | None:
        """The record of a tag, with its replies."""
        ...

    async def held_weeks(self, until: Week) -> Sequence[Week]:
        """Weeks up to `until` of records that were not handed over, oldest first."""
        ...

    async def is_rewritten(self, week: Week) -> bool:
        """Whether the rewrite after this week took place."""
        ...

    async def rewrite(self, plan: Rewriting) -> int:
        """Apply a plan in one transaction, once for its week; how many rows were purged."""
        ...

    async def is_reclaimed(self) -> bool:
        """Whether the files were written anew after every rewrite."""
        ...

    async def reclaim(self) -> None:
        """Write the files anew, so that nothing of what went is in them."""
        ...

    async def unwritten(self) -> Sequence[Batch]:
        """Batches whose file is not known to be written."""
        ...

    async def batches(self) -> Sequence[Batch]:
        """Batches whose bodies are still here, oldest first."""
        ...

    async def batch(self, batch: bytes) -> Sequence[SealedReport]:
        """The records of a batch whose bodies are still here, in the order of their random ids."""
        ...

    async def written(self, batch: bytes) -> None:
        """Note that the batch's file is there."""
        ...


class Exchange(Protocol):
    """The folder that sticks are filled from and emptied into."""

    def replies(self) -> Sequence[OfficeReplies]:
        """Reply files that came in, in the order of their names; their signatures fitted."""
        ...

    def put_batch(self, batch: Batch, reports: Sequence[SealedReport]) -> None:
        """Write a batch's file, whole or not at all; writing it again changes nothing."""
        ...

    def keep_batches(self, batches: Sequence[Batch]) -> None:
        """Remove the files of all other batches: the offices have them, or they expired."""
        ...

    def drop(self, mark: bytes) -> None:
        """Remove a reply file that was applied."""
        ...


class ReturnedFigures(Protocol):
    """Figures that offices returned, for their digests."""

    async def take(self, office: Office, digest: Week) -> GatedComplaints | None:
        """Those of weeks before the digest's that no earlier digest had, oldest first, gated.

        Asked again for the same digest it gives the same. None while complaints are not open.
        """
        ...


class ReturnStore(Protocol):
    """Figures that offices returned, with the verdicts of the gate."""

    async def take_returns(self, office: str, until: Week, shown_in: Week) -> Sequence[Returned]:
        """Those up to `until` for the digest of `shown_in` and for no other, oldest first.

        Asked again for the same digest it gives the same.
        """
        ...

    async def returned_before(self, office: str, shown_in: Week) -> Sequence[Returned]:
        """What earlier digests of the office had, judged, oldest first."""
        ...

    async def returned_to(self, office: str) -> Sequence[Returned]:
        """All that was judged for the office, also what waits for its next digest."""
        ...

    async def returned_of(self, week: Week) -> Sequence[Returned]:
        """What all offices were judged for a week."""
        ...

    async def put_verdict(self, judged: Returned) -> None:
        """Keep a verdict; one that is there stays."""
        ...

    async def unchecked(self, since: Week) -> Sequence[Returned]:
        """What could not be checked, withheld by digests from this week on."""
        ...

    async def put_second_verdict(self, judged: Returned) -> None:
        """Keep what another try of something unchecked brought; what passed is for the next
        digest of its office. The digest that withheld it goes on doing so."""
        ...
