"""Keep the prosecutor's consent as it was signed, and its last day. Old code: unaffected. Locks: brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_26"
down_revision = "2026_11_30_25"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("signal", sa.Column("consent", sa.Text(), nullable=True), schema="rtr")
    op.add_column("signal", sa.Column("consent_until", sa.Date(), nullable=True), schema="rtr")
    op.create_index(
        "ix_signal_consent_until",
        "signal",
        ["country", "consent_until"],
        schema="rtr",
        postgresql_where=sa.text("consent_until IS NOT NULL"),
    )


def downgrade() -> None:
    """Take back; what rested on a signed consent is decided anew, without it, when it next changes."""
    op.drop_index("ix_signal_consent_until", "signal", schema="rtr")
    op.drop_column("signal", "consent_until", schema="rtr")
    op.drop_column("signal", "consent", schema="rtr")
