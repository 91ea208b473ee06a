"""dispute: what the office decides about counts that were called wrong."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from bot.domain.disputes import DisputeState
from bot.domain.errors import UserError
from bot.domain.groups import GroupCode
from bot.domain.texts import Texts
from bot.terminal.session import counting
from bot.terminal.tables import folding
from handlers.commands.counts import named, title_of, told, told_of_step
from handlers.ports import Role

_COLUMNS = ("id", "week", "code", "unit", "count_of_dispute", "rule", "disputed_state")


async def list_disputes(config: Path | None, texts: Texts, *, every: bool) -> int:
    """Those that wait, or all."""
    states = set(DisputeState) if every else {DisputeState.OPEN}
    async with counting(config, counts=False) as (_, house):
        listed = await house.store.disputes.listed(states)
    if not listed:
        typer.echo(texts("dispute.list.none"))
        return 0
    table = folding(texts(f"cli.tables.{name}") for name in _COLUMNS)
    for count in listed:
        state = texts(f"dispute.state.{count.state}") if count.state else ""
        if count.disputed:
            kinds = named(count.disputed, texts)
            state = texts("dispute.list.state_of_kinds", state=state, kinds=kinds)
        rules = "\n".join(title_of(rule, house.judge.rulebook, texts) for rule in count.rules)
        table.add_row(
            count.id, str(count.week), count.group, count.unit, told(count, texts), rules, state
        )
    Console().print(table)
    return 0


async def decide(
    typed: str, group: str | None, wanted: DisputeState, config: Path | None, texts: Texts
) -> int:
    """Uphold or reject; doing it again changes nothing."""
    async with counting(config, counts=False) as (_, house):
        if group is not None and house.store.registry.group(GroupCode(group)) is None:
            raise UserError("cli.error.no_group", code=group)
        groups = None if group is None else {GroupCode(group)}
        count = await house.disputes.count_of(typed, groups)
        moved = await house.disputes.move(count, wanted, Role.OFFICE.value)
        sharing = await house.disputes.sharing(count, count.disputed)
    typer.echo(told_of_step(count, wanted, moved, count.disputed, sharing, texts))
    return 0
