"""How many work in a unit, and at which level it stands: what its number of groups is held to."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns; 0 and empty say that nobody entered it."""
    op.add_column(
        "units", sa.Column("staff", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column(
        "units",
        sa.Column("level", sa.String(length=32), nullable=False, server_default=sa.text("''")),
    )


def downgrade() -> None:
    """Without them."""
    with op.batch_alter_table("units") as units:
        units.drop_column("level")
        units.drop_column("staff")
