"""A demand may have come in a forwarded chat record, with or without a word on whose it is."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whose demand it is: nothing for the sender's own words, empty where nobody tells."""
    for name in ("origin_unit", "origin_line"):
        op.add_column("demands", sa.Column(name, sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Without it."""
    with op.batch_alter_table("demands") as demands:
        demands.drop_column("origin_line")
        demands.drop_column("origin_unit")
