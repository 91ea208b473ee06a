"""How soon `explain` answers and `serve` is ready, and what `serve` holds when idle.

    python -m bench.start [--runs N]

"bare import" is a Python that imports aiohttp and SQLAlchemy and ends: what nobody gets below.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.callbacks import free_port, settings
from bench.measuring import ROOT, own_environment, ran

TEXT = "请各村今天下午5点前把走访截图发到群里，逾期通报。"
IDLE_SECONDS = 3.0


def serving(folder: Path) -> tuple[float, float]:
    """Seconds until /readyz says so, and resident MB a little later."""
    port = free_port()
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=settings(folder, port)
    )
    try:
        while not ready(port):
            if process.poll() is not None or time.perf_counter() - start > 60:
                raise SystemExit("the server did not get ready")
            time.sleep(0.01)
        took = time.perf_counter() - start
        time.sleep(IDLE_SECONDS)
        held = Path(f"/proc/{process.pid}/status").read_text("utf-8")
        resident = next(line for line in held.splitlines() if line.startswith("VmRSS"))
        return took, int(resident.split()[1]) / 1024
    finally:
        process.terminate()
        process.wait(30)


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def run(runs: int) -> dict[str, float]:
    """Medians: seconds, and MB."""
    found: dict[str, list[float]] = {}
    for number in range(runs):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            bare = ran([sys.executable, "-c", "import aiohttp, sqlalchemy"])
            explained = ran(
                [sys.executable, "-m", "bot", "explain", TEXT], own_environment(folder)
            )
            took, resident = serving(folder / str(number))
            for name, value in (
                ("bare import, s", bare.seconds),
                ("bare import, MB", bare.peak_mb),
                ("explain, s", explained.seconds),
                ("explain, CPU s", explained.cpu_seconds),
                ("serve ready, s", took),
                ("serve idle, MB", resident),
            ):
                found.setdefault(name, []).append(value)
    return {name: statistics.median(values) for name, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    for name, value in run(parser.parse_args().runs).items():
        print(f"{name:<18}{value:>8.2f}")


if __name__ == "__main__":
    main()
