"""A week with its log, lived once for all tests of a worker: each gets a copy of its folder."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.crypto.international import International
from bot.crypto.log_signing import FolderSigningKeys
from bot.domain.issues import Issue
from bot.domain.periods import Week
from bot.domain.texts import Texts
from config.load import load_texts
from handlers.keep_log import KeepLog
from storage.key_files import KeyFolder
from storage.store import Store, open_store
from tests.scenarios.week_end_house import SHANGHAI, FakeSpeaker, House, MovedClock

W42, W43 = Week(2026, 42), Week(2026, 43)
BEGIN = datetime(2026, 10, 12, 8, tzinfo=SHANGHAI)
SIGNER = International(secrets.token_bytes)
TEXTS: Texts = load_texts("en")


def keeper(store: Store, clock: MovedClock, folder: Path) -> KeepLog:
    """As a new process makes it."""
    return KeepLog(
        log=store.proof_log,
        keys=FolderSigningKeys(lambda: KeyFolder(folder, secrets.token_bytes), SIGNER),
        verify=SIGNER.verify,
        ledger=store.ledger,
        shelf=store.shelf,
        keyring=store.keyring,
        limits=store.limit_log,
        clock=clock,
        zone=SHANGHAI,
        disputes=store.disputes,
        roles=store.registry,
    )


async def a_week(home: House, keep: KeepLog, week: Week = W42) -> None:
    """A tick each hour from Monday morning until the week's digest is on the shelf."""
    await home.hear(week)
    for _ in range(7 * 24):
        await keep(["county"], listening=True)
        home.clock.moment += timedelta(hours=1)
    await home.close()
    await home.publish()
    await keep(["county"], listening=True)


@dataclass(frozen=True)
class Lived:
    """Books that are open, the house around them and what keeps their log."""

    store: Store
    home: House
    keep: KeepLog


async def export(lived: Lived, folder: Path, *, auditor: bool = False) -> None:
    stored = await lived.home.publish.stored(W42, "county")
    assert stored is not None
    files = {f"digest-{W42}-county.json": stored, f"digest-{W42}-county.md": b"# words"}
    proof = await lived.keep.proof_of(Issue(W42, "county"), files, auditor=auditor)
    folder.mkdir(exist_ok=True)
    for name, data in (files | proof).items():
        (folder / name).write_bytes(data)


@asynccontextmanager
async def lived_in(folder: Path, moment: datetime) -> AsyncIterator[Lived]:
    """What lies in a folder (books, keys, keys of the log), opened at a moment."""
    url = f"sqlite+aiosqlite:///{folder / 'books.db'}"
    async with open_store(url, folder / "keys", secrets.token_bytes) as store:
        home = House(store, MovedClock(moment), FakeSpeaker())
        yield Lived(store, home, keeper(store, home.clock, folder / "proof-keys"))


async def _go_on(folder: Path, week: Week, moment: datetime) -> None:
    async with lived_in(folder, moment) as lived:
        if week == W42:
            await lived.home.register()
        await a_week(lived.home, lived.keep, week)


@pytest.fixture(scope="session")
def a_lived_week(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a house a week after BEGIN, whose digest is on the shelf."""
    folder = tmp_path_factory.mktemp("lived") / "week"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "books.db")
    asyncio.run(_go_on(folder, W42, BEGIN))
    return folder


@pytest.fixture(scope="session")
def two_lived_weeks(a_lived_week: Path) -> Path:
    """The same house a week later, when a second digest followed."""
    folder = shutil.copytree(a_lived_week, a_lived_week.with_name("weeks"))
    asyncio.run(_go_on(folder, W43, BEGIN + timedelta(weeks=1)))
    return folder


@pytest.fixture
async def week(a_lived_week: Path, tmp_path: Path) -> AsyncIterator[Lived]:
    """A house of one's own that has lived a week."""
    folder = shutil.copytree(a_lived_week, tmp_path / "lived")
    async with lived_in(folder, BEGIN + timedelta(weeks=1)) as lived:
        yield lived


@pytest.fixture
async def weeks(two_lived_weeks: Path, tmp_path: Path) -> AsyncIterator[Lived]:
    """A house of one's own that has lived two weeks."""
    folder = shutil.copytree(two_lived_weeks, tmp_path / "lived")
    async with lived_in(folder, BEGIN + timedelta(weeks=2)) as lived:
        yield lived
