"""check: what is missing, and the next step for each."""

from __future__ import annotations

import os
import random
import secrets
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from bot.app import Bot, Surroundings
from bot.clock import SystemClock
from bot.counting import Counting
from bot.domain.errors import (
    BadInput,
    CredentialRefused,
    NoCalendarForYear,
    PlatformError,
    QingzhuangError,
    Unreachable,
)
from bot.domain.texts import Texts
from bot.domain.work_calendar import WorkCalendar
from bot.logs import Log
from config.settings import Settings, load_settings

_NOTICE_MONTH = 11  # the State Council's notice for the next year comes out then
_TMPFS = ("/run/", "/dev/shm/")  # noqa: S108  where to look, nothing is written


class Verdict(Enum):
    """How a thing stands; the value is the key of its mark."""

    FIT = "ok"
    WARN = "warn"
    UNFIT = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's."""

    subject: str
    verdict: Verdict
    remark: str


class _Silent:
    """Takes what the bot would log."""

    def __getattr__(self, _level: str) -> Callable[..., None]:
        return lambda *_args, **_values: None


async def examine(config: Path | None, texts: Texts, *, offline: bool) -> int:
    """Look at everything that `serve` needs, without serving; 1 when something is not fit."""
    findings = [finding async for finding in _findings(config, texts, offline)]
    table = Table(show_header=False, box=None, pad_edge=False)
    for each in findings:
        table.add_row(
            texts(f"cli.check.{each.verdict.value}"),
            texts(f"cli.check.{each.subject}"),
            each.remark,
        )
    console = Console()
    console.print(texts("cli.check.title"), style="bold")
    console.print(table)
    unfit = sum(each.verdict is Verdict.UNFIT for each in findings)
    typer.echo(texts("cli.check.unfit", count=unfit) if unfit else texts("cli.check.fit"))
    return 1 if unfit else 0


async def _findings(config: Path | None, texts: Texts, offline: bool) -> AsyncIterator[Finding]:
    try:
        settings = load_settings(config)
    except BadInput as error:
        yield Finding("settings", Verdict.UNFIT, f"{error.field}: {error.expected}")
        return
    source = str(config) if config else texts("cli.check.environment")
    yield Finding("settings", Verdict.FIT, texts("cli.check.settings_ok", source=source))
    yield _data(settings.data_dir, texts)
    yield _keys(settings.key_dir, texts)
    async with AsyncExitStack() as resources:
        try:
            bot = await Bot.build(
                settings,
                Log(_Silent(), lambda: ""),
                Surroundings(SystemClock(), secrets.token_bytes, random.SystemRandom().random),
                resources,
            )
        except BadInput as error:
            yield Finding(
                "files", Verdict.UNFIT, f"{error.where}: {error.field}: {error.expected}"
            )
            return
        except QingzhuangError as error:
            yield Finding("database", Verdict.UNFIT, f"{type(error).__name__}: {error}")
            return
        for finding in _counting(bot.counting, settings, texts):
            yield finding
        async for finding in _platforms(bot, texts, offline):
            yield finding


def _data(folder: Path, texts: Texts) -> Finding:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        return Finding("data", Verdict.UNFIT, texts("cli.check.data_bad", path=folder))
    mode = oct(stat.S_IMODE(folder.stat().st_mode))
    return Finding("data", Verdict.FIT, texts("cli.check.data_ok", path=folder, mode=mode))


def _keys(folder: Path, texts: Texts) -> Finding:
    in_memory = str(folder.absolute()).startswith(_TMPFS)
    verdict, key = (Verdict.FIT, "keys_ok") if in_memory else (Verdict.WARN, "keys_disk")
    return Finding("keys", verdict, texts(f"cli.check.{key}", path=folder))


def _counting(house: Counting, settings: Settings, texts: Texts) -> list[Finding]:
    book = house.judge.rulebook
    kind = settings.database_url.split("+", 1)[0]
    registry = house.store.registry
    groups, offices = registry.groups(), registry.offices()
    places = sum(len(office.destinations) for office in offices)
    today = house.clock.now().astimezone(settings.zone).date()
    return [
        Finding("database", Verdict.FIT, texts("cli.check.database_ok", kind=kind)),
        Finding(
            "rules",
            Verdict.FIT,
            texts("cli.check.rules_ok", count=len(book.rules), version=book.version),
        ),
        Finding("policy", Verdict.FIT, texts("cli.check.policy_ok", count=len(house.limits))),
        *_calendar(house.calendar, today, texts),
        _directory(house, texts),
        Finding("groups", Verdict.FIT, texts("cli.check.groups_ok", count=len(groups)))
        if groups
        else Finding("groups", Verdict.WARN, texts("cli.check.groups_none")),
        Finding(
            "offices",
            Verdict.FIT,
            texts("cli.check.offices_ok", count=len(offices), destinations=places),
        )
        if places
        else Finding("offices", Verdict.WARN, texts("cli.error.no_office")),
    ]


def _directory(house: Counting, texts: Texts) -> Finding:
    known = len(house.directory)
    if known:
        return Finding("directory", Verdict.FIT, texts("cli.check.directory_ok", count=known))
    return Finding("directory", Verdict.WARN, texts("cli.check.directory_none"))


def _calendar(calendar: WorkCalendar, today: date, texts: Texts) -> list[Finding]:
    findings = []
    years = [today.year, today.year + 1] if today.month >= _NOTICE_MONTH else [today.year]
    ready = []
    for year in years:
        try:
            calendar.is_working_day(date(year, 1, 1))
        except NoCalendarForYear:
            verdict = Verdict.UNFIT if year == today.year else Verdict.WARN
            remark = texts("cli.check.calendar_bad", year=year)
            findings.append(Finding("calendar", verdict, remark))
            continue
        if calendar.is_provisional(year):
            remark = texts("cli.check.calendar_provisional", year=year)
            findings.append(Finding("calendar", Verdict.WARN, remark))
        else:
            ready.append(str(year))
    if ready:
        remark = texts("cli.check.calendar_ok", years=", ".join(ready))
        findings.insert(0, Finding("calendar", Verdict.FIT, remark))
    return findings


async def _platforms(bot: Bot, texts: Texts, offline: bool) -> AsyncIterator[Finding]:
    for name, wired in bot.wired.items():
        if not wired.doors and not wired.speakers:
            yield Finding(name, Verdict.WARN, texts("cli.check.platform_none"))
            continue
        if wired.doors:
            doors = ", ".join(wired.doors)
            yield Finding(name, Verdict.FIT, texts("cli.check.platform_doors", doors=doors))
        for check in wired.checks.values():
            if offline:
                yield Finding(name, Verdict.WARN, texts("cli.check.platform_skipped"))
                continue
            try:
                await check()
            except PlatformError as error:
                yield Finding(name, Verdict.UNFIT, _refusal(error, texts))
            else:
                yield Finding(name, Verdict.FIT, texts("cli.check.platform_ok"))


def _refusal(error: PlatformError, texts: Texts) -> str:
    advice = "other"
    if isinstance(error, CredentialRefused):
        advice = "credential"
    elif isinstance(error, Unreachable):
        advice = "unreachable"
    said = f"{type(error).__name__} {error.code}".strip()
    return texts("cli.check.platform_bad", error=said, advice=texts(f"cli.check.advice_{advice}"))
