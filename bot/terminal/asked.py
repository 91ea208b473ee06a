"""Moments and hours as an operator types them on the command line."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.errors import BadInput
from bot.domain.texts import Texts
from bot.domain.work_calendar import OfficeHours


def spoken_moment(command: str, at: str, zone: ZoneInfo, texts: Texts) -> datetime:
    """The aware moment of an option --at; one without a zone is on the office's wall."""
    try:
        given = datetime.fromisoformat(at)
    except ValueError:
        raise BadInput(command, "--at", texts("cli.error.moment")) from None
    return given if given.tzinfo else given.replace(tzinfo=zone)


def office_hours(command: str, written: str, texts: Texts) -> OfficeHours:
    """The hours of an option --hours."""
    try:
        return OfficeHours.parse(written)
    except ValueError:
        raise BadInput(command, "--hours", texts("cli.error.hours")) from None
