"""group coverage: by which routes each group is heard, and when they were not connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from bot.counting import Counting
from bot.domain.errors import BadInput
from bot.domain.groups import GroupCode
from bot.domain.periods import Week
from bot.domain.reach import RouteOutage, Watch, outages
from bot.domain.texts import Texts
from bot.terminal.session import counting

_COLUMNS = ("code", "alias", "whole", "route", "hours", "outages", "longest")


@dataclass(frozen=True, slots=True)
class _Span:
    begin: datetime
    end: datetime
    watched: Mapping[str, Watch]
    outages: Mapping[str, RouteOutage]


async def show_coverage(label: str | None, config: Path | None, texts: Texts) -> int:
    """A row for each group and route that pushes; a route is watched while `serve` runs."""
    async with counting(config, counts=False) as (settings, house):
        now = house.clock.now().astimezone(settings.zone)
        week = _week(label) if label else Week.of(now, settings.zone)
        begin = week.shifted(-1).ends_at(settings.zone)
        end = min(week.ends_at(settings.zone), now)
        routes = house.store.routes
        found = outages(await routes.gaps(begin, end), begin, end)
        span = _Span(begin, end, await routes.watched(), {one.route: one for one in found})
        groups = house.store.registry.groups()
        if not groups:
            typer.echo(texts("cli.group.none"))
            return 0
        table = Table()
        for name in _COLUMNS:
            # A narrow terminal breaks a name and does not swallow its end.
            table.add_column(texts(f"routes.columns.{name}"), overflow="fold")
        for group in groups:
            for row in _rows(house, group.code, span, texts):
                table.add_row(group.code, group.alias, *row)
    typer.echo(texts("routes.title", week=week))
    Console().print(table)
    return 0


def _week(label: str) -> Week:
    try:
        return Week.parse(label)
    except ValueError:
        raise BadInput("group coverage", "--week", "cli.error.week") from None


def _rows(house: Counting, code: GroupCode, span: _Span, texts: Texts) -> list[tuple[str, ...]]:
    registry = house.store.registry
    if registry.is_gone(code):
        return [(texts("group_events.coverage"), "", "", "", "")]
    whole = texts(f"routes.whole.{'yes' if registry.is_passively_counted(code) else 'no'}")
    platforms = registry.platforms_of(code)
    watched = [
        route
        for route, watch in sorted(span.watched.items())
        if route.partition("_")[0] in platforms and watch.since < span.end
    ]
    if not watched:
        return [(whole, texts("routes.unwatched"), "", "", "")]
    return [
        (whole, texts(f"routes.names.{route}"), *_told(route, span, texts)) for route in watched
    ]


def _told(route: str, span: _Span, texts: Texts) -> tuple[str, str, str]:
    begin = max(span.begin, span.watched[route].since)
    minutes = (span.end - begin).total_seconds() / 60
    outage = span.outages.get(route)
    if outage is None:
        return f"{minutes / 60:.1f}", "0", ""
    longest = texts("routes.longest", begin=outage.longest[0], end=outage.longest[1])
    return f"{(minutes - outage.minutes) / 60:.1f}", str(outage.times), longest
