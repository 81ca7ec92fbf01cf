"""Requests for the content of a shared extract, in the house that makes them."""

from __future__ import annotations

import sqlalchemy as sa

from register.store.models.base import Rights, belongs_to, moment, sealed, tenant_table, text

request = tenant_table(
    "request",
    sa.Column("id", sa.Uuid, nullable=False),
    text("reference"),
    text("state"),
    sa.Column("version", sa.Integer, nullable=False),
    text("organisation"),
    text("actor"),
    text("owner"),
    text("unit"),
    # Not a foreign key: a request outlives the extract that it asks about.
    sa.Column("record", sa.Uuid, nullable=False),
    text("record_reference"),
    text("route"),
    text("purpose"),
    text("legal_basis"),
    sa.Column("answer_by", sa.Date, nullable=False),
    sa.Column("retain_until", sa.Date, nullable=False),
    # The case, what is asked, and why it was withdrawn.
    sealed("content"),
    sa.Column("data_key", sa.Uuid, nullable=False),
    sa.Column("sealed_schema", sa.Integer, nullable=False),
    moment("made_at"),
    moment("changed_at"),
    moment("withdrawn_at", nullable=True),
    sa.UniqueConstraint("country", "reference"),
    belongs_to("organisation", "organisation", to=("code",)),
    sa.Index("ix_request_organisation", "country", "organisation", "id"),
    key=("id",),
    rights={
        "api": Rights(
            update=(
                "state", "version", "route", "answer_by", "retain_until", "content", "data_key", "sealed_schema",
                "changed_at", "withdrawn_at",
            )
        )
    },
)  # fmt: skip
