"""Entries of registers that wait for a second person; who entered one; groups that are on duty."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0020"
branch_labels = None
depends_on = None

AUTHORS = 256


def _word(name: str, length: int = 32) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def upgrade() -> None:
    """One table, and two columns in the one of entries."""
    for name, length in (("group_code", 64), ("authors", AUTHORS)):
        op.add_column(
            "filings",
            sa.Column(
                name, sa.String(length=length), nullable=False, server_default=sa.text("''")
            ),
        )
    op.create_table(
        "filing_proposals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        _word("number", 64),
        _word("sort"),
        _word("title", 256),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        _word("unit", 64),
        _word("line", 64),
        _word("group_code", 64),
        sa.Column("kinds", sa.Integer(), nullable=False),
        _word("words", 1024),
        sa.Column("quota", sa.Integer(), nullable=True),
        _word("authors", AUTHORS),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        _word("state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_proposals")),
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("filing_proposals")
    with op.batch_alter_table("filings") as filings:
        filings.drop_column("authors")
        filings.drop_column("group_code")
