"""Keep what one said to a finding until a second says the same. Old code: unaffected, one decides. Locks: brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_37"
down_revision = "2026_11_30_36"
branch_labels = None
depends_on = None

_COLUMNS = ("proposed", "proposed_by")


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    for name in _COLUMNS:
        op.add_column("finding", sa.Column(name, sa.Text(), nullable=True), schema="rtr")


def downgrade() -> None:
    """Take back."""
    for name in reversed(_COLUMNS):
        # Policies of the release that served may name it: they go with it, and the one that serves then makes its own.
        op.execute(f"ALTER TABLE rtr.finding DROP COLUMN {name} CASCADE")
