"""The complaint store at a glance: another database than the books, sealed records only.

Weeks are integers, 2026-W42 as 202642, and nothing is finer. No table has a row number, and keys
of records are random: neither tells an order. Nothing here can hold a sender, a text or a
receipt.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.domain.sealed_notes import ID_BYTES
from storage.tables import CODE, NAMES

metadata = MetaData(naming_convention=NAMES)

RANDOM_ID = LargeBinary(ID_BYTES)
MARK = LargeBinary(32)

batches = Table(
    "batches",
    metadata,
    Column("id", RANDOM_ID, primary_key=True),
    Column("week", Integer, nullable=False),
    Column("met", Boolean, nullable=False),
    Column("written", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

reports = Table(
    "reports",
    metadata,
    Column("id", RANDOM_ID, primary_key=True),
    Column("lookup", RANDOM_ID, nullable=False),
    Column("reply_key", MARK, nullable=False),
    Column("week", Integer, nullable=False),
    Column("body", LargeBinary, nullable=True),
    Column("unit", LargeBinary, nullable=True),
    Column("batch", RANDOM_ID, ForeignKey("batches.id"), nullable=True),
    UniqueConstraint("lookup"),
    sqlite_with_rowid=False,
)

# An answer for every record of a batch, dummies too; `closed_in` is the same for all of them.
replies = Table(
    "replies",
    metadata,
    Column("report", RANDOM_ID, ForeignKey("reports.id", ondelete="CASCADE"), nullable=False),
    Column("office", CODE, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("closed_in", Integer, nullable=True),
    PrimaryKeyConstraint("report", "office"),
    sqlite_with_rowid=False,
)

rewrites = Table(
    "rewrites",
    metadata,
    Column("week", Integer, primary_key=True, autoincrement=False),
    Column("purged", Integer, nullable=False),
    Column("reclaimed", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# Files that were applied, by the SHA-256 of their bytes.
applied = Table(
    "applied",
    metadata,
    Column("mark", MARK, primary_key=True),
    sqlite_with_rowid=False,
)

# Figures that an office returned for a week, as it signed them; `shown_in` is the digest's week.
# What the gate said of them: for which units the office answered then, and what was withdrawn;
# why it could not check them, and the digest that withheld what a later one shows.
returns = Table(
    "returns",
    metadata,
    Column("office", CODE, nullable=False),
    Column("week", Integer, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("shown_in", Integer, nullable=True),
    Column("verdict", String(16), nullable=True),
    Column("units", Text, nullable=True),
    Column("withdrawn", Text, nullable=True),
    Column("why", String(16), nullable=True),
    Column("withheld_in", Integer, nullable=True),
    PrimaryKeyConstraint("office", "week"),
    sqlite_with_rowid=False,
)

# `slot`: the number of the last slot written; `pepper`: 63 bits that know the pepper again.
marks = Table(
    "marks",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("value", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
