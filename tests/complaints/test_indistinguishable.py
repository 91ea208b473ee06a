"""Whoever looks at every minute cannot tell minutes with a complaint from others (goal G12).

`SOAK=1` looks at ten thousand intervals, also at when within its tick a slot was written; the
ordinary run at some hundred. `--log-cli-level=INFO` shows the areas under the curve.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from bot.domain.complaints import CaseState
from bot.domain.private import PrivateText
from bot.office.replying import Decision, decide, reply_file
from handlers.complaints.spool import SLOT_RECORDS
from storage.complaints.store import open_reports
from tests.complaints.house import BotSide, desk_of, take_all
from tests.complaints.onlooker import (
    Intervals,
    any_act,
    chance_room,
    postgres_server,
    sqlite_files,
    watch,
)

SOAK = bool(os.environ.get("SOAK"))
pytestmark = pytest.mark.timeout(3600 if SOAK else 240)
INTERVALS = 10_020 if SOAK else 300
LIMIT = 0.02
ON_SQLITE = ("size", "journal", "rows", "written after")
ON_POSTGRES = ("heaps", "indexes", "rows", "write-ahead log", "written after")


@pytest.fixture
def bot(sqlite_reports, tmp_path, office):
    """Its ids are drawn from a seed, so that a figure that hangs on chance is the same each time."""
    return BotSide(
        sqlite_reports, tmp_path, [office.key], token_bytes=random.Random(20261021).randbytes
    )


def told_apart(found: Intervals, names: tuple[str, ...], *, ignoring: tuple[str, ...]) -> dict:
    """What of it tells intervals apart better than the goal allows."""
    acted = sum(found.acted)
    room = LIMIT if SOAK else chance_room(acted, len(found.acted) - acted)
    areas = found.areas(names)
    rounded = {name: round(area, 4) for name, area in areas.items()}
    logging.getLogger("measured").info("%s of %d intervals", rounded, len(found.acted))
    return {
        name: area
        for name, area in areas.items()
        if abs(area - 0.5) > room and name not in ignoring
    }


# How long a write takes is the machine's business; only of ten thousand is it judged.
UNTIMED = () if SOAK else ("written after", "all")


async def test_minute_by_minute_the_file_changes_alike_with_complaints_and_without(bot):
    found = await watch(bot, random.Random(1), INTERVALS, any_act, sqlite_files(bot.folder))

    assert {seen[2] for seen in found.seen} == {SLOT_RECORDS}
    assert told_apart(found, ON_SQLITE, ignoring=UNTIMED) == {}


@pytest.mark.postgres
async def test_minute_by_minute_the_server_changes_alike_with_complaints_and_without(
    empty_postgres_url, postgres_folder, tmp_path, office
):
    """Other tests write to the same server: its log moves between slots too, by chance."""
    name = empty_postgres_url.partition("@/")[2].partition("?")[0]
    connection = await asyncpg.connect(host=str(postgres_folder), user="postgres", database=name)
    async with open_reports(empty_postgres_url) as reports:
        bot = BotSide(reports, tmp_path, [office.key], token_bytes=random.Random(7).randbytes)
        look = postgres_server(connection)
        found = await watch(bot, random.Random(2), INTERVALS, any_act, look, between=False)
    await connection.close()

    assert {seen[2] for seen in found.seen} == {SLOT_RECORDS}
    assert told_apart(found, ON_POSTGRES, ignoring=("written after", "all")) == {}


async def test_the_same_onlooker_tells_a_bot_that_writes_only_what_waits(bot):
    """The negative control."""

    class NoDummies(type(bot.box)):
        async def _write(self, slot, records):
            if not (taken := self.spool.take(records)):
                return True
            await self.store.write_slot(slot, [each.report for each in taken])
            self.spool.wrote(taken, [], bot.week)
            return True

    fields = ("store", "sealer", "receipts", "clock", "zone", "token_bytes", "spool")
    bot.box = NoDummies(*(getattr(bot.box, each) for each in fields))

    async def complain(side, draw):
        await side.box.submit(side.complaint())

    found = await watch(bot, random.Random(1), 120, complain, sqlite_files(bot.folder))

    areas = found.areas(ON_SQLITE)
    assert areas["rows"] > 0.99
    assert areas["size"] > 0.8
    assert areas["all"] > 0.99


async def test_a_slot_takes_the_same_work_whatever_waits(bot, monkeypatch):
    """Its file is written when the work is done: less of it would be seen in its time."""
    sealed = []
    seal = type(bot.box.sealer).seal
    monkeypatch.setattr(
        type(bot.box.sealer), "seal", lambda *asked: sealed.append(1) or seal(*asked)
    )
    work = []
    for waiting in (0, 1, 2, 5):
        for _ in range(waiting):
            await bot.box.submit(bot.complaint())
        sealed.clear()
        await bot.slots(1)
        work.append(len(sealed))

    assert len(set(work)) == 1


async def test_a_question_by_receipt_leaves_no_moment_on_the_file(bot):
    """Linux notes when a file was first read after it was written (relatime). The tick reads it
    right after it wrote it, so that whoever asks by receipt is not the first."""
    if not os.statvfs(bot.folder).f_flag & (os.ST_RELATIME | os.ST_NOATIME):
        pytest.skip("this file system notes every read (docs/privacy.md says what for)")
    path, receipt = bot.folder / "complaints.db", await bot.box.submit(bot.complaint())

    await bot.slots(1)
    for _ in range(100):
        await bot.rewrite()  # the next step of this tick, and of the ticks after it
        found = path.stat()
        if found.st_atime_ns > max(found.st_mtime_ns, found.st_ctime_ns):
            break  # clocks of file systems are coarse: now it was read after it was written
    before = path.stat().st_atime_ns
    await bot.box.look_up(receipt)
    await bot.box.supplement(receipt, PrivateText("还有一句"), bot.week)
    await bot.box.withdraw(receipt, bot.week)

    assert path.stat().st_atime_ns == before


async def test_without_the_tick_s_own_reading_a_question_would_be_seen(bot):
    """The negative control."""
    if not os.statvfs(bot.folder).f_flag & os.ST_RELATIME:
        pytest.skip("this file system notes reads otherwise")
    path, receipt = bot.folder / "complaints.db", await bot.box.submit(bot.complaint())

    moved = []
    for _ in range(20):  # clocks of file systems are coarse
        await bot.slots(1)
        before = path.stat().st_atime_ns
        await bot.box.look_up(receipt)
        moved.append(path.stat().st_atime_ns > before)

    assert any(moved)


async def test_rewrite_export_and_import_look_alike_whatever_members_and_office_did(
    tmp_path, office
):
    """Two bots over three weeks: with five complaints and nothing more, and with sixty of them,
    withdrawals, supplements and look-ups; one office answers nothing, the other everything."""
    quiet, busy = [await season(tmp_path / name, office, name == "busy") for name in ("q", "busy")]

    assert len(quiet) == 8
    for ours, theirs in zip(quiet, busy, strict=True):
        pages = [sum(each["files"].pop(".db")) // 4096 for each in (ours, theirs)]
        assert abs(pages[0] - pages[1]) <= 2  # by where random tags fall in their index
        assert ours == theirs


async def season(folder: Path, office, is_busy: bool) -> list[dict]:
    """What lies there after each step: sizes of files by their kind, and rows of each table."""
    folder.mkdir()
    draw, shapes = random.Random(9), []
    async with open_reports(f"sqlite+aiosqlite:///{folder / 'complaints.db'}") as reports:
        bot = BotSide(reports, folder, [office.key], token_bytes=random.Random(4).randbytes)
        desk = desk_of(office)
        for _ in range(2):
            await the_week_of(bot, draw, is_busy)
            await bot.next_monday()
            shapes.append(shape(folder))
            stick = folder / "stick"
            shutil.copytree(bot.exchange.out, stick, dirs_exist_ok=True)
            shapes.append(shape(folder))
            take_all(desk, bot.batches())
            ((secret, book),) = desk.held
            for case in book.cases.values() if is_busy else ():
                if not case.withdrawn and not case.state:
                    decide(book, case, Decision(CaseState.ANSWERED, "已转办。"), bot.week)
            bot.exchange.put_reply(reply_file(secret, book, bot.week), "stick")
            shutil.rmtree(stick)
            shapes.append(shape(folder))
        await bot.slots(20)
        shapes.append(shape(folder))
        await bot.next_monday()
        shapes.append(shape(folder))
    return shapes


async def the_week_of(bot: BotSide, draw: random.Random, is_busy: bool) -> None:
    """Ninety slots: enough dummies to hide withdrawals among."""
    receipts = []
    for slot in range(90):
        if slot < 5 or (is_busy and slot < 30):
            receipts.append(await bot.box.submit(bot.complaint(unit=f"U{slot % 3}")))
        elif is_busy and slot < 60:
            one = draw.choice(receipts)
            await bot.box.look_up(one)
            await bot.box.supplement(one, PrivateText("还有一句"), bot.week)
            if slot % 5 == 0:
                await bot.box.withdraw(one, bot.week)
        await bot.slots(1)


def shape(folder: Path) -> dict:
    """Sizes of the files by their kind, and rows by table."""
    files: dict[str, list[int]] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            files.setdefault(path.suffix, []).append(path.stat().st_size)
    connection = sqlite3.connect(folder / "complaints.db")
    tables = [
        name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    rows = {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables
    }
    connection.close()
    return {"files": {kind: sorted(sizes) for kind, sizes in files.items()}, "rows": rows}
