"""A dispute may be about some kinds of a count, and not about the whole of it."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Which kinds, as bits; every step that was taken before is about the whole count: 0."""
    op.add_column(
        "dispute_steps",
        sa.Column("kinds", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )


def downgrade() -> None:
    """Whole counts only: a dispute about a kind would strike the whole count out."""
    op.execute("DELETE FROM dispute_steps WHERE kinds <> 0")
    with op.batch_alter_table("dispute_steps") as steps:
        steps.drop_column("kinds")
