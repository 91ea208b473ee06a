"""What every command stands in: the application, its language, exit codes, errors told in a line."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.domain.errors import (
    BadInput,
    LostPepper,
    NoCalendarForYear,
    QingzhuangError,
    StoreError,
    UserError,
    WrongSchema,
)
from bot.domain.texts import Texts
from config.load import LOCALES, load_texts

OK, UNFIT, USAGE, INTERRUPTED = 0, 1, 2, 130
_WRONG_PATH = (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError)


def _locale() -> str:
    wanted = os.environ.get("QZ_LOCALE", LOCALES[0])
    return wanted if wanted in LOCALES else LOCALES[0]


T: Texts = load_texts(_locale())

app = typer.Typer(
    name="qingzhuang",
    help=T("cli.app.help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def group_of_commands(name: str, help_key: str) -> typer.Typer:
    """A group of commands (`qingzhuang NAME …`) in the application."""
    made = typer.Typer(help=T(help_key), no_args_is_help=True)
    app.add_typer(made, name=name)
    return made


def help_of(name: str) -> str:
    """What a command does."""
    return T(f"cli.commands.{name}")


def option_of(name: str) -> str:
    """What an option is for."""
    return T(f"cli.options.{name}")


Config = Annotated[Path | None, typer.Option("--config", help=option_of("config"))]


def run(main: Coroutine[Any, Any, int | None]) -> None:
    """Run a command to its exit code; what a person can mend is said in a line, no traceback."""
    raise typer.Exit(guarded(lambda: asyncio.run(main)))


def guarded(main: Callable[[], int | None]) -> int:
    """The exit code of `main`, with errors of ours told on stderr."""
    try:
        return main() or OK
    except BadInput as error:
        from bot.terminal.refusals import refusal

        say_error(refusal(error, T))
        return USAGE
    except UserError as error:
        say_error(T("cli.error.user", message=T(error.key, **error.values)))
        return USAGE
    except NoCalendarForYear as error:
        say_error(T("cli.error.no_calendar", year=error.year))
        return UNFIT
    except WrongSchema as error:
        key = "newer" if error.is_newer else "older"
        say_error(T(f"cli.error.schema_{key}", current=error.current or "-", head=error.head))
        return UNFIT
    except LostPepper as error:
        say_error(T("office.check.pepper_refused", path=error.folder))
        return UNFIT
    except StoreError as error:
        say_error(T("cli.error.store", message=error))
        return UNFIT
    except BrokenPipeError:
        raise  # `… | head` has seen enough: the frame around us ends quietly
    except OSError as error:
        # Paths, ports and what the system says of them: nothing of a message.
        from bot.terminal.system_words import reason

        where = error.filename or type(error).__name__
        say_error(T("cli.error.file", file=where, reason=reason(error, T)))
        return USAGE if isinstance(error, _WRONG_PATH) else UNFIT
    except QingzhuangError as error:
        say_error(T("cli.error.user", message=f"{type(error).__name__}: {error}"))
        return UNFIT
    except (KeyboardInterrupt, typer.Abort):
        say_error(T("cli.error.interrupted"))
        return INTERRUPTED


def say_error(line: str) -> None:
    """A line on stderr."""
    typer.secho(line, err=True, fg="red" if sys.stderr.isatty() else None)
