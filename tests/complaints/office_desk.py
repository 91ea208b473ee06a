"""What tests of the office's tool type and find: a key, five complaints, a stick."""

from __future__ import annotations

import asyncio
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.clock import SystemClock
from bot.crypto.office_keys import OfficeKey
from bot.domain.complaints import Category, Complaint
from bot.domain.groups import UnitCode
from bot.domain.periods import Week
from bot.domain.private import PrivateText
from bot.domain.receipts import Receipt
from bot.office.folder import OfficeFolder
from bot.office.secrets import make_key
from bot.wiring.complaints import Complaints, open_complaints
from config.settings import load_settings
from tests.complaints.house import CHEAP, PROVIDER, ZONE, MovedClock

THREE = ("甲保管人自己的一句话", "乙保管人自己的一句话", "丙保管人自己的一句话")
TEXT = "每天三次截图，半夜还要接龙"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("QZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QZ_COMPLAINTS__KDF_MEMORY_KIB", str(19 * 1024))
    monkeypatch.setenv("QZ_COMPLAINTS__KDF_PASSES", "2")
    (tmp_path / "stick").mkdir()


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=typed)


def keygen(office: str = "office", typed: str | None = None) -> Result:
    whole = "".join(f"{each}\n{each}\n" for each in THREE) if typed is None else typed
    return run("office", "keygen", "--office", office, "--title", "清川县减负专班", typed=whole)


@pytest.fixture(name="ceremony", scope="module")
def a_ceremony(tmp_path_factory):
    """One key made by the real command, at its real cost; copied for each test."""
    folder = tmp_path_factory.mktemp("ceremony")
    here = Path.cwd()
    os.chdir(folder)
    try:
        result = keygen()
    finally:
        os.chdir(here)
    assert result.exit_code == 0, result.output
    return folder, result.output


def cheap_key(folder: Path, made: Week) -> OfficeKey:
    """A key like that of `keygen`, whose passphrases cost little to try."""
    ceremony = make_key(
        PROVIDER,
        office="office",
        title="清川县减负专班",
        week=made,
        passphrases=THREE,
        token_bytes=os.urandom,
        stretching=CHEAP,
    )
    OfficeFolder(folder, PROVIDER).put_key(ceremony)
    return ceremony.secret.key


@pytest.fixture(name="office")
def an_office(tmp_path):
    folder = tmp_path / "qingzhuang-office"
    cheap_key(folder, last_week())
    return folder


@pytest.fixture(name="entered")
def an_entered_key(office, tmp_path):
    (public,) = (office / "keys").glob("*.qzpub")
    shutil.copy(public, tmp_path / "stick")
    result = run("complaints", "key", str(tmp_path / "stick" / public.name), typed="y\n")
    assert result.exit_code == 0, result.output
    return result.output


async def bot_at(clock: MovedClock, act) -> None:
    """The running bot's complaint side at a moment, over the files of this folder."""
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as resources:
        bot = await open_complaints(load_settings(), clock, os.urandom, dict, resources)
        await act(bot)


def last_week() -> Week:
    return Week.of(SystemClock().now(), ZONE).shifted(-1)


def five_complaints(clock: MovedClock) -> list[Receipt]:
    receipts = []

    async def act(bot: Complaints) -> None:
        week = Week.of(clock.at, ZONE)
        for n, unit in enumerate(("U1", "U2", "U1", "U2", "U1")):
            told = Complaint(
                Category.SCREENSHOT_REPORT, UnitCode(unit), PrivateText(f"{TEXT}{n}"), True, week
            )
            receipts.append(await bot.box.submit(told))
        for _ in range(3):
            clock.at += timedelta(minutes=10)
            await bot.box.write_slot()
        clock.at = week.ends_at(ZONE) + timedelta(hours=3)
        await bot.rewrite()

    asyncio.run(bot_at(clock, act))
    return receipts


def in_last_week() -> MovedClock:
    return MovedClock(last_week().ends_at(ZONE) - timedelta(days=2))


def two(*more: str) -> str:
    """What two holders type, and what comes after."""
    return "".join(f"{each}\n" for each in (THREE[0], THREE[1], *more))
