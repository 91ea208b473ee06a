"""verify: files of digests checked with nothing but the files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from bot.crypto.international import International
from bot.domain.errors import BadInput
from bot.domain.log_checks import check
from bot.domain.proof_sets import (
    checkpoint_name,
    cosigned_name,
    log_name,
    manifest_name,
    openings_name,
)
from bot.domain.texts import Texts
from bot.domain.verdicts import Failure, ProofSet, Verdict
from bot.terminal.log_hours import spoken_values
from bot.terminal.pinned_keys import trusting, witness

_OF_A_PERIOD = re.compile(r"(?:digest|proof|auditor)-(\d{4}-W\d{2}|\d{4}-\d{2}|\d{4}Q[1-4])[-.].+")
_DATA_OF_A_WEEK = re.compile(r"digest-\d{4}-W\d{2}-.+\.json")


def verify_path(
    path: Path,
    keys: Sequence[str],
    since: Path | None,
    texts: Texts,
    witnesses: Sequence[str] = (),
) -> int:
    """Check all weeks, months and quarters of a folder, or that of one file; the worst exit code.

    Raises BadInput for a key that is none and a folder in which there is nothing to check, and
    OSError for what cannot be read.
    """
    weeks = weeks_in(path)
    folder = path if path.is_dir() else path.parent
    seen_by = tuple(witness(each) for each in witnesses)
    older = since.read_bytes() if since else None
    worst = []
    for week in weeks:
        found = trusting(read_set(folder, week, older), keys)
        verdict = check(replace(found, witnesses=seen_by), _verify)
        tell(week, verdict, texts)
        worst.append(verdict.exit_code)
    return min((code for code in worst if code), default=0)


def weeks_in(path: Path) -> list[str]:
    """The weeks of a folder, then its months and quarters, or that of one file.

    Raises BadInput and OSError.
    """
    path.stat()  # told by its name when it is not there
    names = [each.name for each in sorted(path.iterdir())] if path.is_dir() else [path.name]
    periods = {found[1] for name in names if (found := _OF_A_PERIOD.fullmatch(name))}
    weeks = sorted(periods, key=lambda one: ("W" not in one, one))
    if not weeks:
        raise BadInput(str(path), "DIR|FILE", "proof.verify.expected")
    return weeks


def read_set(folder: Path, week: str, older: bytes | None = None) -> ProofSet:
    """The files of a week, a month or a quarter as they lie in a folder."""
    own = {openings_name(week), manifest_name(week), cosigned_name(week)}
    files = {
        each.name: each.read_bytes()
        for each in sorted(folder.iterdir())
        if each.is_file()
        and each.name not in own
        and (found := _OF_A_PERIOD.fullmatch(each.name))
        and found[1] == week
    }
    return ProofSet(
        week,
        files.get(log_name(week)),
        files.get(checkpoint_name(week)),
        _bytes(folder / manifest_name(week)),
        files,
        _bytes(folder / openings_name(week)),
        older=older,
        cosigned=_bytes(folder / cosigned_name(week)),
        sources={} if "W" in week else _digests_of_weeks(folder),
    )


def _digests_of_weeks(folder: Path) -> dict[str, bytes]:
    return {
        each.name: each.read_bytes()
        for each in sorted(folder.iterdir())
        if each.is_file() and _DATA_OF_A_WEEK.fullmatch(each.name)
    }


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _verify(public: bytes, message: bytes, signature: bytes) -> bool:
    return International(bytes).verify(public, message, signature)


def tell(week: str, verdict: Verdict, texts: Texts) -> None:
    """All that was found, in lines."""
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
        typer.echo(f"  {mark}{texts(f'proof.finding.{one.key}', **spoken_values(one, texts))}")
    is_missing = verdict.exit_code == Failure.SIGNATURE and verdict.lacks_files_only
    end = "exit_1_missing" if is_missing else f"exit_{verdict.exit_code}"
    typer.echo("  " + texts(f"proof.verify.{end}"))
