"""kill -9 at every step of a delivery into a folder: looked at again, it is certain, and whole."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.attachments import Enclosures
from bot.domain.issues import Issue
from bot.domain.private import Opaque
from bot.platforms.folder.speaker import FolderSpeaker
from config.calendar import load_calendar
from handlers.deliver import MOST_REPEATS, DeliverParcels
from handlers.pacing import Pacing
from handlers.ports import DeliveryState, Destination, Parcel
from storage.store import Store, open_store
from tests.scenarios.week_end_house import OFFICE_HOURS, SHANGHAI, MovedClock, at

ROOT = Path(__file__).resolve().parents[2]
MONDAY = at("2026-10-19 09:00")
FILES = {"digest-2026-W42-office.md": b"# words", "proof-2026-W42.log": b"{}\n"}
NAME = "2026-W42-office"
STEPS = 6
"""Two files and the folder flushed, the move, the share flushed, the outcome written."""

DELIVERS = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.process.test_folder_kills import deliver_in

left = int(sys.argv[2])

def dying(real):
    def call(*given, **more):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real(*given, **more)
    return call

os.fsync, os.rename = dying(os.fsync), dying(os.rename)
asyncio.run(deliver_in(Path(sys.argv[1]), dying))
"""


async def enclosed(_issue: Issue, _wanted: Enclosures) -> Mapping[str, bytes]:
    return FILES


def delivering(store: Store, folder: Path) -> DeliverParcels:
    clock = MovedClock(MONDAY)
    return DeliverParcels(
        store.outbox,
        {"folder": FolderSpeaker({"county": folder / "share"}, ("md",))},
        clock,
        load_calendar(),
        OFFICE_HOURS,
        SHANGHAI,
        random=lambda: 0.5,
        pacing=Pacing({}, store.spendings, clock, SHANGHAI),
        enclosed=enclosed,
    )


def books(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'books.db'}"


async def deliver_in(folder: Path, dying: object) -> None:
    """What the program does, until it is killed."""
    async with open_store(books(folder), folder / "keys", secrets.token_bytes) as store:
        deliver = delivering(store, folder)
        store.outbox.settle = dying(store.outbox.settle)  # type: ignore[operator, method-assign]
        await deliver()


async def put(store: Store) -> None:
    share = Destination("folder", "folder", True, Opaque("county"))
    await store.outbox.put(
        [Parcel(f"digest:2026-W42:office:{'0' * 16}", share, "周报", "w", MONDAY)]
    )


def killed_after(folder: Path, steps: int) -> int:
    done = subprocess.run(
        [sys.executable, "-c", DELIVERS, str(folder), str(steps)],
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    return done.returncode


async def states(store: Store) -> list[DeliveryState]:
    return [one.state for one in await store.outbox.listed(list(DeliveryState))]


@pytest.mark.parametrize("steps", range(STEPS))
async def test_whenever_it_is_killed_the_next_start_delivers_it_once(
    tmp_path: Path, steps: int
) -> None:
    (tmp_path / "share").mkdir()
    async with open_store(books(tmp_path), tmp_path / "keys", secrets.token_bytes) as store:
        await put(store)

    assert killed_after(tmp_path, steps) == -signal.SIGKILL

    async with open_store(books(tmp_path), tmp_path / "keys", secrets.token_bytes) as store:
        deliver = delivering(store, tmp_path)
        assert await deliver.recover() == 1
        assert await deliver() == {DeliveryState.SENT: 1}
        assert await states(store) == [DeliveryState.SENT]
        assert await deliver() == {}
    (there,) = (tmp_path / "share").iterdir()
    assert there.name == NAME
    assert {each.name: each.read_bytes() for each in there.iterdir()} == FILES


async def test_nothing_kills_it_after_the_last_step(tmp_path: Path) -> None:
    """The steps above are all there are."""
    (tmp_path / "share").mkdir()
    async with open_store(books(tmp_path), tmp_path / "keys", secrets.token_bytes) as store:
        await put(store)

    assert killed_after(tmp_path, STEPS) == 0


async def test_what_lies_there_changed_is_refused_and_not_uncertain(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    async with open_store(books(tmp_path), tmp_path / "keys", secrets.token_bytes) as store:
        await put(store)
    killed_after(tmp_path, STEPS - 1)
    (tmp_path / "share" / NAME / "proof-2026-W42.log").write_bytes(b"other\n")

    async with open_store(books(tmp_path), tmp_path / "keys", secrets.token_bytes) as store:
        deliver = delivering(store, tmp_path)
        await deliver.recover()
        assert await deliver() == {DeliveryState.FAILED: 1}
        (failed,) = await store.outbox.listed([DeliveryState.FAILED])
    assert failed.error == "ContentRefused folder exists"


async def test_a_parcel_that_ends_the_process_each_time_is_left_to_the_operator(
    tmp_path: Path,
) -> None:
    async with open_store(books(tmp_path), tmp_path / "keys", secrets.token_bytes) as store:
        await put(store)
        for _ in range(MOST_REPEATS):
            assert len(await store.outbox.claim(MONDAY, 1)) == 1
            await store.outbox.recover()
            await store.outbox.repeat_uncertain(["folder"], MOST_REPEATS)

        assert await states(store) == [DeliveryState.UNCERTAIN]


async def test_a_fault_of_ours_is_tried_again_and_not_uncertain(tmp_path: Path) -> None:
    class Broken(FolderSpeaker):
        async def send_whole(self, _parcel: Parcel, _files: Mapping[str, bytes]) -> str:
            raise RuntimeError

    async with open_store(books(tmp_path), tmp_path / "keys", secrets.token_bytes) as store:
        await put(store)
        await replace(delivering(store, tmp_path), speakers={"folder": Broken({}, ("md",))})()
        (waiting,) = await store.outbox.listed([DeliveryState.PENDING])

    assert waiting.error == "Unreachable RuntimeError"
    assert waiting.not_before > MONDAY + timedelta(seconds=1)
