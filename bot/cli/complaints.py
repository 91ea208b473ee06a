"""Complaints on the bot's host: the office's key, sealed batches out, replies and figures in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import Config, T, group_of_commands, run

complaints = group_of_commands("complaints", "office.commands.complaints")


@complaints.command("key", help=T("office.commands.complaints_key"))
def key(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    yes: Annotated[bool, typer.Option("--yes", help=T("office.options.yes"))] = False,
    config: Config = None,
) -> None:
    """Enter an office key."""
    from bot.terminal.complaints import enter_key

    run(enter_key(file, config, T, yes=yes))


@complaints.command("export", help=T("office.commands.complaints_export"))
def export(
    to: Annotated[Path, typer.Argument(metavar="STICK", help=T("office.options.to"))],
    config: Config = None,
) -> None:
    """Copy batches."""
    from bot.terminal.complaints import export as copy

    run(copy(to, config, T))


@complaints.command("import", help=T("office.commands.complaints_import"))
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")], config: Config = None
) -> None:
    """Take in replies and figures."""
    from bot.terminal.complaints import take_back

    run(take_back(files, config, T))


@complaints.command("status", help=T("office.commands.complaints_status"))
def status(config: Config = None) -> None:
    """How it stands."""
    from bot.terminal.complaints import show_status

    run(show_status(config, T))


@complaints.command("recheck", help=T("release_gate.again.command"))
def recheck(
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", min=1.0, help=T("release_gate.again.seconds")),
    ] = None,
    config: Config = None,
) -> None:
    """Another try of what the gate could not check."""
    from bot.terminal.rechecking import check_again

    run(check_again(seconds, config, T))
