"""verify: files of digests checked with nothing but the files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import typer

from bot.crypto.international import International
from bot.domain.errors import BadInput
from bot.domain.log_checks import ProofSet, Verdict, check
from bot.domain.proof_sets import (
    checkpoint_name,
    log_name,
    manifest_name,
    openings_name,
)
from bot.domain.signed_notes import NoteKey
from bot.domain.texts import Texts

_OF_A_WEEK = re.compile(r"(?:digest|proof|auditor)-(\d{4}-W\d{2})[-.].+")


def verify_path(path: Path, keys: Sequence[str], since: Path | None, texts: Texts) -> int:
    """Check all weeks of a folder, or the week of one file; the exit code of the worst.

    Raises BadInput for a key that is none and a folder in which there is nothing to check, and
    OSError for what cannot be read.
    """
    path.stat()  # told by its name when it is not there
    folder = path if path.is_dir() else path.parent
    names = [path.name] if path != folder else [each.name for each in sorted(folder.iterdir())]
    weeks = sorted({found[1] for name in names if (found := _OF_A_WEEK.fullmatch(name))})
    if not weeks:
        raise BadInput(str(path), "DIR|FILE", texts("proof.verify.expected"))
    pinned = tuple(_key(each) for each in keys)
    older = since.read_bytes() if since else None
    worst = []
    for week in weeks:
        verdict = check(read_set(folder, week, pinned, older), _verify)
        _tell(week, verdict, texts)
        worst.append(verdict.exit_code)
    return min((code for code in worst if code), default=0)


def read_set(
    folder: Path, week: str, pinned: Sequence[NoteKey] = (), older: bytes | None = None
) -> ProofSet:
    """The files of a week as they lie in a folder."""
    own = {openings_name(week), manifest_name(week)}
    files = {
        each.name: each.read_bytes()
        for each in sorted(folder.iterdir())
        if each.is_file()
        and each.name not in own
        and (found := _OF_A_WEEK.fullmatch(each.name))
        and found[1] == week
    }
    return ProofSet(
        week,
        files.get(log_name(week)),
        files.get(checkpoint_name(week)),
        _bytes(folder / manifest_name(week)),
        files,
        _bytes(folder / openings_name(week)),
        pinned,
        older,
    )


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _key(given: str) -> NoteKey:
    """A key as it is written, or the file in which it stands."""
    path = Path(given)
    return NoteKey.parse(path.read_text("utf-8") if path.is_file() else given, "--key")


def _verify(public: bytes, message: bytes, signature: bytes) -> bool:
    return International(bytes).verify(public, message, signature)


def _tell(week: str, verdict: Verdict, texts: Texts) -> None:
    typer.echo(
        texts(
            "proof.verify.head",
            week=week,
            files=verdict.files,
            leaves=verdict.leaves,
            hours=verdict.hours,
        )
    )
    if verdict.fingerprint:
        typer.echo("  " + texts("proof.key.fingerprint", fingerprint=verdict.fingerprint))
    if verdict.opened:
        typer.echo("  " + texts("proof.verify.opened", count=verdict.opened))
    for one in verdict.findings:
        mark = texts(f"proof.verify.{'failed' if one.failure else 'remark'}")
        typer.echo(f"  {mark}{texts(f'proof.finding.{one.key}', **one.values)}")
    code = verdict.exit_code
    typer.echo("  " + texts(f"proof.verify.exit_{code}"))
