"""Decisions on cases → a signed reply file that answers every record, dummies too."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.crypto.exchange import REPLIES
from bot.crypto.signed_lines import encode_signed
from bot.domain.complaints import (
    MOST_ANSWER_CHARACTERS,
    CaseState,
    ClosingReason,
    Remedy,
    Template,
)
from bot.domain.periods import Week
from bot.domain.sealed_notes import encode_answer
from bot.office.case_book import Case, CaseBook, HeldBatch, reply_key
from bot.office.secrets import OfficeSecret


@dataclass(frozen=True, slots=True)
class Decision:
    """What the office does with a case. ValueError for a text of more than 500 characters, and
    for a closing without a reason or a reason without a closing."""

    state: CaseState
    text: str
    reason: ClosingReason | None = None
    remedy: Remedy | None = None

    def __post_init__(self) -> None:
        if len(self.text) > MOST_ANSWER_CHARACTERS:
            raise ValueError(f"expected at most {MOST_ANSWER_CHARACTERS} characters")
        if (self.state is CaseState.CLOSED) != (self.reason is not None):
            raise ValueError("a closing has a reason, and only a closing has one")


TEMPLATES: Mapping[Template, tuple[CaseState, ClosingReason | None]] = {
    Template.RECEIVED: (CaseState.IN_HAND, None),
    Template.MORE_DETAILS: (CaseState.IN_HAND, None),
    Template.ANSWERED: (CaseState.ANSWERED, None),
    Template.REMEDIED: (CaseState.CLOSED, ClosingReason.REMEDIED),
    Template.EXPLAINED: (CaseState.CLOSED, ClosingReason.EXPLAINED),
    Template.PASSED_ON: (CaseState.CLOSED, ClosingReason.PASSED_ON),
    Template.NOT_A_BURDEN: (CaseState.CLOSED, ClosingReason.NOT_A_BURDEN),
    Template.NO_DETAILS: (CaseState.CLOSED, ClosingReason.NO_DETAILS),
}
"""What each template makes of a case."""


def decide(book: CaseBook, case: Case, decision: Decision, week: Week) -> None:
    """Enter a decision; the first that is more than "in hand" counts as the answer."""
    case.state = decision.state.value
    case.reply = decision.text
    case.reason = decision.reason.value if decision.reason else ""
    case.remedy = decision.remedy.value if decision.remedy else ""
    if decision.state is not CaseState.IN_HAND and not case.answered_in:
        case.answered_in = str(week)
    case.closed_in = str(week) if decision.state is CaseState.CLOSED else ""
    batch = book.batch_of(case)
    if batch is not None:
        batch.changed = True


def to_be_answered(book: CaseBook) -> list[HeldBatch]:
    """Batches of which the bot has not heard the newest."""
    return [batch for batch in book.batches.values() if batch.changed]


def say_again(book: CaseBook) -> None:
    """Have the next reply file speak of all batches: the last one may never have arrived."""
    for batch in book.batches.values():
        batch.changed = True


def reply_file(
    secret: OfficeSecret,
    book: CaseBook,
    week: Week,
    tell: Callable[[int], object] = lambda _done: None,
) -> bytes:
    """The reply file of one key for all batches that changed; they count as told then.

    Every record of these batches is answered, in the order of its random id; where there is
    nothing to say, with an answer that says so and looks alike.
    """
    batches = to_be_answered(book)
    head = {
        "format": REPLIES,
        "provider": secret.provider.name,
        "key": secret.key.id.hex(),
        "office": secret.key.office,
        "week": str(week),
    }
    made = encode_signed(head, _rows(secret, book, batches, week, tell), secret.sign)
    for batch in batches:
        batch.changed = False
    return made


def _rows(
    secret: OfficeSecret,
    book: CaseBook,
    batches: list[HeldBatch],
    week: Week,
    tell: Callable[[int], object],
) -> Iterator[dict[str, object]]:
    done = 0
    for batch in batches:
        closed = _is_closed(book, batch)
        for record in sorted(batch.records):
            case = book.cases.get(record)
            answer = case.answer(secret.key.title, week) if case else None
            sealed = secret.provider.seal_to(reply_key(batch, record), encode_answer(answer, week))
            text = base64.b64encode(sealed).decode()
            yield {"id": record, "sealed": text, "closed": closed}
            done += 1
            tell(done)


def _is_closed(book: CaseBook, batch: HeldBatch) -> bool:
    """Whether every case that came with it is closed or taken back."""
    cases = (book.cases[record] for record in batch.records if record in book.cases)
    return all(case.closed_in or case.withdrawn for case in cases)
