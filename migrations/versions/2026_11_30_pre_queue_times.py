"""Let the database say when queued work is due, so that no process's wrong clock puts it off.

Old code: unaffected, it says the time itself. Locks: brief.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_48"
down_revision = "2026_11_30_41"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.alter_column("outbox", "not_before", server_default=sa.text("statement_timestamp()"), schema="rtr")


def downgrade() -> None:
    """Take back."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.alter_column("outbox", "not_before", server_default=None, schema="rtr")
