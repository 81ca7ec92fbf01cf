"""Let a person who was taken off the victim ladder stand on it again. Old code: unaffected. Locks: brief.

The way back fails where somebody has been put on again: the older shape has no place for the two rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_06"
down_revision = "2026_11_22_05"
branch_labels = None
depends_on = None

_PERSONS = (("ux_victim_intake", "intake_id"), ("ux_victim_signal", "signal_id"))


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    for index, record in _PERSONS:
        op.drop_constraint(op.f(f"uq_victim_country_{record}_subject_n"), "victim", schema="rtr", type_="unique")
        op.create_index(
            index,
            "victim",
            ["country", record, "subject_n"],
            unique=True,
            schema="rtr",
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )


def downgrade() -> None:
    """Take back."""
    for index, record in _PERSONS:
        op.drop_index(index, table_name="victim", schema="rtr")
        op.create_unique_constraint(
            op.f(f"uq_victim_country_{record}_subject_n"), "victim", ["country", record, "subject_n"], schema="rtr"
        )
