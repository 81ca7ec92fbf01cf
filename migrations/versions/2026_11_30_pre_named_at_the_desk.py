"""Compare whom interviews and the ladder name with all reports. Old code: unaffected, compares nobody. Locks: brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_30_36"
down_revision = "2026_11_30_34"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    for table in ("intake", "victim"):
        blinds = postgresql.ARRAY(sa.LargeBinary())
        op.add_column(table, sa.Column("named", blinds, server_default="{}", nullable=False), schema="rtr")


def downgrade() -> None:
    """Take back."""
    for table in ("victim", "intake"):
        op.drop_column(table, "named", schema="rtr")
