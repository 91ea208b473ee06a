"""Chats that were dissolved, or that the robot was removed from, stay bound and say so."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A binding is active until its chat is gone; what was noted by group is told of its chats."""
    op.add_column(
        "bindings",
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    # Only DingTalk told of it, and by group: which of two chats it was is not known any more.
    op.execute(
        "UPDATE bindings SET active = false WHERE platform = 'dingtalk' AND group_code IN "
        "(SELECT substr(name, 14) FROM cursors "
        "WHERE name LIKE 'group_events:%' AND value LIKE '%dissolved%')"
    )
    op.execute(
        "UPDATE cursors SET value = replace(value, 'dissolved', '') "
        "WHERE name LIKE 'group_events:%'"
    )


def downgrade() -> None:
    """Without it."""
    with op.batch_alter_table("bindings") as bindings:
        bindings.drop_column("active")
