"""verify --cosign: a second office checks the log against what it saw before, and signs that it did."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import typer

from bot.clock import SystemClock
from bot.crypto.international import International
from bot.domain.cosignatures import WitnessKey, cosigned
from bot.domain.errors import BadInput
from bot.domain.log_checks import check
from bot.domain.proof_sets import checkpoint_name, cosigned_name
from bot.domain.signed_notes import parse_note
from bot.domain.texts import Texts
from bot.terminal.pinned_keys import trusting
from bot.terminal.verifying import read_set, tell, weeks_in
from handlers.ports import Clock
from storage.key_files import FILE_MODE

SEED_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def make_witness_key(file: Path, name: str, texts: Texts) -> int:
    """A new key in a file of its owner's; its public line is printed. Raises BadInput, OSError."""
    if not _NAME.fullmatch(name):
        raise BadInput(str(file), "--as", "proof.witness.name")
    file.touch(mode=FILE_MODE, exist_ok=False)
    file.write_text(f"{name}\n{secrets.token_hex(SEED_BYTES)}\n", "utf-8")
    key, _ = _read(file)
    typer.echo(texts("proof.witness.made", file=file))
    typer.echo(texts("proof.key.public", key=key))
    return 0


def cosign_path(
    folder: Path,
    file: Path,
    since: Path | None,
    pinned: Sequence[str],
    texts: Texts,
    *,
    first: bool = False,
    clock: Clock | None = None,
) -> int:
    """Check the newest week of a folder and write its cosigned checkpoint beside it.

    Nothing is signed that does not verify, nor without the checkpoint that was cosigned last,
    but for the `first` time. The exit code is that of `verify`.
    """
    key, seed = _read(file)
    if since is None and not first:
        raise BadInput(str(folder), "--since", "proof.witness.since")
    found_there = weeks_in(folder)
    week = max((one for one in found_there if "W" in one), default=found_there[-1])
    signer = International(secrets.token_bytes)
    older = since.read_bytes() if since else None
    found = trusting(read_set(folder, week, older), pinned)
    verdict = check(found, signer.verify)
    tell(week, verdict, texts)
    if verdict.exit_code or found.checkpoint is None:
        return verdict.exit_code
    # A checkpoint that others cosigned before keeps their lines.
    there = folder / cosigned_name(week)
    note = there.read_bytes() if there.is_file() else found.checkpoint
    if parse_note(note, there.name).text != parse_note(found.checkpoint, "checkpoint").text:
        raise BadInput(there.name, checkpoint_name(week), "proof.witness.other")
    at = int((clock or SystemClock()).now().timestamp())
    there.write_bytes(cosigned(note, key, partial(signer.sign, seed), at))
    typer.echo("  " + texts("proof.witness.done", file=there.name))
    return 0


def _read(file: Path) -> tuple[WitnessKey, bytes]:
    try:
        name, coded = file.read_text("utf-8").split()
        seed = bytes.fromhex(coded)
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise BadInput(str(file), "--cosign", "proof.witness.file")
    return WitnessKey(name, International(secrets.token_bytes).signing_public(seed)), seed
