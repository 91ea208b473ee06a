"""Why the gate could not check a week, how often it was tried, and which digest said so."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of weeks that were not checked before, nobody knows why."""
    op.add_column("returns", sa.Column("why", sa.String(length=16), nullable=True))
    op.add_column("returns", sa.Column("withheld_in", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Without it."""
    with op.batch_alter_table("returns") as returns:
        returns.drop_column("why")
        returns.drop_column("withheld_in")
