"""check: what is missing, and the next step for each."""

from __future__ import annotations

import os
import random
import secrets
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from bot.app import PLATFORMS, Bot, Surroundings
from bot.clock import SystemClock
from bot.counting import Counting, open_counting
from bot.domain.errors import (
    BadInput,
    CredentialRefused,
    NoCalendarForYear,
    PlatformError,
    QingzhuangError,
    StoreError,
    Unreachable,
)
from bot.domain.texts import Texts
from bot.domain.work_calendar import WorkCalendar
from bot.logs import Log
from bot.terminal.books import schema_remark
from bot.terminal.doctor_complaints import complaint_box
from bot.terminal.doctor_rooms import Room, rooms_of, survey
from bot.terminal.refusals import expected
from bot.terminal.silence import Silent
from bot.terminal.system_words import reason
from bot.wiring.services import Wired
from config.settings import (
    ComplaintSettings,
    DatabaseSettings,
    KeySettings,
    Settings,
    load_settings,
)
from handlers.ports import Clock
from storage.upgrades import status

_NOTICE_MONTH = 11  # the State Council's notice for the next year comes out then
_TMPFS = ("/run/", "/dev/shm/")  # noqa: S108  where to look, nothing is written
_SQLITE = "sqlite+aiosqlite:///"
_OF_OTHERS = 0o077


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


async def examine(
    config: Path | None, texts: Texts, *, offline: bool, clock: Clock | None = None
) -> int:
    """Look at everything that `serve` needs, without serving; 1 when something is not fit.

    A database that is absent, old or too new is left as it is; so are folders.
    """
    looked = _findings(config, texts, offline, clock or SystemClock())
    findings = [finding async for finding in looked]
    table = Table("", "", Column("", overflow="fold"), show_header=False, box=None, pad_edge=False)
    for each in findings:
        table.add_row(
            texts(f"cli.check.{each.verdict.value}"),
            texts(f"cli.check.{each.subject}"),
            escape(each.remark),
        )
    console = Console()
    console.print(texts("cli.check.title"), style="bold")
    console.print(table)
    unfit = sum(each.verdict is Verdict.UNFIT for each in findings)
    typer.echo(texts("cli.check.unfit", count=unfit) if unfit else texts("cli.check.fit"))
    return 1 if unfit else 0


async def _findings(
    config: Path | None, texts: Texts, offline: bool, clock: Clock
) -> AsyncIterator[Finding]:
    try:
        settings = load_settings(config)
    except BadInput as error:
        wanted = texts(
            "cli.check.settings_wrong", field=error.field, expected=expected(error, texts)
        )
        yield Finding("settings", Verdict.UNFIT, wanted)
        return
    source = str(config) if config else texts("cli.check.environment")
    yield Finding("settings", Verdict.FIT, texts("cli.check.settings_ok", source=source))
    standing = [
        _data(settings.data_dir, texts),
        _keys(settings.key_dir, texts),
        await _database(settings.database_url, texts),
    ]
    for finding in standing:
        yield finding
    for verdict, remark in await complaint_box(settings, clock, texts):
        yield Finding("complaints", Verdict(verdict), remark)
    is_usable = all(finding.verdict is not Verdict.UNFIT for finding in standing)
    # What needs no books of one's own is looked at on a store that goes away afterwards.
    with TemporaryDirectory(prefix="qingzhuang-") as folder:
        passing = settings.model_copy(
            update={
                "data_dir": Path(folder),
                "database": DatabaseSettings(),
                "keys": KeySettings(),
                "complaints": ComplaintSettings(),
            }
        )
        around = Surroundings(clock, secrets.token_bytes, random.SystemRandom().random)
        rooms: list[Room] = []
        counted = _counting(settings if is_usable else passing, around, texts, is_usable, rooms)
        async for finding in counted:
            yield finding
        for name in PLATFORMS:
            here = [room for room in rooms if room.platform == name]
            async for finding in _platform(name, passing, around, texts, offline, here):
                yield finding


async def _counting(
    settings: Settings, around: Surroundings, texts: Texts, is_own: bool, rooms: list[Room]
) -> AsyncIterator[Finding]:
    """What is judged by and what is registered; `rooms` learns which are heard whole."""
    async with AsyncExitStack() as resources:
        try:
            house = await open_counting(
                settings,
                around.clock,
                around.token_bytes,
                around.random,
                resources,
                counts=False,
            )
        except BadInput as error:
            remark = f"{error.where}: {error.field}: {expected(error, texts)}"
            yield Finding("files", Verdict.UNFIT, remark)
            return
        except StoreError as error:
            yield Finding("database", Verdict.UNFIT, _store_refusal(error, texts))
            return
        for finding in _judging(house, settings, texts):
            yield finding
        if is_own:
            rooms += rooms_of(house.store.registry)
            for finding in _registered(house, texts):
                yield finding


async def _platform(
    name: str,
    settings: Settings,
    around: Surroundings,
    texts: Texts,
    offline: bool,
    rooms: Sequence[Room],
) -> AsyncIterator[Finding]:
    """One platform by itself, so that a fault of one hides nothing of the other."""
    # Rules, directory and the like have been looked at: their faults are not told again.
    plain = settings.model_copy(
        update={"rules": None, "policy": None, "calendars": None, "directory": None}
    )
    async with AsyncExitStack() as resources:
        try:
            log = Log(Silent(), lambda: "")
            bot = await Bot.build(plain, log, around, resources, {name: PLATFORMS[name]})
        except BadInput as error:
            yield Finding(name, Verdict.UNFIT, _bad_platform(error, texts))
            return
        except QingzhuangError as error:
            yield Finding(name, Verdict.UNFIT, type(error).__name__)
            return
        async for finding in _reached(name, bot.wired[name], texts, offline):
            yield finding
        asked = bot.wired[name].rooms
        if asked is not None and not offline:
            async for verdict, remark in survey(asked, rooms, texts):
                yield Finding(name, Verdict(verdict), remark)


def _bad_platform(error: BadInput, texts: Texts) -> str:
    if error.field == "encoding_aes_key":
        return texts("cli.check.aes_bad")
    return f"{error.where}: {error.field}: {expected(error, texts)}"


def _data(folder: Path, texts: Texts) -> Finding:
    if not folder.exists():
        nearest = next(above for above in folder.absolute().parents if above.exists())
        fits = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
        verdict, key = (Verdict.WARN, "data_absent") if fits else (Verdict.UNFIT, "data_bad")
        return Finding("data", verdict, texts(f"cli.check.{key}", path=folder))
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return Finding("data", Verdict.UNFIT, texts("cli.check.data_bad", path=folder))
    mode = f"{stat.S_IMODE(folder.stat().st_mode):04o}"
    return Finding("data", Verdict.FIT, texts("cli.check.data_ok", path=folder, mode=mode))


def _keys(folder: Path, texts: Texts) -> Finding:
    try:
        kept = [folder, *folder.iterdir()] if folder.is_dir() else []
        is_open = any(stat.S_IMODE(each.stat().st_mode) & _OF_OTHERS for each in kept)
    except OSError as error:
        remark = texts("cli.check.keys_bad", path=folder, message=reason(error, texts))
        return Finding("keys", Verdict.UNFIT, remark)
    if is_open:
        return Finding("keys", Verdict.UNFIT, texts("cli.check.keys_open", path=folder))
    in_memory = str(folder.absolute()).startswith(_TMPFS)
    verdict, key = (Verdict.FIT, "keys_ok") if in_memory else (Verdict.WARN, "keys_disk")
    return Finding("keys", verdict, texts(f"cli.check.{key}", path=folder))


async def _database(url: str, texts: Texts) -> Finding:
    if _is_absent(url):
        remark = texts("cli.db.absent") + texts("cli.check.then", step=_upgrade(texts))
        return Finding("database", Verdict.UNFIT, remark)
    try:
        found = await status(url)
    except BadInput as error:
        remark = f"{error.where}: {error.field}: {expected(error, texts)}"
        return Finding("database", Verdict.UNFIT, remark)
    except StoreError as error:
        return Finding("database", Verdict.UNFIT, _store_refusal(error, texts))
    if found.fits:
        kind = url.split("+", 1)[0]
        return Finding("database", Verdict.FIT, texts("cli.check.database_ok", kind=kind))
    remark = schema_remark(found, texts)
    if found.known:
        remark += texts("cli.check.then", step=_upgrade(texts))
    return Finding("database", Verdict.UNFIT, remark)


def _is_absent(url: str) -> bool:
    """Whether opening it would make it."""
    path = Path(url.removeprefix(_SQLITE).partition("?")[0])
    return url.startswith(_SQLITE) and not path.exists()


def _upgrade(texts: Texts) -> str:
    return texts("cli.error.next_upgrade")


def _store_refusal(error: StoreError, texts: Texts) -> str:
    return texts("cli.check.database_bad", error=f"{type(error).__name__}: {error}")


def _judging(house: Counting, settings: Settings, texts: Texts) -> list[Finding]:
    book = house.judge.rulebook
    today = house.clock.now().astimezone(settings.zone).date()
    return [
        Finding(
            "rules",
            Verdict.FIT,
            texts("cli.check.rules_ok", count=len(book.rules), version=book.version),
        ),
        Finding(
            "policy", Verdict.FIT, texts("cli.check.policy_ok", count=len(house.limits.today()))
        ),
        *_calendar(house.calendar, today, texts),
        _directory(house, texts),
    ]


def _registered(house: Counting, texts: Texts) -> list[Finding]:
    registry = house.store.registry
    groups, offices = registry.groups(), registry.offices()
    places = sum(len(office.destinations) for office in offices)
    return [
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


async def _reached(name: str, wired: Wired, texts: Texts, offline: bool) -> AsyncIterator[Finding]:
    if not wired.doors and not wired.speakers:
        yield Finding(name, Verdict.WARN, texts("cli.check.platform_none"))
        return
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
