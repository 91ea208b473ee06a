"""Moments, hours, yes and no as people type them on the command line."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from bot.domain.errors import BadInput
from bot.domain.texts import Texts
from bot.domain.work_calendar import OfficeHours


def spoken_moment(command: str, at: str, zone: ZoneInfo) -> datetime:
    """The aware moment of an option --at; one without a zone is on the office's wall."""
    try:
        given = datetime.fromisoformat(at)
    except ValueError:
        raise BadInput(command, "--at", "cli.error.moment") from None
    return given if given.tzinfo else given.replace(tzinfo=zone)


def office_hours(command: str, written: str) -> OfficeHours:
    """The hours of an option --hours."""
    try:
        return OfficeHours.parse(written)
    except ValueError:
        raise BadInput(command, "--hours", "cli.error.hours") from None


_YES = frozenset(("y", "yes", "是", "是的", "好", "对", "确认"))
_NO = frozenset(("", "n", "no", "否", "不", "不是"))


def agreed(question: str, texts: Texts) -> bool:
    """Whether somebody said yes; Enter alone is no. Raises typer.Abort where nobody answers."""
    while True:
        shown = texts("cli.asked.yes_or_no", question=question)
        typed = typer.prompt(shown, default="", show_default=False).strip().casefold()
        if typed in _YES or typed in _NO:
            return typed in _YES
        typer.echo(texts("cli.asked.say_yes_or_no"))
