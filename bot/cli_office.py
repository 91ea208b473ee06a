"""The command line of complaints: `office` for the offline machine, `complaints` for the bot's host."""

# No `from __future__ import annotations`: typer must see the options of the enclosing function.
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.domain.complaints import Remedy, Template
from bot.domain.texts import Texts

Run = Callable[[Coroutine[Any, Any, int | None]], None]
Guarded = Callable[[Callable[[], int | None]], int]

USUAL_FOLDER = Path("qingzhuang-office")


def add_office(app: typer.Typer, texts: Texts, guarded: Guarded) -> typer.Typer:
    """The office's commands; the group they stand in, for others that need no bot."""
    office = typer.Typer(help=texts("office.commands.office"), no_args_is_help=True)
    app.add_typer(office, name="office")
    folder = Annotated[Path, typer.Option("--dir", help=texts("office.options.dir"))]
    shares = Annotated[
        list[Path] | None, typer.Option("--share", help=texts("office.options.share"))
    ]
    to_stick = Annotated[
        Path, typer.Option("--stick", help=texts("office.options.stick"), show_default=False)
    ]

    def said(name: str, **values: str) -> str:
        return texts(f"office.options.{name}", **values)

    @office.command("keygen", help=texts("office.commands.keygen"))
    def keygen(
        directory: folder = USUAL_FOLDER,
        code: Annotated[str, typer.Option("--office", help=said("office"))] = "office",
        title: Annotated[str, typer.Option("--title", help=said("title"))] = "",
    ) -> None:
        """The key ceremony."""
        from bot.terminal.office import keygen as make
        from bot.terminal.office_room import OfficeRoom
        from config.settings import load_settings

        def run() -> int:
            usual = load_settings().office.title
            return make(OfficeRoom(directory, texts), code, title or usual)

        raise typer.Exit(guarded(run))

    @office.command("open", help=texts("office.commands.open"))
    def open_(
        stick: Annotated[Path, typer.Argument(metavar="STICK", help=said("stick"))],
        directory: folder = USUAL_FOLDER,
        share: shares = None,
        only_list: Annotated[bool, typer.Option("--list", help=said("list"))] = False,
    ) -> None:
        """Open batches."""
        from bot.terminal.office import open_batches
        from bot.terminal.office_room import OfficeRoom

        room = OfficeRoom(directory, texts, tuple(share or ()))
        raise typer.Exit(guarded(lambda: open_batches(room, stick, read=not only_list)))

    @office.command("reply", help=texts("office.commands.reply"))
    def reply(
        stick: to_stick,
        directory: folder = USUAL_FOLDER,
        share: shares = None,
        case: Annotated[str | None, typer.Option("--case", help=said("case"))] = None,
        template: Annotated[
            str, typer.Option("--template", help=said("template", templates=", ".join(Template)))
        ] = "received",
        words: Annotated[str | None, typer.Option("--text", help=said("text"))] = None,
        remedy: Annotated[
            str | None,
            typer.Option("--remedy", help=said("remedy", remedies=", ".join(Remedy))),
        ] = None,
    ) -> None:
        """Answer cases."""
        from bot.terminal.office_replying import Given
        from bot.terminal.office_replying import reply as answer
        from bot.terminal.office_room import OfficeRoom

        given = Given(case, template, words, remedy) if case else None
        room = OfficeRoom(directory, texts, tuple(share or ()))
        raise typer.Exit(guarded(lambda: answer(room, stick, given)))

    @office.command("return", help=texts("office.commands.return"))
    def return_(
        week: Annotated[str, typer.Option("--week", help=said("week"))],
        stick: to_stick,
        directory: folder = USUAL_FOLDER,
        share: shares = None,
        yes: Annotated[bool, typer.Option("--yes", help=said("yes"))] = False,
    ) -> None:
        """Return a week's figures."""
        from bot.terminal.office import return_figures
        from bot.terminal.office_room import OfficeRoom

        room = OfficeRoom(directory, texts, tuple(share or ()))
        raise typer.Exit(guarded(lambda: return_figures(room, stick, week, yes=yes)))

    @office.command("destroy", help=texts("office.commands.destroy"))
    def destroy(
        key: Annotated[str, typer.Option("--key", help=said("key"))],
        directory: folder = USUAL_FOLDER,
        share: shares = None,
    ) -> None:
        """Destroy an old key."""
        from bot.terminal.office import destroy as end
        from bot.terminal.office_room import OfficeRoom

        room = OfficeRoom(directory, texts, tuple(share or ()))
        raise typer.Exit(guarded(lambda: end(room, key)))

    return office


def add_complaints(app: typer.Typer, texts: Texts, run: Run, config: Any) -> None:
    """The operator's commands. `config` is the annotated option that all commands share."""
    complaints = typer.Typer(help=texts("office.commands.complaints"), no_args_is_help=True)
    app.add_typer(complaints, name="complaints")

    @complaints.command("key", help=texts("office.commands.complaints_key"))
    def key(
        file: Annotated[Path, typer.Argument(metavar="FILE")],
        yes: Annotated[bool, typer.Option("--yes", help=texts("office.options.yes"))] = False,
        settings: config = None,
    ) -> None:
        """Enter an office key."""
        from bot.terminal.complaints import enter_key

        run(enter_key(file, settings, texts, yes=yes))

    @complaints.command("export", help=texts("office.commands.complaints_export"))
    def export(
        to: Annotated[Path, typer.Argument(metavar="STICK", help=texts("office.options.to"))],
        settings: config = None,
    ) -> None:
        """Copy batches."""
        from bot.terminal.complaints import export as copy

        run(copy(to, settings, texts))

    @complaints.command("import", help=texts("office.commands.complaints_import"))
    def import_(
        files: Annotated[list[Path], typer.Argument(metavar="FILE…")], settings: config = None
    ) -> None:
        """Take in replies and figures."""
        from bot.terminal.complaints import take_back

        run(take_back(files, settings, texts))

    @complaints.command("status", help=texts("office.commands.complaints_status"))
    def status(settings: config = None) -> None:
        """How it stands."""
        from bot.terminal.complaints import show_status

        run(show_status(settings, texts))
