"""Say to each partner what it may have of a signal as it now is, and take back what it may not.

In the caller's transaction, on the locked signal: what is drafted stands with the fact that it follows from. Deciding
the same again drafts nothing. What takes something away is a retraction and, where something is left, a put after
it, so that no version shows by itself what went and why: one reason, `narrowed`, for all causes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.organisation import Organisation
from register.domain.partition import others
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SealedSignal, Signal
from register.mou.decide import may_send
from register.mou.extract import Pseudonym, extract_of, record_of
from register.mou.facts import GateWord, RecordFacts
from register.mou.record import decide_all
from register.mou.widening import as_if_approved
from register.pseudonyms.epochs import EPOCHS
from register.pseudonyms.matchkeys import MatchKey, blind_index
from register.pseudonyms.signal_keys import SubjectKey
from register.services.signals.approving.await_approval import bring_approval
from register.services.signals.approving.cover_class import cover_by_class
from register.services.signals.protecting.assess_protection import Assessed
from register.store.exchange.drafts import Said
from register.store.signals.own_tokens import STALE, TokenRow
from register.store.work import Work
from schemas.codes import EntryType, Partition, RetractReason, ToDoKind
from schemas.exchange.wire import (
    SCHEMA_VERSION,
    ExtractRecord,
    IndicatorRetract,
    approval_in,
    content_of,
    encode_body,
)

WITHDRAWN: Final = "WITHDRAWN-1"
"""The rule that refuses whatever else a withdrawn record may be; every edition has it."""
RETRACT_WITHIN: Final = timedelta(hours=24)
"""A retraction is confirmed by every partner within this time (sync.md 7, assumed); safety of a victim: one hour."""


def kept_tokens(register: Register, keys: Sequence[SubjectKey], held: Sequence[TokenRow]) -> list[TokenRow]:
    """The pseudonyms that these keys have already; a key that has none yet is left out.

    Equal keys have equal pseudonyms, whoever has them and in whichever version of the signal: what stayed over an
    amendment, or moved to another subject, is not asked for again. Each is to be judged anew (`withheld_anew`).
    """
    known = {t.blind: t for t in held if t.epoch == EPOCHS.get(t.family.partition(".")[0])}
    blinds = [(k, blind_index(register.keys.blind_index, k.key)) for k in keys]
    return [
        replace(known[blind], subject_n=k.subject, use=k.use, withheld_by=STALE)
        for k, blind in blinds
        if blind in known
    ]


def withheld_anew(tokens: Sequence[TokenRow], found: Assessed) -> list[TokenRow]:
    """The pseudonyms of a signal, each with why it is withheld by what is known now."""
    return [replace(t, withheld_by=_withheld_by(t, found)) for t in tokens]


def to_publish(register: Register, keys: Sequence[SubjectKey], found: Assessed) -> frozenset[MatchKey]:
    """The keys of which some partner gets the pseudonym, by what is known now; those of the others stay at home.

    What waits for an approval counts among them: its pseudonyms are there by then, and nobody is asked again.
    """
    decisions = decide_all(as_if_approved(found.facts), register.edition, today=register.today())
    if not any(decision.allowed for decision in decisions.values()):
        return frozenset()
    index = register.keys.blind_index
    return frozenset(k.key for k in keys if not found.keys.rules_of(k.subject, blind_index(index, k.key)))


def decide_sharing(
    register: Register,
    work: Work,
    signal: Signal,
    organisation: Organisation,
    tokens: Sequence[TokenRow],
    found: Assessed,
    *,
    before: Sequence[TokenRow],
    only_held: bool = False,
    quietly: bool = False,
) -> list[Partition]:
    """Draft what changes for each partner; return the partners for whom something was drafted.

    Args:
        register: of the country.
        work: the open transaction, in which the signal is locked.
        signal: as it now is.
        organisation: that submitted it.
        tokens: its pseudonyms, each with why it is withheld.
        found: what is known of its persons.
        before: its pseudonyms as they were when it was last decided.
        only_held: say nothing to a partner who has nothing of it: a fact takes back and gives to nobody.
        quietly: it is decided again and again while keys wait; note it only where it comes out otherwise.
    """
    now = register.clock.now()
    record = extract_record(signal, organisation, tokens, found)
    facts, today = _as_approved(signal, record, found.facts), register.day_of(now)
    decisions = decide_all(facts, register.edition, today=today)
    classes = cover_by_class(register, work, signal, organisation, facts)
    for partner, one in classes.items():
        until = min(one.expires, facts.gate_until or one.expires)
        covered = replace(facts, gate=GateWord.SIGNED, gate_until=until)
        decisions[partner] = may_send(covered, partner, register.edition, today=today)
    said = {}
    for partner, decision in decisions.items():
        if decision.allowed:
            of_class = classes.get(partner)
            approval = signal.ground.gate_approval if of_class is None else of_class.document
            body = extract_of(
                signal, organisation, record, recipient=partner, decision=decision, approval=approval,
                consent=signal.ground.consent,
            )  # fmt: skip
            said[partner] = Said(EntryType.INDICATOR_PUT, SCHEMA_VERSION, encode_body(body), live=True)
        else:
            said[partner] = _build_retract(signal.withdrawn_code, now)
    narrowed = found.new or bool(_list_published(before) - _list_published(tokens))
    if narrowed:
        _end_what_was_signed_of_more(work, signal, record)
    drafted = work.exchange.drafts.say(
        signal.extract_id,
        said,
        keep_until=signal.ground.retain_until,
        alike=register.keys.fingerprint,
        first=_build_retract(signal.withdrawn_code, now) if narrowed else None,
        only_held=only_held,
    )
    out_on = {classes[p].id for p, d in decisions.items() if d.allowed and p in classes}
    work.signals.class_approvals.set_used(signal.id, out_on)
    stand = {p: (d.allowed, tuple(d.rules)) for p, d in decisions.items()}
    if quietly and not drafted and stand == work.signals.sharing.of(signal.id):
        return drafted
    work.signals.sharing.set(signal.id, stand, register.edition.hash, now)
    bring_approval(register, work, signal, organisation, decisions)
    work.running.audit.note(
        AuditAction.SIGNAL_SHARED,
        str(signal.id),
        extract=str(signal.extract_id),
        edition=register.edition.hash,
        decisions={p: {"allowed": d.allowed, "rules": list(d.rules)} for p, d in decisions.items()},
        drafted=[str(p) for p in drafted],
        classes=sorted(map(str, out_on)),
        narrowed=narrowed and bool(drafted),
    )
    return drafted


def extract_record(
    signal: Signal, organisation: Organisation, tokens: Sequence[TokenRow], found: Assessed
) -> ExtractRecord:
    """What partners may have of a signal as it now is: what its approval is given for, and compared with."""
    pseudonyms = [
        Pseudonym(t.subject_n, t.family, t.version, t.epoch, t.token, t.use, t.blind)
        for t in tokens
        if t.withheld_by is None
    ]
    return record_of(signal, organisation, pseudonyms, found.keys)


def _as_approved(signal: Signal, record: ExtractRecord, facts: RecordFacts) -> RecordFacts:
    """The facts, without a signed yes that was given for another content: it is not stretched to this one."""
    ground, content = signal.ground, content_of(record)
    if _is_for_another(ground.gate_approval, content):
        # Nor are those whom it named for the handling's sake named for anything else.
        facts = replace(facts, gate=None, gate_until=ground.consent_until, named_recipients=frozenset())
    if _is_for_another(ground.consent, content):
        until = None if facts.gate is not GateWord.SIGNED else ground.gate_until
        facts = replace(facts, consent=None, consented_to=frozenset(), gate_until=until)
    return facts


def _is_for_another(signed: str | None, content: str) -> bool:
    return signed is not None and approval_in(signed).content != content


def _end_what_was_signed_of_more(work: Work, signal: Signal, record: ExtractRecord) -> None:
    """What was signed of an extract says its hash: by it a guess at what is withheld now could be tested here."""
    ground, content = signal.ground, content_of(record)
    work.signals.reports.end_signed(
        signal.id,
        approval=_is_for_another(ground.gate_approval, content),
        consent=_is_for_another(ground.consent, content),
    )


def take_back(register: Register, work: Work, signal: SealedSignal) -> list[Partition]:
    """Take a withdrawn signal back everywhere without opening anything of it; return from whom.

    In the caller's transaction, on the locked signal. Doing it again drafts nothing.
    """
    drafted = retract_unread(register, work, signal, WITHDRAWN)
    # What its keys made too common may be found again without them.
    freed = work.search.keys.own_rare_again(register.partition, [signal.extract_id])
    work.search.keys.set(register.partition, signal.extract_id, [])
    work.running.outbox.add_for((Consumer.INDEX, Consumer.MATCH), [signal.extract_id], urgent=True)
    if freed:
        work.running.outbox.add(Consumer.MATCH, *freed)
    return drafted


def take_back_nameless(register: Register, work: Work, about: UUID) -> list[Partition]:
    """Take back an extract behind which there is no signal; return from whom."""
    now = register.clock.now()
    return work.exchange.drafts.say(
        about,
        dict.fromkeys(others(register.partition), _build_retract(None, now)),
        keep_until=register.day_of(now + RETRACT_WITHIN),
        alike=register.keys.fingerprint,
    )


def retract_unread(register: Register, work: Work, signal: SealedSignal, because: str) -> list[Partition]:
    """Let no partner have anything of a signal, by one rule, without opening anything of it; return who had it.

    In the caller's transaction, on the locked signal. Here it stays as it is.
    """
    now, partners = register.clock.now(), others(register.partition)
    drafted = work.exchange.drafts.say(
        signal.extract_id,
        dict.fromkeys(partners, _build_retract(signal.withdrawn_code, now)),
        # Of this month: the key of the signal's own may be the one that is missing, and it must be told all the same.
        keep_until=register.day_of(now + RETRACT_WITHIN),
        alike=register.keys.fingerprint,
    )
    rule = register.edition.rules[because].id
    work.running.to_do.close_of_signal(ToDoKind.APPROVAL, signal.id)
    work.signals.class_approvals.set_used(signal.id, ())
    work.signals.sharing.set(signal.id, dict.fromkeys(partners, (False, (rule,))), register.edition.hash, now)
    work.running.audit.note(
        AuditAction.SIGNAL_SHARED,
        str(signal.id),
        extract=str(signal.extract_id),
        edition=register.edition.hash,
        decisions={p: {"allowed": False, "rules": [rule]} for p in partners},
        drafted=[str(p) for p in drafted],
        narrowed=False,
    )
    return drafted


def _withheld_by(token: TokenRow, found: Assessed) -> str | None:
    if (token.subject_n, token.blind) not in found.present:
        return STALE
    rules = found.keys.rules_of(token.subject_n, token.blind)
    return rules[0] if rules else None


def _list_published(tokens: Sequence[TokenRow]) -> set[tuple[int, str, bytes]]:
    return {(t.subject_n, t.family, t.token) for t in tokens if t.withheld_by is None}


def _build_retract(withdrawn_code: str | None, now: datetime) -> Said:
    reason = RetractReason(withdrawn_code) if withdrawn_code else RetractReason.NARROWED
    body = encode_body(IndicatorRetract(reason=reason))
    return Said(EntryType.INDICATOR_RETRACT, SCHEMA_VERSION, body, live=False, due_at=now + RETRACT_WITHIN)
