"""Groups and minutes as they were when a week's digest was composed: corrections take them again."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row for each week; of weeks that were composed before there is none."""
    op.create_table(
        "week_backgrounds",
        sa.Column("week", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_week_backgrounds")),
    )


def downgrade() -> None:
    """Without it."""
    op.drop_table("week_backgrounds")
