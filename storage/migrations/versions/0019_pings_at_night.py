"""Of the pings outside working time, those at night: for the chart by weekday and half-day."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0004d"
branch_labels = None
depends_on = None

NUMBERS = ("off_hours_night",)


def upgrade() -> None:
    """One number more for each row of tallies; weeks closed before it have 0."""
    for name in NUMBERS:
        op.add_column(
            "tallies",
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")),
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("tallies") as tallies:
        for name in NUMBERS:
            tallies.drop_column(name)
