"""The complaint box: sealed at once, written at a fixed rate, found again by the receipt alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from bot.domain.complaint_files import SealedReport
from bot.domain.complaints import Answer, Complaint, require_fitting
from bot.domain.groups import UnitCode
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt
from bot.domain.sealed_notes import ID_BYTES, Note, NoteKind
from handlers.complaints.ports import (
    BoxClosed,
    BoxFull,
    ReceiptKeys,
    ReplyPair,
    ReportStore,
    Sealer,
)
from handlers.complaints.spool import SLOT_RECORDS, WAITING_ROOM, Spool, Waiting, in_week
from handlers.ports import Clock

SLOT_SECONDS = 600
# Stops move the mark on by a slot each; further ahead than a few hours it is the clock's doing.
MOST_AHEAD = 36
NOWHERE = UnitCode("")


@dataclass(frozen=True, slots=True)
class SpooledBox:
    """The ComplaintBox port over a spool in memory.

    Every ten minutes exactly two records are written, dummies where nothing waits; an orderly
    stop writes exactly forty-eight. Nothing else is ever written between two weekly rewrites, so
    that the files tell nobody whether there was a complaint.
    """

    store: ReportStore
    sealer: Sealer
    receipts: ReceiptKeys
    clock: Clock
    zone: tzinfo
    token_bytes: Callable[[int], bytes]
    spool: Spool = field(default_factory=Spool)

    @property
    def is_open(self) -> bool:
        """See handlers.complaints.ports.ComplaintBox."""
        return bool(self.sealer.fingerprints)

    @property
    def fingerprints(self) -> Sequence[str]:
        """See ComplaintBox."""
        return self.sealer.fingerprints

    @property
    def family(self) -> str:
        """See ComplaintBox."""
        return self.sealer.family

    async def submit(self, complaint: Complaint) -> Receipt:
        """See ComplaintBox."""
        self._require_room()
        receipt = Receipt.new(self.token_bytes)
        pair = await self.receipts.of(receipt)
        self._require_room()  # others came while this one was derived
        note = Note(
            NoteKind.COMPLAINT,
            complaint.week,
            complaint.body,
            complaint.category,
            complaint.counts,
        )
        self.spool.queue.append(Waiting(self._sealed(note, complaint.unit, pair), complaint.unit))
        return receipt

    async def look_up(self, receipt: Receipt) -> tuple[Answer, ...]:
        """See ComplaintBox."""
        pair = await self.receipts.of(receipt)
        found = await self.store.found(pair.lookup)
        # As many openings as there are offices, of what looks like a reply: one that is not there
        # takes as long as one that says nothing.
        blank = pair.blank(self._this_week())
        sealed = list(found.replies) if found else []
        sealed += [blank] * (max(1, len(self.fingerprints)) - len(sealed))
        answers = [answer for each in sealed if (answer := pair.open(each)) is not None]
        return tuple(sorted(answers, key=lambda answer: answer.week, reverse=True))

    async def supplement(self, receipt: Receipt, text: PrivateText, week: Week) -> None:
        """See ComplaintBox."""
        require_fitting(text)
        self._require_room()
        pair = await self.receipts.of(receipt)
        report = await self._id_of(pair.lookup)
        self._require_room()
        note = Note(NoteKind.SUPPLEMENT, week, text, of=report) if report else _dummy(week)
        self.spool.queue.append(Waiting(self._sealed(note, NOWHERE, self.receipts.of_nobody())))

    async def withdraw(self, receipt: Receipt, week: Week) -> None:
        """See ComplaintBox."""
        self._require_room()
        pair = await self.receipts.of(receipt)
        found = await self.store.found(pair.lookup)
        self._require_room()
        if self.spool.drop(pair.lookup):
            self._tell_of_withdrawal(b"", week)  # nobody: it is the same work as for any other
            return
        if found and not found.is_handed_over:
            self.spool.withdraw(found.id, pair.lookup, week)
        self._tell_of_withdrawal(found.id if found else b"", week)

    async def write_slot(self) -> bool:
        """Write the slot that is due; False when none is. Called at every tick."""
        slot = int(self.clock.now().timestamp()) // SLOT_SECONDS
        if not self.is_open or slot == self.spool.slot:
            return False
        last = await self.store.last_slot()
        if last - slot > MOST_AHEAD:
            # The host's clock was ahead once: waiting for that time would keep all that is said.
            number = last + 1
        elif slot > last:
            number = slot
        else:
            return False
        written = await self._write(number, SLOT_RECORDS)
        if written:
            self.spool.slot = slot
        return written

    async def stop(self) -> None:
        """At an orderly stop: write all that waits, among dummies, always as many records."""
        if not self.is_open:
            return
        # A tick that the stop cut off may still take the number that was read.
        while not await self._write(await self.store.last_slot() + 1, WAITING_ROOM):
            continue

    def _this_week(self) -> Week:
        return Week.of(self.clock.now(), self.zone)

    async def _write(self, slot: int, records: int) -> bool:
        week = self._this_week()
        taken = self.spool.take(records)
        # As many are sealed as could be needed, and those in excess dropped: with less to seal the
        # file would be written a little sooner after the tick, and its time would say so.
        dummies = [self.dummy(week) for _ in range(records)][len(taken) :]
        reports = [*(in_week(each, week) for each in taken), *dummies]
        # By their random ids: some databases show in which order rows of a statement came.
        if not await self.store.write_slot(slot, sorted(reports, key=lambda each: each.id)):
            return False
        for report in self.spool.wrote(taken, dummies, week):
            self.spool.withdraw(report.id, report.lookup, week)
            self._tell_of_withdrawal(report.id, week)
        return True

    def _tell_of_withdrawal(self, report: bytes, week: Week) -> None:
        """To the office, by the spool; with no record to take back, a dummy goes there."""
        note = Note(NoteKind.WITHDRAWAL, week, of=report) if report else _dummy(week)
        self.spool.queue.append(Waiting(self._sealed(note, NOWHERE, self.receipts.of_nobody())))

    def dummy(self, week: Week) -> SealedReport:
        """A record like any other, with nothing in it."""
        return self._sealed(_dummy(week), NOWHERE, self.receipts.of_nobody())

    def _sealed(self, note: Note, unit: UnitCode, pair: ReplyPair) -> SealedReport:
        body, label = self.sealer.seal(note, unit)
        return SealedReport(
            id=self.token_bytes(ID_BYTES),
            lookup=pair.lookup,
            reply_key=pair.public,
            week=note.week,
            body=body,
            unit=label,
        )

    async def _id_of(self, lookup: bytes) -> bytes:
        """The id of a record at rest or in the queue; empty for none."""
        found = await self.store.found(lookup)
        if found:
            return found.id
        waiting = (each.report for each in self.spool.queue)
        return next((report.id for report in waiting if report.lookup == lookup), b"")

    def _require_room(self) -> None:
        if not self.is_open:
            raise BoxClosed("complaint_box.closed")
        if self.spool.is_full:
            raise BoxFull("complaint_box.full")


def _dummy(week: Week) -> Note:
    return Note(NoteKind.DUMMY, week)
