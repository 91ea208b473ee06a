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
        cosign: Annotated[
            Path | None,
            typer.Option("--cosign", metavar="KEYFILE", help=texts("proof.options.cosign")),
        ] = None,
        name: Annotated[
            str | None, typer.Option("--as", metavar="NAME", help=texts("proof.options.name"))
        ] = None,
        first: Annotated[bool, typer.Option("--first", help=texts("proof.options.first"))] = False,
    ) -> None:
        """Check files of digests, offline; a witness signs what was checked."""
        from bot.terminal.cosigning import cosign_path, make_witness_key
        from bot.terminal.verifying import verify_path

        def main() -> int:
            if cosign is None:
                return verify_path(path, key or (), since, texts, witness or ())
            if name is not None and not cosign.exists():
                make_witness_key(cosign, name, texts)
            return cosign_path(path, cosign, since, key or (), texts, first=first)

        raise typer.Exit(guarded(main))


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
