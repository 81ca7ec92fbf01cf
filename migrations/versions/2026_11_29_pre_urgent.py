"""Let what is to be taken back go first in the outbox. Old code: works on, and marks nothing urgent. Locks: short.

The column is added with a constant default, which rewrites nothing; the index over what is due is made anew while the
table is locked, which for an outbox, where rows stay for seconds, takes milliseconds.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_03"
down_revision = "2026_11_29_02"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("outbox", sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False), schema="rtr")
    op.drop_index("ix_outbox_due", "outbox", schema="rtr")
    op.create_index(
        "ix_outbox_due", "outbox", ["country", "consumer", sa.text("urgent DESC"), "not_before"], schema="rtr"
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_outbox_due", "outbox", schema="rtr")
    op.create_index("ix_outbox_due", "outbox", ["country", "consumer", "not_before"], schema="rtr")
    op.drop_column("outbox", "urgent", schema="rtr")
