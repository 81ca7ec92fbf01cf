"""Regional statistics: what countries said, and releases. Old code: unaffected. Locks: none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_05"
down_revision = "2026_11_22_04"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "contribution",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "origin", "place", "number", name=op.f("pk_contribution")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_contribution_digest", "contribution", ["country", "digest"], unique=False, schema="rtr")
    op.create_table(
        "contribution_basis",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key_check", sa.Text(), nullable=False),
        sa.Column("exact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("country", "place", "number", name=op.f("pk_contribution_basis")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "kept_row",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("variable", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "variable", "code", name=op.f("pk_kept_row")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "outside_fact",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "origin", "place", "number", name=op.f("pk_outside_fact")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_outside_fact_digest", "outside_fact", ["country", "digest"], unique=False, schema="rtr")
    op.create_table(
        "release",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ruleset", sa.Text(), nullable=False),
        sa.Column("catalogue", sa.Text(), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("coverage", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("contributions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("instead", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("withheld", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("attacked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("frozen_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("country", "digest", name=op.f("pk_release")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_release_table", "release", ["country", "table_id", "period"], unique=False, schema="rtr")
    op.create_table(
        "release_word",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "origin", "place", "number", name=op.f("pk_release_word")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_release_word_digest", "release_word", ["country", "digest"], unique=False, schema="rtr")
    op.create_table(
        "linkage",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "digest"], ["rtr.release.country", "rtr.release.digest"], name=op.f("fk_linkage_country_digest")
        ),
        sa.PrimaryKeyConstraint("country", "digest", "table_id", "version", name=op.f("pk_linkage")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "release_approval",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "digest"],
            ["rtr.release.country", "rtr.release.digest"],
            name=op.f("fk_release_approval_country_digest"),
        ),
        sa.PrimaryKeyConstraint("country", "digest", "actor", name=op.f("pk_release_approval")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "release_cell",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("row_code", sa.Text(), nullable=False),
        sa.Column("column_code", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("marker", sa.Text(), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "digest"],
            ["rtr.release.country", "rtr.release.digest"],
            name=op.f("fk_release_cell_country_digest"),
        ),
        sa.PrimaryKeyConstraint("country", "digest", "n", name=op.f("pk_release_cell")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("release_cell", schema="rtr")
    op.drop_table("release_approval", schema="rtr")
    op.drop_table("linkage", schema="rtr")
    op.drop_index("ix_release_word_digest", table_name="release_word", schema="rtr")
    op.drop_table("release_word", schema="rtr")
    op.drop_index("ix_release_table", table_name="release", schema="rtr")
    op.drop_table("release", schema="rtr")
    op.drop_index("ix_outside_fact_digest", table_name="outside_fact", schema="rtr")
    op.drop_table("outside_fact", schema="rtr")
    op.drop_table("kept_row", schema="rtr")
    op.drop_table("contribution_basis", schema="rtr")
    op.drop_index("ix_contribution_digest", table_name="contribution", schema="rtr")
    op.drop_table("contribution", schema="rtr")
