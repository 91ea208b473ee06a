"""The complaint store opened and checked: a database of its own, beside the books."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage.complaints.reports import SqlReports
from storage.engine import BUSY_WAIT, Purpose, open_database
from storage.upgrades import Schema, require_head

# Each is read back after it is set. A write-ahead log would keep a second copy of every page, so
# there is none; freed pages are overwritten and given back.
PRAGMAS: tuple[tuple[str, str, object], ...] = (
    ("busy_timeout", str(BUSY_WAIT), BUSY_WAIT),
    ("auto_vacuum", "FULL", 1),
    ("journal_mode", "TRUNCATE", "truncate"),
    ("synchronous", "EXTRA", 3),
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("temp_store", "MEMORY", 2),
    ("trusted_schema", "OFF", 0),
)
COMPLAINTS = Purpose("QZ_COMPLAINTS__URL", PRAGMAS)
COMPLAINTS_SCHEMA = Schema(
    ("0001", "0002", "0003"), Path(__file__).parent / "migrations", COMPLAINTS
)


@asynccontextmanager
async def open_reports(url: str, *, create: bool = True) -> AsyncIterator[SqlReports]:
    """The store behind a URL; an empty database gets the schema unless `create` is False.

    Raises BadInput, UnsafeStore, WrongSchema or BooksUnavailable; then nothing was changed.
    """
    database = await open_database(url, COMPLAINTS)
    try:
        await require_head(database, COMPLAINTS_SCHEMA, create=create)
        yield SqlReports(database)
    finally:
        await database.close()
