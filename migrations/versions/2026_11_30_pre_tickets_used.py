"""Keep when an own ticket was asked on, and when evaluators said last what is used of it.

Old code: unaffected. Locks: brief.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_45"
down_revision = "2026_11_30_43"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    for name in ("asked_on", "looked_at"):
        op.add_column("ticket", sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=True), schema="rtr")


def downgrade() -> None:
    """Take back."""
    for name in ("looked_at", "asked_on"):
        op.drop_column("ticket", name, schema="rtr")
