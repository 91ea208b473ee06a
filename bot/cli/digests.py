"""A digest once more, the files that prove it, and the key that signs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import Config, T, app, guarded, help_of, option_of, run
from bot.cli.running import db
from bot.renderings.forms import FORMS


@app.command(help=help_of("digest"))
def digest(
    week: Annotated[str, typer.Option("--week", help=option_of("week"))] = "",
    month: Annotated[str, typer.Option("--month", help=option_of("month"))] = "",
    quarter: Annotated[str, typer.Option("--quarter", help=option_of("quarter"))] = "",
    folder: Annotated[Path | None, typer.Option("--from", help=option_of("digests_from"))] = None,
    out: Annotated[Path, typer.Option("--out", help=option_of("out"))] = Path("out"),
    formats: Annotated[str, typer.Option("--format", help=option_of("format"))] = ",".join(FORMS),
    auditor: Annotated[bool, typer.Option("--auditor", help=T("proof.options.auditor"))] = False,
    correct: Annotated[
        bool, typer.Option("--correct", help=T("correction.options.correct"))
    ] = False,
    release: Annotated[bool, typer.Option("--release", help=T("preview.cli.release"))] = False,
    language: Annotated[str, typer.Option("--language", help=T("preview.cli.language"))] = "",
    config: Config = None,
) -> None:
    """A published digest, again; or a month's or quarter's closing."""
    from bot.terminal.books import Steps, write_digest
    from bot.terminal.closings import write_closing

    if week and not (month or quarter or folder):
        steps = Steps(auditor, correct, release, language)
        run(write_digest(week, out, formats, config, T, steps))
    run(write_closing(week, month, quarter, folder, out, formats, config, T))


@app.command("verify", help=T("proof.commands.verify"))
def verify(
    path: Annotated[Path, typer.Argument(metavar="DIR|FILE")],
    key: Annotated[list[str] | None, typer.Option("--key", help=T("proof.options.key"))] = None,
    since: Annotated[Path | None, typer.Option("--since", help=T("proof.options.since"))] = None,
    witness: Annotated[
        list[str] | None, typer.Option("--witness", help=T("proof.options.witness"))
    ] = None,
    cosign: Annotated[
        Path | None,
        typer.Option("--cosign", metavar="KEYFILE", help=T("proof.options.cosign")),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help=T("proof.options.name"))
    ] = None,
    first: Annotated[bool, typer.Option("--first", help=T("proof.options.first"))] = False,
) -> None:
    """Check files of digests, offline; a witness signs what was checked."""
    from bot.terminal.cosigning import cosign_path, make_witness_key
    from bot.terminal.verifying import verify_path

    def main() -> int:
        if cosign is None:
            return verify_path(path, key or (), since, T, witness or ())
        if name is not None and not cosign.exists():
            make_witness_key(cosign, name, T)
        return cosign_path(path, cosign, since, key or (), T, first=first)

    raise typer.Exit(guarded(main))


@db.command("proof-key", help=T("proof.commands.key"))
def show_key(config: Config = None) -> None:
    """The public key and its fingerprint."""
    from bot.terminal.proof_keys import show

    run(show(config, T))


@db.command("proof-rotate", help=T("proof.commands.rotate"))
def rotate(
    yes: Annotated[bool, typer.Option("--yes", help=T("proof.options.yes"))] = False,
    config: Config = None,
) -> None:
    """A new key takes over."""
    from bot.terminal.proof_keys import rotate as take_over

    run(take_over(config, T, yes=yes))
