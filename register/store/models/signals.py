"""Signals and what hangs on them. Names, selectors and narratives are sealed; codes and dates are plain."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from register.domain.signals.protection import PERHAPS, RECOGNISED, Protection
from register.store.models.base import APPEND, FORGET, READ, Rights, belongs_to, moment, sealed, tenant_table, text

_SIGNAL_CHANGES = (
    "state", "version", "urgency", "received_on", "period_from", "period_to", "island", "location_type",
    "type_assessed", "source", "channel", "reporter_anonymous", "coded", "purpose", "legal_basis", "crime_class",
    "evaluation_scheme", "evaluation_source", "evaluation_information", "handling", "handling_conditions",
    "handling_expires", "visibility", "single_approval", "confirmed_at", "contested", "last_verified_on",
    "last_necessity_at", "retain_until", "withdrawn_code", "withdrawn_at", "pseudonyms", "account", "locality",
    "operation", "data_key", "gate_approval", "gate_until",
    "sealed_schema", "updated_at", "forwarded_at", "gate_ref", "widened", "recipients", "prosecutor_consent",
    "consent", "consent_until",
)  # fmt: skip


def _is_erased(which: str) -> str:
    """SQL of whether a signal is erased: its key has ended for good. That nothing stands in the row says nothing."""
    return f"""EXISTS (
    SELECT FROM rtr.signal s JOIN rtr.data_key_end e ON e.country = s.country AND e.id = s.data_key
    WHERE s.country = {{row}}.country AND s.id = {{row}}.{which} AND e.reason <> 'replaced')"""


# Nothing is taken out of a report whose key has not ended, and none gets another key once one of the two has: else it
# could pass for erased for as long as it takes to delete what protects. Nor is a withdrawal undone.
_ERASED_FOR_GOOD = """
(account IS NOT NULL OR EXISTS (
    SELECT FROM rtr.data_key_end e WHERE e.country = {row}.country AND e.id = {row}.data_key))
AND EXISTS (
    SELECT FROM rtr.signal s WHERE s.country = {row}.country AND s.id = {row}.id
    AND (s.account IS NOT NULL OR {row}.account IS NULL)
    AND (s.withdrawn_at IS NULL OR {row}.withdrawn_at IS NOT NULL)
    AND (s.data_key = {row}.data_key OR NOT EXISTS (
        SELECT FROM rtr.data_key_end e WHERE e.country = {row}.country AND e.id IN (s.data_key, {row}.data_key))))
"""

signal = tenant_table(
    "signal",
    sa.Column("id", sa.Uuid, nullable=False),
    text("reference"),
    text("kind"),
    text("state"),
    sa.Column("version", sa.Integer, nullable=False),
    text("organisation"),
    text("actor"),
    text("urgency"),
    sa.Column("received_on", sa.Date, nullable=False),
    sa.Column("period_from", sa.Date, nullable=False),
    sa.Column("period_to", sa.Date),
    text("island"),
    text("location_type"),
    text("type_registered"),
    text("type_assessed"),
    text("source"),
    text("channel"),
    sa.Column("reporter_anonymous", sa.Boolean, nullable=False),
    sa.Column("coded", JSONB, nullable=False),
    # The legal side of the record (domain.md 0): from the organisation's profile, confirmed by the register unit.
    text("purpose"),
    text("legal_basis"),
    text("crime_class", nullable=True),
    text("acquisition"),
    sa.Column("obtained_on", sa.Date, nullable=False),
    text("evaluation_scheme"),
    text("evaluation_source"),
    text("evaluation_information"),
    text("handling"),
    sa.Column("handling_conditions", ARRAY(sa.Text), nullable=False),
    sa.Column("handling_expires", sa.Date),
    text("visibility"),
    text("retention_class"),
    sa.Column("last_verified_on", sa.Date, nullable=False),
    moment("last_necessity_at"),
    sa.Column("retain_until", sa.Date, nullable=False),
    sa.Column("single_approval", sa.Boolean, nullable=False),
    text("gate_ref", nullable=True),
    # What the keeper's organisation signed, as it goes to every partner; its last day.
    text("gate_approval", nullable=True),
    sa.Column("gate_until", sa.Date),
    moment("confirmed_at", nullable=True),
    text("covenant_ref", nullable=True),
    sa.Column("contested", sa.Boolean, nullable=False),
    # Whom the approval names, and the prosecutor's consent: given for the version that was read, as the approval is.
    sa.Column("recipients", ARRAY(sa.CHAR(2)), nullable=False, server_default="{}"),
    text("prosecutor_consent", nullable=True),
    # What the prosecutor's organisation signed, as it goes to every partner; its last day.
    text("consent", nullable=True),
    sa.Column("consent_until", sa.Date),
    # Its terms reach further than what was confirmed, or than the organisation's profile.
    sa.Column("widened", sa.Boolean, nullable=False, server_default=sa.false()),
    text("withdrawn_code", nullable=True),
    moment("withdrawn_at", nullable=True),
    moment("forwarded_at", nullable=True),
    # pending | partial | done | none: whether the five's pseudonyms of this signal have been computed.
    text("pseudonyms"),
    # The extract that partners see has an id of its own: a signal's id would tell them an exact time.
    sa.Column("extract_id", sa.Uuid, nullable=False),
    sealed("account"),
    sealed("locality"),
    sealed("operation"),
    sa.Column("data_key", sa.Uuid, nullable=False),
    sa.Column("sealed_schema", sa.Integer, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("country", "reference"),
    sa.UniqueConstraint("country", "extract_id"),
    belongs_to("organisation", "organisation", to=("code",)),
    sa.Index("ix_signal_received", "country", "kind", "received_on"),
    sa.Index("ix_signal_organisation", "country", "organisation", "id"),
    # Looked at every minute, and few have one.
    sa.Index("ix_signal_gate_until", "country", "gate_until", postgresql_where=sa.text("gate_until IS NOT NULL")),
    sa.Index(
        "ix_signal_consent_until", "country", "consent_until", postgresql_where=sa.text("consent_until IS NOT NULL")
    ),
    key=("id",),
    rights={
        "api": Rights(update=_SIGNAL_CHANGES, after_update=_ERASED_FOR_GOOD),
        "worker": Rights(insert=False, update=_SIGNAL_CHANGES, after_update=_ERASED_FOR_GOOD),
    },
)

subject = tenant_table(
    "subject",
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("n", sa.SmallInteger, nullable=False),
    text("role"),
    text("category"),
    text("kind"),
    sa.Column("minor", sa.Boolean),
    sealed("details"),
    belongs_to("signal", "signal_id", to=("id",)),
    key=("signal_id", "n"),
    rights={"api": Rights(delete=True), "worker": READ},
)

selector = tenant_table(
    "selector",
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("n", sa.SmallInteger, nullable=False),
    # 0 where the selector is tied to no person.
    sa.Column("subject_n", sa.SmallInteger, nullable=False),
    text("type"),
    text("use", nullable=True),
    sealed("value"),
    belongs_to("signal", "signal_id", to=("id",)),
    key=("signal_id", "n"),
    rights={"api": Rights(delete=True), "worker": READ},
)

indicator = tenant_table(
    "indicator",
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("n", sa.SmallInteger, nullable=False),
    text("indicator_group"),
    text("strength"),
    belongs_to("signal", "signal_id", to=("id",)),
    key=("signal_id", "n"),
    rights={"api": Rights(delete=True), "worker": READ},
)

guarantee = tenant_table(
    "guarantee",
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("n", sa.SmallInteger, nullable=False),
    text("kind"),
    sealed("service"),
    sa.Column("given_on", sa.Date, nullable=False),
    sa.Column("guarantor_n", sa.SmallInteger, nullable=False),
    sa.Column("beneficiary_n", sa.SmallInteger),
    belongs_to("signal", "signal_id", to=("id",)),
    key=("signal_id", "n"),
    rights={"api": Rights(delete=True), "worker": READ},
)

# The worker seals anew what a migration has marked, and changes nothing else of it.
_MARKED: Final = """
EXISTS (SELECT FROM rtr.sealed_before b WHERE b.country = {{row}}.country AND b.place = '{place}' AND b.id = {{row}}.id)
"""

# What was declined or taken back opens the report to nobody again: that takes another referral.
_ENDED_FOR_GOOD = """
EXISTS (
    SELECT FROM rtr.referral r WHERE r.country = {row}.country AND r.id = {row}.id
    AND (r.state = {row}.state OR r.state NOT IN ('DECLINED', 'TAKEN_BACK')))
"""

referral = tenant_table(
    "referral",
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("signal_id", sa.Uuid, nullable=False),
    text("kind"),
    text("referred_to"),
    moment("referred_at"),
    text("actor"),
    text("state"),
    # Counts the answers; it is the ETag.
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    text("outcome", nullable=True),
    sa.Column("answered_on", sa.Date),
    sealed("note"),
    sealed("answer"),
    sa.Column("data_key", sa.Uuid),
    # Sealed apart from the note: whoever answers need not open what was asked.
    sa.Column("answer_key", sa.Uuid),
    belongs_to("signal", "signal_id", to=("id",)),
    sa.Index("ix_referral_signal", "country", "signal_id"),
    sa.Index("ix_referral_referred_to", "country", "referred_to", "id"),
    key=("id",),
    rights={
        "api": Rights(
            update=("state", "version", "outcome", "answered_on", "answer", "answer_key"), after_update=_ENDED_FOR_GOOD
        ),
        "worker": Rights(
            insert=False,
            update=("note", "data_key", "answer", "answer_key"),
            after_update=_MARKED.format(place="referral"),
        ),
    },
)

signal_event = tenant_table(
    "signal_event",
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("signal_id", sa.Uuid, nullable=False),
    moment("at"),
    text("actor"),
    text("what"),
    # Codes and ids only; a reason in free text is sealed.
    sa.Column("facts", JSONB, nullable=False),
    sealed("reason"),
    sa.Column("data_key", sa.Uuid),
    belongs_to("signal", "signal_id", to=("id",)),
    sa.Index("ix_signal_event_signal", "country", "signal_id", "at"),
    key=("id",),
    rights={"api": APPEND, "worker": APPEND},
)

# Canonical values are never stored: only what the country's own key, or the five together, made of them.
blind_index = tenant_table(
    "blind_index",
    sa.Column("blind", sa.LargeBinary, nullable=False),
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("subject_n", sa.SmallInteger, nullable=False),
    text("family"),
    belongs_to("signal", "signal_id", to=("id",)),
    sa.Index("ix_blind_index_signal", "country", "signal_id"),
    key=("blind", "signal_id", "subject_n"),
    rights={"api": Rights(delete=True), "worker": APPEND},
)

token = tenant_table(
    "token",
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("subject_n", sa.SmallInteger, nullable=False),
    # The key that it stands for, as `blind_index` has it: what own rows are told apart and joined by.
    sa.Column("blind", sa.LargeBinary, nullable=False),
    # A pseudonym is the same in every country, so that a partner's node can make the one of any number: in plain it
    # would tell a thief of these rows whose they are.
    sealed("sealed"),
    sa.Column("data_key", sa.Uuid),
    # What a release before wrote in plain, until the worker has sealed it.
    sa.Column("plain", sa.LargeBinary),
    text("family"),
    sa.Column("version", sa.SmallInteger, nullable=False),
    sa.Column("epoch", sa.SmallInteger, nullable=False),
    text("use", nullable=True),
    # Why this key does not leave: the rule id, or `stale` until it is made anew; null where it may be published.
    text("withheld_by", nullable=True),
    belongs_to("signal", "signal_id", to=("id",)),
    sa.Index("ix_token_plain", "country", "signal_id", postgresql_where=sa.text("plain IS NOT NULL")),
    key=("signal_id", "subject_n", "blind"),
    rights={
        # A fact that protects takes back at once, in its own transaction.
        "api": Rights(insert=False, update=("withheld_by",), delete=True, after_update="withheld_by IS NOT NULL"),
        # In plain nothing is written any more: what stands so is read without a seal.
        "worker": Rights(update=("withheld_by",), delete=True, after_insert="plain IS NULL"),
    },
)

# No row says that it was lifted but by a question about the same report that somebody else has answered.
_LIFTED_BY_TWO = """
lifted_by IS NULL OR EXISTS (
    SELECT FROM rtr.lifting l WHERE l.country = {row}.country AND l.id = {row}.lifted_by
    AND l.signal_id = {row}.signal_id AND l.protection = {row}.reason
    AND l.state = 'LIFTED' AND l.decided_by <> l.asked_by)
"""

# What a report says by itself protects for as long as anything of it can be read; what rests on another record, on whom
# an interview means, or on nobody's having said otherwise may be forgotten.
_FORGOTTEN: Final = RECOGNISED | PERHAPS | {Protection.LEFT}
_FORGOTTEN_OR_ERASED = f"""
{{row}}.reason NOT IN ({", ".join(f"'{one}'" for one in Protection if one not in _FORGOTTEN)})
OR {_is_erased("signal_id")}
"""

# What was found to protect a subject of a signal: added to, never taken away while the signal is kept.
protection = tenant_table(
    "protection",
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("subject_n", sa.SmallInteger, nullable=False),
    text("reason"),
    moment("at"),
    # The lifting by which it protects no more; a later fact that says the same takes this away.
    sa.Column("lifted_by", sa.Uuid),
    belongs_to("signal", "signal_id", to=("id",)),
    # Looked through before each sharing: little is ever lifted.
    sa.Index("ix_protection_lifted_by", "country", "lifted_by", postgresql_where=sa.text("lifted_by IS NOT NULL")),
    key=("signal_id", "subject_n", "reason"),
    rights={
        "api": Rights(
            update=("lifted_by",),
            delete=True,
            after_update=_LIFTED_BY_TWO,
            after_insert="lifted_by IS NULL",
            before_delete=_FORGOTTEN_OR_ERASED,
        ),
        # Of what it looks at again a fact may protect anew; nothing is lifted there.
        "worker": Rights(update=("lifted_by",), after_update="lifted_by IS NULL", after_insert="lifted_by IS NULL"),
    },
)
lifting = tenant_table(
    "lifting",
    sa.Column("id", sa.Uuid, nullable=False),
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("subject_n", sa.SmallInteger, nullable=False),
    text("protection"),
    text("because"),
    text("asked_by"),
    text("asked_for"),
    moment("asked_at"),
    # The organisation of the victim's side that was asked.
    text("second"),
    text("state"),
    # Counts what was said; it is the ETag.
    sa.Column("version", sa.Integer, nullable=False),
    text("decided_by", nullable=True),
    moment("decided_at", nullable=True),
    text("reversed_by", nullable=True),
    moment("reversed_at", nullable=True),
    sealed("note"),
    sa.Column("data_key", sa.Uuid),
    belongs_to("signal", "signal_id", to=("id",)),
    sa.Index("ix_lifting_signal", "country", "signal_id"),
    sa.Index("ix_lifting_second", "country", "second", "id"),
    key=("id",),
    rights={
        "api": Rights(
            update=("state", "version", "decided_by", "decided_at", "reversed_by", "reversed_at"),
            delete=True,
            before_delete=_is_erased("signal_id"),
        ),
        "worker": Rights(insert=False, update=("note", "data_key"), after_update=_MARKED.format(place="lifting")),
    },
)

# What a keeper of the exit gate approved for a class of signals, in advance, for whatever comes to be of it.
class_approval = tenant_table(
    "class_approval",
    sa.Column("id", sa.Uuid, nullable=False),
    text("keeper"),
    text("task"),
    text("kind"),
    text("actor"),
    text("legal_basis"),
    text("visibility"),
    text("edition"),
    text("purpose"),
    sa.Column("recipients", ARRAY(sa.CHAR(2)), nullable=False),
    sa.Column("given", sa.Date, nullable=False),
    sa.Column("expires", sa.Date, nullable=False),
    # As its keeper signed it, and as it goes to every partner.
    text("document"),
    moment("handed_in_at"),
    moment("ended_at", nullable=True),
    text("ended_by", nullable=True),
    text("ended", nullable=True),
    sealed("reason"),
    sealed("end_reason"),
    sa.Column("data_key", sa.Uuid, nullable=False),
    key=("id",),
    rights={
        "api": Rights(update=("ended_at", "ended_by", "ended", "end_reason")),
        "worker": Rights(insert=False, update=("ended_at", "ended_by", "ended"), delete=True),
    },
)

# What left on such an approval, since when, and until when.
class_approval_use = tenant_table(
    "class_approval_use",
    sa.Column("approval", sa.Uuid, nullable=False),
    sa.Column("signal_id", sa.Uuid, nullable=False),
    moment("began_at"),
    moment("ended_at", nullable=True),
    belongs_to("class_approval", "approval", to=("id",)),
    belongs_to("signal", "signal_id", to=("id",)),
    sa.Index("ix_class_approval_use_signal", "country", "signal_id", postgresql_where=sa.text("ended_at IS NULL")),
    key=("approval", "signal_id"),
    rights={
        "api": Rights(update=("ended_at",)),
        "worker": Rights(update=("ended_at",), delete=True),
    },
)

# What somebody owns is forgotten once nothing protects them any more, or with all of the report; a reporter's, and what
# a lifting that can be reversed has left, with all of the report alone.
_OWNED_BY_NOBODY_PROTECTED = f"""
{{row}}.subject_n > 0 AND NOT EXISTS (
    SELECT FROM rtr.protection p WHERE p.country = {{row}}.country AND p.signal_id = {{row}}.signal_id
    AND p.subject_n = {{row}}.subject_n AND p.reason <> '{Protection.LEFT}')
OR {_is_erased("signal_id")}
"""

# What such a subject owns, or owned: no key that is made of it leaves. Blind values, as in `blind_index`.
protected_input = tenant_table(
    "protected_input",
    sa.Column("blind", sa.LargeBinary, nullable=False),
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("subject_n", sa.SmallInteger, nullable=False),
    sa.Column("one_person", sa.Boolean, nullable=False),
    moment("at"),
    belongs_to("signal", "signal_id", to=("id",)),
    sa.Index("ix_protected_input_signal", "country", "signal_id"),
    key=("blind", "signal_id", "subject_n"),
    # Delete on the own child is also what it takes to lock it while a fact is recorded.
    rights={
        "api": Rights(
            update=("one_person",),
            delete=True,
            # What identified a person once is never said to identify nobody.
            after_update="one_person",
            before_delete=_OWNED_BY_NOBODY_PROTECTED,
        ),
        "worker": Rights(update=("one_person",), delete=True, after_update="one_person"),
    },
)

# An answer names who gave it and when, and each one, as each proposal, is a version of its own.
_ANSWERED_ONCE = """
(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)
AND (proposed IS NULL OR proposed_by IS NOT NULL) AND EXISTS (
    SELECT FROM rtr.finding f WHERE f.country = {row}.country AND f.id = {row}.id AND ({row}.version = f.version + 1
    OR {row}.version = f.version AND ({row}.decision, {row}.reason, {row}.decided_by, {row}.decided_at, {row}.proposed,
    {row}.proposed_by) IS NOT DISTINCT FROM (f.decision, f.reason, f.decided_by, f.decided_at, f.proposed,
    f.proposed_by)))
"""

# What the register found in two records and asks the register unit: where it stands and nothing of the value.
finding = tenant_table(
    "finding",
    sa.Column("id", sa.Uuid, nullable=False),
    text("asked"),
    # The record that has the value, and the number of its subject; 0 where it stands under none.
    sa.Column("signal_id", sa.Uuid, nullable=False),
    sa.Column("subject_n", sa.SmallInteger, nullable=False),
    # The record, and the number in it, of the protected person.
    sa.Column("because_id", sa.Uuid, nullable=False),
    sa.Column("because_n", sa.SmallInteger, nullable=False),
    text("family"),
    # The value, where the question is about one; empty where it is about a person as a whole.
    sa.Column("blind", sa.LargeBinary, nullable=False),
    text("urgency"),
    moment("opened_at"),
    # Counts the decisions; it is the ETag.
    sa.Column("version", sa.Integer, nullable=False),
    text("decision", nullable=True),
    text("reason", nullable=True),
    moment("decided_at", nullable=True),
    text("decided_by", nullable=True),
    # What one person said that takes two, and who.
    text("proposed", nullable=True),
    text("proposed_by", nullable=True),
    belongs_to("signal", "signal_id", to=("id",)),
    belongs_to("signal", "because_id", to=("id",)),
    sa.UniqueConstraint(
        "country", "signal_id", "subject_n", "because_id", "because_n", "asked", "blind", name="uq_finding_question"
    ),
    sa.Index("ix_finding_because", "country", "because_id"),
    key=("id",),
    rights={
        "api": Rights(
            update=("urgency", "version", "decision", "reason", "decided_at", "decided_by", "proposed", "proposed_by"),
            delete=True,
            after_update=_ANSWERED_ONCE,
            after_insert="num_nonnulls(decision, reason, decided_by, decided_at, proposed, proposed_by) = 0",
            before_delete=f"{_is_erased('signal_id')} OR {_is_erased('because_id')}",
        ),
        "worker": Rights(update=("urgency",)),
    },
)

sharing = tenant_table(
    "sharing",
    sa.Column("signal_id", sa.Uuid, nullable=False),
    text("recipient"),
    sa.Column("allowed", sa.Boolean, nullable=False),
    sa.Column("rules", ARRAY(sa.Text), nullable=False),
    text("edition"),
    moment("decided_at"),
    belongs_to("signal", "signal_id", to=("id",)),
    key=("signal_id", "recipient"),
    rights={
        "api": Rights(update=("allowed", "rules", "edition", "decided_at")),
        "worker": Rights(update=("allowed", "rules", "edition", "decided_at")),
    },
)

form_draft = tenant_table(
    "form_draft",
    sa.Column("id", sa.Uuid, nullable=False),
    text("actor"),
    text("form"),
    moment("began_at"),
    moment("changed_at"),
    moment("ends_at"),
    # 0: begun when persons were told by their place in the draft, and gone on with no more.
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    # Null once the form has been sent: the record holds it from then on.
    sealed("content"),
    sa.Column("data_key", sa.Uuid),
    # What became of it, in codes and ids, for the page that says so.
    sa.Column("outcome", JSONB(none_as_null=True)),
    sa.Index("ix_form_draft_actor", "country", "actor"),
    sa.Index("ix_form_draft_ends_at", "country", "ends_at"),
    key=("id",),
    rights={
        "api": Rights(update=("changed_at", "ends_at", "version", "content", "data_key", "outcome"), delete=True),
        "worker": FORGET,
    },
)
