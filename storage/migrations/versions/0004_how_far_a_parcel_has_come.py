"""How far a parcel has come, what goes first, and what was used of the quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns of the outbox, and the table of spendings."""
    for name in ("urgency", "parts"):
        op.add_column(
            "outbox",
            sa.Column(name, sa.SmallInteger(), nullable=False, server_default=sa.text("0")),
        )
    for name in ("expires_at", "said_at"):
        op.add_column("outbox", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "outbox",
        sa.Column("receipts", sa.Text(), nullable=False, server_default=sa.text("''")),
    )
    op.create_table(
        "spendings",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=256), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "account", "day", name=op.f("pk_spendings")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("spendings")
    for name in ("receipts", "said_at", "parts", "expires_at", "urgency"):
        op.drop_column("outbox", name)
