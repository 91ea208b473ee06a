"""unit: what the office enters of its units, and their departments on the platforms."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import typer
from rich.console import Console

from bot.domain.errors import UserError
from bot.domain.texts import Texts
from bot.terminal.session import counting
from bot.terminal.tables import folding
from config.units_file import BadRows, load_units

_COLUMNS = ("code", "name", "staff", "level", "lines", "departments", "groups")
_MOST_ROWS = 20


async def import_units(file: Path, config: Path | None, texts: Texts) -> int:
    """Enter units from a CSV, all or none; every row that is wrong is named."""
    try:
        units = load_units(file)
    except BadRows as error:
        for row, expected in error.rows[:_MOST_ROWS]:
            typer.echo(
                texts(
                    "units.row", file=file, row=row, expected=texts(f"units.expected.{expected}")
                ),
                err=True,
            )
        raise UserError("units.refused", count=str(len(error.rows))) from None
    async with counting(config, counts=False) as (_, house):
        await house.store.registry.put_units(units)
    departments = sum(len(unit.departments) for unit in units)
    typer.echo(texts("units.imported", units=len(units), departments=departments))
    return 0


async def list_units(config: Path | None, texts: Texts) -> int:
    """Units with their lines, departments by platform, and registered groups."""
    async with counting(config, counts=False) as (_, house):
        registry = house.store.registry
        groups = Counter(group.unit for group in registry.groups())
        units = registry.units()
    if not units:
        typer.echo(texts("units.none"))
        return 0
    table = folding(texts(f"units.columns.{name}") for name in _COLUMNS)
    for unit in units:
        places = Counter(platform for platform, _, _ in unit.departments)
        table.add_row(
            unit.code,
            unit.name,
            str(unit.staff or ""),
            texts(f"units.level.{unit.level}") if unit.level else "",
            ", ".join(sorted({line for _, _, line in unit.departments})),
            ", ".join(f"{platform} {count}" for platform, count in sorted(places.items())),
            str(groups[unit.code]),
        )
    Console().print(table)
    return 0
