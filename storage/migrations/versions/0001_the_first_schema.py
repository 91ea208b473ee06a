"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first schema."""
    op.create_table(
        "closed_weeks",
        sa.Column("week", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("incomplete", sa.Boolean(), nullable=False),
        sa.Column("rulebook", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_closed_weeks")),
    )
    op.create_table(
        "coverage",
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("group_code", sa.String(length=64), nullable=False),
        sa.Column("route", sa.String(length=32), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("line", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint(
            "week", "weekday", "group_code", "route", name=op.f("pk_coverage")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("value", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursors")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "digests",
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("week", "office", name=op.f("pk_digests")),
    )
    op.create_table(
        "facts",
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("group_code", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("kinds", sa.Integer(), nullable=False),
        sa.Column("ping", sa.SmallInteger(), nullable=False),
        sa.Column("off_hours", sa.SmallInteger(), nullable=False),
        sa.Column("episode", sa.LargeBinary(length=8), nullable=True),
        sa.Column("opens", sa.SmallInteger(), nullable=False),
        sa.Column("lead", sa.String(length=32), nullable=False),
        sa.Column("addressed", sa.String(length=32), nullable=True),
        sa.Column("exempt", sa.String(length=32), nullable=True),
        sa.Column("claimed_urgent", sa.SmallInteger(), nullable=False),
        sa.Column("sender_tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("rules", sa.String(length=1024), nullable=False),
        sa.Column("rulebook", sa.String(length=64), nullable=False),
        sa.Column("route", sa.String(length=32), nullable=False),
        sa.Column("reported", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("week", "group_code", "tag", "revision", name=op.f("pk_facts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "groups",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("alias", sa.String(length=128), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("hours", sa.String(length=512), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_groups_size")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_groups")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "job_runs",
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job", "due", name=op.f("pk_job_runs")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lost_keys",
        sa.Column("week", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_lost_keys")),
    )
    op.create_table(
        "offices",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_offices")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_episodes",
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_code", sa.String(length=64), nullable=False),
        sa.Column("id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_open_episodes")),
        sa.UniqueConstraint("group_code", "id", name=op.f("uq_open_episodes_group_code_id")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=256), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("recipient", sa.String(length=256), nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_state_due_at"), ["state", "due_at"], unique=False
        )

    op.create_table(
        "roles",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=256), nullable=False),
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint(
            "platform", "account", "person", "role", "scope", name=op.f("pk_roles")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seen",
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("week", "tag", name=op.f("pk_seen")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "superseded",
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("week", "tag", "revision", name=op.f("pk_superseded")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tallies",
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("group_code", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("screenshot_report", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("check_in", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("acknowledge", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("form_filling", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("forced_use", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ranking", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("showcase", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("meeting", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("inspection", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("secondment", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pledge", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("off_hours", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("short_notice", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("repeat", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("duplicate", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("group_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("episodes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("exempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_urgent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancelled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("messages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reported", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint(
            "week", "group_code", "unit", "line", "weekday", name=op.f("pk_tallies")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bindings",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=256), nullable=False),
        sa.Column("chat_id", sa.String(length=256), nullable=False),
        sa.Column("group_code", sa.String(length=64), nullable=False),
        sa.Column("sees_everything", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_code"], ["groups.code"], name=op.f("fk_bindings_group_code_groups")
        ),
        sa.PrimaryKeyConstraint("platform", "account", "chat_id", name=op.f("pk_bindings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "office_destinations",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=256), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.Column("recipient", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(
            ["office"],
            ["offices.code"],
            name=op.f("fk_office_destinations_office_offices"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("office", "place", name=op.f("pk_office_destinations")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("office_destinations")
    op.drop_table("bindings")
    op.drop_table("tallies")
    op.drop_table("superseded")
    op.drop_table("seen")
    op.drop_table("roles")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_state_due_at"))

    op.drop_table("outbox")
    op.drop_table("open_episodes")
    op.drop_table("offices")
    op.drop_table("lost_keys")
    op.drop_table("job_runs")
    op.drop_table("groups")
    op.drop_table("facts")
    op.drop_table("digests")
    op.drop_table("cursors")
    op.drop_table("coverage")
    op.drop_table("closed_weeks")
