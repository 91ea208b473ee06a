"""What the digest's sections are written from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.domain.burden import MinutesTable
from bot.domain.digest_figures import DigestFigures
from bot.domain.digest_words import Words
from bot.domain.errors import NoCalendarForYear
from bot.domain.periods import Week
from bot.domain.tallies import Counted
from bot.domain.texts import Texts
from bot.domain.work_calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Brief:
    """All that the sections are written from. There is nothing unprotected in it."""

    week: Week
    now: DigestFigures
    previous: DigestFigures | None
    year_ago: DigestFigures | None
    calendar: WorkCalendar
    words: Words
    smallest_group: int
    minutes: MinutesTable | None = None

    @property
    def texts(self) -> Texts:
        """The language."""
        return self.words.texts

    def amount(self, measure: Counted) -> str:
        """This week's number; a zero is said only where everything was heard."""
        n = self.now.total(measure)
        if n == 0 and not self.now.coverage.supports_zero:
            return self.texts("digest.overall.not_recorded")
        return self.words.count(measure, n)

    def is_rest(self, day: date) -> bool:
        """Whether a day is known to be one of rest."""
        try:
            return not self.calendar.is_working_day(day)
        except NoCalendarForYear:
            return False
