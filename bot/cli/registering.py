"""Who is who: groups, roles, units, and the registers of what was approved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import Config, T, group_of_commands, help_of, option_of, run

group = group_of_commands("group", "cli.commands.group")
role = group_of_commands("role", "cli.commands.role")
unit = group_of_commands("unit", "units.commands.unit")
register = group_of_commands("register", "register_commands.commands.register")


@group.command("set", help=help_of("group_set"))
def group_set(
    code: Annotated[str, typer.Argument()],
    alias: Annotated[str | None, typer.Option(help=option_of("alias"))] = None,
    unit: Annotated[str | None, typer.Option(help=option_of("unit"))] = None,
    line: Annotated[str | None, typer.Option(help=option_of("line"))] = None,
    size: Annotated[int | None, typer.Option(help=option_of("size"), min=1)] = None,
    hours: Annotated[str | None, typer.Option(help=option_of("hours"))] = None,
    timezone: Annotated[str | None, typer.Option(help=option_of("timezone"))] = None,
    chat: Annotated[list[str] | None, typer.Option(help=option_of("chat"))] = None,
    config: Config = None,
) -> None:
    """Register a group or change it."""
    from bot.terminal.register import set_group

    given = {
        "alias": alias,
        "unit": unit,
        "line": line,
        "size": size,
        "hours": hours,
        "timezone": timezone,
    }
    run(set_group(code, given, chat or [], config, T))


@group.command("list", help=help_of("group_list"))
def group_list(config: Config = None) -> None:
    """Registered groups."""
    from bot.terminal.register import list_groups

    run(list_groups(config, T))


@group.command("invite", help=T("binding.cli.invite"))
def group_invite(
    code: Annotated[str, typer.Argument()],
    hours: Annotated[
        int, typer.Option("--hours", help=T("binding.cli.hours"), min=1, max=168)
    ] = 24,
    config: Config = None,
) -> None:
    """A one-time code for a group."""
    from bot.terminal.register import invite_chat

    run(invite_chat(code, hours, config, T))


@group.command("coverage", help=T("routes.commands.coverage"))
def group_coverage(
    week: Annotated[str | None, typer.Option("--week", help=T("routes.options.week"))] = None,
    config: Config = None,
) -> None:
    """By which routes groups are heard, and when not."""
    from bot.terminal.coverage import show_coverage

    run(show_coverage(week, config, T))


@group.command("retire", help=help_of("group_retire"))
def group_retire(code: Annotated[str, typer.Argument()], config: Config = None) -> None:
    """Stop counting a group."""
    from bot.terminal.register import retire_group

    run(retire_group(code, config, T))


@group.command("unbind", help=help_of("group_unbind"))
def group_unbind(
    chat: Annotated[str, typer.Argument(metavar="PLATFORM:ID")], config: Config = None
) -> None:
    """Forget a chat."""
    from bot.terminal.register import unbind_chat

    run(unbind_chat(chat, config, T))


@role.command("grant", help=help_of("role_grant"))
def role_grant(
    role: Annotated[str, typer.Argument()],
    person: Annotated[str, typer.Argument(metavar="PLATFORM:ID")],
    scope: Annotated[str, typer.Option(help=option_of("scope"))] = "*",
    title: Annotated[str | None, typer.Option(help=option_of("title"))] = None,
    config: Config = None,
) -> None:
    """Grant a role."""
    from bot.terminal.register import grant_role

    run(grant_role(role, person, scope, title, config, T))


@role.command("revoke", help=help_of("role_revoke"))
def role_revoke(
    role: Annotated[str, typer.Argument()],
    person: Annotated[str, typer.Argument(metavar="PLATFORM:ID")],
    config: Config = None,
) -> None:
    """Take a role back."""
    from bot.terminal.register import revoke_role

    run(revoke_role(role, person, config, T))


@role.command("list", help=help_of("role_list"))
def role_list(config: Config = None) -> None:
    """Roles."""
    from bot.terminal.register import list_roles

    run(list_roles(config, T))


@unit.command("import", help=T("units.commands.import"))
def unit_import(
    file: Annotated[Path, typer.Argument(metavar="FILE")], config: Config = None
) -> None:
    """Units from a CSV."""
    from bot.terminal.units import import_units

    run(import_units(file, config, T))


@unit.command("list", help=T("units.commands.list"))
def unit_list(config: Config = None) -> None:
    """Units."""
    from bot.terminal.units import list_units

    run(list_units(config, T))


@register.command("import", help=T("register_commands.commands.import"))
def register_import(
    file: Annotated[Path, typer.Argument(metavar="FILE")], config: Config = None
) -> None:
    """A register from a table."""
    from bot.terminal.registers import import_filings

    run(import_filings(file, config, T))


@register.command("list", help=T("register_commands.commands.list"))
def register_list(
    every: Annotated[bool, typer.Option("--all", help=T("register_commands.options.all"))] = False,
    config: Config = None,
) -> None:
    """What is registered."""
    from bot.terminal.registers import list_filings

    run(list_filings(config, T, every=every))


@register.command("confirm", help=T("register_commands.commands.confirm"))
def register_confirm(number: Annotated[int, typer.Argument()], config: Config = None) -> None:
    """A second person's yes to what was proposed in the chat."""
    from bot.terminal.registers import settle_filing

    run(settle_filing(number, config, T, confirms=True))


@register.command("withdraw", help=T("register_commands.commands.withdraw"))
def register_withdraw(number: Annotated[int, typer.Argument()], config: Config = None) -> None:
    """Take back what was proposed."""
    from bot.terminal.registers import settle_filing

    run(settle_filing(number, config, T, confirms=False))


@register.command("retire", help=T("register_commands.commands.retire"))
def register_retire(
    number: Annotated[str, typer.Argument(metavar="NUMBER")], config: Config = None
) -> None:
    """End an entry."""
    from bot.terminal.registers import retire_filing

    run(retire_filing(number, config, T))
