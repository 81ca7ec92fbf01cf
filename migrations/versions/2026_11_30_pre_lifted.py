"""Find what is lifted without reading all that protects, and seal the refusal of a ticket.

Old code: unaffected; what it refuses is not sealed, and waits for a person again. Locks: of `protection` and `ticket`,
brief.
"""

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
    op.add_column("ticket", sa.Column("refusal", sa.LargeBinary(), nullable=True), schema="rtr")
    op.add_column("ticket", sa.Column("data_key", sa.Uuid(), nullable=True), schema="rtr")


def downgrade() -> None:
    """Take back."""
    # Policies of the release that served name them: they go with them, and the one that serves then makes its own.
    op.execute("ALTER TABLE rtr.ticket DROP COLUMN data_key CASCADE")
    op.execute("ALTER TABLE rtr.ticket DROP COLUMN refusal CASCADE")
    op.drop_index("ix_protection_lifted_by", table_name="protection", schema="rtr")
