"""The first tables: signals, exchange, search keys, evaluators. Old code: there is none. Locks: none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_01"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "evaluation_leaf",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("commitment", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_evaluation_leaf")),
        schema="evaluator",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "evaluation_request",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "requester", "request_id", name=op.f("pk_evaluation_request")),
        schema="evaluator",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "evaluation_usage",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("selector_class", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("keys", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "country", "requester", "actor", "selector_class", "day", name=op.f("pk_evaluation_usage")
        ),
        schema="evaluator",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "appender_lease",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", name=op.f("pk_appender_lease")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "audit_leaf",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("commitment", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("private_salt", sa.LargeBinary(), nullable=True),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_audit_leaf")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_audit_leaf_at", "audit_leaf", ["country", "at"], unique=False, schema="rtr")
    op.create_table(
        "data_key",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kek", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_data_key")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "draft",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("schema", sa.Text(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("salt_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("appended_inc", sa.Integer(), nullable=True),
        sa.Column("appended_seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_draft")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_draft_object", "draft", ["country", "partner", "object"], unique=False, schema="rtr")
    op.create_index(
        "ix_draft_waiting",
        "draft",
        ["country", "partner", "id"],
        unique=False,
        schema="rtr",
        postgresql_where=sa.text("appended_seq IS NULL"),
    )
    op.create_table(
        "form_draft",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("began_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.Column("outcome", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_form_draft")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_form_draft_actor", "form_draft", ["country", "actor"], unique=False, schema="rtr")
    op.create_index("ix_form_draft_ends_at", "form_draft", ["country", "ends_at"], unique=False, schema="rtr")
    op.create_table(
        "hit",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("families", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("bits", sa.Float(), nullable=True),
        sa.Column("strength", sa.Text(), nullable=False),
        sa.Column("found_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_hit")),
        sa.UniqueConstraint(
            "country", "signal_id", "origin", "object", name=op.f("uq_hit_country_signal_id_origin_object")
        ),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_hit_found_at", "hit", ["country", "found_at"], unique=False, schema="rtr")
    op.create_table(
        "idempotency",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "client", "key", name=op.f("pk_idempotency")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_idempotency_made_at", "idempotency", ["country", "made_at"], unique=False, schema="rtr")
    op.create_table(
        "indexed_record",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("dead_letter", sa.Text(), nullable=True),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "origin", "object", name=op.f("pk_indexed_record")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "log_entry",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("stub", sa.LargeBinary(), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("gone_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("country", "partner", "incarnation", "seq", name=op.f("pk_log_entry")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_log_entry_draft", "log_entry", ["country", "draft_id"], unique=False, schema="rtr")
    op.create_table(
        "log_head",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("tip_seq", sa.BigInteger(), nullable=False),
        sa.Column("tip_hash", sa.LargeBinary(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("country", "partner", "incarnation", name=op.f("pk_log_head")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "organisation",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("legal_profile", sa.Text(), nullable=False),
        sa.Column("profile", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("country", "code", name=op.f("pk_organisation")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "outbox",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("leased_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("country", "consumer", "object", name=op.f("pk_outbox")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_outbox_due", "outbox", ["country", "consumer", "not_before"], unique=False, schema="rtr")
    op.create_table(
        "page_evidence",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "country", "partner", "incarnation", "from_seq", "to_seq", name=op.f("pk_page_evidence")
        ),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "page_session",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("began_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "token_hash", name=op.f("pk_page_session")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_page_session_ends_at", "page_session", ["country", "ends_at"], unique=False, schema="rtr")
    op.create_table(
        "partner_cursor",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("applied_to", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.LargeBinary(), nullable=False),
        sa.Column("roster", sa.Integer(), nullable=False),
        sa.Column("halted", sa.Text(), nullable=True),
        sa.Column("halt_evidence", sa.Text(), nullable=True),
        sa.Column("receipt_n", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("receipt_digest", sa.LargeBinary(), nullable=True),
        sa.Column("head_seq", sa.BigInteger(), nullable=True),
        sa.Column("head_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_error_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("stale_entries", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("country", "partner", "incarnation", name=op.f("pk_partner_cursor")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "quarantine",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("looked_again_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("country", "partner", "incarnation", "seq", name=op.f("pk_quarantine")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "receipt_given",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("claims", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("acknowledged_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("country", "partner", "incarnation", "n", name=op.f("pk_receipt_given")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "receipt_got",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("claims", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("got_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "partner", "incarnation", "n", name=op.f("pk_receipt_got")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "received_entry",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("salt_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "partner", "incarnation", "seq", name=op.f("pk_received_entry")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "received_record",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("salt_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("signal_type", sa.Text(), nullable=True),
        sa.Column("month_from", sa.CHAR(length=7), nullable=True),
        sa.Column("month_to", sa.CHAR(length=7), nullable=True),
        sa.Column("visibility", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("location_type", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("exploitation_forms", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("hidden_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("retain_until", sa.Date(), nullable=True),
        sa.Column("applied_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "partner", "object", name=op.f("pk_received_record")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "received_stub",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("stub", sa.LargeBinary(), nullable=False),
        sa.Column("entry_hash", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("index_done_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("done_receipt", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("country", "partner", "incarnation", "seq", name=op.f("pk_received_stub")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index(
        "ix_received_stub_object", "received_stub", ["country", "partner", "object"], unique=False, schema="rtr"
    )
    op.create_index(
        "ix_received_stub_tombstones",
        "received_stub",
        ["country", "partner", "seq"],
        unique=False,
        schema="rtr",
        postgresql_where=sa.text("verdict = 'tombstone' AND done_receipt IS NULL"),
    )
    op.create_table(
        "request_seen",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("country", "partner", "jti", name=op.f("pk_request_seen")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_request_seen_at", "request_seen", ["country", "seen_at"], unique=False, schema="rtr")
    op.create_table(
        "roster",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_roster")),
        schema="rtr",
    )
    op.create_table(
        "search_key",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.SmallInteger(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", sa.SmallInteger(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("country", "key", "origin", "record", "subject", name=op.f("pk_search_key")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_search_key_handle", "search_key", ["country", "handle"], unique=False, schema="rtr")
    op.create_index("ix_search_key_record", "search_key", ["country", "origin", "record"], unique=False, schema="rtr")
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
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("done_n", sa.BigInteger(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("country", "partner", "object", name=op.f("pk_sent_object")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index(
        "ix_sent_object_open_retracts",
        "sent_object",
        ["country", "partner", "due_at"],
        unique=False,
        schema="rtr",
        postgresql_where=sa.text("NOT live AND done_n IS NULL"),
    )
    op.create_table(
        "authorisation",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("tasks", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("trained_on", sa.Date(), nullable=True),
        sa.Column("granted_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "organisation"],
            ["rtr.organisation.country", "rtr.organisation.code"],
            name=op.f("fk_authorisation_country_organisation"),
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_authorisation")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_authorisation_actor", "authorisation", ["country", "actor"], unique=False, schema="rtr")
    op.create_table(
        "signal",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("island", sa.Text(), nullable=False),
        sa.Column("location_type", sa.Text(), nullable=False),
        sa.Column("type_registered", sa.Text(), nullable=False),
        sa.Column("type_assessed", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reporter_anonymous", sa.Boolean(), nullable=False),
        sa.Column("coded", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("crime_class", sa.Text(), nullable=True),
        sa.Column("acquisition", sa.Text(), nullable=False),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("evaluation_scheme", sa.Text(), nullable=False),
        sa.Column("evaluation_source", sa.Text(), nullable=False),
        sa.Column("evaluation_information", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("handling_conditions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("handling_expires", sa.Date(), nullable=True),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("retention_class", sa.Text(), nullable=False),
        sa.Column("last_verified_on", sa.Date(), nullable=False),
        sa.Column("last_necessity_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("retain_until", sa.Date(), nullable=False),
        sa.Column("single_approval", sa.Boolean(), nullable=False),
        sa.Column("gate_ref", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("covenant_ref", sa.Text(), nullable=True),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_code", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("forwarded_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("pseudonyms", sa.Text(), nullable=False),
        sa.Column("extract_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=True),
        sa.Column("locality", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=False),
        sa.Column("sealed_schema", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "organisation"],
            ["rtr.organisation.country", "rtr.organisation.code"],
            name=op.f("fk_signal_country_organisation"),
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_signal")),
        sa.UniqueConstraint("country", "extract_id", name=op.f("uq_signal_country_extract_id")),
        sa.UniqueConstraint("country", "reference", name=op.f("uq_signal_country_reference")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_signal_organisation", "signal", ["country", "organisation", "id"], unique=False, schema="rtr")
    op.create_index("ix_signal_received", "signal", ["country", "kind", "received_on"], unique=False, schema="rtr")
    op.create_table(
        "blind_index",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("subject_n", sa.SmallInteger(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_blind_index_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "blind", "signal_id", "subject_n", name=op.f("pk_blind_index")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_blind_index_signal", "blind_index", ["country", "signal_id"], unique=False, schema="rtr")
    op.create_table(
        "guarantee",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("guarantor_n", sa.SmallInteger(), nullable=False),
        sa.Column("beneficiary_n", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_guarantee_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "signal_id", "n", name=op.f("pk_guarantee")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "indicator",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("indicator_group", sa.Text(), nullable=False),
        sa.Column("strength", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_indicator_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "signal_id", "n", name=op.f("pk_indicator")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "referral",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("referred_to", sa.Text(), nullable=False),
        sa.Column("referred_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_referral_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_referral")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index("ix_referral_signal", "referral", ["country", "signal_id"], unique=False, schema="rtr")
    op.create_table(
        "selector",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("subject_n", sa.SmallInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_selector_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "signal_id", "n", name=op.f("pk_selector")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "sharing",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"], ["rtr.signal.country", "rtr.signal.id"], name=op.f("fk_sharing_country_signal_id")
        ),
        sa.PrimaryKeyConstraint("country", "signal_id", "recipient", name=op.f("pk_sharing")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "signal_event",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"],
            ["rtr.signal.country", "rtr.signal.id"],
            name=op.f("fk_signal_event_country_signal_id"),
        ),
        sa.PrimaryKeyConstraint("country", "id", name=op.f("pk_signal_event")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_index(
        "ix_signal_event_signal", "signal_event", ["country", "signal_id", "at"], unique=False, schema="rtr"
    )
    op.create_table(
        "subject",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("minor", sa.Boolean(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"], ["rtr.signal.country", "rtr.signal.id"], name=op.f("fk_subject_country_signal_id")
        ),
        sa.PrimaryKeyConstraint("country", "signal_id", "n", name=op.f("pk_subject")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )
    op.create_table(
        "token",
        sa.Column("country", sa.CHAR(length=2), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("subject_n", sa.SmallInteger(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", sa.SmallInteger(), nullable=False),
        sa.Column("use", sa.Text(), nullable=True),
        sa.Column("withheld_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["country", "signal_id"], ["rtr.signal.country", "rtr.signal.id"], name=op.f("fk_token_country_signal_id")
        ),
        sa.PrimaryKeyConstraint("country", "signal_id", "token", "subject_n", name=op.f("pk_token")),
        schema="rtr",
        postgresql_partition_by="LIST (country)",
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("token", schema="rtr")
    op.drop_table("subject", schema="rtr")
    op.drop_index("ix_signal_event_signal", table_name="signal_event", schema="rtr")
    op.drop_table("signal_event", schema="rtr")
    op.drop_table("sharing", schema="rtr")
    op.drop_table("selector", schema="rtr")
    op.drop_index("ix_referral_signal", table_name="referral", schema="rtr")
    op.drop_table("referral", schema="rtr")
    op.drop_table("indicator", schema="rtr")
    op.drop_table("guarantee", schema="rtr")
    op.drop_index("ix_blind_index_signal", table_name="blind_index", schema="rtr")
    op.drop_table("blind_index", schema="rtr")
    op.drop_index("ix_signal_received", table_name="signal", schema="rtr")
    op.drop_index("ix_signal_organisation", table_name="signal", schema="rtr")
    op.drop_table("signal", schema="rtr")
    op.drop_index("ix_authorisation_actor", table_name="authorisation", schema="rtr")
    op.drop_table("authorisation", schema="rtr")
    op.drop_index(
        "ix_sent_object_open_retracts",
        table_name="sent_object",
        schema="rtr",
        postgresql_where=sa.text("NOT live AND done_n IS NULL"),
    )
    op.drop_table("sent_object", schema="rtr")
    op.drop_index("ix_search_key_record", table_name="search_key", schema="rtr")
    op.drop_index("ix_search_key_handle", table_name="search_key", schema="rtr")
    op.drop_table("search_key", schema="rtr")
    op.drop_table("roster", schema="rtr")
    op.drop_index("ix_request_seen_at", table_name="request_seen", schema="rtr")
    op.drop_table("request_seen", schema="rtr")
    op.drop_index(
        "ix_received_stub_tombstones",
        table_name="received_stub",
        schema="rtr",
        postgresql_where=sa.text("verdict = 'tombstone' AND done_receipt IS NULL"),
    )
    op.drop_index("ix_received_stub_object", table_name="received_stub", schema="rtr")
    op.drop_table("received_stub", schema="rtr")
    op.drop_table("received_record", schema="rtr")
    op.drop_table("received_entry", schema="rtr")
    op.drop_table("receipt_got", schema="rtr")
    op.drop_table("receipt_given", schema="rtr")
    op.drop_table("quarantine", schema="rtr")
    op.drop_table("partner_cursor", schema="rtr")
    op.drop_index("ix_page_session_ends_at", table_name="page_session", schema="rtr")
    op.drop_table("page_session", schema="rtr")
    op.drop_table("page_evidence", schema="rtr")
    op.drop_index("ix_outbox_due", table_name="outbox", schema="rtr")
    op.drop_table("outbox", schema="rtr")
    op.drop_table("organisation", schema="rtr")
    op.drop_table("log_head", schema="rtr")
    op.drop_index("ix_log_entry_draft", table_name="log_entry", schema="rtr")
    op.drop_table("log_entry", schema="rtr")
    op.drop_table("indexed_record", schema="rtr")
    op.drop_index("ix_idempotency_made_at", table_name="idempotency", schema="rtr")
    op.drop_table("idempotency", schema="rtr")
    op.drop_index("ix_hit_found_at", table_name="hit", schema="rtr")
    op.drop_table("hit", schema="rtr")
    op.drop_index("ix_form_draft_ends_at", table_name="form_draft", schema="rtr")
    op.drop_index("ix_form_draft_actor", table_name="form_draft", schema="rtr")
    op.drop_table("form_draft", schema="rtr")
    op.drop_index(
        "ix_draft_waiting", table_name="draft", schema="rtr", postgresql_where=sa.text("appended_seq IS NULL")
    )
    op.drop_index("ix_draft_object", table_name="draft", schema="rtr")
    op.drop_table("draft", schema="rtr")
    op.drop_table("data_key", schema="rtr")
    op.drop_index("ix_audit_leaf_at", table_name="audit_leaf", schema="rtr")
    op.drop_table("audit_leaf", schema="rtr")
    op.drop_table("appender_lease", schema="rtr")
    op.drop_table("evaluation_usage", schema="evaluator")
    op.drop_table("evaluation_request", schema="evaluator")
    op.drop_table("evaluation_leaf", schema="evaluator")
