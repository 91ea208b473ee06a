"""A command run to its end: wall seconds, CPU seconds, peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command took; `peak_mb` is the most that was resident."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def ran(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
    """Run a command from the project's root; SystemExit when it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    told = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise SystemExit(f"{command[1:4]} ended with {process.returncode}: {told.decode()[-400:]}")
    return Ran(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def own_environment(folder: Path) -> dict[str, str]:
    """This process's variables without settings of ours, and a data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QZ_")}
    return kept | {"QZ_DATA_DIR": str(folder)}
