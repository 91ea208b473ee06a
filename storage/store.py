"""The store as one thing: opened in order, checked, closed in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.backgrounds import SqlBackgrounds
from storage.books import SqlBooks
from storage.claims import SqlClaims
from storage.closing_shelf import SqlClosingShelf
from storage.compared import SqlCompared
from storage.cursors import SqlCursors
from storage.digest_shelf import SqlDigestShelf
from storage.disputes import SqlDisputes
from storage.engine import Database, open_database
from storage.invites import SqlInvites
from storage.keys import FileKeyring
from storage.ledger import SqlLedger
from storage.limit_log import SqlLimitLog
from storage.limit_notes import SqlLimitNotes
from storage.matches import SqlMatches
from storage.outbox import SqlOutbox
from storage.proof_log import SqlProofLog
from storage.registers import SqlRegisters
from storage.registry import SqlRegistry
from storage.retention import SqlRetention
from storage.route_log import SqlRouteLog
from storage.spendings import SqlSpendings
from storage.spent_cards import SqlSpentCards
from storage.upgrades import require_head


@dataclass(frozen=True, slots=True)
class Store:
    """The ports of `handlers.ports` on one database and one folder of keys."""

    books: SqlBooks
    ledger: SqlLedger
    disputes: SqlDisputes
    outbox: SqlOutbox
    shelf: SqlDigestShelf
    closings: SqlClosingShelf
    backgrounds: SqlBackgrounds
    registry: SqlRegistry
    cursors: SqlCursors
    claims: SqlClaims
    keyring: FileKeyring
    retention: SqlRetention
    spendings: SqlSpendings
    routes: SqlRouteLog
    invites: SqlInvites
    limit_log: SqlLimitLog
    registers: SqlRegisters
    matches: SqlMatches
    compared: SqlCompared
    limit_notes: SqlLimitNotes
    proof_log: SqlProofLog
    spent_cards: SqlSpentCards


@asynccontextmanager
async def open_store(
    url: str,
    key_dir: Path,
    token_bytes: Callable[[int], bytes],
    *,
    create: bool = True,
    counts: bool = True,
) -> AsyncIterator[Store]:
    """Open the database and the key folder, and close them after what waits is written.

    An empty database gets the schema unless `create` is False. Keys of closed weeks that a crash
    left behind are destroyed. Whoever `counts` takes the missing key of an open week for lost,
    marks the week incomplete and begins a new key; a command that only looks or registers does
    not, as it may have been started with another key folder.

    Raises BadInput, UnsafeStore, WrongSchema or BooksUnavailable; then nothing was changed.
    """
    database = await open_database(url)
    try:
        await require_head(database, create=create)
        await database.erase_remnants()  # what a killed program or a long reader left behind
        store = await _assembled(database, key_dir, token_bytes, counts)
        writer = asyncio.create_task(store.books.run(), name="books")
        try:
            yield store
        finally:
            store.books.close()
            await writer
    finally:
        await database.close()


async def _assembled(
    database: Database, key_dir: Path, token_bytes: Callable[[int], bytes], counts: bool
) -> Store:
    ledger = SqlLedger(database)
    keyring = FileKeyring(key_dir, token_bytes, closed=await ledger.closed_weeks())
    for week in await ledger.open_weeks() if counts else ():
        if not keyring.holds_tags(week):
            await ledger.mark_incomplete(week)
            keyring.tags(week)
    registry = SqlRegistry(database)
    await registry.load()
    registers = SqlRegisters(database)
    await registers.load()
    return Store(
        books=SqlBooks(database),
        ledger=ledger,
        disputes=SqlDisputes(database),
        outbox=SqlOutbox(database),
        shelf=SqlDigestShelf(database),
        closings=SqlClosingShelf(database),
        backgrounds=SqlBackgrounds(database),
        registry=registry,
        cursors=SqlCursors(database),
        claims=SqlClaims(database),
        keyring=keyring,
        retention=SqlRetention(database),
        spendings=SqlSpendings(database),
        routes=SqlRouteLog(database),
        invites=SqlInvites(database),
        limit_log=SqlLimitLog(database),
        registers=registers,
        matches=SqlMatches(database),
        compared=SqlCompared(database),
        limit_notes=SqlLimitNotes(database),
        proof_log=SqlProofLog(database, token_bytes),
        spent_cards=SqlSpentCards(database),
    )
