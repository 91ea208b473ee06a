"""Batches from the stick → cases in the books. Taking the same in twice changes nothing."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.crypto.envelopes import open_envelope, slots
from bot.domain.complaint_files import Batch, SealedReport
from bot.domain.errors import Undecipherable
from bot.domain.periods import Week
from bot.domain.sealed_notes import Note, NoteKind, decode_note, decode_unit
from bot.office.case_book import Case, CaseBook, HeldBatch, case_code
from bot.office.secrets import OfficeSecret

NOTE, UNIT = "note", "unit"


@dataclass(slots=True)
class Desk:
    """The books that are open, each with the secret that seals it; newest key last."""

    held: list[tuple[OfficeSecret, CaseBook]]

    def books(self) -> list[CaseBook]:
        """The books alone."""
        return [book for _, book in self.held]

    def find(self, code: str) -> tuple[OfficeSecret, CaseBook, Case] | None:
        """A case by its code, in whichever book."""
        for secret, book in self.held:
            case = book.find(code)
            if case is not None:
                return secret, book, case
        return None

    def cases(self) -> list[tuple[CaseBook, Case]]:
        """All cases, by week and code."""
        found = [(book, case) for book in self.books() for case in book.cases.values()]
        return sorted(found, key=lambda each: (each[1].week, each[1].code))

    def by_record(self, record: str) -> tuple[CaseBook, Case] | None:
        """The case that a record became."""
        for book in self.books():
            if record in book.cases:
                return book, book.cases[record]
        return None


def take_in(
    desk: Desk,
    batch: Batch,
    reports: Sequence[SealedReport],
    tell: Callable[[int], object] = lambda _done: None,
) -> Mapping[NoteKind | None, int]:
    """Open a batch's records with whichever secret fits, and enter what is real.

    How many there were of each kind; None counts those that were not opened: sealed to another
    key, for another office's eyes, or damaged, which spoils nothing else. A book that has the
    batch already is left as it is, so that what was deleted from it does not come back; nothing
    is counted when all of them have.
    """
    counts: Counter[NoteKind | None] = Counter()
    later: list[Note] = []
    taken = {case.code for book in desk.books() for case in book.cases.values()}
    fresh = [(secret, book) for secret, book in desk.held if batch.id.hex() not in book.batches]
    if not fresh:
        return counts
    for secret, book in fresh:
        own = [each for each in reports if secret.key.id in slots(each.body, secret.provider)]
        if own:
            book.batches[batch.id.hex()] = _held(batch, own)
    for place, report in enumerate(reports, 1):
        opened = _opened(fresh, report)
        counts[opened[2].kind if opened else None] += 1
        if opened is not None:
            secret, book, note = opened
            if note.kind is NoteKind.COMPLAINT:
                case = _case(secret, report, note, batch, taken)
                book.cases[case.id] = case
                taken.add(case.code)
            elif note.kind in (NoteKind.SUPPLEMENT, NoteKind.WITHDRAWAL):
                later.append(note)
        tell(place)
    for note in later:
        _apply(desk, note)
    return counts


def _held(batch: Batch, reports: Sequence[SealedReport]) -> HeldBatch:
    return HeldBatch(
        id=batch.id.hex(),
        week=str(batch.week),
        met=batch.met,
        weeks=sorted({str(each.week) for each in reports}),
        records={each.id.hex(): base64.b64encode(each.reply_key).decode() for each in reports},
    )


def _opened(
    held: Sequence[tuple[OfficeSecret, CaseBook]], report: SealedReport
) -> tuple[OfficeSecret, CaseBook, Note] | None:
    for secret, book in reversed(held):
        try:
            week, plain = open_envelope(
                secret.provider,
                report.body,
                purpose=NOTE,
                key_id=secret.key.id,
                secret=secret.opening,
            )
            note = decode_note(plain)
        except (Undecipherable, ValueError):
            continue
        # Written in its own week, or in the slot after Sunday midnight.
        if note.week == week and report.week in (week, week.shifted(1)):
            return secret, book, note
    return None


def _case(
    secret: OfficeSecret, report: SealedReport, note: Note, batch: Batch, taken: set[str]
) -> Case:
    return Case(
        id=report.id.hex(),
        code=case_code(report.id.hex(), taken),
        week=str(note.week),
        category=note.category.value if note.category else "other",
        counts=note.counts,
        unit=_unit(secret, report, note.week),
        text=note.text.reveal(),
        met=batch.met,
    )


def _unit(secret: OfficeSecret, report: SealedReport, week: Week) -> str | None:
    """The unit; None when labels were dropped, or when this one does not open."""
    if report.unit is None:
        return None
    try:
        sealed_in, plain = open_envelope(
            secret.provider,
            report.unit,
            purpose=UNIT,
            key_id=secret.key.id,
            secret=secret.opening,
        )
        return decode_unit(plain) if sealed_in == week else None
    except (Undecipherable, ValueError):
        return None


def _apply(desk: Desk, note: Note) -> None:
    """A supplement or a withdrawal reaches its case, whenever that came; else it is nothing."""
    found = desk.by_record(note.of.hex())
    if found is None:
        return
    book, case = found
    if note.kind is NoteKind.WITHDRAWAL:
        case.withdrawn, case.text, case.supplements = True, "", []
    elif not case.withdrawn and note.text.reveal() not in case.supplements:
        case.supplements.append(note.text.reveal())
    batch = book.batch_of(case)
    if batch is not None:
        batch.changed = True
