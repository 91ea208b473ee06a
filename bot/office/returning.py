"""A week's figures for the digest, gated on the offline machine and signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.crypto.exchange import RETURN
from bot.crypto.signed_lines import encode_signed
from bot.domain.complaint_figures import (
    ComplaintFigures,
    RawComplaints,
    publishable,
    to_plain,
    withdrew_total,
)
from bot.domain.complaints import Remedy
from bot.domain.people_figures import PeoplePolicy
from bot.domain.periods import Week
from bot.domain.spans import Span
from bot.office.case_book import Case, CaseBook
from bot.office.secrets import OfficeSecret


def is_covered(books: Sequence[CaseBook], week: Week) -> bool:
    """Whether a batch with records of this week was taken in."""
    return any(str(week) in batch.weeks for book in books for batch in book.batches.values())


def week_figures(secret: OfficeSecret, books: Sequence[CaseBook], week: Week) -> ComplaintFigures:
    """The gated figures of a week from all books of the office.

    Where the gate takes the total out, the newest book notes it for the rest of the quarter.
    """
    raw, policy, quarter = _raw(books, week), PeoplePolicy(), str(Span.quarter_of(week))
    figures = publishable(
        raw,
        week,
        secret.key.office,
        secret.rounding,
        policy,
        without_total=any(quarter in book.without_total for book in books),
    )
    if withdrew_total(raw, figures, policy) and quarter not in books[-1].without_total:
        books[-1].without_total.append(quarter)
    return figures


def return_file(secret: OfficeSecret, figures: ComplaintFigures) -> bytes:
    """The signed file that the bot takes in for its digest."""
    head = {
        "format": RETURN,
        "provider": secret.provider.name,
        "key": secret.key.id.hex(),
        "office": secret.key.office,
        "figures": to_plain(figures),
    }
    return encode_signed(head, (), secret.sign)


def _raw(books: Sequence[CaseBook], week: Week) -> RawComplaints:
    label = str(week)
    cases = [case for book in books for case in book.cases.values()]
    batches = [batch for book in books for batch in book.batches.values() if label in batch.weeks]
    # One writer of many complaints must move no figure by more than one.
    people = [case for case in cases if case.counts and not case.withdrawn]
    answered = [case for case in people if case.answered_in == label]
    closed = [case for case in people if case.closed_in == label]
    return RawComplaints(
        met=bool(batches) and all(batch.met for batch in batches),
        complainants=Counter(case.kind for case in people if case.week == label),
        waited=[_weeks_between(case) for case in answered],
        remedies=[Remedy(case.remedy) for case in closed if case.remedy],
        purged=sum(book.purged.get(label, 0) for book in books),
    )


def _weeks_between(case: Case) -> int:
    begun, answered = Week.parse(case.week), Week.parse(case.answered_in)
    return (answered.monday - begun.monday).days // 7
