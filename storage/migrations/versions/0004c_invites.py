"""One-time codes that bind a chat."""

import sqlalchemy as sa
from alembic import op

revision = "0004c"
down_revision = "0004b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Marks of codes that are alive."""
    op.create_table(
        "invites",
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("group_code", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("robot", sa.Boolean(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_code"], ["groups.code"], name=op.f("fk_invites_group_code_groups")
        ),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_invites")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("invites")
