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

# Whom partners turn to after a hit: the signed list tells them names, begins and ends; addresses stay here.
contact_unit = tenant_table(
    "contact_unit",
    text("name"),
    text("organisation"),
    sa.Column("begins", sa.Date, nullable=False),
    sa.Column("ends", sa.Date),
    sa.Column("addresses", JSONB, nullable=False),
    belongs_to("organisation", "organisation", to=("code",)),
    key=("name",),
    rights={"api": READ, "worker": Rights(update=("begins", "ends", "addresses")), "auditor": READ},
)

# One row: which number the country's list of organisations has. Locked by whoever changes what is in it.
organisation_list = tenant_table(
    "organisation_list",
    sa.Column("number", sa.BigInteger, nullable=False),
    moment("changed_at"),
    key=(),
    rights={"api": READ, "worker": Rights(update=("number", "changed_at")), "auditor": READ},
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
    text("training", nullable=True),
    sa.Column("trained_on", sa.Date),
    sa.Column("trained_until", sa.Date),
    moment("granted_at"),
    belongs_to("organisation", "organisation", to=("code",)),
    sa.Index("ix_authorisation_actor", "country", "actor"),
    key=("id",),
    # What it was given for is never changed: it ends, and another begins.
    rights={
        "api": READ,
        "worker": Rights(update=("ends", "training", "trained_on", "trained_until")),
        "auditor": READ,
    },
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

# Questions a day, by whom and for what case: opaque references only, and gone after a month.
search_spent = tenant_table(
    "search_spent",
    text("budget"),
    text("name"),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("spent", sa.BigInteger, nullable=False),
    key=("budget", "name", "day"),
    rights={"api": Rights(update=("spent",)), "worker": FORGET, "auditor": READ},
)
