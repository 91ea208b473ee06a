"""Demands compared across groups, the relations found, and disputes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBERS = ("broadcast", "relayed", "pressed")


def upgrade() -> None:
    """Three tables, and three numbers in every tally."""
    op.create_table(
        "demands",
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("group_code", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=True),
        sa.Column("trace", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("week", "group_code", "tag", "revision", name=op.f("pk_demands")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "relations",
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("group_code", sa.String(length=64), nullable=False),
        sa.Column("episode", sa.LargeBinary(length=8), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("earlier_week", sa.Integer(), nullable=False),
        sa.Column("earlier_group", sa.String(length=64), nullable=False),
        sa.Column("earlier_episode", sa.LargeBinary(length=8), nullable=False),
        sa.Column("earlier_unit", sa.String(length=64), nullable=False),
        sa.Column("earlier_line", sa.String(length=64), nullable=False),
        sa.Column("shift", sa.String(length=32), nullable=False),
        sa.Column("depth", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "week", "group_code", "episode", "kind", name=op.f("pk_relations")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dispute_steps",
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("group_code", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("in_week", sa.Integer(), nullable=False),
        sa.Column("after_close", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "week", "group_code", "tag", "step", name=op.f("pk_dispute_steps")
        ),
        sqlite_with_rowid=False,
    )
    for name in NUMBERS:
        op.add_column(
            "tallies",
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")),
        )


def downgrade() -> None:
    """Take them back."""
    with op.batch_alter_table("tallies") as tallies:
        for name in NUMBERS:
            tallies.drop_column(name)
    for name in ("dispute_steps", "relations", "demands"):
        op.drop_table(name)
