"""Cards in the outbox, and those that were clicked."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A parcel may be a card; a card serves once."""
    op.add_column(
        "outbox", sa.Column("card", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.create_table(
        "spent_cards",
        sa.Column("card", sa.LargeBinary(length=16), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("card", name=op.f("pk_spent_cards")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("spent_cards")
    op.drop_column("outbox", "card")
