"""Hold the records behind the figures, and when an extract was first held. Old code: unaffected. Locks: brief."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_02"
down_revision = "2026_11_22_01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("received_record", sa.Column("first_held_at", sa.TIMESTAMP(timezone=True)), schema="rtr")
    op.add_column("referral", sa.Column("version", sa.Integer(), nullable=False, server_default="1"), schema="rtr")
    op.add_column("referral", sa.Column("outcome", sa.Text()), schema="rtr")
    op.add_column("referral", sa.Column("answered_on", sa.Date()), schema="rtr")
    op.add_column("referral", sa.Column("answer_key", sa.Uuid()), schema="rtr")
    op.create_index("ix_referral_referred_to", "referral", ["country", "referred_to", "id"], unique=False, schema="rtr")
    op.create_table(
        "intake",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("nationality_group", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.Column("sealed_schema", sa.Integer(), nullable=False),
        sa.Column("retain_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "organisation"],
            ["rtr.organisation.country", "rtr.organisation.code"],
            name=op.f("fk_intake_country_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"], ["rtr.signal.country", "rtr.signal.id"], name=op.f("fk_intake_country_signal_id")
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_intake")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_intake_held_on", "intake", ["country", "held_on"], unique=False, schema="rtr")
    op.create_table(
        "victim",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("intake_id", sa.Uuid(), nullable=True),
        sa.Column("signal_id", sa.Uuid(), nullable=True),
        sa.Column("subject_n", sa.SmallInteger(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("nationality_group", sa.Text(), nullable=False),
        sa.Column("movement", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.Column("sealed_schema", sa.Integer(), nullable=False),
        sa.Column("retain_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "intake_id"], ["rtr.intake.country", "rtr.intake.id"], name=op.f("fk_victim_country_intake_id")
        ),
        sa.ForeignKeyConstraint(
            ["country", "organisation"],
            ["rtr.organisation.country", "rtr.organisation.code"],
            name=op.f("fk_victim_country_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"], ["rtr.signal.country", "rtr.signal.id"], name=op.f("fk_victim_country_signal_id")
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_victim")),
        sa.UniqueConstraint("country", "intake_id", "subject_n", name=op.f("uq_victim_country_intake_id_subject_n")),
        sa.UniqueConstraint("country", "signal_id", "subject_n", name=op.f("uq_victim_country_signal_id_subject_n")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "victim_status",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("victim_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "victim_id"],
            ["rtr.victim.country", "rtr.victim.id"],
            name=op.f("fk_victim_status_country_victim_id"),
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_victim_status")),
        sa.UniqueConstraint("country", "victim_id", "n", name=op.f("uq_victim_status_country_victim_id_n")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index(
        "ix_victim_status_decided_on", "victim_status", ["country", "decided_on"], unique=False, schema="rtr"
    )
    op.create_table(
        "training",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("training_group", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "organisation"],
            ["rtr.organisation.country", "rtr.organisation.code"],
            name=op.f("fk_training_country_organisation"),
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_training")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_training_held_on", "training", ["country", "held_on"], unique=False, schema="rtr")


def downgrade() -> None:
    """Take back."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_index("ix_training_held_on", table_name="training", schema="rtr")
    op.drop_table("training", schema="rtr")
    op.drop_index("ix_victim_status_decided_on", table_name="victim_status", schema="rtr")
    op.drop_table("victim_status", schema="rtr")
    op.drop_table("victim", schema="rtr")
    op.drop_index("ix_intake_held_on", table_name="intake", schema="rtr")
    op.drop_table("intake", schema="rtr")
    op.drop_index("ix_referral_referred_to", table_name="referral", schema="rtr")
    for column in ("answer_key", "answered_on", "outcome", "version"):
        op.drop_column("referral", column, schema="rtr")
    op.drop_column("received_record", "first_held_at", schema="rtr")
