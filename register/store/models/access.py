"""Who may submit, on what legal profile, who is authorised for what, and who is signed in at the pages."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from register.store.models.base import FORGET, READ, Rights, belongs_to, moment, sealed, tenant_table, text

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

# Only a hash of the cookie is here, and what is sealed opens with the cookie alone: nobody who reads this table can
# take a session over or learn who works with the register.
page_session = tenant_table(
    "page_session",
    sa.Column("token_hash", sa.LargeBinary, nullable=False),
    text("actor"),
    sealed("shown", nullable=False),
    moment("began_at"),
    moment("seen_at"),
    moment("ends_at"),
    sa.Index("ix_page_session_ends_at", "country", "ends_at"),
    key=("token_hash",),
    rights={"api": Rights(update=("seen_at",), delete=True), "worker": FORGET},
)
