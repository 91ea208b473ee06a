"""register: approved inspections, admitted matters, filed apps and duties, from a table."""

from __future__ import annotations

import getpass
from pathlib import Path

import typer
from rich.console import Console

from bot.domain.actors import OPERATOR, operator_code
from bot.domain.authors import Person
from bot.domain.errors import UserError
from bot.domain.private import Opaque
from bot.domain.registers import Filing
from bot.domain.texts import Texts
from bot.terminal.session import counting
from bot.terminal.tables import folding
from config.filings_file import BadFilings, filing_vocabulary, load_filings
from handlers.proposal_words import entry_line

_COLUMNS = ("number", "sort", "title", "line", "unit", "starts", "ends", "used")
_MOST_ROWS = 20


async def import_filings(file: Path, config: Path | None, texts: Texts) -> int:
    """Enter a table, all or none; every row that is wrong is named, and what may be combined."""
    try:
        filings = _read(file)
    except BadFilings as error:
        for row in error.rows[:_MOST_ROWS]:
            said = texts(row.expected)
            typer.echo(
                texts("register_commands.row", file=file, row=row.number, expected=said), err=True
            )
        raise UserError("register_commands.refused", count=str(len(error.rows))) from None
    async with counting(config, counts=False) as (_, house):
        beside = await house.registers.add(filings, operator_code(getpass.getuser()))
    typer.echo(texts("register_commands.imported", count=len(filings)))
    for other in beside:
        typer.echo(texts("register_commands.beside", number=other.number, title=other.title))
    return 0


def _read(file: Path) -> list[Filing]:
    """A table in any language of ours, whatever language the command speaks."""
    return load_filings(file, filing_vocabulary())


async def list_filings(config: Path | None, texts: Texts, *, every: bool) -> int:
    """What holds today, or all there was; with how often it was used."""
    async with counting(config, counts=False) as (_, house):
        registers = house.registers
        entries = registers.view.entries if every else registers.listed()
        used = {entry.number: registers.used(entry.number) for entry in entries}
        proposals = house.filings.proposals()
    for one in proposals:
        typer.echo(texts("filing.waits", number=one.number, line=entry_line(one.filing, texts)))
    if not entries:
        typer.echo(texts("register_commands.none"))
        return 0
    heads = (texts(f"register_commands.columns.{name}") for name in _COLUMNS)
    table = folding(heads)
    for entry in sorted(entries, key=lambda one: one.number):
        quota = "" if entry.quota is None else f"/{entry.quota}"
        table.add_row(
            entry.number,
            texts(f"register_commands.sort.{entry.sort}"),
            entry.title,
            entry.line,
            entry.unit,
            str(entry.starts),
            texts("register_commands.retired") if entry.retired else str(entry.ends),
            f"{used[entry.number]}{quota}",
        )
    Console().print(table)
    return 0


async def settle_filing(number: int, config: Path | None, texts: Texts, *, confirms: bool) -> int:
    """Confirm or withdraw what waits, as somebody else than who proposed it."""
    async with counting(config, counts=False) as (_, house):
        settle = house.filings.confirm if confirms else house.filings.withdraw
        entry = await settle(number, _me())
    key = "confirmed" if confirms else "withdrawn"
    typer.echo(texts(f"register_commands.{key}", line=entry_line(entry, texts)))
    return 0


async def retire_filing(number: str, config: Path | None, texts: Texts) -> int:
    """End an entry: what quotes it counts from now on."""
    async with counting(config, counts=False) as (_, house):
        entry = await house.filings.retire(number, _me())
    typer.echo(texts("register_commands.ended", number=entry.number))
    return 0


def _me() -> Person:
    """Who is logged in at this host."""
    return Person(OPERATOR, "", Opaque(getpass.getuser()))
