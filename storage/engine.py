"""Opens the database and runs pieces of SQL on it: reads side by side, writes in order.

A piece of SQL is a plain function on a synchronous `Connection`, the same for both databases. On
PostgreSQL it runs on asyncpg through `run_sync`. SQLite has one writer anyway, so one thread owns
the connection that writes: a transaction of five statements then costs one change of thread
(0.1 ms) instead of one per driver call (2 ms with aiosqlite), and no two writers of this process
ever wait for one another's lock. Reads go through aiosqlite and may not write.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.domain.errors import BadInput, BooksUnavailable, StoreError, UnsafeStore

T = TypeVar("T")
Work = Callable[[Connection], T]

FILE_MODE = 0o600
FOLDER_MODE = 0o700
BUSY_WAIT = 20_000  # milliseconds, as SQLite takes them
ERASURE_WAIT = 500
OLDEST_SQLITE = (3, 35, 0)

# busy_timeout comes first: the others may have to wait for another process.
PRAGMAS: tuple[tuple[str, str, object], ...] = (
    ("busy_timeout", str(BUSY_WAIT), BUSY_WAIT),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("temp_store", "MEMORY", 2),
    ("trusted_schema", "OFF", 0),
    ("wal_autocheckpoint", "4000", 4000),
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a database is for: the setting that names it, and the pragmas that it rests on."""

    setting: str
    pragmas: tuple[tuple[str, str, object], ...]


BOOKS = Purpose("QZ_DATABASE__URL", PRAGMAS)


class ValuesRefused(BooksUnavailable):
    """The database works; it is these values that it did not take."""


class Database(Protocol):
    """Where the books are. Every method raises BooksUnavailable when nothing was done.

    What has begun goes on to its end when its caller is cancelled, and `close` waits for it.
    """

    @property
    def dialect(self) -> Dialect:
        """The tongue of SQL it speaks."""
        ...

    async def read(self, work: Work[T]) -> T:
        """Run a piece that only reads, on one snapshot where it is one statement."""
        ...

    async def write(self, work: Work[T]) -> T:
        """Run a piece in one transaction and return after its commit is durable."""
        ...

    async def erase_remnants(self) -> bool:
        """Make deleted rows unreadable in the files; False when a reader stood in the way."""
        ...

    async def rewrite_files(self, tables: Sequence[Table]) -> None:
        """Write these tables anew, in the order of their keys; what was deleted is in no file,
        and no row tells when it was written."""
        ...

    async def close(self) -> None:
        """Finish what runs and close all connections."""
        ...


async def open_database(url: str, purpose: Purpose = BOOKS) -> Database:
    """The database behind a URL.

    Raises BadInput for a URL of another kind, UnsafeStore when a pragma or the file's mode is not
    in force, BooksUnavailable when it cannot be reached.
    """
    parsed = _parsed(url, purpose.setting)
    database: Database
    if parsed.drivername == "sqlite+aiosqlite":
        database = SqliteDatabase(parsed, purpose.pragmas)
    else:
        database = PostgresDatabase(parsed)
    try:
        await database.write(_probe)
        await database.read(_probe)
    except BaseException:
        await database.close()
        raise
    return database


def _probe(connection: Connection) -> None:
    connection.exec_driver_sql("SELECT 1")


def _parsed(url: str, setting: str) -> URL:
    # The URL may hold a password, so no error repeats it.
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadInput(setting, "url", "expected.database") from None
    if parsed.drivername.startswith("postgresql") and parsed.drivername != "postgresql+asyncpg":
        raise BadInput(setting, "url", "expected.postgres")
    if parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise BadInput(setting, "url", "expected.database")
    if parsed.drivername == "sqlite+aiosqlite" and parsed.database in (None, "", ":memory:"):
        raise BadInput(setting, "url", "expected.durable")
    return parsed


@contextmanager
def _as_store_errors() -> Iterator[None]:
    # A driver's error text can quote values, so only the class of the error is passed on.
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, TimeoutError) as error:
        cause = type(getattr(error, "orig", None) or error).__name__
        kind = BooksUnavailable if _is_outage(error) else ValuesRefused
        raise kind(f"the database did not do it ({cause})") from None


def _is_outage(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(
            error, (OperationalError, InterfaceError)
        )
    if isinstance(error, sqlite3.Error):  # from where rows go to the driver directly
        return isinstance(error, (sqlite3.OperationalError, sqlite3.InternalError))
    return not isinstance(error, SQLAlchemyError)


class _Unbroken:
    """Runs what must not be broken off in the middle.

    A driver cut off in a call gives its connection up with a thread or a socket still at work on
    it: its answer comes when nobody listens, at worst after the loop has ended.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Future[Any]] = set()

    async def __call__(self, doing: Coroutine[Any, Any, T]) -> T:
        task = asyncio.ensure_future(doing)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def settled(self) -> None:
        """Return when nothing of it runs any more."""
        while self._running:
            await asyncio.wait(tuple(self._running))


class SqliteDatabase:
    """One file: a thread that writes, and a few connections that read."""

    def __init__(self, url: URL, pragmas: tuple[tuple[str, str, object], ...] = PRAGMAS) -> None:
        refuse_old_sqlite(sqlite3.sqlite_version_info)
        path = Path(url.database or "")
        _private_file(path)
        self._writer = create_engine(
            url.set(drivername="sqlite+pysqlite"),
            pool_size=1,
            max_overflow=0,
            pool_reset_on_return=None,
            hide_parameters=True,
        )
        self._readers = create_async_engine(
            url, pool_size=4, max_overflow=4, pool_reset_on_return=None, hide_parameters=True
        )
        _prepare(self._writer, pragmas, begin="BEGIN IMMEDIATE", read_only=False)
        _prepare(self._readers.sync_engine, pragmas, begin="BEGIN", read_only=True)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="books")
        self._reading = _Unbroken()
        self._closed = False

    @property
    def dialect(self) -> Dialect:
        """SQLite's."""
        return self._writer.dialect

    async def read(self, work: Work[T]) -> T:
        """See Database."""
        if self._closed:
            raise BooksUnavailable("the database is closed")
        with _as_store_errors():
            return await self._reading(self._read(work))

    async def _read(self, work: Work[T]) -> T:
        async with self._readers.begin() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Work[T]) -> T:
        """See Database."""
        return await self._in_thread(lambda: self._transact(work))

    async def erase_remnants(self) -> bool:
        """Empty the write-ahead log into the file, whose freed pages are overwritten."""
        return await self._in_thread(self._checkpoint)

    async def rewrite_files(self, tables: Sequence[Table]) -> None:
        """See Database; the whole file, as SQLite does it."""
        await self._in_thread(self._vacuum)

    async def close(self) -> None:
        """See Database."""
        if self._closed:
            return
        await self._in_thread(self._writer.dispose)
        self._closed = True
        self._thread.shutdown()
        await self._reading.settled()
        await self._readers.dispose()

    async def _in_thread(self, act: Callable[[], T]) -> T:
        if self._closed:
            raise BooksUnavailable("the database is closed")
        with _as_store_errors():
            return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    def _transact(self, work: Work[T]) -> T:
        with self._writer.begin() as connection:
            return work(connection)

    def _vacuum(self) -> None:
        raw = self._writer.raw_connection()
        try:
            raw.cursor().execute("VACUUM")
        finally:
            raw.close()

    def _checkpoint(self) -> bool:
        raw = self._writer.raw_connection()
        try:
            cursor = raw.cursor()
            # Writers wait meanwhile, so a long reader is not waited for: the next one erases.
            cursor.execute(f"PRAGMA busy_timeout={ERASURE_WAIT}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = cursor.fetchone() or (1,)
            cursor.execute(f"PRAGMA busy_timeout={BUSY_WAIT}")
            cursor.close()
        finally:
            raw.close()
        return not busy


class PostgresDatabase:
    """A server; writers of several processes meet in `ON CONFLICT` and advisory locks."""

    def __init__(self, url: URL) -> None:
        self._engine: AsyncEngine = create_async_engine(
            url,
            pool_size=5,
            max_overflow=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"server_settings": {"application_name": "qingzhuang"}},
        )
        self._working = _Unbroken()

    @property
    def dialect(self) -> Dialect:
        """PostgreSQL's."""
        return self._engine.dialect

    async def read(self, work: Work[T]) -> T:
        """See Database."""
        return await self.write(work)

    async def write(self, work: Work[T]) -> T:
        """See Database."""
        with _as_store_errors():
            return await self._working(self._transact(work))

    async def _transact(self, work: Work[T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def erase_remnants(self) -> bool:
        """Nothing to do here: the server's own vacuum reuses the rows."""
        return True

    async def rewrite_files(self, tables: Sequence[Table]) -> None:
        """See Database; nobody reads or writes the tables meanwhile."""

        def cluster(connection: Connection) -> None:
            for table in tables:
                # A row carries the number of the transaction that wrote it, and keeps it when it
                # is moved. Numbers tell the order, and of a spool in equal steps the time.
                key = next(iter(table.primary_key.columns))
                connection.execute(update(table).values({key: key}))
                connection.exec_driver_sql(f'CLUSTER "{table.name}" USING "pk_{table.name}"')

        await self.write(cluster)

    async def close(self) -> None:
        """See Database."""
        await self._working.settled()
        await self._engine.dispose()


def refuse_old_sqlite(found: tuple[int, int, int]) -> None:
    """Raise StoreError for a library without RETURNING and MATERIALIZED."""
    if found < OLDEST_SQLITE:
        needed, has = (".".join(map(str, version)) for version in (OLDEST_SQLITE, found))
        raise StoreError(f"this Python brings SQLite {has}; {needed} or newer is needed")


def _private_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        path.touch(mode=FILE_MODE)
        path.chmod(FILE_MODE)
    except OSError as error:
        raise UnsafeStore(f"the database file cannot be made private ({error.strerror})") from None
    if path.stat().st_mode & 0o077:
        raise UnsafeStore("the database file can be read by others: expected mode 0600")


def _prepare(
    engine: Engine, pragmas: tuple[tuple[str, str, object], ...], *, begin: str, read_only: bool
) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        # The driver's own transactions lose updates; ours begin where `begin` says.
        connection.isolation_level = None
        cursor = connection.cursor()
        for name, value, expected in pragmas:
            cursor.execute(f"PRAGMA {name}={value}")
            cursor.execute(f"PRAGMA {name}")
            found = cursor.fetchone()[0]
            if found != expected:
                raise UnsafeStore(f"SQLite's {name} is {found}, expected {expected}")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
