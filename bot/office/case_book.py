"""The office's own register of complaints under one key, sealed by that key when it rests."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from bot.domain.complaint_files import AFTER_CLOSING_WEEKS, HARD_CAP_WEEKS
from bot.domain.complaints import Answer, CaseState, Category, ClosingReason, Remedy
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.office.secrets import OfficeSecret

_CONTEXT = b"qingzhuang-case-book/1"
# No 0/O, 1/I/L: codes are said aloud and written by hand.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 5


@dataclass(slots=True)
class Case:
    """A complaint as the office works on it. `code` is what people call it; `id` the record's."""

    id: str
    code: str
    week: str
    category: str
    counts: bool
    unit: str | None = field(repr=False)
    text: str = field(repr=False)
    met: bool
    state: str = ""
    reply: str = field(default="", repr=False)
    reason: str = ""
    remedy: str = ""
    answered_in: str = ""
    closed_in: str = ""
    withdrawn: bool = False
    supplements: list[str] = field(default_factory=list, repr=False)

    def answer(self, title: str, week: Week) -> Answer | None:
        """What its writer is told; None while nothing was decided."""
        if not self.state:
            return None
        return Answer(
            title=title,
            state=CaseState(self.state),
            week=week,
            text=PrivateText(self.reply),
            reason=ClosingReason(self.reason) if self.reason else None,
            remedy=Remedy(self.remedy) if self.remedy else None,
        )

    @property
    def kind(self) -> Category:
        """Its category."""
        return Category(self.category)


@dataclass(slots=True)
class HeldBatch:
    """A batch that was taken in: every record's reply key, since every record gets a reply.

    `changed` says that the next reply file must speak of it.
    """

    id: str
    week: str
    met: bool
    weeks: list[str]
    records: dict[str, str] = field(repr=False)
    changed: bool = True


@dataclass(slots=True)
class CaseBook:
    """All cases of one key. It is changed in memory and kept by `seal_book`.

    `returned` are the weeks whose figures were returned, `documents` the files that did so, by
    week, for a stick that gets lost. `without_total` are the quarters in which the total stays
    away because the gate took it out of one week.
    """

    cases: dict[str, Case] = field(default_factory=dict)
    batches: dict[str, HeldBatch] = field(default_factory=dict)
    purged: dict[str, int] = field(default_factory=dict)
    returned: list[str] = field(default_factory=list)
    without_total: list[str] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)

    def newest(self) -> Week | None:
        """The newest week that a batch of it was handed over for; None before the first."""
        return max((Week.parse(batch.week) for batch in self.batches.values()), default=None)

    def due(self, now: Week) -> int:
        """How many cases `purge` would delete."""
        return sum(_has_had_its_time(each, now) for each in self.cases.values())

    def find(self, code: str) -> Case | None:
        """A case by what people call it, in any case of letters."""
        wanted = code.strip().upper()
        return next((each for each in self.cases.values() if each.code == wanted), None)

    def batch_of(self, case: Case) -> HeldBatch | None:
        """The batch that brought a case."""
        return next((each for each in self.batches.values() if case.id in each.records), None)

    def purge(self, now: Week) -> int:
        """Delete cases closed ninety days ago, and all that came 180 days ago; how many."""
        gone = [each for each in self.cases.values() if _has_had_its_time(each, now)]
        for case in gone:
            del self.cases[case.id]
        oldest = now.shifted(1 - HARD_CAP_WEEKS)
        for batch in list(self.batches.values()):
            if Week.parse(batch.week) < oldest:
                del self.batches[batch.id]
        people = sum(case.counts for case in gone)
        self.purged[str(now)] = self.purged.get(str(now), 0) + people
        return len(gone)


def case_code(record: str, taken: Iterable[str]) -> str:
    """A code for a record's id that nobody else has; it tells no order."""
    held = set(taken)
    number = int.from_bytes(hashlib.sha256(record.encode()).digest(), "big")
    while True:
        code = ""
        for _ in range(CODE_LENGTH):
            number, letter = divmod(number, len(_LETTERS))
            code += _LETTERS[letter]
        if code not in held:
            return code


def seal_book(book: CaseBook, secret: OfficeSecret) -> bytes:
    """The bytes of its file."""
    plain = json.dumps(asdict(book), ensure_ascii=False).encode()
    return secret.provider.encrypt(secret.case_book, plain, _CONTEXT)


def open_book(sealed: bytes, secret: OfficeSecret) -> CaseBook:
    """The book of `seal_book`. Raises Undecipherable for anything else."""
    plain = json.loads(secret.provider.decrypt(secret.case_book, sealed, _CONTEXT))
    return CaseBook(
        cases={name: Case(**_known(Case, each)) for name, each in plain["cases"].items()},
        batches={
            name: HeldBatch(**_known(HeldBatch, each)) for name, each in plain["batches"].items()
        },
        purged=plain["purged"],
        returned=plain["returned"],
        without_total=plain.get("without_total", []),
        documents=plain.get("documents", {}),
    )


def reply_key(batch: HeldBatch, record: str) -> bytes:
    """The public key that a record's reply is sealed to."""
    return base64.b64decode(batch.records[record])


def _known(kind: Any, values: dict[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in values.items() if name in names}


def _has_had_its_time(case: Case, now: Week) -> bool:
    if Week.parse(case.week) <= now.shifted(-HARD_CAP_WEEKS):
        return True
    closed = case.closed_in or (case.week if case.withdrawn else "")
    return bool(closed) and Week.parse(closed) <= now.shifted(-AFTER_CLOSING_WEEKS)
