"""Who may submit, on what legal profile, and who is authorised for what: rows with dates in force."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from register.store.models.base import READ, Rights, belongs_to, moment, tenant_table, text

_OPERATOR = Rights(update=("name", "kind", "legal_profile", "profile", "valid_from", "valid_to"))

organisation = tenant_table(
    "organisation",
    text("code"),
    text("name"),
    text("kind"),
    text("legal_profile"),
    # Defaults that a submitter need not type: basis, purpose, evaluation, handling, visibility, contact unit.
    sa.Column("profile", JSONB, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date),
    key=("code",),
    rights={"api": READ, "worker": _OPERATOR, "auditor": READ},
)

authorisation = tenant_table(
    "authorisation",
    sa.Column("id", sa.Uuid, nullable=False),
    # The subject claim of the country's issuer; opaque here.
    text("actor"),
    text("actor_kind"),
    text("organisation"),
    sa.Column("tasks", ARRAY(sa.Text), nullable=False),
    text("scope"),
    sa.Column("begins", sa.Date, nullable=False),
    sa.Column("ends", sa.Date),
    sa.Column("trained_on", sa.Date),
    moment("granted_at"),
    belongs_to("organisation", "organisation", to=("code",)),
    sa.Index("ix_authorisation_actor", "country", "actor"),
    key=("id",),
    rights={"api": READ, "worker": Rights(update=("ends", "tasks", "scope", "trained_on")), "auditor": READ},
)
