"""The demo's clock: one sets it, every process reads it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.demo.clock import SharedClock, look_when_asked


def test_another_process_reads_the_moment_that_was_set(tmp_path: Path) -> None:
    path, moment = tmp_path / "clock", datetime(2026, 10, 19, 0, 30, tzinfo=UTC)
    clock = SharedClock(path)
    clock.set(moment)

    program = (
        "import sys; from pathlib import Path; from bot.demo.clock import SharedClock;"
        "print(SharedClock(Path(sys.argv[1])).now().isoformat())"
    )
    read = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )

    assert datetime.fromisoformat(read.stdout.strip()) == moment == clock.now()
    clock.close()


async def test_the_bot_looks_at_once_and_then_only_when_it_is_asked_to(tmp_path: Path) -> None:
    clock, looks = SharedClock(tmp_path / "clock"), list[datetime]()
    clock.set(datetime(2026, 10, 19, 0, 30, tzinfo=UTC))

    async def look() -> None:
        looks.append(clock.now())

    async def taken(number: int) -> None:
        async with asyncio.timeout(10):
            while clock.looks_taken() < number:
                await asyncio.sleep(0)

    running = asyncio.ensure_future(look_when_asked(clock, timedelta(), look))
    try:
        first = clock.ask_for_a_look()
        await taken(first)
        before = len(looks)
        moved = datetime(2026, 10, 19, 9, tzinfo=UTC)
        clock.set(moved)
        await asyncio.sleep(0)
        assert len(looks) == before  # time alone is no reason to look
        await taken(clock.ask_for_a_look())
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert looks[0] < looks[-1] == moved
    clock.close()
