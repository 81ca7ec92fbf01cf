"""Keep what was declared of a registration. Old code: declares nothing, so evaluators refuse it. Locks: brief.

What was asked before counts as neither published nor kept, and is forgotten after 62 days.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_20"
down_revision = "2026_11_30_19"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("evaluation_asked", sa.Column("declared", sa.Text(), nullable=True), schema="rtr")


def downgrade() -> None:
    """Take back."""
    op.drop_column("evaluation_asked", "declared", schema="rtr")
