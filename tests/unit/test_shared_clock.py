"""The demo's clock: one sets it, every process reads it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.demo.clock import SharedClock


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
