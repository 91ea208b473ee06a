"""A week's digest may have several issues: the first, and corrections after it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is published is the first issue of its week."""
    first = sa.Column("number", sa.Integer(), nullable=False, server_default=sa.text("1"))
    with op.batch_alter_table("digests") as digests:
        digests.add_column(first)
        digests.drop_constraint("pk_digests", type_="primary")
        digests.create_primary_key("pk_digests", ["week", "office", "number"])


def downgrade() -> None:
    """First issues only: there is no place for others."""
    op.execute("DELETE FROM digests WHERE number > 1")
    with op.batch_alter_table("digests") as digests:
        digests.drop_constraint("pk_digests", type_="primary")
        digests.create_primary_key("pk_digests", ["week", "office"])
        digests.drop_column("number")
