"""Versions of limits, registers, emergencies, marked days; how episodes stand to registers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004c"
branch_labels = None
depends_on = None

TABLES = (
    "limit_changes", "filings", "emergencies", "marks", "register_steps", "limit_notes", "filed",
)  # fmt: skip
NUMBERS = ("declared", "registered", "unlisted")


def _number() -> sa.Column[int]:
    return sa.Column(
        "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
    )


def _word(name: str, length: int = 32) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Seven tables, and three numbers in every tally."""
    op.create_table(
        "limit_changes",
        _number(),
        _word("measure"),
        _word("scope"),
        _word("window"),
        _word("only", 64),
        sa.Column("at_most", sa.Integer(), nullable=False),
        _word("ground"),
        _word("basis", 64),
        sa.Column("basis_text", sa.Text(), nullable=False),
        sa.Column("warn_at", sa.Integer(), nullable=False),
        _word("days"),
        _word("actions", 64),
        sa.Column("removed", sa.Boolean(), nullable=False),
        _word("source"),
        _word("state"),
        _moment("proposed_at"),
        _word("by", 64),
        _word("confirmed_by", 64),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_limit_changes")),
    )
    op.create_table(
        "filings",
        _word("number", 64),
        _word("sort"),
        _word("title", 256),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        _word("unit", 64),
        _word("line", 64),
        sa.Column("kinds", sa.Integer(), nullable=False),
        _word("words", 1024),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_filings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "emergencies",
        _word("id", 64),
        _word("basis", 256),
        _word("level", 64),
        _moment("starts"),
        _moment("ends"),
        _word("by", 64),
        _word("group_code", 64),
        _word("unit", 64),
        _moment("closed_at", nullable=True),
        _word("closed_by", 64),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergencies")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "marks",
        _word("id", 64),
        _word("sort"),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        _word("by", 64),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        _word("unit", 64),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "register_steps",
        _number(),
        _moment("at"),
        _word("by", 64),
        _word("deed"),
        _word("subject", 64),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_register_steps")),
    )
    op.create_table(
        "limit_notes",
        _word("subject", 256),
        sa.Column("first", sa.Date(), nullable=False),
        _word("level"),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "first", name=op.f("pk_limit_notes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "filed",
        sa.Column("week", sa.Integer(), nullable=False),
        _word("group_code", 64),
        sa.Column("episode", sa.LargeBinary(length=8), nullable=False),
        _word("number", 64),
        _word("how"),
        sa.PrimaryKeyConstraint("week", "group_code", "episode", "number", name=op.f("pk_filed")),
        sqlite_with_rowid=False,
    )
    for name in NUMBERS:
        op.add_column(
            "tallies",
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")),
        )


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("tallies") as tallies:
        for name in NUMBERS:
            tallies.drop_column(name)
    for name in reversed(TABLES):
        op.drop_table(name)
