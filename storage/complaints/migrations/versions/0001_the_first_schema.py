"""The first schema of the complaint store."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first schema."""
    op.create_table(
        "applied",
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_applied")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "returns",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("shown_in", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("office", "week", name=op.f("pk_returns")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rewrites",
        sa.Column("week", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purged", sa.Integer(), nullable=False),
        sa.Column("reclaimed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_rewrites")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reply_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("unit", sa.LargeBinary(), nullable=True),
        sa.Column("batch", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_reports_batch_batches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("lookup", name=op.f("uq_reports_lookup")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "replies",
        sa.Column("report", sa.LargeBinary(length=16), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("closed_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report"],
            ["reports.id"],
            name=op.f("fk_replies_report_reports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report", "office", name=op.f("pk_replies")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Undo it."""
    for table in (
        "replies",
        "reports",
        "rewrites",
        "returns",
        "marks",
        "batches",
        "applied",
    ):
        op.drop_table(table)
