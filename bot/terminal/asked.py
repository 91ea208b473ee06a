"""Moments and hours as an operator types them, and what was expected of a file they wrote."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.errors import BadInput, BadRulebook
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


def expected(error: BadInput, texts: Texts) -> str:
    """What should have stood there, in the operator's language where the fault has a sentence."""
    if isinstance(error, BadRulebook):
        return texts(f"rules.expected.{error.expected}", **error.values)
    return error.expected
