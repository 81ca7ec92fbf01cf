"""What a partner has is known from drafts alone: `sent_object` goes. Who read a referral is found by an index.

Old code: must be gone, since it writes that table. Locks: of `audit_leaf` against writing, while its index is made.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.helper import rows_in_reach

revision = "2026_11_30_51"
down_revision = "2026_11_30_50"
branch_labels = None
depends_on = None

_INDEX = "ix_audit_leaf_referral_read"
_FORCED = sa.text("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'rtr.draft'::regclass")
_PARTS = sa.text("SELECT relid::regclass::text FROM pg_partition_tree(CAST(:table AS text)::regclass) WHERE isleaf")
_FILL = """
INSERT INTO rtr.sent_object (country, partner, object, version, commitment, seq, live, acked_version)
SELECT DISTINCT ON (d.country, d.partner, d.object)
    d.country, d.partner, d.object, d.version, d.commitment, d.appended_seq, d.type <> 'indicator.retract',
    (SELECT max(a.version) FROM rtr.draft a JOIN rtr.receipt_got r ON r.country = a.country AND r.partner = a.partner
         AND r.incarnation = a.appended_inc AND r.applied_to >= a.appended_seq
     WHERE a.country = d.country AND a.partner = d.partner AND a.object = d.object)
FROM rtr.draft d WHERE d.refused_at IS NULL ORDER BY d.country, d.partner, d.object, d.version DESC
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("sent_object", schema="rtr")
    op.create_index(
        _INDEX,
        "audit_leaf",
        ["country", sa.text("(commitment ->> 'about')")],
        schema="rtr",
        postgresql_where=sa.text("action IN ('referral.read', 'referral.report-read')"),
    )


def downgrade() -> None:
    """Take back: of each object and partner, what the last draft and the receipts say."""
    op.drop_index(_INDEX, table_name="audit_leaf", schema="rtr")
    op.create_table(
        "sent_object",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("acked_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("country", "partner", "object", name=op.f("pk_sent_object")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    if op.get_bind().scalar(_FORCED):
        with rows_in_reach("rtr.draft", "rtr.receipt_got") as connection:
            for part in connection.execute(_PARTS, {"table": "rtr.draft"}).scalars().all():
                country = part.rpartition("_")[2]
                op.execute(
                    f"CREATE TABLE rtr.sent_object_{country} PARTITION OF rtr.sent_object "
                    f"FOR VALUES IN ('{country.upper()}')"
                )
            connection.exec_driver_sql(_FILL)
            # As `rtr db migrate` of the older release has it; a migration further back goes by it.
            parts = connection.execute(_PARTS, {"table": "rtr.sent_object"}).scalars().all()
        for relation in ("rtr.sent_object", *parts):
            for verb in ("ENABLE", "FORCE"):
                op.execute(f"ALTER TABLE {relation} {verb} ROW LEVEL SECURITY")
