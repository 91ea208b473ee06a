"""When routes were connected."""

import sqlalchemy as sa
from alembic import op

revision = "0004b"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Watched routes and their gaps."""
    op.create_table(
        "watched_routes",
        sa.Column("route", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("route", name=op.f("pk_watched_routes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "route_gaps",
        sa.Column("route", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("route", "began_at", name=op.f("pk_route_gaps")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("route_gaps")
    op.drop_table("watched_routes")
