"""The records behind the figures: intakes, the victim ladder, trainings. Apart from signals, and never shared.

Sex, age band, and status stand in plain columns, and of the nationality only the row that the reports print: figures
are counted in the database, where nothing is opened. What tells one person from the next of the same row (name, exact
nationality, note) is sealed (security.md 2). Nothing of this goes into the exchange or into the index; of a name its
blind values stand here, by which the country's own reports are compared.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from register.store.models.base import APPEND, READ, Rights, belongs_to, moment, sealed, tenant_table, text

_FIGURES = ("sex", "age_band", "nationality_group")
_SEALED = ("details", "data_key", "sealed_schema", "version", "updated_at", "withdrawn_at")
_STANDING = sa.text("withdrawn_at IS NULL")

intake = tenant_table(
    "intake",
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    text("organisation"),
    text("actor"),
    sa.Column("held_on", sa.Date, nullable=False),
    text("sex"),
    text("age_band"),
    text("nationality_group"),
    # Nothing says that an interview stems from a report: null where it stems from none.
    sa.Column("signal_id", sa.Uuid),
    sealed("details"),
    sa.Column("data_key", sa.Uuid),
    sa.Column("sealed_schema", sa.Integer, nullable=False),
    sa.Column("retain_until", sa.Date, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    moment("withdrawn_at", nullable=True),
    # Blind values of whom it names, as in `blind_index`: the person is looked for in every report of the country.
    sa.Column("named", ARRAY(sa.LargeBinary), nullable=False, server_default="{}"),
    belongs_to("organisation", "organisation", to=("code",)),
    belongs_to("signal", "signal_id", to=("id",)),
    sa.Index("ix_intake_held_on", "country", "held_on"),
    key=("id",),
    rights={"api": Rights(update=("held_on", "signal_id", "named", *_FIGURES, *_SEALED)), "worker": READ},
)

victim = tenant_table(
    "victim",
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    text("organisation"),
    text("actor"),
    # The person of an intake (0), or a subject of a signal by its number; whatever becomes of a case.
    sa.Column("intake_id", sa.Uuid),
    sa.Column("signal_id", sa.Uuid),
    sa.Column("subject_n", sa.SmallInteger, nullable=False),
    text("sex"),
    text("age_band"),
    text("nationality_group"),
    text("movement"),
    # The newest of the history, for lists.
    text("status"),
    sealed("details"),
    sa.Column("data_key", sa.Uuid),
    sa.Column("sealed_schema", sa.Integer, nullable=False),
    sa.Column("retain_until", sa.Date, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    moment("withdrawn_at", nullable=True),
    # Blind values of whom it names, as in `blind_index`: the person is looked for in every report of the country.
    sa.Column("named", ARRAY(sa.LargeBinary), nullable=False, server_default="{}"),
    belongs_to("organisation", "organisation", to=("code",)),
    belongs_to("intake", "intake_id", to=("id",)),
    belongs_to("signal", "signal_id", to=("id",)),
    # Once a person, of those who are on it: who was taken off by mistake is entered anew, and the old row stays.
    sa.Index("ux_victim_intake", "country", "intake_id", "subject_n", unique=True, postgresql_where=_STANDING),
    sa.Index("ux_victim_signal", "country", "signal_id", "subject_n", unique=True, postgresql_where=_STANDING),
    key=("id",),
    rights={"api": Rights(update=("status", *_SEALED)), "worker": READ},
)

# Appended to and never changed: what was decided, by whom and on what rule, stays as it was.
victim_status = tenant_table(
    "victim_status",
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("victim_id", sa.Uuid, nullable=False),
    sa.Column("n", sa.SmallInteger, nullable=False),
    text("status"),
    text("form"),
    sa.Column("decided_on", sa.Date, nullable=False),
    text("organisation"),
    text("actor"),
    # The rule by which the organisation may assign it (register/mou/ladder.toml).
    text("rule"),
    sealed("reason"),
    sa.Column("data_key", sa.Uuid),
    moment("at"),
    belongs_to("victim", "victim_id", to=("id",)),
    sa.UniqueConstraint("country", "victim_id", "n"),
    sa.Index("ix_victim_status_decided_on", "country", "decided_on"),
    key=("id",),
    rights={"api": APPEND, "worker": READ},
)

training = tenant_table(
    "training",
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    text("organisation"),
    text("actor"),
    text("kind"),
    text("training_group"),
    text("provider"),
    text("recipient"),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("held_on", sa.Date, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    moment("withdrawn_at", nullable=True),
    belongs_to("organisation", "organisation", to=("code",)),
    sa.Index("ix_training_held_on", "country", "held_on"),
    key=("id",),
    rights={
        "api": Rights(
            update=(
                "kind", "training_group", "provider", "recipient", "people", "held_on", "version", "updated_at",
                "withdrawn_at",
            )
        ),
        "worker": READ,
    },
)  # fmt: skip
