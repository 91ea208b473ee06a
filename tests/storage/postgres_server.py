"""A PostgreSQL for the tests, shared by the workers of one run and stopped with the last."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

PREFIX = "qz-pg-"


def run_id() -> int:
    """The process that began this test run: pytest itself, or the parent of its workers."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def server_folder() -> Path:
    """A folder for this run, short enough for a socket and open to the server's own user.

    The package opens parent folders for that user, so it lies right under the temporary folder
    and not among pytest's own, which must stay private.
    """
    base = Path(tempfile.gettempdir())
    clear_abandoned(base)
    folder = base / f"{PREFIX}{run_id()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


def clear_abandoned(base: Path) -> None:
    """Stop and remove servers of runs that were killed; those of living runs stay."""
    for folder in base.glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX)
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        with suppress(OSError, ValueError, psutil.Error):
            pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
            server = psutil.Process(pid)
            if "postgres" in server.name() and str(folder) in " ".join(server.cmdline()):
                server.terminate()
                server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def remove_stopped(folder: Path) -> None:
    """Remove the folder of a server that no other worker keeps running."""
    if not (folder / "data" / "postmaster.pid").exists():
        shutil.rmtree(folder, ignore_errors=True)
