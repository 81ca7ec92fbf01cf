"""Who may submit, on what legal profile, who is authorised for what, and who is signed in at the pages."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from register.store.models.base import FORGET, READ, Rights, belongs_to, moment, only_grows, sealed, tenant_table, text

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
    # By which its own person names it; it opens nothing.
    sa.Column("id", sa.Uuid, nullable=False),
    text("actor"),
    sealed("shown", nullable=False),
    # Names of the short lists of register.domain.access.browser, or empty.
    text("browser"),
    text("system"),
    # When and how strongly the person proved who it is, as the provider signed it; null where it did not say.
    moment("authenticated_at", nullable=True),
    text("acr"),
    moment("began_at"),
    moment("seen_at"),
    moment("ends_at"),
    # Its person ended it. The row stays until `ends_at`: nobody who kept a copy can bring it back.
    moment("ended_at", nullable=True),
    sa.Index("ix_page_session_ends_at", "country", "ends_at"),
    sa.Index("ix_page_session_actor", "country", "actor"),
    key=("token_hash",),
    rights={
        "api": Rights(
            update=("seen_at", "ended_at"),
            delete=True,
            after_update=only_grows("page_session", ("token_hash",), "seen_at", "ended_at"),
            before_delete="ends_at < now()",
        ),
        "worker": FORGET,
    },
)

# Values looked up a day, by whom and for what case: opaque references only, and gone after a month.
search_spent = tenant_table(
    "search_spent",
    text("budget"),
    text("name"),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("spent", sa.BigInteger, nullable=False),
    key=("budget", "name", "day"),
    rights={
        # Nothing is looked up beforehand: a count that begins below nothing would be room for more.
        "api": Rights(
            update=("spent",),
            after_update=only_grows("search_spent", ("budget", "name", "day"), "spent"),
            after_insert="spent >= 0",
        ),
        "worker": FORGET,
        "auditor": READ,
    },
)

# Values that stand by themselves in a report, by whoever brought them in, until a look at hits has answered for them:
# counts only.
loose_value = tenant_table(
    "loose_value",
    text("actor"),
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("unanswered", sa.BigInteger, nullable=False),
    sa.Index("ix_loose_value_signal_id", "country", "signal_id"),
    key=("actor", "signal_id"),
    rights={
        # A look answers for them, so they become less; no day goes back, or the worker forgot them unanswered.
        "api": Rights(
            update=("day", "unanswered"),
            after_update=f"unanswered >= 0 AND {only_grows('loose_value', ('actor', 'signal_id'), 'day')}",
            after_insert="unanswered >= 0",
        ),
        "worker": FORGET,
    },
)

# Which records of partners somebody was shown, and on which day last: only those open again by their id, and on the
# same day it costs nothing. Ids only.
search_shown = tenant_table(
    "search_shown",
    text("actor"),
    sa.Column("record", sa.Uuid, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    key=("actor", "record"),
    rights={
        "api": Rights(update=("day",), after_update=only_grows("search_shown", ("actor", "record"), "day")),
        "worker": FORGET,
    },
)

# What should be looked at about the way in which is asked; one open row a kind and a person, case or organisation.
alarm = tenant_table(
    "alarm",
    sa.Column("id", sa.Uuid, nullable=False),
    text("kind"),
    text("whose"),
    # Opaque: a subject of the issuer, the hash of a case reference, a code of an organisation or a partner.
    text("about"),
    text("actor", nullable=True),
    text("organisation", nullable=True),
    sealed("case_reference"),
    sealed("reason"),
    sa.Column("data_key", sa.Uuid, nullable=False),
    sa.Column("times", sa.BigInteger, nullable=False),
    moment("raised_at"),
    moment("last_at"),
    moment("acknowledged_at", nullable=True),
    text("acknowledged_by", nullable=True),
    sa.Index(
        "uq_alarm_open", "country", "kind", "whose", "about", unique=True,
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    ),
    key=("id",),
    rights={
        # The key too, where the one that it had is gone: what is said to it is sealed under another then.
        "api": Rights(
            update=("times", "last_at", "acknowledged_at", "acknowledged_by", "reason", "data_key"),
            after_update=only_grows("alarm", ("id",), "times", "last_at"),
            # One that comes as acknowledged would keep what it is about from ringing.
            after_insert="times > 0 AND num_nonnulls(acknowledged_at, acknowledged_by, reason) = 0",
        ),
        # It opens anew what somebody acknowledged beside the register.
        "worker": Rights(update=("times", "last_at", "acknowledged_at", "acknowledged_by", "reason"), delete=True),
        "auditor": READ,
    },
)  # fmt: skip

# Values that were asked about within a week, by what they share with their neighbours: keyed hashes that name the
# person or the case too, so that equal values of two of them are not equal here.
search_neighbour = tenant_table(
    "search_neighbour",
    sa.Column("bucket", sa.LargeBinary, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Index("ix_search_neighbour_day", "country", "day"),
    key=("bucket", "value"),
    rights={
        "api": Rights(update=("day",), after_update=only_grows("search_neighbour", ("bucket", "value"), "day")),
        "worker": FORGET,
    },
)

# Values by whether they were found, a day, by person and case: counts only.
search_outcome = tenant_table(
    "search_outcome",
    text("whose"),
    text("about"),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("asked", sa.BigInteger, nullable=False),
    sa.Column("missed", sa.BigInteger, nullable=False),
    key=("whose", "about", "day"),
    rights={
        "api": Rights(
            update=("asked", "missed"),
            after_update=only_grows("search_outcome", ("whose", "about", "day"), "asked", "missed"),
            after_insert="missed BETWEEN 0 AND asked",
        ),
        "worker": FORGET,
    },
)

# The searches of a week, of which some are drawn by lot when it is over; the others are forgotten then.
searched = tenant_table(
    "searched",
    # Of the leaf of the intent.
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("week", sa.Date, nullable=False),
    moment("at"),
    text("actor"),
    text("organisation", nullable=True),
    text("purpose"),
    text("legal_basis"),
    sa.Column("families", ARRAY(sa.Text), nullable=False),
    sa.Column("asked", ARRAY(sa.Text), nullable=False),
    # What was shown; null where it was never answered.
    sa.Column("own", sa.BigInteger),
    sa.Column("hits", sa.BigInteger),
    sealed("case_reference"),
    sealed("note"),
    sa.Column("data_key", sa.Uuid, nullable=False),
    sa.Column("drawn", sa.Boolean, nullable=False),
    text("verdict", nullable=True),
    text("verdict_by", nullable=True),
    moment("verdict_at", nullable=True),
    sa.Index("ix_searched_week", "country", "week"),
    key=("id",),
    rights={
        "api": Rights(update=("own", "hits", "note", "verdict", "verdict_by", "verdict_at")),
        "worker": Rights(insert=False, update=("drawn",), delete=True),
        "auditor": READ,
    },
)
