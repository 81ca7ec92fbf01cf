"""What keeps the register honest: data keys, the outbox, idempotency and the leaves of the audit log."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from register.store.models.base import APPEND, FORGET, READ, Rights, moment, tenant_table, text

# Kept out of every data backup: it has a dump of its own, one generation (security.md 2).
data_key = tenant_table(
    "data_key",
    sa.Column("id", sa.Uuid, nullable=False),
    text("kek"),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    moment("made_at"),
    key=("id",),
    rights={"api": APPEND, "worker": Rights(update=("kek", "wrapped"), delete=True)},
)

# An end waits for the worker and says by whom: one that came as destroyed would leave its key where it is, and no leaf
# would tell why it opens nothing.
_ENDED_BY_SOMEBODY = "destroyed_at IS NULL AND ended_by IS NOT NULL"
# What is destroyed stays so; what is not keeps who ended it until it is.
_DESTROYED_FOR_GOOD = """
destroyed_at IS NOT NULL OR EXISTS (
    SELECT FROM rtr.data_key_end e WHERE e.country = {row}.country AND e.id = {row}.id
    AND e.destroyed_at IS NULL AND e.ended_by = {row}.ended_by)
"""

# Data keys that have ended: destroyed by the worker's next turn, and then the one word that this was no loss; see
# register.store.running.sealing. It is dumped with the keys: else an ended key would open again what is restored from
# rows of an older day, and what was erased would look like damage there.
data_key_end = tenant_table(
    "data_key_end",
    sa.Column("id", sa.Uuid, nullable=False),
    text("reason"),
    # Null once the key is destroyed: from then on the audit log says who.
    text("ended_by", nullable=True),
    moment("ended_at"),
    moment("destroyed_at", nullable=True),
    sa.Index("ix_data_key_end_ended_at", "country", "ended_at", postgresql_where=sa.text("destroyed_at IS NULL")),
    key=("id",),
    rights={
        "api": Rights(after_insert=_ENDED_BY_SOMEBODY),
        "worker": Rights(
            update=("ended_by", "destroyed_at"), after_update=_DESTROYED_FOR_GOOD, after_insert=_ENDED_BY_SOMEBODY
        ),
    },
)

# What is known of a key stays so; only the worker's role may give one up, for an operator.
_KNOWN_FOR_GOOD = """
EXISTS (SELECT FROM rtr.known_key k WHERE k.country = {row}.country AND k.name = {row}.name
    AND (k.check_value IS NULL OR k.check_value = {row}.check_value))
"""

# Which keys of the key store rows rest on; see register.store.known_keys. Dumped with the data keys, which name them.
known_key = tenant_table(
    "known_key",
    text("name"),
    # Null where an older release used the key, or it was given up: who uses one of its name next notes which.
    text("check_value", nullable=True),
    moment("known_at"),
    moment("given_up_at", nullable=True),
    key=("name",),
    rights={
        "api": Rights(update=("check_value",), after_update=_KNOWN_FOR_GOOD, after_insert="given_up_at IS NULL"),
        "worker": Rights(
            update=("check_value", "given_up_at"),
            after_update=f"given_up_at IS NOT NULL AND check_value IS NULL OR {_KNOWN_FOR_GOOD}",
            after_insert="given_up_at IS NULL",
        ),
    },
)

# Rows that an older release sealed beside nothing, with a hash of what decides of each; register.store.sealed_before
# says how they are sealed anew. Nobody but a migration may insert: whoever could mark a row would have it sealed.
sealed_before = tenant_table(
    "sealed_before",
    text("place"),
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("fixed", sa.LargeBinary, nullable=False),
    moment("tried_at", nullable=True),
    key=("place", "id"),
    rights={"api": READ, "worker": Rights(insert=False, update=("tried_at",), delete=True)},
)

# At the pages and the API work is only asked for: as of now, and never for less than it was asked for before. What is
# leased, put off or taken away there was never done.
_ASKED_FOR = (
    "generation = 1 AND fence = 0 AND attempts = 0 AND not_before <= statement_timestamp() AND leased_until IS NULL "
    "AND last_error IS NULL AND stuck_since IS NULL"
)
_ASKED_AGAIN = """
attempts = 0 AND not_before <= statement_timestamp() AND NOT EXISTS (
    SELECT FROM rtr.outbox o
    WHERE o.country = {row}.country AND o.consumer = {row}.consumer AND o.object = {row}.object
    AND ({row}.generation NOT BETWEEN o.generation AND o.generation + 1000 OR o.urgent AND NOT {row}.urgent))
"""

# A to-do, not a log: one row per (consumer, object); see register.store.running.outbox.
outbox = tenant_table(
    "outbox",
    text("consumer"),
    sa.Column("object", sa.Uuid, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # By the database's clock alone: a process whose own is wrong says none.
    sa.Column("not_before", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.statement_timestamp()),
    # Something is to be taken back: it goes before what is to be added, however much of that waits.
    sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("leased_until", nullable=True),
    text("last_error", nullable=True),
    # Since when it does not get on, however often it is tried; it is tried all the same.
    moment("stuck_since", nullable=True),
    sa.Index("ix_outbox_due", "country", "consumer", sa.text("urgent DESC"), "not_before"),
    key=("consumer", "object"),
    rights={
        "api": Rights(
            update=("generation", "attempts", "not_before", "urgent"),
            after_insert=_ASKED_FOR,
            after_update=_ASKED_AGAIN,
        ),
        "worker": Rights(
            update=(
                "generation",
                "fence",
                "attempts",
                "not_before",
                "leased_until",
                "last_error",
                "stuck_since",
                "urgent",
            ),
            delete=True,
        ),
    },
)

# What waits for somebody; see register.domain.running.to_do. Codes and ids only: nothing of it is sealed.
to_do = tenant_table(
    "to_do",
    sa.Column("id", sa.Uuid, nullable=False),
    text("kind"),
    sa.Column("object", sa.Uuid, nullable=False),
    text("detail"),
    # Null: for whoever holds a task of the kind.
    text("unit", nullable=True),
    text("person", nullable=True),
    sa.Column("signal_id", sa.Uuid),
    text("reference", nullable=True),
    text("urgency"),
    moment("opened_at"),
    moment("due_at"),
    moment("done_at", nullable=True),
    sa.Index(
        "ux_to_do_open", "country", "kind", "object", "detail", unique=True, postgresql_where=sa.text("done_at IS NULL")
    ),
    sa.Index("ix_to_do_signal", "country", "signal_id", postgresql_where=sa.text("done_at IS NULL")),
    sa.Index("ix_to_do_done_at", "country", "done_at"),
    key=("id",),
    rights={
        "api": Rights(update=("urgency", "unit", "due_at", "done_at")),
        "worker": Rights(update=("urgency", "unit", "due_at", "done_at"), delete=True),
    },
)

# What a worker said last of each of its jobs; see register.domain.running.node_finding.
beat = tenant_table(
    "beat",
    text("job"),
    moment("at"),
    moment("worked_at", nullable=True),
    moment("failing_since", nullable=True),
    text("code", nullable=True),
    key=("job",),
    rights={"api": READ, "worker": Rights(update=("at", "worked_at", "failing_since", "code"))},
)

idempotency = tenant_table(
    "idempotency",
    text("client"),
    text("key"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    # The answer's document as it was given, sealed; null until the request that claimed the key has made it.
    sa.Column("answer", sa.LargeBinary),
    sa.Column("data_key", sa.Uuid),
    moment("made_at"),
    # The record that the answer tells of; null where no erasure asks for it.
    sa.Column("about", sa.Uuid),
    sa.Index("ix_idempotency_made_at", "country", "made_at"),
    sa.Index("ix_idempotency_about", "country", "about", postgresql_where=sa.text("about IS NOT NULL")),
    key=("client", "key"),
    rights={"api": Rights(update=("answer", "data_key", "about")), "worker": FORGET},
)

ABOUT: Final = "(commitment ->> 'about')"
REFERRAL_READ: Final = "action IN ('referral.read', 'referral.report-read')"
"""As written here an index is made of both, so a query has to have them as written here too."""

audit_leaf = tenant_table(
    "audit_leaf",
    sa.Column("id", sa.Uuid, nullable=False),
    moment("at"),
    text("action"),
    # The committed part: codes, ids, counts. The sensitive part is kept apart, salted, so that erasure is possible.
    sa.Column("commitment", JSONB, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    sa.Column("private_salt", sa.LargeBinary),
    sa.Column("private_sealed", sa.LargeBinary),
    sa.Column("data_key", sa.Uuid),
    sa.Index("ix_audit_leaf_at", "country", "at"),
    # Who read a referral, for whoever takes it back: of all leaves, only these are looked for by what they are about.
    sa.Index(
        "ix_audit_leaf_referral_read",
        "country",
        sa.text(ABOUT),
        postgresql_where=sa.text(REFERRAL_READ),
    ),
    key=("id",),
    rights={"api": APPEND, "worker": APPEND, "auditor": READ},
)
