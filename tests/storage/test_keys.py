"""Keys in files: private, made once, overwritten before they go."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from bot.domain.errors import UnsafeStore
from bot.domain.periods import Week
from storage.keys import FileKeyring
from storage.store import open_store
from tests.storage.entries import WEEK, demand

LAST, NEXT = WEEK.shifted(-1), WEEK.shifted(1)


def modes(folder) -> set[int]:
    return {stat.S_IMODE(entry.stat().st_mode) for entry in folder.iterdir()}


def test_a_key_outlives_the_program_in_a_private_file(tmp_path):
    folder = tmp_path / "keys"

    first = FileKeyring(folder, os.urandom).tags(WEEK)
    sketches = FileKeyring(folder, os.urandom).sketches(WEEK)
    again = FileKeyring(folder, os.urandom)

    assert again.tags(WEEK) == first
    assert again.sketches(WEEK) == sketches
    assert sorted(p.name for p in folder.iterdir()) == ["2026-W42.sketch", "2026-W42.tags"]
    assert modes(folder) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_others_could_read_is_closed_to_them(tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o755)

    FileKeyring(folder, os.urandom)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_place_where_no_folder_can_be_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(UnsafeStore, match="key folder"):
        FileKeyring(tmp_path / "file" / "keys", os.urandom)


def test_a_key_that_others_can_read_is_refused(tmp_path):
    FileKeyring(tmp_path, os.urandom).tags(WEEK)
    (tmp_path / "2026-W42.tags").chmod(0o644)

    with pytest.raises(UnsafeStore, match=r"2026-W42\.tags can be read by others"):
        FileKeyring(tmp_path, os.urandom).tags(WEEK)


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_damaged_key_is_refused_and_not_replaced(tmp_path, content):
    path = tmp_path / "2026-W42.tags"
    path.touch(mode=0o600)
    path.write_bytes(content)

    with pytest.raises(UnsafeStore, match="damaged"):
        FileKeyring(tmp_path, os.urandom).tags(WEEK)

    assert path.read_bytes() == content


def test_a_destroyed_key_was_overwritten_before_it_was_unlinked(tmp_path):
    keyring = FileKeyring(tmp_path, os.urandom)
    secret = keyring.tags(WEEK).secret
    held = (tmp_path / "2026-W42.tags").open("rb")

    keyring.destroy(WEEK)

    assert held.read() == bytes(32)
    held.close()
    assert list(tmp_path.iterdir()) == []
    assert keyring.tags(WEEK).secret != secret


def test_a_closed_week_gets_no_file_again(tmp_path):
    keyring = FileKeyring(tmp_path, os.urandom)
    keyring.tags(WEEK)
    keyring.destroy(WEEK)

    passing = keyring.tags(WEEK)

    assert keyring.tags(WEEK) == passing
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_a_crash_left_behind_goes_at_the_next_start(tmp_path):
    FileKeyring(tmp_path, os.urandom).tags(WEEK)

    FileKeyring(tmp_path, os.urandom, closed=[WEEK])

    assert list(tmp_path.iterdir()) == []


def test_closing_an_old_week_leaves_later_keys_alone(tmp_path):
    keyring = FileKeyring(tmp_path, os.urandom)
    for week in (LAST, WEEK, NEXT):
        keyring.tags(week)
        keyring.sketches(week)

    keyring.destroy(LAST)

    assert sorted(p.name for p in tmp_path.iterdir()) == [
        f"{LAST}.sketch", f"{WEEK}.sketch", f"{WEEK}.tags", f"{NEXT}.sketch", f"{NEXT}.tags",
    ]  # fmt: skip


def test_files_that_are_not_ours_are_left_alone(tmp_path):
    (tmp_path / "README.sketch").write_text("hands off")
    keyring = FileKeyring(tmp_path, os.urandom)

    keyring.destroy(Week(2030, 1))

    assert (tmp_path / "README.sketch").exists()


def test_of_many_who_make_a_key_at_once_all_get_the_same(tmp_path):
    found: list[bytes] = []
    start = threading.Barrier(8)

    def ask() -> None:
        keyring = FileKeyring(tmp_path, os.urandom)
        start.wait()
        found.append(keyring.tags(WEEK).secret)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["2026-W42.tags"]


async def test_a_key_that_is_gone_while_its_week_is_open_makes_the_week_incomplete(
    database_url, tmp_path
):
    keys = tmp_path / "keys"
    async with open_store(database_url, keys, os.urandom) as store:
        lost = store.keyring.tags(WEEK)
        kept = store.keyring.tags(NEXT)
        await store.books.record([demand("a"), demand("b", week=NEXT)])
    (keys / "2026-W42.tags").unlink()

    for _ in range(2):
        async with open_store(database_url, keys, os.urandom) as store:
            assert await store.ledger.was_lost(WEEK)
            assert not await store.ledger.was_lost(NEXT)
            assert store.keyring.tags(WEEK) != lost
            assert store.keyring.tags(NEXT) == kept


async def test_keys_of_closed_weeks_go_when_the_store_opens(sqlite_url, tmp_path):
    from datetime import UTC, datetime

    keys = tmp_path / "keys"
    async with open_store(sqlite_url, keys, os.urandom) as store:
        store.keyring.tags(WEEK)
        await store.books.record([demand("a")])
        await store.ledger.close(WEEK, datetime(2026, 10, 19, tzinfo=UTC), "2026.1")
        assert store.keyring.holds_tags(WEEK)

    async with open_store(sqlite_url, keys, os.urandom) as store:
        assert not store.keyring.holds_tags(WEEK)
        assert not await store.ledger.was_lost(WEEK)


def test_the_key_of_a_week_that_another_process_closed_leaves_memory_too(tmp_path):
    ours, theirs = FileKeyring(tmp_path, os.urandom), FileKeyring(tmp_path, os.urandom)
    key = ours.tags(WEEK)
    theirs.destroy(WEEK)

    ours.destroy_leftovers([WEEK])

    assert ours.tags(WEEK) != key
    assert list(tmp_path.iterdir()) == []


def test_looking_for_leftovers_leaves_a_passing_key_as_it_is(tmp_path):
    """A late message that is delivered twice is told by it."""
    keyring = FileKeyring(tmp_path, os.urandom, closed=[WEEK])
    passing = keyring.tags(WEEK)

    keyring.destroy_leftovers([WEEK])

    assert keyring.tags(WEEK) == passing
