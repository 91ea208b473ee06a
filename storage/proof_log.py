"""The proof log: leaves that are only ever added, what they commit to, and checkpoints."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.log_leaves import NO_LEAF, NONCE_BYTES, Entry, Leaf, LeafKind, chained, commit
from bot.domain.periods import Week
from handlers.proof_ports import Opening
from storage import tables
from storage.deriving import standing_hour
from storage.engine import Database

_leaves, _checkpoints = tables.proof_leaves, tables.proof_checkpoints


class SqlProofLog:
    """The ProofLog port on SQLAlchemy."""

    def __init__(self, database: Database, token_bytes: Callable[[int], bytes]) -> None:
        self._database = database
        self._token_bytes = token_bytes

    async def append(self, entries: Sequence[Entry], at: int) -> int:
        """See handlers.proof_ports.ProofLog."""
        nonces = [self._token_bytes(NONCE_BYTES) for _ in entries]
        return await self._database.write(
            lambda connection: _append(connection, entries, nonces, at)
        )

    async def subjects(self, kinds: Collection[LeafKind]) -> Sequence[str]:
        """See handlers.proof_ports.ProofLog."""
        rows = select(_leaves.c.subject).where(_leaves.c.kind.in_([*kinds]))
        rows = rows.order_by(_leaves.c.number)
        return await self._database.read(lambda connection: connection.scalars(rows).all())

    async def last_leaf(self, kinds: Collection[LeafKind]) -> bytes | None:
        """See handlers.proof_ports.ProofLog."""
        rows = select(_leaves.c.line).where(_leaves.c.kind.in_([*kinds]))
        rows = rows.order_by(_leaves.c.number.desc()).limit(1)
        found = await self._database.read(lambda connection: connection.scalar(rows))
        return None if found is None else found.encode()

    async def last_content(self, kind: LeafKind) -> bytes | None:
        """See handlers.proof_ports.ProofLog."""
        rows = select(_leaves.c.content).where(_leaves.c.kind == kind)
        rows = rows.order_by(_leaves.c.number.desc()).limit(1)
        found = await self._database.read(lambda connection: connection.scalar(rows))
        return None if found is None else zlib.decompress(found)

    async def lines(self, *, kinds: Collection[LeafKind] = ()) -> Sequence[bytes]:
        """See handlers.proof_ports.ProofLog."""
        rows = select(_leaves.c.line).order_by(_leaves.c.number)
        if kinds:
            rows = rows.where(_leaves.c.kind.in_([*kinds]))
        found = await self._database.read(lambda connection: connection.scalars(rows).all())
        return [line.encode() for line in found]

    async def openings(self, size: int) -> Sequence[Opening]:
        """See handlers.proof_ports.ProofLog."""
        rows = select(_leaves.c.number, _leaves.c.nonce, _leaves.c.content).where(
            _leaves.c.number < size, _leaves.c.content.is_not(None)
        )
        rows = rows.order_by(_leaves.c.number)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [Opening(row.number, row.nonce, zlib.decompress(row.content)) for row in found]

    async def forget_hours(self, before: str) -> None:
        """See handlers.proof_ports.ProofLog."""
        gone = update(_leaves).where(
            _leaves.c.kind == LeafKind.HOUR,
            _leaves.c.subject < f"hour {before}",
            _leaves.c.content.is_not(None),
        )
        forget = gone.values(nonce=None, content=None)
        await self._database.write(lambda connection: connection.execute(forget))

    async def keep_checkpoint(self, size: int, note: bytes) -> None:
        """See handlers.proof_ports.ProofLog."""

        def write(connection: Connection) -> None:
            make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            row = make(_checkpoints).values(size=size, note=note.decode())
            connection.execute(row.on_conflict_do_nothing())

        await self._database.write(write)

    async def checkpoints(self) -> Sequence[tuple[int, bytes]]:
        """See handlers.proof_ports.ProofLog."""
        rows = select(_checkpoints).order_by(_checkpoints.c.size)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [(row.size, row.note.encode()) for row in found]

    async def hour_counts(
        self, week: Week, weekday: int, hour: int
    ) -> Sequence[tuple[str, str, str, int]]:
        """See handlers.proof_ports.ProofLog."""
        rows = standing_hour(week, weekday, hour)
        found = await self._database.read(lambda connection: connection.execute(rows).all())
        return [(row[0], row[1], row[2], row[3]) for row in found]


def _append(
    connection: Connection, entries: Sequence[Entry], nonces: Sequence[bytes], at: int
) -> int:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE proof_leaves IN SHARE ROW EXCLUSIVE MODE")
    wanted = [entry.subject for entry in entries]
    there = set(connection.scalars(select(_leaves.c.subject).where(_leaves.c.subject.in_(wanted))))
    number = connection.scalar(select(func.coalesce(func.max(_leaves.c.number) + 1, 0))) or 0
    last = connection.scalar(select(_leaves.c.line).where(_leaves.c.number == number - 1))
    before = NO_LEAF if last is None else chained(last.encode())
    rows: list[dict[str, object]] = []
    for entry, nonce in zip(entries, nonces, strict=True):
        if entry.subject in there:
            continue
        there.add(entry.subject)
        leaf = leaf_of(entry, number + len(rows), at, before, nonce)
        before = chained(leaf.line())
        rows.append(
            {
                "number": leaf.n,
                "kind": leaf.kind.value,
                "subject": leaf.subject,
                "line": leaf.line().decode(),
                "nonce": None if entry.content is None else nonce,
                "content": None if entry.content is None else zlib.compress(entry.content),
            }
        )
    if rows:
        connection.execute(insert(_leaves), rows)
    return len(rows)


def leaf_of(entry: Entry, n: int, at: int, before: str, nonce: bytes) -> Leaf:
    """The leaf that an entry becomes."""
    commitment = "" if entry.content is None else commit(nonce, entry.content)
    return Leaf(n, at, before, entry.kind, entry.subject, entry.said, commitment)
