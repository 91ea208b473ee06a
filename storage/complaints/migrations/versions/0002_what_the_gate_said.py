"""Beside returned figures: what the gate said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Figures that were shown before there was a gate passed the rules of that time."""
    op.add_column("returns", sa.Column("verdict", sa.String(length=16), nullable=True))
    op.add_column("returns", sa.Column("units", sa.Text(), nullable=True))
    op.add_column("returns", sa.Column("withdrawn", sa.Text(), nullable=True))
    op.execute(
        "UPDATE returns SET verdict = 'passed', units = '', withdrawn = '' "
        "WHERE shown_in IS NOT NULL"
    )
