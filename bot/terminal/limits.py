"""limit: what is in force, what was changed by whom, and the two persons a change takes."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Column, Table

from bot.domain.actors import operator_code
from bot.domain.limit_changes import FROM_THE_FIRST, ChangeState, LimitChange
from bot.domain.texts import Texts
from bot.terminal.session import counting
from handlers.proposal_words import limit_name
from handlers.reaction_words import basis

_IN_FORCE = ("name", "limit", "at_most", "ground", "basis")
_HISTORY = (
    "number",
    "name",
    "limit",
    "at_most",
    "source",
    "state",
    "by",
    "confirmed_by",
    "from_day",
)


async def list_limits(config: Path | None, texts: Texts, *, history: bool) -> int:
    """The limits of today and what waits for confirmation; or every version there was."""
    async with counting(config, counts=False) as (_, house):
        changes = house.limits.history() if history else house.limits.proposals()
        limits = house.limits.today()
    if not history:
        table = _table(_IN_FORCE, texts)
        for limit in limits:
            ground = texts(f"limits.ground.{limit.ground}")
            table.add_row(
                limit_name(limit, texts), limit.id, str(limit.at_most), ground, basis(limit, texts)
            )
        Console().print(table)
    if changes:
        table = _table(_HISTORY, texts)
        for change in changes:
            table.add_row(*_row(change, texts))
        Console().print(table)
    return 0


def _table(columns: Sequence[str], texts: Texts) -> Table:
    """What must be typed is never broken: it would be copied with the break."""
    return Table(
        *(
            Column(
                texts(f"limit_commands.columns.{name}"),
                overflow="fold",
                no_wrap=name in ("limit", "number"),
            )
            for name in columns
        )
    )


def _row(change: LimitChange, texts: Texts) -> tuple[str, ...]:
    at_most = texts("limit_commands.removed") if change.removed else str(change.limit.at_most)
    return (
        str(change.number),
        limit_name(change.limit, texts),
        change.limit.id,
        at_most,
        texts(f"limit_commands.source.{change.source}"),
        texts(f"limit_commands.state.{change.state}"),
        change.by,
        change.confirmed_by,
        _from_day(change, texts),
    )


def _from_day(change: LimitChange, texts: Texts) -> str:
    if change.effective_on == FROM_THE_FIRST:
        return texts("limit_commands.from_the_first")
    return str(change.effective_on or "")


async def set_limit(
    limit: str, at_most: str, basis_text: str, config: Path | None, texts: Texts
) -> int:
    """Propose another number, or `off`; a second person confirms it."""
    wanted = None if at_most == "off" else _number(at_most)
    async with counting(config, counts=False) as (_, house):
        await house.limits.load()
        change = await house.limits.propose(limit, wanted, _me(), basis_text)
    typer.echo(texts("limit_commands.proposed", number=change.number))
    return 0


def _number(written: str) -> int:
    return int(written) if written.isdecimal() and len(written) < 9 else -1


async def settle_change(number: int, state: ChangeState, config: Path | None, texts: Texts) -> int:
    """Confirm or withdraw a proposal, as somebody else than who made it."""
    async with counting(config, counts=False) as (_, house):
        await house.limits.load()
        if state is ChangeState.STANDING:
            change = await house.limits.confirm(number, _me())
        else:
            change = await house.limits.withdraw(number, _me())
    on = str(change.effective_on or "")
    typer.echo(texts(f"limit_commands.done.{state}", limit=change.limit.id, on=on))
    return 0


def _me() -> str:
    """Who is logged in at this host; two persons are two logins."""
    return operator_code(getpass.getuser())
