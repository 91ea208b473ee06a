"""rules sample: a labelled transcript against what the bot would count; the digest prints it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from bot.clock import SystemClock
from bot.domain.errors import BadInput
from bot.domain.measured_error import MeasuredError, wilson
from bot.domain.texts import Texts
from bot.platforms.transcripts import lines_in, read_transcript
from bot.terminal.judging import judge_of
from bot.terminal.rules import rows_of
from bot.terminal.session import counting
from bot.wiring.samples import keep_sample
from config.settings import Settings, load_settings
from handlers.classify import ClassifyTranscript

_BURDENS = ("demand", "reminder")


async def check_sample(
    files: Sequence[Path], config: Path | None, texts: Texts, *, record: bool
) -> int:
    """Judge labelled transcripts as the bot would, and tell how often it was wrong.

    With `record` the numbers are kept for the digests to come, and become a leaf of the log.
    Without it no books are opened. Nothing of the transcripts is kept. Raises BadInput for a file
    without labels.
    """
    for file in files:
        lines_in(file)  # before anything is judged: the second may not be one that can be read
    found = _measured(files, load_settings(config))
    if record:
        async with counting(config, counts=False) as (_, house):
            await keep_sample(house.store.cursors, found)
    for key, hits, n in (
        ("missed", found.missed, found.labelled),
        ("false", found.false, found.counted),
    ):
        low, high = wilson(hits, n)
        typer.echo(texts(f"sample.{key}", hits=hits, n=n, low=f"{low:.1f}", high=f"{high:.1f}"))
    for line in error_by_kind(found, texts):
        typer.echo(line)
    typer.echo(texts("sample.recorded" if record else "sample.not_recorded", n=found.sample))
    return 0


def _measured(files: Sequence[Path], settings: Settings) -> MeasuredError:
    judge = judge_of(settings)
    classify = ClassifyTranscript(judge, secrets.token_bytes)
    pairs: list[tuple[bool, bool]] = []
    kinds: list[tuple[Collection[str], Collection[str]]] = []
    for file in files:
        counted = {row["id"]: row for row in classify(read_transcript(file))}
        for row in rows_of(file):
            label, name = row.get("label"), str(row.get("id"))
            if isinstance(label, dict) and name in counted:
                own = counted[name]
                pairs.append((label["act"] in _BURDENS, own["act"] in _BURDENS))
                kinds.append((_kinds(label), _kinds(own)))
    if not pairs:
        raise BadInput(str(files[0]), "label", "rules.precision.unlabelled")
    today = SystemClock().now().astimezone(settings.zone).date()
    return MeasuredError.of(pairs, str(today), judge.rulebook_version, kinds)


def _kinds(row: Mapping[str, Any]) -> Collection[str]:
    return row["kinds"] if row["act"] in _BURDENS else ()


def error_by_kind(found: MeasuredError, texts: Texts) -> Iterator[str]:
    """A line for each kind that the sample allows to tell of, and one for the others together."""
    alone, others = found.merged()
    for one in (*alone, *([others] if others else [])):
        missed, false = wilson(one.missed, one.labelled), wilson(one.false, one.counted)
        yield texts(
            "sample.kind",
            kind=texts(f"measures.name.{one.kind}" if one.kind else "sample.others"),
            labelled=one.labelled,
            missed=one.missed,
            counted=one.counted,
            false=one.false,
            missed_low=f"{missed[0]:.1f}",
            missed_high=f"{missed[1]:.1f}",
            false_low=f"{false[0]:.1f}",
            false_high=f"{false[1]:.1f}",
        )
