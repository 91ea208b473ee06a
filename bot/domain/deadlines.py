"""When something must be done: the deadline a text fixes, and the working time it leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain import moment_grammar as grammar
from bot.domain.due_moments import DueMoment, DueMoments, Force
from bot.domain.errors import NoCalendarForYear
from bot.domain.vocabulary import Lead
from bot.domain.work_calendar import OfficeHours, WorkCalendar

FARTHEST = timedelta(days=366)
"""A later moment is a misreading, or no deadline anybody acts on."""

LONGEST_TEXT = 4000
"""Further down a notice nothing is looked for: what must be done stands before its annexes."""


def find_deadline(
    text: str, sent_at: datetime, hours: OfficeHours, calendar: WorkCalendar
) -> datetime | None:
    """The moment by which something asked must be done, where the text fixes one (GUIDE.md).

    `text` is in normal form (NFKC, simplified); `sent_at` is aware and on the group's wall, and
    so is what comes back: after `sent_at`, within a year. Of several the first. Vague ones
    (今天, 今晚, 尽快, 放学前, 每半小时) are None. No text makes it raise; a naive `sent_at` does.
    """
    if sent_at.tzinfo is None:
        raise ValueError("a deadline is reckoned from an aware moment")
    plain = grammar.without_gaps(text[:LONGEST_TEXT])
    ahead = [
        one
        for one in DueMoments(plain, sent_at, hours, calendar).all()
        if sent_at < one.at <= sent_at + FARTHEST
    ]
    found = _not_moved(ahead, plain)
    if not found:
        return None
    strongest = max(min(one.force, Force.FIXED) for one in found)
    return min(one.at for one in found if one.force >= strongest)


def lead_of(
    sent_at: datetime, deadline: datetime | None, hours: OfficeHours, calendar: WorkCalendar
) -> Lead:
    """The working time from sending to the deadline, coarse; a day is that day's spans together.

    NONE without a deadline, and where no calendar reaches as far as is needed to tell.
    """
    if deadline is None:
        return Lead.NONE
    day = calendar.minutes_of_day(sent_at.date(), hours)
    # No holiday is so long that two working days need more.
    until = min(deadline, sent_at + timedelta(days=31))
    try:
        minutes = calendar.working_minutes(sent_at, until, hours)
    except NoCalendarForYear:
        return Lead.NONE
    if minutes < 60:
        return Lead.UNDER_HOUR
    if minutes * 2 < day:
        return Lead.UNDER_HALF_DAY
    if minutes < day:
        return Lead.UNDER_DAY
    return Lead.UNDER_TWO_DAYS if minutes < 2 * day else Lead.LONGER


def _not_moved(found: list[DueMoment], text: str) -> list[DueMoment]:
    """明天9点的会改到10点: without what a later moment of the same sentence takes the place of."""
    moved = [one.start for one in found if one.force is Force.MOVED]
    return [
        one
        for one in found
        if one.force is Force.MOVED
        or not any(
            one.end <= start and not grammar.SENTENCE_END.search(text, one.end, start)
            for start in moved
        )
    ]
