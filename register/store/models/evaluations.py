"""The evaluator's own schema (pseudonyms.md 5): what was asked for, counted and logged, never a selector or token."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from register.store.models.base import APPEND, EVALUATOR_SCHEMA, READ, Rights, moment, tenant_table, text

evaluation_request = tenant_table(
    "evaluation_request",
    text("requester"),
    sa.Column("request_id", sa.Uuid, nullable=False),
    sa.Column("body_hash", sa.LargeBinary, nullable=False),
    moment("at"),
    key=("requester", "request_id"),
    rights={"evaluator": Rights(delete=True)},
    schema=EVALUATOR_SCHEMA,
)

# What was granted to whom: by country in minutes and days, by organisation and actor in days. The worker reads it for
# the alarms of its operator and its privacy officer.
evaluation_usage = tenant_table(
    "evaluation_usage",
    text("requester"),
    text("layer"),
    text("name"),
    text("book"),
    text("selector_class"),
    text("span"),
    moment("begins"),
    sa.Column("keys", sa.BigInteger, nullable=False),
    key=("requester", "layer", "name", "book", "selector_class", "span", "begins"),
    rights={"evaluator": Rights(update=("keys",), delete=True), "worker": READ},
    schema=EVALUATOR_SCHEMA,
)

# Whoever counts a country's keys holds its row, so that two requests at once cannot pass a limit together.
evaluation_turn = tenant_table(
    "evaluation_turn",
    text("requester"),
    moment("taken_at"),
    key=("requester",),
    rights={"evaluator": Rights(update=("taken_at",))},
    schema=EVALUATOR_SCHEMA,
)

# The signed lists of those who ask, as `partner_list` has them: the evaluator's role cannot read that.
evaluation_list = tenant_table(
    "evaluation_list",
    text("partner"),
    text("kind"),
    sa.Column("number", sa.BigInteger, nullable=False),
    text("document"),
    moment("fetched_at"),
    key=("partner", "kind"),
    rights={"evaluator": Rights(update=("number", "document", "fetched_at"))},
    schema=EVALUATOR_SCHEMA,
)

evaluation_leaf = tenant_table(
    "evaluation_leaf",
    sa.Column("id", sa.Uuid, nullable=False),
    moment("at"),
    sa.Column("commitment", JSONB, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    sa.Index("ix_evaluation_leaf_at", "country", "at"),
    key=("id",),
    # The worker compares what it granted with what other evaluators did.
    rights={"evaluator": APPEND, "worker": READ},
    schema=EVALUATOR_SCHEMA,
)

# Tickets that partners showed this evaluator, with the signatures they brought. The worker tells them to the people of
# its country, and brings what a person said of one; neither can sign what the node's key has not signed.
evaluation_ticket = tenant_table(
    "evaluation_ticket",
    text("requester"),
    sa.Column("id", sa.Uuid, nullable=False),
    text("document"),
    text("digest"),
    text("state"),
    text("by", nullable=True),
    text("reason", nullable=True),
    text("signature", nullable=True),
    sa.Column("signatures", JSONB, nullable=False),
    sa.Column("keys", sa.BigInteger, nullable=False),
    moment("asked_at"),
    moment("signed_at", nullable=True),
    moment("until"),
    key=("requester", "id"),
    rights={
        "evaluator": Rights(update=("state", "by", "reason", "signature", "signatures", "signed_at"), delete=True),
        "worker": Rights(insert=False, update=("state", "by", "reason", "signature", "signatures", "signed_at")),
    },
    schema=EVALUATOR_SCHEMA,
)
