"""Office hours as the text that `OfficeHours.parse` reads."""

from __future__ import annotations

from bot.domain.work_calendar import OfficeHours, Span


def hours_text(hours: OfficeHours) -> str:
    """The hours with their seasons; parsing it gives equal hours back."""
    if hours.round_the_clock:
        return "24h"
    seasons = [
        "{:02d}-{:02d}..{:02d}-{:02d}:".format(*season.first, *season.last) + _spans(season.spans)
        for season in hours.seasons
    ]
    return ";".join([_spans(hours.spans), *seasons])


def _spans(spans: tuple[Span, ...]) -> str:
    return ",".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in spans)
