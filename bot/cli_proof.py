"""The command line of the proof: `verify` for the inspector, the signing key for the bot's host."""

# No `from __future__ import annotations`: typer must see the options of the enclosing function.
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.domain.texts import Texts

Run = Callable[[Coroutine[Any, Any, int | None]], None]
Guarded = Callable[[Callable[[], int | None]], int]


def add_verify(group: typer.Typer, texts: Texts, guarded: Guarded) -> None:
    """`verify`, which needs nothing but the files."""

    @group.command("verify", help=texts("proof.commands.verify"))
    def verify(
        path: Annotated[Path, typer.Argument(metavar="DIR|FILE")],
        key: Annotated[
            list[str] | None, typer.Option("--key", help=texts("proof.options.key"))
        ] = None,
        since: Annotated[
            Path | None, typer.Option("--since", help=texts("proof.options.since"))
        ] = None,
        witness: Annotated[
            list[str] | None, typer.Option("--witness", help=texts("proof.options.witness"))
        ] = None,
    ) -> None:
        """Check files of digests, offline."""
        from bot.terminal.verifying import verify_path

        raise typer.Exit(
            guarded(lambda: verify_path(path, key or (), since, texts, witness or ()))
        )

    @group.command("cosign", help=texts("proof.commands.cosign"))
    def cosign(
        path: Annotated[Path, typer.Argument(metavar="DIR")],
        own: Annotated[Path, typer.Argument(metavar="KEYFILE")],
        since: Annotated[
            Path | None, typer.Option("--since", help=texts("proof.options.cosigned_since"))
        ] = None,
        first: Annotated[bool, typer.Option("--first", help=texts("proof.options.first"))] = False,
        key: Annotated[
            list[str] | None, typer.Option("--key", help=texts("proof.options.key"))
        ] = None,
    ) -> None:
        """A witness checks and signs, offline."""
        from bot.terminal.cosigning import cosign_path

        raise typer.Exit(
            guarded(lambda: cosign_path(path, own, since, key or (), texts, first=first))
        )

    @group.command("witness-key", help=texts("proof.commands.witness_key"))
    def witness_key(
        file: Annotated[Path, typer.Argument(metavar="KEYFILE")],
        name: Annotated[str, typer.Option("--name", help=texts("proof.options.witness_name"))],
    ) -> None:
        """A witness's own key."""
        from bot.terminal.cosigning import make_witness_key

        raise typer.Exit(guarded(lambda: make_witness_key(file, name, texts)))


def add_proof_keys(group: typer.Typer, texts: Texts, run: Run, config: Any) -> None:
    """The signing key. `config` is the annotated option that all commands share."""

    @group.command("proof-key", help=texts("proof.commands.key"))
    def show_key(settings: config = None) -> None:
        """The public key and its fingerprint."""
        from bot.terminal.proof_keys import show

        run(show(settings, texts))

    @group.command("proof-rotate", help=texts("proof.commands.rotate"))
    def rotate(
        yes: Annotated[bool, typer.Option("--yes", help=texts("proof.options.yes"))] = False,
        settings: config = None,
    ) -> None:
        """A new key takes over."""
        from bot.terminal.proof_keys import rotate as take_over

        run(take_over(settings, texts, yes=yes))
