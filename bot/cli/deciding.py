"""What people decide: limits by two persons, and disputes."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.frame import Config, T, group_of_commands, help_of, option_of, run

limit = group_of_commands("limit", "limit_commands.commands.limit")
dispute = group_of_commands("dispute", "cli.commands.dispute")


@limit.command("list", help=T("limit_commands.commands.list"))
def limit_list(
    history: Annotated[
        bool, typer.Option("--history", help=T("limit_commands.options.history"))
    ] = False,
    config: Config = None,
) -> None:
    """Limits in force, or every version."""
    from bot.terminal.limits import list_limits

    run(list_limits(config, T, history=history))


@limit.command("set", help=T("limit_commands.commands.set"))
def limit_set(
    limit_id: Annotated[str, typer.Argument(metavar="LIMIT")],
    at_most: Annotated[str, typer.Argument(metavar="N|off")],
    basis: Annotated[str, typer.Option("--basis", help=T("limit_commands.options.basis"))] = "",
    config: Config = None,
) -> None:
    """Propose a change."""
    from bot.terminal.limits import set_limit

    run(set_limit(limit_id, at_most, basis, config, T))


@limit.command("confirm", help=T("limit_commands.commands.confirm"))
def limit_confirm(number: Annotated[int, typer.Argument()], config: Config = None) -> None:
    """The second person's yes."""
    from bot.domain.limit_changes import ChangeState
    from bot.terminal.limits import settle_change

    run(settle_change(number, ChangeState.STANDING, config, T))


@limit.command("withdraw", help=T("limit_commands.commands.withdraw"))
def limit_withdraw(number: Annotated[int, typer.Argument()], config: Config = None) -> None:
    """Take a proposal back."""
    from bot.domain.limit_changes import ChangeState
    from bot.terminal.limits import settle_change

    run(settle_change(number, ChangeState.WITHDRAWN, config, T))


@dispute.command("list", help=help_of("dispute_list"))
def dispute_list(
    every: Annotated[bool, typer.Option("--all", help=option_of("all_disputes"))] = False,
    config: Config = None,
) -> None:
    """Disputes."""
    from bot.terminal.disputes import list_disputes

    run(list_disputes(config, T, every=every))


@dispute.command("uphold", help=help_of("dispute_uphold"))
def dispute_uphold(
    count: Annotated[str, typer.Argument(metavar="ID")],
    group: Annotated[str | None, typer.Option("--group", help=option_of("dispute_group"))] = None,
    config: Config = None,
) -> None:
    """The count was wrong."""
    from bot.domain.disputes import DisputeState
    from bot.terminal.disputes import decide

    run(decide(count, group, DisputeState.UPHELD, config, T))


@dispute.command("reject", help=help_of("dispute_reject"))
def dispute_reject(
    count: Annotated[str, typer.Argument(metavar="ID")],
    group: Annotated[str | None, typer.Option("--group", help=option_of("dispute_group"))] = None,
    config: Config = None,
) -> None:
    """The count was right."""
    from bot.domain.disputes import DisputeState
    from bot.terminal.disputes import decide

    run(decide(count, group, DisputeState.REJECTED, config, T))
