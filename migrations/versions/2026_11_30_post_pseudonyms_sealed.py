"""Seal the pseudonyms of own reports. Locks: of `token`, `signal` and `outbox`, brief. Old code: must be gone.

A migration has no keys: what stands there in plain stays, named so, until the worker has sealed it, and nothing is
asked of evaluators again. Rows that do not say which key they stand for were never sent: their signals are made anew.
What was signed of a withdrawn report goes, since it says the hash of what left, and so do hashes of what was drafted:
what is decided again is told once more. The way back cannot open what is sealed: the older release has it made anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_38"
down_revision = "2026_11_30_37"
branch_labels = None
depends_on = None

_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass('rtr.token')")
_ANEW = """
WITH gone AS (DELETE FROM rtr.token WHERE {which} RETURNING country, signal_id), anew AS (
    UPDATE rtr.signal s SET pseudonyms = 'pending' FROM (SELECT DISTINCT country, signal_id FROM gone) g
    WHERE s.country = g.country AND s.id = g.signal_id AND s.withdrawn_at IS NULL RETURNING s.country, s.id)
INSERT INTO rtr.outbox (country, consumer, object, generation, fence, attempts, not_before)
SELECT country, 'pseudonymise', id, 1, 0, 0, now() FROM anew
ON CONFLICT (country, consumer, object)
DO UPDATE SET generation = outbox.generation + 1, not_before = excluded.not_before, attempts = 0
"""
_END_SIGNED = """
UPDATE rtr.signal SET gate_approval = NULL, gate_until = NULL, recipients = '{}', consent = NULL, consent_until = NULL,
    prosecutor_consent = CASE WHEN consent IS NULL THEN prosecutor_consent END
WHERE withdrawn_at IS NOT NULL AND (gate_approval IS NOT NULL OR consent IS NOT NULL)
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _make_anew("blind IS NULL")
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.signal", "rtr.sent_object") as connection:
            connection.exec_driver_sql(_END_SIGNED)
            connection.exec_driver_sql("UPDATE rtr.sent_object SET content_hash = NULL")
    op.drop_constraint("pk_token", "token", schema="rtr", type_="primary")
    op.alter_column("token", "token", new_column_name="plain", nullable=True, schema="rtr")
    op.alter_column("token", "blind", nullable=False, schema="rtr")
    op.add_column("token", sa.Column("sealed", sa.LargeBinary(), nullable=True), schema="rtr")
    op.add_column("token", sa.Column("data_key", sa.Uuid(), nullable=True), schema="rtr")
    op.create_primary_key("pk_token", "token", ["country", "signal_id", "subject_n", "blind"], schema="rtr")
    op.create_index(
        "ix_token_plain",
        "token",
        ["country", "signal_id"],
        schema="rtr",
        postgresql_where=sa.text("plain IS NOT NULL"),
    )


def downgrade() -> None:
    """Take back."""
    _make_anew("plain IS NULL")
    op.drop_index("ix_token_plain", table_name="token", schema="rtr")
    op.drop_constraint("pk_token", "token", schema="rtr", type_="primary")
    op.drop_column("token", "data_key", schema="rtr")
    op.drop_column("token", "sealed", schema="rtr")
    op.alter_column("token", "blind", nullable=True, schema="rtr")
    op.alter_column("token", "plain", new_column_name="token", nullable=False, schema="rtr")
    op.create_primary_key("pk_token", "token", ["country", "signal_id", "token", "subject_n"], schema="rtr")


def _make_anew(which: str) -> None:
    """Let the worker have the pseudonyms of these rows made again."""
    # A table that this very run has made is not under row security yet, and has no rows.
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.token", "rtr.signal", "rtr.outbox") as connection:
            connection.exec_driver_sql(_ANEW.format(which=which))
