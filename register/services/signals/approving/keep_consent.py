"""The prosecutor's consent to the provision of one record, as a signed document: asked for, handed in, withdrawn.

As an approval of the exit gate is, and beside it: neither stands for the other. It runs out with `end_approvals`.
"""

from __future__ import annotations

from collections.abc import Collection

from register.core import Register, repeat_if_deadlocked
from register.domain.access.caller import Caller
from register.domain.running.audit_action import AuditAction
from register.domain.signals.history import SignalEvent
from register.domain.signals.signal import SignalId
from register.errors import Conflict, NotPermitted
from register.mou.keeping import require_prosecutor
from register.mou.rules.basis import Consents
from register.services.signals.approving.ask_approval import asked_of, partners_if_approved, what_would_leave
from register.services.signals.approving.keep_approval import ApprovalRefused, Prove, check_signed
from register.services.signals.approving.steps import (
    lock_at_version,
    organisations_of,
    record_step,
    require_prosecutor_of,
)
from register.services.signals.approving.take_back import take_back_held
from register.services.signals.protecting.keep_protection import begin_fact
from schemas.codes import Partition
from schemas.exchange.wire import ExtractRecord, approval_in
from schemas.signals.approvals import ApprovalAskedOut, SignedApprovalIn
from schemas.signals.out import SignalOut


class NoConsent(Conflict):
    """The prosecutor has not consented to this provision, or not any more."""

    code = "no-consent"
    advice = "Read it again: the consent has been withdrawn, has run out, ended with a correction, or was never given."


def ask_consent(register: Register, caller: Caller, signal_id: SignalId) -> ApprovalAskedOut:
    """Return what a consent would be given for, as it would leave once the gate's keeper approves too; it is logged.

    Raises:
        TaskMissing, NotTheKeeper, SecondPersonNeeded: another is the prosecutor for this record.
        NoConsentNeeded: its legal basis asks for none.
        PseudonymsPending: it is not whole yet.
        NotFound: there is no such signal.
    """
    prosecutor = register.edition.given("WPG10A-1", Consents).prosecutor
    caller.require(prosecutor.task)
    with register.looking(caller, AuditAction.SIGNAL_CONSENT_NOT_ASKED, signal_id, NotPermitted) as work:
        work.signals.reports.lock(signal_id)
        signal = work.signals.reports.get(signal_id)
        require_prosecutor_of(register, work, signal)
        own, submitted = organisations_of(work, signal)
        record, facts = what_would_leave(register, work, signal, submitted)
        partners = partners_if_approved(register, facts, consented=True)
        work.running.audit.note(AuditAction.SIGNAL_CONSENT_ASKED, str(signal_id), version=signal.version)
    return asked_of(register, caller, signal, record, partners, own=own, task=prosecutor.task)


@repeat_if_deadlocked
def hand_in_consent(
    register: Register, caller: Caller, signal_id: SignalId, signed: SignedApprovalIn, prove: Prove, *, version: int
) -> SignalOut:
    """Keep a consent that the prosecutor's organisation signed; the extract goes with it, once the gate lets it.

    Args:
        register: of the country.
        caller: the prosecutor, signed in.
        signal_id: of the record.
        signed: the document, and why it was given.
        prove: checks its signature by the rosters known now, as a consent and as nothing else.
        version: of the record that was read.

    Raises:
        TaskMissing, NotTheKeeper, SecondPersonNeeded, NoConsentNeeded, PseudonymsPending: as for asking.
        FreshSignInNeeded: the caller signed in too long ago.
        ApprovalRefused: `why` says at which check it fell.
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    consents = register.edition.given("WPG10A-1", Consents)
    caller.require(consents.prosecutor.task)
    register.require_fresh_sign_in(caller)
    with register.looking(caller, AuditAction.SIGNAL_NOT_CONSENTED, signal_id, NotPermitted, ApprovalRefused) as work:
        signal = lock_at_version(work, signal_id, version)
        require_prosecutor_of(register, work, signal)
        _, submitted = organisations_of(work, signal)

        def leaves() -> tuple[ExtractRecord, Collection[Partition]]:
            record, facts = what_would_leave(register, work, signal, submitted)
            return record, partners_if_approved(register, facts, consented=True)

        consent = check_signed(
            register, work, signal, signed.approval, prove, leaves, gate=consents.gate, keeper=consents.prosecutor
        )
        if consent.approval in work.signals.timeline.facts_of(signal.id, SignalEvent.CONSENT_WITHDRAWN, "consent"):
            raise ApprovalRefused("this consent was withdrawn; a new one is signed anew", why="withdrawn")
        ground = signal.ground.with_consent(ref=consent.approval, consent=signed.approval, until=consent.expires)
        work.signals.reports.set_gate(signal.changed(register.clock.now(), ground=ground))
        said = {"recipients": sorted(consent.recipients), "consent": consent.approval, "until": f"{consent.expires}"}
        return record_step(register, work, signal_id, SignalEvent.CONSENTED, signed.reason, said)


@repeat_if_deadlocked
def withdraw_consent(
    register: Register, caller: Caller, signal_id: SignalId, reason: str, *, version: int
) -> SignalOut:
    """Take the consent back, signed or not; what partners have of the record is retracted at once.

    Raises:
        TaskMissing, NotTheKeeper: another is the prosecutor for this record.
        NoConsent: nothing is there to be taken back.
        ChangedMeanwhile, AlreadyWithdrawn, NotFound: as for every change.
    """
    caller.require(register.edition.given("WPG10A-1", Consents).prosecutor.task)
    with register.looking(caller, AuditAction.SIGNAL_CONSENT_NOT_WITHDRAWN, signal_id, NotPermitted) as work:
        begin_fact(work)
        signal = lock_at_version(work, signal_id, version)
        # Whoever may consent may take it back, also who once had a hand in the record.
        require_prosecutor(register.edition, caller, *organisations_of(work, signal))
        was = signal.ground
        if was.prosecutor_consent is None:
            raise NoConsent(f"nobody has consented to the provision of {signal.reference}")
        changed = signal.changed(register.clock.now(), ground=was.with_consent())
        work.signals.reports.set_gate(changed)
        take_back_held(register, work, changed)
        said = {} if was.consent is None else {"consent": approval_in(was.consent).approval}
        return record_step(register, work, signal_id, SignalEvent.CONSENT_WITHDRAWN, reason, said)
