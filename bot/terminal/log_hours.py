"""The log's hours, which stand in it in UTC, on the wall clock of those who read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.domain.log_checks import MOMENT_FORMAT, SPAN_JOINT, SPAN_SEPARATOR
from bot.domain.log_leaves import HOUR, hour_of
from bot.domain.texts import Texts
from bot.domain.verdicts import Finding

# No file of a proof names the office's zone, and the country has one.
ZONE = ZoneInfo("Asia/Shanghai")


def spoken_values(finding: Finding, texts: Texts) -> Mapping[str, str | int]:
    """A finding's values with their hours as its reader counts them."""
    values = dict(finding.values)
    match finding.key:
        case "hours_missing":
            values["hours"] = _span(str(values["first"]), str(values["last"]), texts)
        case "hours_end":
            values["first"] = _beginning(_wall(hour_of(str(values["first"]))), texts)
        case "hours_late":
            values["spans"] = _runs(str(values["spans"]).split(SPAN_SEPARATOR), texts)
        case "cosigned":
            at = datetime.strptime(str(values["at"]), MOMENT_FORMAT).replace(tzinfo=UTC)
            values["at"] = _said("moment", _wall(at), texts)
    return values


def _runs(runs: Sequence[str], texts: Texts) -> str:
    """All runs, each year said once."""
    said, year = [], 0
    for run in runs:
        first, _, last = run.partition(SPAN_JOINT)
        last = last or first
        said.append(_span(first, last, texts, year))
        year = (_wall(hour_of(last)) + HOUR).year
    return texts("proof.hours.separator").join(said)


def _span(first: str, last: str, texts: Texts, year: int = 0) -> str:
    """From the beginning of one hour to the end of another, the day once where it is one; without
    the `year` that was said before."""
    begin, last_begin = _wall(hour_of(first)), _wall(hour_of(last))
    end = last_begin + HOUR
    if last_begin.date() == begin.date():
        until = texts("proof.hours.same_day", hour=last_begin.hour + 1)
    elif last_begin.year == begin.year == end.year:
        until = _said("hour", end, texts)
    else:
        until = _beginning(end, texts)
    since = _said("hour", begin, texts) if begin.year == year else _beginning(begin, texts)
    return texts("proof.hours.span", since=since, until=until)


def _beginning(moment: datetime, texts: Texts) -> str:
    return _said("hour_of_year", moment, texts)


def _said(key: str, moment: datetime, texts: Texts) -> str:
    return texts(
        f"proof.hours.{key}",
        year=moment.year,
        month=moment.month,
        day=moment.day,
        hour=moment.hour,
        minute=f"{moment.minute:02d}",
    )


def _wall(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)
