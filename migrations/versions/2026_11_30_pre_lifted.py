"""Find what is lifted without reading all that protects. Old code: unaffected. Locks: of `protection`, brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_43"
down_revision = "2026_11_30_42"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_index(
        "ix_protection_lifted_by",
        "protection",
        ["country", "lifted_by"],
        schema="rtr",
        postgresql_where=sa.text("lifted_by IS NOT NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_protection_lifted_by", table_name="protection", schema="rtr")
