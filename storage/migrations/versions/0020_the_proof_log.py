"""The proof log: leaves, what they commit to, and signed checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables that are only ever added to."""
    op.create_table(
        "proof_leaves",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=32), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_proof_leaves")),
        sa.UniqueConstraint("subject", name=op.f("uq_proof_leaves_subject")),
    )
    op.create_index(op.f("ix_proof_leaves_kind_number"), "proof_leaves", ["kind", "number"])
    op.create_table(
        "proof_checkpoints",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_proof_checkpoints")),
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("proof_checkpoints")
    op.drop_index(op.f("ix_proof_leaves_kind_number"), "proof_leaves")
    op.drop_table("proof_leaves")
