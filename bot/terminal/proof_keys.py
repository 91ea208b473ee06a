"""db proof-key, db proof-rotate: the key that signs the log."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.domain.signed_notes import NoteKey
from bot.domain.texts import Texts
from bot.terminal.asked import agreed
from bot.terminal.session import counting


async def show(config: Path | None, texts: Texts) -> int:
    """The key in use, for publishing; it is made where there is none yet."""
    async with counting(config, counts=False) as (settings, house):
        key = await house.log.key()
    _tell(key, texts)
    typer.echo(texts("proof.key.folder", folder=settings.proof_key_dir))
    return 0


async def rotate(config: Path | None, texts: Texts, *, yes: bool) -> int:
    """A new key, signed for by the former one, which is destroyed; 1 when it is not wanted."""
    if not yes and not agreed(texts("proof.key.sure"), texts):
        return 1
    async with counting(config, counts=False) as (_, house):
        key = await house.log.rotate()
    typer.echo(texts("proof.key.rotated"))
    _tell(key, texts)
    return 0


def _tell(key: NoteKey, texts: Texts) -> None:
    typer.echo(texts("proof.key.public", key=key))
    typer.echo(texts("proof.key.fingerprint", fingerprint=key.fingerprint))
