"""What is judged and why: import, classify, explain, the console, the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import Config, T, app, group_of_commands, guarded, help_of, option_of, run

rules = group_of_commands("rules", "cli.commands.rules")


@app.command("import", help=help_of("import"))
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    progress: Annotated[bool, typer.Option(help=option_of("progress"))] = True,
    config: Config = None,
) -> None:
    """Transcripts into the books."""
    from bot.terminal.books import import_files

    run(import_files(files, config, T, progress=progress))


@app.command(help=help_of("classify"))
def classify(
    file: Annotated[Path | None, typer.Argument(metavar="FILE")] = None, config: Config = None
) -> None:
    """Judge a transcript."""
    from bot.terminal.judging import classify_file

    raise typer.Exit(guarded(lambda: classify_file(file, config, T)))


@app.command(help=help_of("explain"))
def explain(
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    at: Annotated[str | None, typer.Option("--at", help=option_of("at"))] = None,
    hours: Annotated[str | None, typer.Option("--hours", help=option_of("hours"))] = None,
    config: Config = None,
) -> None:
    """Why a text counts, or not."""
    from bot.terminal.judging import explain_one

    raise typer.Exit(guarded(lambda: explain_one(text, at, hours, config, T)))


@app.command(help=help_of("console"))
def console(
    at: Annotated[str | None, typer.Option("--at", help=option_of("start"))] = None,
    hours: Annotated[str | None, typer.Option("--hours", help=option_of("hours"))] = None,
    size: Annotated[int, typer.Option("--size", help=option_of("size"), min=1)] = 50,
    config: Config = None,
) -> None:
    """The bot in a terminal."""
    from bot.terminal.console import Scene, converse

    raise typer.Exit(guarded(lambda: converse(Scene(at, hours, size), config, T)))


@rules.command("check", help=help_of("rules_check"))
def rules_check(
    corpus: Annotated[
        list[Path] | None, typer.Option("--corpus", help=option_of("corpus"))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=option_of("as_json"))] = False,
    config: Config = None,
) -> None:
    """The rulebook against its examples and against labelled messages."""
    from bot.terminal.rules import check_rules

    raise typer.Exit(guarded(lambda: check_rules(corpus or [], config, T, as_json=as_json)))


@rules.command("list", help=help_of("rules_list"))
def rules_list(config: Config = None) -> None:
    """The rules there are."""
    from bot.terminal.rules import list_rules

    raise typer.Exit(guarded(lambda: list_rules(config, T)))


@rules.command("sample", help=T("sample.command"))
def rules_sample(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    record: Annotated[bool, typer.Option("--record", help=T("sample.record"))] = False,
    config: Config = None,
) -> None:
    """How often judgement is wrong on labelled messages."""
    from bot.terminal.sampling import check_sample

    run(check_sample(files, config, T, record=record))
