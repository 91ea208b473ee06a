"""classify, explain: what concerns judgement. Nothing here opens a store."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path

import typer

from bot.clock import SystemClock
from bot.domain.errors import BadInput
from bot.domain.groups import GroupCode, GroupProfile, LineCode, UnitCode
from bot.domain.judging import Judge
from bot.domain.texts import Texts
from bot.platforms.transcripts import read_transcript, told_by_lines
from bot.terminal.asked import office_hours, spoken_moment
from config.calendar import load_calendar
from config.rulebook import load_rulebook
from config.settings import Settings, load_settings
from handlers.classify import ClassifyTranscript
from handlers.explain_text import ExplainText, explained

USUAL_SIZE = 50


def classify_file(file: Path | None, config: Path | None, texts: Texts) -> int:
    """One line of JSON for each message on stdout, in the transcript's groups and order of time."""
    judge = judge_of(load_settings(config))
    told = read_transcript(file) if file else told_by_lines(sys.stdin, "stdin")
    try:
        for row in ClassifyTranscript(judge, secrets.token_bytes)(told):
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    except UnicodeDecodeError:
        raise BadInput("stdin", "text", "cli.error.utf8") from None
    return 0


def explain_one(
    text: str, at: str | None, hours: str | None, config: Path | None, texts: Texts
) -> int:
    """Two lines: whether it counts, and why."""
    settings = load_settings(config)
    moment = SystemClock().now().astimezone(settings.zone)
    if at is not None:
        moment = spoken_moment("explain", at, settings.zone)
    group = _group(hours or settings.schedule.office_hours, settings)
    typer.echo(explained(ExplainText(judge_of(settings))(text, moment, group), texts))
    return 0


def judge_of(settings: Settings) -> Judge:
    """By the rules and the calendars that are set; raises BadInput for a file of theirs."""
    return Judge(load_rulebook(settings.rules), load_calendar(settings.calendars))


def _group(hours: str, settings: Settings) -> GroupProfile:
    return GroupProfile(
        code=GroupCode("explained"),
        alias="",
        unit=UnitCode("explained"),
        line=LineCode("explained"),
        size=USUAL_SIZE,
        zone=settings.zone,
        hours=office_hours("explain", hours),
    )
