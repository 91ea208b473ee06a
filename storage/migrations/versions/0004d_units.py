"""Units and their departments."""

import sqlalchemy as sa
from alembic import op

revision = "0004d"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What the office enters of its units."""
    op.create_table(
        "units",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_units")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "departments",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["units.code"], name=op.f("fk_departments_unit_units")),
        sa.PrimaryKeyConstraint("platform", "department", name=op.f("pk_departments")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("departments")
    op.drop_table("units")
