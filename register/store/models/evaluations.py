"""The evaluator's own schema (pseudonyms.md 5): what was asked for, counted and logged, never a selector or token."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from register.store.models.base import APPEND, EVALUATOR_SCHEMA, Rights, moment, tenant_table, text

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

evaluation_usage = tenant_table(
    "evaluation_usage",
    text("requester"),
    text("actor"),
    text("selector_class"),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("keys", sa.BigInteger, nullable=False),
    key=("requester", "actor", "selector_class", "day"),
    rights={"evaluator": Rights(update=("keys",))},
    schema=EVALUATOR_SCHEMA,
)

evaluation_leaf = tenant_table(
    "evaluation_leaf",
    sa.Column("id", sa.Uuid, nullable=False),
    moment("at"),
    sa.Column("commitment", JSONB, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    key=("id",),
    rights={"evaluator": APPEND},
    schema=EVALUATOR_SCHEMA,
)
