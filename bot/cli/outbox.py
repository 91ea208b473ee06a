"""What the bot has to say and has said."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.frame import Config, T, group_of_commands, help_of, run

outbox = group_of_commands("outbox", "cli.commands.outbox")


@outbox.command("list", help=help_of("outbox_list"))
def outbox_list(
    sent: Annotated[bool, typer.Option("--sent", help=T("outbox.options.sent"))] = False,
    config: Config = None,
) -> None:
    """What waits, failed or is uncertain."""
    from bot.terminal.outbox import list_outbox

    run(list_outbox(config, T, sent=sent))


@outbox.command("resend", help=help_of("outbox_resend"))
def outbox_resend(
    parcel: Annotated[str, typer.Argument(metavar="ID")],
    whole: Annotated[bool, typer.Option("--whole", help=T("outbox.options.whole"))] = False,
    config: Config = None,
) -> None:
    """Send once more."""
    from bot.terminal.outbox import resend

    run(resend(parcel, config, T, whole=whole))


@outbox.command("drop", help=T("outbox.commands.drop"))
def outbox_drop(
    parcel: Annotated[str, typer.Argument(metavar="ID")], config: Config = None
) -> None:
    """Give up."""
    from bot.terminal.outbox import drop

    run(drop(parcel, config, T))


@outbox.command("recall", help=T("outbox.commands.recall"))
def outbox_recall(
    parcel: Annotated[str, typer.Argument(metavar="ID")], config: Config = None
) -> None:
    """Take back."""
    from bot.terminal.outbox import recall

    run(recall(parcel, config, T))
