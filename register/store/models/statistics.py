"""The tables of the regional statistics (statistics.md 4): what countries said, and the releases made of it.

No exact count of anybody stands here in the open: contributions are rounded by their owner, release cells are as
printed. An owner's own counts at the time of a contribution are sealed, and only there to tell how much a revision
changed (R2, R6); the rounding key is in the key store.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from register.store.models.base import APPEND, READ, Rights, belongs_to, moment, sealed, tenant_table, text


def _build_said_table(name: str) -> sa.Table:
    """What countries said, each its own: the signed bytes, by origin, place and number; nothing is changed later."""
    return tenant_table(
        name,
        text("origin"),
        # What it is about, in the words of `register.statistics.release.statements`.
        text("place"),
        sa.Column("number", sa.Integer, nullable=False),
        # The canonical bytes that were signed; never built again from columns.
        sa.Column("body", sa.LargeBinary, nullable=False),
        text("digest"),
        text("signature"),
        sa.Column("object", sa.Uuid, nullable=False),
        moment("at"),
        sa.Index(f"ix_{name}_digest", "country", "digest"),
        key=("origin", "place", "number"),
        # Own words are said by a person (api); those of partners arrive with their log (worker).
        rights={"api": APPEND, "worker": APPEND, "auditor": READ},
    )


contribution = _build_said_table("contribution")
outside_fact = _build_said_table("outside_fact")
release_word = _build_said_table("release_word")

# The owner's exact tables at each contribution, sealed; of no use to anybody else, and not to the worker.
contribution_basis = tenant_table(
    "contribution_basis",
    text("place"),
    sa.Column("number", sa.Integer, nullable=False),
    # Tells one rounding key from another and nothing of either: after a restore with another key nothing is drawn.
    text("key_check"),
    sealed("exact_sealed"),
    sa.Column("data_key", sa.Uuid),
    text("decided_by"),
    key=("place", "number"),
    rights={"api": APPEND},
)

# Optional rows that the country keeps, declared beforehand and for good: a row is never there because of its figure.
kept_row = tenant_table(
    "kept_row",
    text("variable"),
    text("code"),
    sa.Column("since", sa.Date, nullable=False),
    text("declared_by"),
    moment("declared_at"),
    key=("variable", "code"),
    rights={"api": APPEND, "auditor": READ},
)

release = tenant_table(
    "release",
    text("digest"),
    text("tier"),
    text("table_id"),
    sa.Column("version", sa.Integer, nullable=False),
    text("period"),
    sa.Column("revision", sa.Integer, nullable=False),
    text("ruleset"),
    text("catalogue"),
    text("population"),
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("coverage", ARRAY(sa.Text), nullable=False),
    # Whose contributions, by digest, with their signatures; and which coarser table is named instead.
    sa.Column("contributions", JSONB, nullable=False),
    sa.Column("instead", JSONB, nullable=False),
    # The published figures that were known when it was drafted, by digest: with the contributions they make it again.
    sa.Column("facts", ARRAY(sa.Text), nullable=False),
    # R5's reasons for what it withholds; then what the attack came to: names of attacks, codes and numbers.
    sa.Column("withheld", JSONB, nullable=False),
    sa.Column("findings", JSONB),
    text("state"),
    text("drafted_by"),
    moment("drafted_at"),
    moment("attacked_at", nullable=True),
    moment("frozen_at", nullable=True),
    # This node's, over the canonical bytes, once frozen.
    text("signature", nullable=True),
    text("superseded_by", nullable=True),
    # Seals its state with who drafted it and when: what stands in clear is believed only beside it.
    sealed("said"),
    sa.Column("data_key", sa.Uuid),
    sa.Index("ix_release_table", "country", "table_id", "period"),
    key=("digest",),
    rights={
        "api": Rights(
            update=("state", "findings", "attacked_at", "frozen_at", "signature", "superseded_by", "said", "data_key")
        ),
        "auditor": READ,
    },
)

release_cell = tenant_table(
    "release_cell",
    text("digest"),
    sa.Column("n", sa.Integer, nullable=False),
    text("area"),
    text("row_code"),
    text("column_code"),
    # As published, null where a marker stands instead; never the true figure unless it is public or tells of the work.
    sa.Column("value", sa.BigInteger),
    text("marker"),
    sa.Column("reach", sa.Integer, nullable=False),
    belongs_to("release", "digest"),
    key=("digest", "n"),
    rights={"api": APPEND, "auditor": READ},
)

release_approval = tenant_table(
    "release_approval",
    text("digest"),
    text("actor"),
    moment("at"),
    # Seals who approved what, and when.
    sealed("said"),
    sa.Column("data_key", sa.Uuid),
    belongs_to("release", "digest"),
    key=("digest", "actor"),
    rights={"api": APPEND, "auditor": READ},
)

# Which other tables share the population of a frozen release: the attacks ran jointly with them.
linkage = tenant_table(
    "linkage",
    text("digest"),
    text("table_id"),
    sa.Column("version", sa.Integer, nullable=False),
    text("population"),
    belongs_to("release", "digest"),
    key=("digest", "table_id", "version"),
    rights={"api": APPEND, "auditor": READ},
)
