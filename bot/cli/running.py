"""The bot itself: the demo, serving, the doctor, its schema, a platform to try it against."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import Config, T, app, group_of_commands, guarded, help_of, option_of, run

db = group_of_commands("db", "cli.commands.db")


@app.command(help=help_of("demo"))
def demo(
    out: Annotated[Path, typer.Option("--out", help=option_of("out"))] = Path("out/demo"),
    serve: Annotated[bool, typer.Option("--serve", help=option_of("serve"))] = False,
) -> None:
    """Play the written week."""
    from bot.demo.player import play

    run(play(out, T, stay=serve))


@app.command(help=help_of("serve"))
def serve(config: Config = None) -> None:
    """Run the bot until it is told to stop."""
    from bot.app import serve as run_bot

    raise typer.Exit(guarded(lambda: run_bot(config, T)))


@app.command(help=help_of("check"))
def check(
    config: Config = None,
    offline: Annotated[bool, typer.Option("--offline", help=option_of("offline"))] = False,
) -> None:
    """Doctor."""
    from bot.terminal.doctor import examine

    run(examine(config, T, offline=offline))


@db.command("upgrade", help=help_of("db_upgrade"))
def db_upgrade(config: Config = None) -> None:
    """Bring the schema up to date."""
    from bot.terminal.books import upgrade_schema

    run(upgrade_schema(config, T))


@db.command("status", help=help_of("db_status"))
def db_status(config: Config = None) -> None:
    """Is the schema up to date."""
    from bot.terminal.books import schema_status

    run(schema_status(config, T))


@app.command(help=help_of("standin"))
def standin(
    platform: Annotated[str, typer.Argument(metavar="wecom|dingtalk")],
    port: Annotated[int, typer.Option("--port", help=option_of("port"), min=0, max=65535)] = 0,
) -> None:
    """A platform's stand-in on loopback."""
    from bot.terminal.standins import run_standin

    run(run_standin(platform, port, T))


@app.command(help=help_of("version"))
def version() -> None:
    """The version."""
    from importlib.metadata import version as installed

    typer.echo(f"qingzhuang {installed('qingzhuang')}")
