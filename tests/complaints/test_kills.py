"""kill -9 while slots and rewrites go on: whole slots, no record twice, nothing that was written is
lost, the next start finishes; and an orderly stop loses nothing at all (goal G11).

Six kills in every run, a thousand with `SOAK=1`; `KILLS=100` says how many.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.periods import Week
from handlers.complaints.spool import SLOT_RECORDS
from storage.complaints.store import open_reports
from tests.complaints.house import ZONE, BotSide, new_office

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("KILLS", "1000" if os.environ.get("SOAK") else "6"))
pytestmark = pytest.mark.timeout(240 + 10 * KILLS)
STOPS = max(2, KILLS // 20)
# It says which lookup tags it took (a receipt was shown) and which of them it knows to be at rest.
WRITER = """
import asyncio, signal, sys
from pathlib import Path
from storage.complaints.store import open_reports
from tests.complaints.house import BotSide, new_office

async def main(folder):
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_reports(f"sqlite+aiosqlite:///{folder / 'complaints.db'}") as reports:
        bot = BotSide(reports, folder, [new_office().key])
        told = {}

        def tell():
            waiting = {each.report.lookup for each in bot.box.spool.queue}
            for tag in [tag for tag in told if tag not in waiting and not told[tag]]:
                told[tag] = True
                print("kept", tag.hex(), flush=True)

        print("begun", flush=True)
        while not stop.is_set():
            for unit in ("U1", "U2", "U3"):
                await bot.box.submit(bot.complaint(unit=unit))
                tag = bot.box.spool.queue[-1].report.lookup
                told[tag] = False
                print("took", tag.hex(), flush=True)
            for _ in range(9):
                await bot.slots(1)
                tell()
            await bot.next_monday()
            print("rewritten", flush=True)
        for unit in ("U1", "U2", "U3"):
            await bot.box.submit(bot.complaint(unit=unit))
            print("took", bot.box.spool.queue[-1].report.lookup.hex(), flush=True)
        await bot.box.stop()

asyncio.run(main(Path(sys.argv[1])))
"""


class Writer:
    """A process that takes complaints, writes slots and rewrites, until it is ended."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.took: set[str] = set()
        self.kept: set[str] = set()

    @classmethod
    @asynccontextmanager
    async def begin(cls, folder: Path) -> AsyncIterator[Writer]:
        """Start it in an empty folder; it never ends by itself, so it is ended whatever fails."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WRITER, str(folder)),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        try:
            yield cls(process)
        finally:
            if process.returncode is None:
                process.kill()
                async with asyncio.timeout(100):
                    await process.communicate()

    async def read(self, lines: int | None) -> None:
        """So many lines of what it says, or all to its end."""
        assert self.process.stdout is not None
        async with asyncio.timeout(100):
            while lines is None or lines > 0:
                line = (await self.process.stdout.readline()).decode()
                if not line.endswith("\n"):  # nothing more, or a word that the kill cut off
                    assert lines is None, "it ended by itself"
                    return
                said, *tags = line.split()
                if said in ("took", "kept"):
                    (self.took if said == "took" else self.kept).update(tags)
                lines = None if lines is None else lines - 1

    async def end(self, with_signal: signal.Signals) -> None:
        """End it and hear what it still had to say."""
        self.process.send_signal(with_signal)
        await self.read(None)
        async with asyncio.timeout(100):
            await self.process.wait()


async def test_whatever_a_kill_interrupts_the_store_is_whole_and_loses_nothing_written(tmp_path):
    draw = random.Random(5)
    for number in range(KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with Writer.begin(folder) as writer:
            # So many lines, not so many seconds; then, with luck, in the middle of something.
            await writer.read(draw.randrange(2, 40))
            for _ in range(draw.randrange(2000)):
                await asyncio.sleep(0)
            await writer.end(signal.SIGKILL)

        await _starts_again(folder)
        assert await _at_rest(folder, writer.kept) == writer.kept


async def test_an_orderly_stop_leaves_every_receipt_that_was_shown_at_rest(tmp_path):
    draw = random.Random(6)
    for number in range(STOPS):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with Writer.begin(folder) as writer:
            await writer.read(draw.randrange(2, 20))
            await writer.end(signal.SIGTERM)

        assert writer.process.returncode == 0
        await _starts_again(folder)
        assert await _at_rest(folder, writer.took) == writer.took


async def _at_rest(folder: Path, tags: set[str]) -> set[str]:
    with closing(sqlite3.connect(folder / "complaints.db")) as connection:
        rows = connection.execute("SELECT hex(lookup) FROM reports").fetchall()
    return {tag.lower() for (tag,) in rows} & tags


async def _starts_again(folder: Path) -> None:
    path = folder / "complaints.db"
    async with open_reports(f"sqlite+aiosqlite:///{path}") as reports:
        bot = BotSide(reports, folder, [new_office().key])
        waiting = await reports.held_weeks(Week(2040, 1))
        if waiting:
            bot.clock.at = waiting[-1].ends_at(ZONE) + timedelta(hours=3)
        await bot.rewrite()
        assert await reports.is_reclaimed()
        assert await reports.unwritten() == []
        files = {file.name for file in bot.batches()}
        assert len(files) == len(await reports.batches())
        size = await reports.size()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert size % SLOT_RECORDS == 0
