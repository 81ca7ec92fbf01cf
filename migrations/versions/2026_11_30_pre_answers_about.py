"""Keep of a kept answer which record it tells of, so that it is erased with it. Locks: brief. Old code: keeps none.

Answers of before are forgotten within 72 hours, as all are; until then they outlive an erasure.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_33"
down_revision = "2026_11_30_32"
branch_labels = None
depends_on = None

_INDEX = "ix_idempotency_about"


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("idempotency", sa.Column("about", sa.Uuid(), nullable=True), schema="rtr")
    op.create_index(
        _INDEX,
        "idempotency",
        ["country", "about"],
        schema="rtr",
        postgresql_where=sa.text("about IS NOT NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index(_INDEX, table_name="idempotency", schema="rtr")
    op.drop_column("idempotency", "about", schema="rtr")
