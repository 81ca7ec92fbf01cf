"""Hold the records behind the figures, and when an extract was first held. Old code: unaffected. Locks: brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_02"
down_revision = "2026_11_22_01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("received_record", sa.Column("first_held_at", sa.TIMESTAMP(timezone=True)), schema="rtr")


def downgrade() -> None:
    """Take back."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("received_record", "first_held_at", schema="rtr")
