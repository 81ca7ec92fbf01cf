"""What the pages keep on the server: who is signed in, and forms that have been begun and not sent yet."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from register.store.models.base import FORGET, Rights, moment, sealed, tenant_table, text

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

form_draft = tenant_table(
    "form_draft",
    sa.Column("id", sa.Uuid, nullable=False),
    text("actor"),
    text("form"),
    moment("began_at"),
    moment("changed_at"),
    moment("ends_at"),
    # Null once the form has been sent: the record holds it from then on.
    sealed("content"),
    sa.Column("data_key", sa.Uuid),
    # What became of it, in codes and ids, for the page that says so.
    sa.Column("outcome", JSONB(none_as_null=True)),
    sa.Index("ix_form_draft_actor", "country", "actor"),
    sa.Index("ix_form_draft_ends_at", "country", "ends_at"),
    key=("id",),
    rights={
        "api": Rights(update=("changed_at", "ends_at", "content", "data_key", "outcome"), delete=True),
        "worker": FORGET,
    },
)
