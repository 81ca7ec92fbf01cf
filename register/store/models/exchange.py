"""The tables of the exchange (wire.md 5) and of what it makes searchable (search.md 2)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from register.store.models.base import (
    APPEND,
    READ,
    SCHEMA,
    Rights,
    belongs_to,
    metadata,
    moment,
    only_grows,
    sealed,
    tenant_table,
    text,
)

_HASH = sa.LargeBinary


def _grant_to_worker(*update: str, delete: bool = False) -> dict[str, Rights]:
    """The worker writes, the API reads (partners pull through it)."""
    return {"api": READ, "worker": Rights(update=update, delete=delete)}


# Only the appender numbers, only receipts answer, and what is without a mark is of before there were any.
_FRESH_DRAFT = (
    "appended_inc IS NULL AND appended_seq IS NULL AND done_n IS NULL AND refused_at IS NULL "
    "AND octet_length(mark) = 32"
)

# That a withdrawal is done is said by a receipt that lists its entry, and by nothing else.
_DONE_BY_RECEIPT = f"""
{{row}}.done_n IS NULL
OR EXISTS (SELECT FROM {SCHEMA}.draft t
           WHERE t.country = {{row}}.country AND t.id = {{row}}.id AND t.done_n = {{row}}.done_n)
OR EXISTS (SELECT FROM {SCHEMA}.log_entry l
           JOIN {SCHEMA}.receipt_got r ON r.country = l.country AND r.partner = l.partner
                AND r.incarnation = l.incarnation AND r.n = {{row}}.done_n
           WHERE l.country = {{row}}.country AND l.draft_id = {{row}}.id
           AND r.claims -> 'retracted_done' @> to_jsonb(l.seq))
"""

draft = tenant_table(
    "draft",
    sa.Column("id", sa.Uuid, nullable=False),
    text("partner"),
    sa.Column("object", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    text("type"),
    text("schema"),
    sa.Column("commitment", _HASH, nullable=False),
    # Says what is said, so that deciding again without a change drafts nothing; a keyed hash of it. Null where the
    # draft behind it says it.
    sa.Column("content_hash", _HASH),
    # Keyed hash of all of the above: what somebody writes beside the program has none that fits, and gets no number.
    # Empty where it is of before there were any.
    sa.Column("mark", _HASH, nullable=False),
    sealed("body_sealed"),
    sealed("salt_sealed"),
    sa.Column("data_key", sa.Uuid),
    moment("made_at"),
    moment("due_at", nullable=True),
    # Since when it is put aside, because its mark does not fit.
    moment("refused_at", nullable=True),
    sa.Column("appended_inc", sa.Integer),
    sa.Column("appended_seq", sa.BigInteger),
    # Of a retract: number of the receipt that lists it as done. Whatever is told of the object later, it stays open
    # until then.
    sa.Column("done_n", sa.BigInteger),
    sa.Index(
        "ix_draft_waiting",
        "country",
        "partner",
        "id",
        postgresql_where=sa.text("appended_seq IS NULL AND refused_at IS NULL"),
    ),
    sa.Index("ix_draft_object", "country", "partner", "object"),
    sa.Index(
        "ix_draft_open_retracts",
        "country",
        "partner",
        "due_at",
        postgresql_where=sa.text("type = 'indicator.retract' AND done_n IS NULL"),
    ),
    key=("id",),
    rights={
        # A fact that protects a person is taken back in its own transaction, at the API; receipts arrive there too.
        "api": Rights(
            update=("body_sealed", "salt_sealed", "data_key", "done_n"),
            after_update=_DONE_BY_RECEIPT,
            after_insert=_FRESH_DRAFT,
        ),
        "worker": Rights(
            update=(
                "body_sealed",
                "salt_sealed",
                "data_key",
                "appended_inc",
                "appended_seq",
                "done_n",
                "refused_at",
            ),
            after_update=_DONE_BY_RECEIPT,
            after_insert=_FRESH_DRAFT,
        ),
    },
)

appender_lease = tenant_table(
    "appender_lease",
    text("owner"),
    sa.Column("fence", sa.BigInteger, nullable=False),
    moment("until"),
    key=(),
    rights=_grant_to_worker("owner", "fence", "until"),
)

log_entry = tenant_table(
    "log_entry",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    # The canonical bytes that were chained; never built again from columns.
    sa.Column("stub", sa.LargeBinary, nullable=False),
    sa.Column("entry_hash", _HASH, nullable=False),
    sa.Column("draft_id", sa.Uuid, nullable=False),
    moment("gone_at", nullable=True),
    sa.Index("ix_log_entry_draft", "country", "draft_id"),
    key=("partner", "incarnation", "seq"),
    rights=_grant_to_worker("gone_at"),
)

# A receipt that comes in stops a log. That it goes on takes two persons at the operator's command, as the worker.
_STOPPED_FOR_GOOD = f"""
{{row}}.stopped IS NOT NULL AND {{row}}.stopped_at IS NOT NULL
AND NOT EXISTS (SELECT FROM {SCHEMA}.log_head t
                WHERE t.country = {{row}}.country AND t.partner = {{row}}.partner
                AND t.incarnation = {{row}}.incarnation AND t.stopped IS NOT NULL
                AND (t.stopped, t.stopped_at) IS DISTINCT FROM ({{row}}.stopped, {{row}}.stopped_at))
"""

log_head = tenant_table(
    "log_head",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("tip_seq", sa.BigInteger, nullable=False),
    sa.Column("tip_hash", _HASH, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
    # Code of why nothing more is appended: a receipt proved that this node or the partner tells another story.
    text("stopped", nullable=True),
    moment("stopped_at", nullable=True),
    key=("partner", "incarnation"),
    rights={
        "api": Rights(insert=False, update=("stopped", "stopped_at"), after_update=_STOPPED_FOR_GOOD),
        "worker": Rights(update=("tip_seq", "tip_hash", "fence", "stopped", "stopped_at")),
    },
)

partner_cursor = tenant_table(
    "partner_cursor",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("applied_to", sa.BigInteger, nullable=False),
    sa.Column("last", _HASH, nullable=False),
    sa.Column("roster", sa.Integer, nullable=False),
    text("halted", nullable=True),
    # The signed page or head that proves why the log is followed no more.
    text("halt_evidence", nullable=True),
    # Since when the origin's heads end before what it gave us, and the newest of these heads, signed; null where not.
    moment("origin_behind_at", nullable=True),
    text("origin_behind_evidence", nullable=True),
    # The newest receipt that the origin counts by: after a restore of this node, one that it gave and has lost.
    sa.Column("receipt_n", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("receipt_digest", _HASH),
    # What the newest head said, and when it was made at the origin: `as_of` and *stale* come from here.
    sa.Column("head_seq", sa.BigInteger),
    moment("head_at", nullable=True),
    moment("last_success_at", nullable=True),
    text("last_error", nullable=True),
    moment("last_error_at", nullable=True),
    sa.Column("stale_entries", sa.BigInteger, nullable=False, server_default="0"),
    key=("partner", "incarnation"),
    rights=_grant_to_worker(
        "applied_to", "last", "roster", "halted", "halt_evidence", "origin_behind_at", "origin_behind_evidence",
        "receipt_n", "receipt_digest", "head_seq", "head_at", "last_success_at", "last_error", "last_error_at",
        "stale_entries",
    ),
)  # fmt: skip

received_stub = tenant_table(
    "received_stub",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("object", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    text("type"),
    sa.Column("stub", sa.LargeBinary, nullable=False),
    sa.Column("entry_hash", _HASH, nullable=False),
    text("verdict"),
    moment("index_done_at", nullable=True),
    # The receipt that told the origin that this retraction is done.
    sa.Column("done_receipt", sa.BigInteger),
    sa.Index("ix_received_stub_object", "country", "partner", "object"),
    sa.Index(
        "ix_received_stub_tombstones",
        "country",
        "partner",
        "seq",
        postgresql_where=sa.text("verdict = 'tombstone' AND done_receipt IS NULL"),
    ),
    key=("partner", "incarnation", "seq"),
    rights=_grant_to_worker("verdict", "index_done_at", "done_receipt"),
)

received_record = tenant_table(
    "received_record",
    text("partner"),
    sa.Column("object", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("commitment", _HASH, nullable=False),
    text("type"),
    sealed("body_sealed"),
    sealed("salt_sealed"),
    sa.Column("data_key", sa.Uuid),
    # The coded columns that search filters on; everything else of the extract stays sealed.
    text("reference", nullable=True),
    text("signal_type", nullable=True),
    sa.Column("month_from", sa.CHAR(7)),
    sa.Column("month_to", sa.CHAR(7)),
    text("visibility", nullable=True),
    text("sector", nullable=True),
    text("location_type", nullable=True),
    sa.Column("roles", ARRAY(sa.Text)),
    sa.Column("exploitation_forms", ARRAY(sa.Text)),
    text("reason", nullable=True),
    sa.Column("live", sa.Boolean, nullable=False),
    moment("hidden_at", nullable=True),
    sa.Column("retain_until", sa.Date),
    # The last day of the approval of its owner's exit gate, where it came with one.
    sa.Column("gate_until", sa.Date),
    moment("applied_at"),
    # When a version of it was first held: what the year's figures count it by. Null for what was withdrawn unseen.
    moment("first_held_at", nullable=True),
    sa.Index(
        "ix_received_record_gate_until", "country", "partner", "gate_until",
        postgresql_where=sa.text("gate_until IS NOT NULL"),
    ),
    key=("partner", "object"),
    rights=_grant_to_worker(
        "version", "commitment", "type", "body_sealed", "salt_sealed", "data_key", "reference", "signal_type",
        "month_from", "month_to", "visibility", "sector", "location_type", "roles", "exploitation_forms", "reason",
        "live", "hidden_at", "retain_until", "gate_until", "applied_at", "first_held_at",
    ),
)  # fmt: skip

# Rows that were found not to be what was stored, until they are mended. Whoever meets one notes it; `origin` is whose.
damage = tenant_table(
    "damage",
    text("place"),
    text("origin"),
    text("record"),
    moment("found_at"),
    key=("place", "origin", "record"),
    rights={"api": APPEND, "worker": Rights(delete=True)},
)

# How far the slow look at what is stored has come. `after` is null where the round that began then has ended.
walk = tenant_table(
    "walk",
    text("name"),
    text("after", nullable=True),
    moment("began_at"),
    key=("name",),
    rights={"api": READ, "worker": Rights(update=("after", "began_at"))},
)

# Entries of a type that nothing here acts on yet: verified, kept sealed and listed, never dropped.
received_entry = tenant_table(
    "received_entry",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    text("type"),
    sa.Column("object", sa.Uuid, nullable=False),
    sealed("body_sealed"),
    sealed("salt_sealed"),
    sa.Column("data_key", sa.Uuid),
    moment("received_at"),
    key=("partner", "incarnation", "seq"),
    rights=_grant_to_worker("body_sealed", "salt_sealed", "data_key"),
)

quarantine = tenant_table(
    "quarantine",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    text("code"),
    text("rule", nullable=True),
    moment("seen_at"),
    moment("looked_again_at", nullable=True),
    key=("partner", "incarnation", "seq"),
    rights=_grant_to_worker("code", "rule", "looked_again_at", delete=True),
)

receipt_given = tenant_table(
    "receipt_given",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    text("jws"),
    sa.Column("claims", JSONB, nullable=False),
    moment("acknowledged_at", nullable=True),
    key=("partner", "incarnation", "n"),
    # Deleted only after a restore of this node, when the origin holds others of the same numbers.
    rights=_grant_to_worker("acknowledged_at", delete=True),
)

receipt_got = tenant_table(
    "receipt_got",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    text("jws"),
    sa.Column("claims", JSONB, nullable=False),
    moment("got_at"),
    # As the claims have it: by which receipt an entry was acknowledged first. Null in rows of a release before it.
    sa.Column("applied_to", sa.BigInteger),
    sa.Index("ix_receipt_got_applied_to", "country", "partner", "incarnation", "applied_to", "n"),
    key=("partner", "incarnation", "n"),
    # Receipts arrive at the API; both functions may record what they say.
    rights={"api": APPEND, "worker": APPEND},
)

# A receipt that stopped our log for its giver: evidence, and never believed. Once disowned it stops the log no more.
receipt_refused = tenant_table(
    "receipt_refused",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("digest", _HASH, nullable=False),
    text("code"),
    text("jws"),
    sa.Column("claims", JSONB, nullable=False),
    moment("seen_at"),
    moment("disowned_at", nullable=True),
    # When its number was counted, so that the receipts after it can follow.
    moment("counted_at", nullable=True),
    key=("partner", "incarnation", "n", "digest"),
    rights={"api": Rights(update=("counted_at",)), "worker": Rights(update=("disowned_at", "counted_at"))},
)

page_evidence = tenant_table(
    "page_evidence",
    text("partner"),
    sa.Column("incarnation", sa.Integer, nullable=False),
    sa.Column("from_seq", sa.BigInteger, nullable=False),
    sa.Column("to_seq", sa.BigInteger, nullable=False),
    text("header"),
    key=("partner", "incarnation", "from_seq", "to_seq"),
    rights=_grant_to_worker(),
)

request_seen = tenant_table(
    "request_seen",
    text("partner"),
    text("jti"),
    moment("seen_at"),
    sa.Index("ix_request_seen_at", "country", "seen_at"),
    key=("partner", "jti"),
    rights={"api": Rights(delete=True), "worker": Rights(delete=True)},
)

# The newest signed list of each kind that a partner gave: evidence as received, and what extracts are held to.
partner_list = tenant_table(
    "partner_list",
    text("partner"),
    text("kind"),
    sa.Column("number", sa.BigInteger, nullable=False),
    text("document"),
    moment("fetched_at"),
    key=("partner", "kind"),
    rights={"api": READ, "worker": Rights(update=("number", "document", "fetched_at")), "auditor": READ},
)

# What this country had evaluated, kept before the first evaluator is asked: purposes, counts and opaque ids only.
evaluation_asked = tenant_table(
    "evaluation_asked",
    sa.Column("request_id", sa.Uuid, nullable=False),
    text("purpose"),
    # Of a registration: whether partners were to get the pseudonyms, or none of them.
    text("declared", nullable=True),
    sa.Column("keys", sa.Integer, nullable=False),
    # The leaf of a question's intent, or the signal.
    sa.Column("about", sa.Uuid, nullable=False),
    moment("asked_at"),
    sa.Index("ix_evaluation_asked_at", "country", "asked_at"),
    key=("request_id",),
    rights={
        "api": Rights(update=("asked_at",), after_update=only_grows("evaluation_asked", ("request_id",), "asked_at")),
        "worker": Rights(update=("asked_at",), delete=True),
        "auditor": READ,
    },
)

# Who answered it, by what came here and by what the evaluator lists.
evaluation_answer = tenant_table(
    "evaluation_answer",
    text("evaluator"),
    sa.Column("request_id", sa.Uuid, nullable=False),
    moment("answered_at", nullable=True),
    sa.Column("listed_on", sa.Date),
    sa.Index("ix_evaluation_answer_at", "country", "evaluator", "answered_at"),
    key=("evaluator", "request_id"),
    rights={
        "api": Rights(
            update=("answered_at",),
            after_update=only_grows("evaluation_answer", ("evaluator", "request_id"), "answered_at"),
        ),
        "worker": Rights(update=("answered_at", "listed_on"), delete=True),
        "auditor": READ,
    },
)

# How each day stands with each evaluator.
evaluation_night = tenant_table(
    "evaluation_night",
    text("evaluator"),
    sa.Column("day", sa.Date, nullable=False),
    text("state"),
    sa.Column("listed", sa.BigInteger, nullable=False),
    sa.Column("unasked", sa.BigInteger, nullable=False),
    sa.Column("unlisted", sa.BigInteger, nullable=False),
    moment("looked_at"),
    key=("evaluator", "day"),
    rights={
        "api": READ,
        "worker": Rights(update=("state", "listed", "unasked", "unlisted", "looked_at"), delete=True),
        "auditor": READ,
    },
)

# What each evaluator told everybody that it granted on a day, to whom: keys by book and class.
evaluation_count = tenant_table(
    "evaluation_count",
    text("evaluator"),
    sa.Column("day", sa.Date, nullable=False),
    text("requester"),
    text("book"),
    text("selector_class"),
    sa.Column("keys", sa.BigInteger, nullable=False),
    key=("evaluator", "day", "requester", "book", "selector_class"),
    rights={"worker": Rights(delete=True), "auditor": READ},
)

# Not per country: one of the named exceptions. Everyone may read it, only the operator writes it.
roster = sa.Table(
    "roster",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    schema=SCHEMA,
)

# HMAC(index pepper, token) of own and received records: the only grouping, the degraded path and the test oracle.
search_key = tenant_table(
    "search_key",
    text("key"),
    text("origin"),
    sa.Column("record", sa.Uuid, nullable=False),
    sa.Column("subject", sa.SmallInteger, nullable=False),
    text("family"),
    sa.Column("version", sa.SmallInteger, nullable=False),
    sa.Column("epoch", sa.SmallInteger, nullable=False),
    # What the engine knows this subject by; resolved here and nowhere else.
    text("handle"),
    sa.Index("ix_search_key_record", "country", "origin", "record"),
    sa.Index("ix_search_key_handle", "country", "handle"),
    key=("key", "origin", "record", "subject"),
    rights={"api": READ, "worker": Rights(delete=True)},
)

# Which version of a record the engine was last brought to; a dead letter names why it refused one.
indexed_record = tenant_table(
    "indexed_record",
    text("origin"),
    sa.Column("object", sa.Uuid, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    text("dead_letter", nullable=True),
    moment("at"),
    key=("origin", "object"),
    rights={"api": READ, "worker": Rights(update=("version", "dead_letter", "at"), delete=True)},
)

# A received extract that shares a token with an own signal.
hit = tenant_table(
    "hit",
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("signal_id", sa.Uuid, nullable=False),
    # Of the own signal's subjects the one that shares it; 0 for a value of nobody, null where it was not kept yet.
    sa.Column("subject", sa.SmallInteger),
    text("origin"),
    sa.Column("object", sa.Uuid, nullable=False),
    sa.Column("families", ARRAY(sa.Text), nullable=False),
    sa.Column("bits", sa.Float),
    text("strength"),
    moment("found_at"),
    moment("withdrawn_at", nullable=True),
    sa.UniqueConstraint("country", "signal_id", "origin", "object"),
    sa.Index("ix_hit_found_at", "country", "found_at"),
    key=("id",),
    rights=_grant_to_worker("subject", "families", "bits", "strength", "withdrawn_at"),
)

# What people said of a hit, step by step: the newest is its state. Codes only, so nothing here is sealed or erased.
hit_step = tenant_table(
    "hit_step",
    sa.Column("hit_id", sa.Uuid, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    text("state"),
    text("no_concern", nullable=True),
    sa.Column("request_id", sa.Uuid),
    # What was shared then: more than that is news.
    sa.Column("families", ARRAY(sa.Text), nullable=False),
    text("actor"),
    text("organisation", nullable=True),
    moment("at"),
    belongs_to("hit", "hit_id", to=("id",)),
    key=("hit_id", "number"),
    rights={"api": APPEND, "worker": READ},
)

# A person signs or refuses a ticket that waits, and what was said stays.
_SAID_ONCE = """
EXISTS (
    SELECT FROM rtr.ticket t WHERE t.country = {row}.country AND t.asker = {row}.asker AND t.id = {row}.id AND (
    t.state = 'waiting' AND {row}.state IN ('signed', 'refused') AND num_nulls({row}.decided_by, {row}.decided_at) = 0
    OR ({row}.state, {row}.reason, {row}.decided_by, {row}.decided_at, {row}.signature, {row}.refusal, {row}.data_key)
    IS NOT DISTINCT FROM (t.state, t.reason, t.decided_by, t.decided_at, t.signature, t.refusal, t.data_key)))
"""

# Tickets: this country's own, with what each evaluator answered, and those of others, for its people to look at. The
# worker brings each from and to the evaluator's own schema, which no page reaches.
ticket = tenant_table(
    "ticket",
    text("asker"),
    sa.Column("id", sa.Uuid, nullable=False),
    text("document"),
    text("state"),
    text("wait", nullable=True),
    text("reason", nullable=True),
    text("decided_by", nullable=True),
    moment("decided_at", nullable=True),
    text("signature", nullable=True),
    # Of another's that was refused: sealed for who said so, when and why. It is carried by this alone.
    sealed("refusal"),
    sa.Column("data_key", sa.Uuid),
    moment("carried_at", nullable=True),
    sa.Column("answers", JSONB, nullable=False),
    sa.Column("spent", sa.BigInteger, nullable=False),
    moment("asked_on", nullable=True),
    moment("looked_at", nullable=True),
    text("asked_by"),
    moment("asked_at"),
    moment("until"),
    key=("asker", "id"),
    rights={
        "api": Rights(
            update=("state", "reason", "decided_by", "decided_at", "signature", "refusal", "data_key", "asked_on"),
            after_update=_SAID_ONCE,
            after_insert="num_nonnulls(reason, decided_by, decided_at, signature, refusal, data_key, carried_at) = 0 "
            "AND state = 'asked' AND answers = '{{}}'::jsonb AND spent = 0",
        ),
        "worker": Rights(
            update=("state", "wait", "carried_at", "answers", "spent", "asked_on", "looked_at"), delete=True
        ),
    },
)

# What the country's own supervisor attested of thirty days' evaluations: part of a ticket that nodes may sign alone.
attested_figure = tenant_table(
    "attested_figure",
    sa.Column("id", sa.Uuid, nullable=False),
    moment("at"),
    sa.Column("evaluated", sa.BigInteger, nullable=False),
    sa.Column("published", sa.BigInteger, nullable=False),
    text("by"),
    # Seals it for whom it names, and when.
    sealed("said"),
    sa.Column("data_key", sa.Uuid),
    key=("id",),
    rights={"api": APPEND, "worker": Rights(insert=False, delete=True)},
)
