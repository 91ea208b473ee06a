"""Months and quarters are published like weeks: their bytes stay, and what they were added up from."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A shelf for closings."""
    op.create_table(
        "closings",
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sources", sa.String(length=512), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("span", "office", "number", name=op.f("pk_closings")),
    )


def downgrade() -> None:
    """Without it."""
    op.drop_table("closings")
