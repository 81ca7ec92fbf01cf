"""Keep requests for the content of a shared extract. Old code: unaffected. Locks: none, the table is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_03"
down_revision = "2026_11_22_02"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "request",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("record_reference", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("retain_until", sa.Date(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=False),
        sa.Column("sealed_schema", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "organisation"],
            ["rtr.organisation.country", "rtr.organisation.code"],
            name=op.f("fk_request_country_organisation"),
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_request")),
        sa.UniqueConstraint("country", "reference", name=op.f("uq_request_country_reference")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_request_organisation", "request", ["country", "organisation", "id"], unique=False, schema="rtr")


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_request_organisation", table_name="request", schema="rtr")
    op.drop_table("request", schema="rtr")
