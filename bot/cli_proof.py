"""The command line of the proof: `verify` for everybody, `proof` for the bot's host."""

# No `from __future__ import annotations`: typer must see the options of the enclosing function.
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.domain.texts import Texts

Run = Callable[[Coroutine[Any, Any, int | None]], None]
Guarded = Callable[[Callable[[], int | None]], int]


def add_proof(app: typer.Typer, texts: Texts, run: Run, guarded: Guarded, config: Any) -> None:
    """The commands. `config` is the annotated option that all commands share."""

    @app.command("verify", help=texts("proof.commands.verify"))
    def verify(
        path: Annotated[Path, typer.Argument(metavar="DIR|FILE")],
        key: Annotated[
            list[str] | None, typer.Option("--key", help=texts("proof.options.key"))
        ] = None,
        since: Annotated[
            Path | None, typer.Option("--since", help=texts("proof.options.since"))
        ] = None,
    ) -> None:
        """Check files of digests, offline."""
        from bot.terminal.verifying import verify_path

        raise typer.Exit(guarded(lambda: verify_path(path, key or (), since, texts)))

    proof = typer.Typer(help=texts("proof.commands.proof"), no_args_is_help=True)
    app.add_typer(proof, name="proof")

    @proof.command("key", help=texts("proof.commands.key"))
    def show_key(settings: config = None) -> None:
        """The public key and its fingerprint."""
        from bot.terminal.proof_keys import show

        run(show(settings, texts))

    @proof.command("rotate", help=texts("proof.commands.rotate"))
    def rotate(
        yes: Annotated[bool, typer.Option("--yes", help=texts("proof.options.yes"))] = False,
        settings: config = None,
    ) -> None:
        """A new key takes over."""
        from bot.terminal.proof_keys import rotate as take_over

        run(take_over(settings, texts, yes=yes))
