"""The complaints office's own tool, for its machine without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import T, group_of_commands, guarded
from bot.domain.complaints import Remedy, Template

USUAL_FOLDER = Path("qingzhuang-office")

office = group_of_commands("office", "office.commands.office")
Folder = Annotated[Path, typer.Option("--dir", help=T("office.options.dir"))]
Shares = Annotated[list[Path] | None, typer.Option("--share", help=T("office.options.share"))]
Stick = Annotated[
    Path, typer.Option("--stick", help=T("office.options.stick"), show_default=False)
]


def _said(name: str, **values: str) -> str:
    return T(f"office.options.{name}", **values)


@office.command("keygen", help=T("office.commands.keygen"))
def keygen(
    directory: Folder = USUAL_FOLDER,
    code: Annotated[str, typer.Option("--office", help=_said("office"))] = "office",
    title: Annotated[str, typer.Option("--title", help=_said("title"))] = "",
) -> None:
    """The key ceremony."""
    from bot.terminal.office import keygen as make
    from bot.terminal.office_room import OfficeRoom
    from config.settings import load_settings

    def run() -> int:
        usual = load_settings().office.title
        return make(OfficeRoom(directory, T), code, title or usual)

    raise typer.Exit(guarded(run))


@office.command("open", help=T("office.commands.open"))
def open_(
    stick: Annotated[Path, typer.Argument(metavar="STICK", help=_said("stick"))],
    directory: Folder = USUAL_FOLDER,
    share: Shares = None,
    only_list: Annotated[bool, typer.Option("--list", help=_said("list"))] = False,
) -> None:
    """Open batches."""
    from bot.terminal.office import open_batches
    from bot.terminal.office_room import OfficeRoom

    room = OfficeRoom(directory, T, tuple(share or ()))
    raise typer.Exit(guarded(lambda: open_batches(room, stick, read=not only_list)))


@office.command("reply", help=T("office.commands.reply"))
def reply(
    stick: Stick,
    directory: Folder = USUAL_FOLDER,
    share: Shares = None,
    case: Annotated[str | None, typer.Option("--case", help=_said("case"))] = None,
    template: Annotated[
        str, typer.Option("--template", help=_said("template", templates=", ".join(Template)))
    ] = "received",
    words: Annotated[str | None, typer.Option("--text", help=_said("text"))] = None,
    remedy: Annotated[
        str | None,
        typer.Option("--remedy", help=_said("remedy", remedies=", ".join(Remedy))),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help=_said("again"))] = False,
) -> None:
    """Answer cases."""
    from bot.terminal.office_replying import Given
    from bot.terminal.office_replying import reply as answer
    from bot.terminal.office_room import OfficeRoom

    given = Given(case, template, words, remedy) if case else None
    room = OfficeRoom(directory, T, tuple(share or ()))
    raise typer.Exit(guarded(lambda: answer(room, stick, given, again=again)))


@office.command("return", help=T("office.commands.return"))
def return_(
    week: Annotated[str, typer.Option("--week", help=_said("week"))],
    stick: Stick,
    directory: Folder = USUAL_FOLDER,
    share: Shares = None,
    yes: Annotated[bool, typer.Option("--yes", help=_said("yes"))] = False,
) -> None:
    """Return a week's figures."""
    from bot.terminal.office import return_figures
    from bot.terminal.office_room import OfficeRoom

    room = OfficeRoom(directory, T, tuple(share or ()))
    raise typer.Exit(guarded(lambda: return_figures(room, stick, week, yes=yes)))


@office.command("destroy", help=T("office.commands.destroy"))
def destroy(
    key: Annotated[str, typer.Option("--key", help=_said("key"))],
    directory: Folder = USUAL_FOLDER,
    share: Shares = None,
) -> None:
    """Destroy an old key."""
    from bot.terminal.office import destroy as end
    from bot.terminal.office_room import OfficeRoom

    room = OfficeRoom(directory, T, tuple(share or ()))
    raise typer.Exit(guarded(lambda: end(room, key)))
