"""Count the changes of a draft, so that a page that was opened before is told. Old code: counts none. Locks: brief.

What was begun before has version 0: its persons are told by their place, so it is not gone on with.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_34"
down_revision = "2026_11_30_33"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("form_draft", sa.Column("version", sa.Integer(), nullable=False, server_default="0"), schema="rtr")


def downgrade() -> None:
    """Take back."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_column("form_draft", "version", schema="rtr")
