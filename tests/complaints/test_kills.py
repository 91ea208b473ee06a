"""kill -9 while slots and rewrites go on: whole slots, no record twice, the next start finishes."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from bot.domain.periods import Week
from handlers.complaints.spool import SLOT_RECORDS
from storage.complaints.store import open_reports
from tests.complaints.house import ZONE, BotSide, new_office

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import asyncio, sys
from pathlib import Path
from storage.complaints.store import open_reports
from tests.complaints.house import BotSide, new_office

async def main(folder):
    async with open_reports(f"sqlite+aiosqlite:///{folder / 'complaints.db'}") as reports:
        bot = BotSide(reports, folder, [new_office().key])
        print("begun", flush=True)
        while True:
            for unit in ("U1", "U2", "U3"):
                await bot.box.submit(bot.complaint(unit=unit))
            await bot.slots(9)
            await bot.next_monday()

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_whatever_a_kill_interrupts_the_store_is_whole(tmp_path):
    draw = random.Random(5)
    for number in range(200 if os.environ.get("SOAK") else 6):
        folder = tmp_path / str(number)
        folder.mkdir()
        writer = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WRITER, str(folder)),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        # So many bytes of the file are waited for, not so many seconds.
        wanted = draw.randrange(150_000, 900_000)
        path = folder / "complaints.db"
        async with asyncio.timeout(100):
            assert await writer.stdout.readline() == b"begun\n"
            while path.stat().st_size < wanted and not list(folder.rglob("*.qzbatch")):
                assert writer.returncode is None
                await asyncio.sleep(0.01)
        writer.send_signal(signal.SIGKILL)
        await writer.wait()

        await _starts_again(folder)


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
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    assert size % SLOT_RECORDS == 0
