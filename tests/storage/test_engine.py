"""How the database is opened: pragmas in force, private files, clear refusals."""

from __future__ import annotations

import asyncio
import random
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import BadInput, BooksUnavailable, StoreError, UnsafeStore
from storage.engine import PRAGMAS, Purpose, open_database, refuse_old_sqlite


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.mark.parametrize("way", ["read", "write"])
async def test_every_connection_has_every_pragma_in_force(tmp_path, way):
    database = await open_database(url_of(tmp_path / "books.db"))

    def found(connection):
        return {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name, _, _ in PRAGMAS
        }

    in_force = await getattr(database, way)(found)
    await database.close()
    assert in_force == {name: expected for name, _, expected in PRAGMAS}
    assert in_force["journal_mode"] == "wal"
    assert in_force["secure_delete"] == 1
    assert in_force["synchronous"] == 2


async def test_a_pragma_that_is_not_in_force_is_refused(tmp_path):
    # No SQLite here refuses one of ours, so one that nobody can fulfil stands in.
    impossible = Purpose("QZ_DATABASE__URL", (*PRAGMAS, ("secure_delete", "OFF", 1)))

    with pytest.raises(UnsafeStore, match="secure_delete is 0, expected 1"):
        await open_database(url_of(tmp_path / "books.db"), impossible)


async def test_the_files_are_for_the_owner_alone(tmp_path):
    path = tmp_path / "data" / "books.db"
    database = await open_database(url_of(path))
    await database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE t (a)"))

    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    await database.close()

    assert {"books.db", "books.db-wal", "books.db-shm"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path):
    path = tmp_path / "books.db"
    path.touch(mode=0o644)

    database = await open_database(url_of(path))
    await database.close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_place_where_no_file_can_be_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(UnsafeStore, match="cannot be made private"):
        await open_database(url_of(tmp_path / "file" / "books.db"))


async def test_what_is_no_database_is_unavailable(tmp_path):
    (tmp_path / "books.db").write_bytes(b"not a database, and long enough to be looked at" * 50)

    with pytest.raises(BooksUnavailable, match="DatabaseError"):
        await open_database(url_of(tmp_path / "books.db"))


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("postgresql://qz:hunter2@db/books", "expected.postgres"),
        ("postgresql+psycopg://qz:hunter2@db/books", "expected.postgres"),
        ("mysql://qz:hunter2@db/books", "expected.database"),
        ("sqlite:///books.db", "expected.database"),
        ("sqlite+aiosqlite://", "expected.durable"),
        ("sqlite+aiosqlite:///:memory:", "expected.durable"),
        ("hunter2", "expected.database"),
    ],
)
async def test_another_url_is_refused_without_repeating_it(url, advice):
    with pytest.raises(BadInput, match=advice) as refused:
        await open_database(url)

    assert "hunter2" not in str(refused.value)


async def test_a_server_that_does_not_answer_is_unavailable(tmp_path):
    with pytest.raises(BooksUnavailable):
        await open_database(f"postgresql+asyncpg://qz:hunter2@/books?host={tmp_path}")


async def test_reading_cannot_write(tmp_path):
    database = await open_database(url_of(tmp_path / "books.db"))

    with pytest.raises(BooksUnavailable):
        await database.read(lambda connection: connection.exec_driver_sql("CREATE TABLE t (a)"))
    await database.close()


async def test_an_error_names_its_class_and_no_value(database_url):
    database = await open_database(database_url)

    def break_a_key(connection):
        for _ in range(2):
            connection.exec_driver_sql("INSERT INTO cursors VALUES ('a secret', 'value')")

    with pytest.raises(BooksUnavailable, match=r"IntegrityError|UniqueViolation") as refused:
        await database.write(break_a_key)
    await database.close()

    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


async def test_a_failed_write_leaves_nothing(database_url):
    database = await open_database(database_url)

    def half(connection):
        connection.exec_driver_sql("INSERT INTO cursors VALUES ('a', 'value')")
        raise IntegrityError("", None, Exception())

    with pytest.raises(BooksUnavailable):
        await database.write(half)

    def count(connection):
        return connection.exec_driver_sql("SELECT count(*) FROM cursors").scalar()

    assert await database.read(count) == 0
    await database.close()


async def test_a_closed_database_is_unavailable_and_closing_again_does_no_harm(tmp_path):
    database = await open_database(url_of(tmp_path / "books.db"))
    await database.close()
    await database.close()

    with pytest.raises(BooksUnavailable):
        await database.write(lambda connection: None)


def test_a_sqlite_that_is_too_old_is_named():
    refuse_old_sqlite((3, 35, 0))

    with pytest.raises(StoreError, match=r"SQLite 3\.34\.1; 3\.35\.0 or newer"):
        refuse_old_sqlite((3, 34, 1))


async def test_what_is_cut_off_in_the_middle_leaves_no_thread_and_no_lock_behind(database_url):
    before, draw = set(threading.enumerate()), random.Random(7)
    database = await open_database(database_url)
    await database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE cut (a INT)"))

    def put(connection):
        connection.exec_driver_sql("INSERT INTO cut VALUES (1)")

    def count(connection):
        return connection.exec_driver_sql("SELECT count(*) FROM cut").scalar()

    for _ in range(60):
        cut = [asyncio.create_task(database.read(count)) for _ in range(9)]
        cut.append(asyncio.create_task(database.write(put)))
        for _ in range(draw.randrange(40)):
            await asyncio.sleep(0)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
    last = asyncio.create_task(database.read(count))
    await asyncio.sleep(0)
    last.cancel()
    async with asyncio.timeout(100):
        assert await database.read(count) > 0
        await database.close()

    ours = [
        thread
        for thread in set(threading.enumerate()) - before
        if "connection_worker" in thread.name or "books" in thread.name
    ]
    for thread in ours:
        thread.join(10)  # it answers that it closed before it ends
    assert [thread.name for thread in ours if thread.is_alive()] == []
