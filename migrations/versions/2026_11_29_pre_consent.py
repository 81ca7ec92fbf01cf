"""Keep whom an approval names, and the prosecutor's consent. Old code: unaffected, and names nobody. Locks: brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_09"
down_revision = "2026_11_29_08"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    countries = postgresql.ARRAY(sa.CHAR(length=2))
    op.add_column("signal", sa.Column("recipients", countries, server_default="{}", nullable=False), schema="rtr")
    op.add_column("signal", sa.Column("prosecutor_consent", sa.Text(), nullable=True), schema="rtr")


def downgrade() -> None:
    """Take back."""
    op.drop_column("signal", "prosecutor_consent", schema="rtr")
    op.drop_column("signal", "recipients", schema="rtr")
