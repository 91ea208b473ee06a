"""rules sample: a labelled transcript against what the bot would count; the digest prints it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

import typer

from bot.domain.errors import BadInput
from bot.domain.measured_error import MeasuredError, wilson
from bot.domain.texts import Texts
from bot.platforms.transcripts import read_transcript
from bot.terminal.rules import rows_of
from bot.terminal.session import counting
from bot.wiring.publishing import SAMPLE
from handlers.classify import ClassifyTranscript

_BURDENS = ("demand", "reminder")


async def check_sample(
    files: Sequence[Path], config: Path | None, texts: Texts, *, record: bool
) -> int:
    """Judge labelled transcripts as the bot would, and tell how often it was wrong.

    With `record` the numbers are kept for the digests to come, and become a leaf of the log.
    Nothing of the transcripts is kept. Raises BadInput for a file without labels.
    """
    async with counting(config, counts=False) as (settings, house):
        classify = ClassifyTranscript(house.judge, secrets.token_bytes)
        pairs: list[tuple[bool, bool]] = []
        for file in files:
            counted = {row["id"]: row["act"] for row in classify(read_transcript(file))}
            for row in rows_of(file, texts):
                label, name = row.get("label"), str(row.get("id"))
                if isinstance(label, dict) and name in counted:
                    pairs.append((label["act"] in _BURDENS, counted[name] in _BURDENS))
        if not pairs:
            raise BadInput(str(files[0]), "label", texts("rules.precision.unlabelled"))
        today = house.clock.now().astimezone(settings.zone).date()
        found = MeasuredError.of(pairs, str(today), house.judge.rulebook_version)
        if record:
            await house.store.cursors.put(SAMPLE, found.text())
    for key, hits, n in (
        ("missed", found.missed, found.labelled),
        ("false", found.false, found.counted),
    ):
        low, high = wilson(hits, n)
        typer.echo(texts(f"sample.{key}", hits=hits, n=n, low=f"{low:.1f}", high=f"{high:.1f}"))
    typer.echo(texts("sample.recorded" if record else "sample.not_recorded", n=found.sample))
    return 0
