"""What can be done to a report: a page with a reason each, on the version that was read.

Who may do what is asked here for the buttons and again by the service behind each. Where somebody changed the report
meanwhile, the page says who did what, keeps what was typed, and waits for another yes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, assert_never
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError

from api.web.frame.guard import PageRoute, SentHere, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_, Text
from api.web.frame.rendering import words_of
from api.web.signals.ours.wording import lines_of
from api.web.signals.reporting.answers import Fault, Reader, Typed
from api.web.signals.reporting.steps import MAIN_TYPES
from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.partition import others
from register.domain.signals.dossier import Dossier
from register.domain.signals.history import SignalEvent
from register.domain.signals.protection import names_protected
from register.domain.signals.reading import CHANGES, Change, may_change
from register.domain.signals.signal import (
    NEXT_STATES,
    AlreadyWithdrawn,
    ChangedMeanwhile,
    Signal,
    SignalId,
    StepNotAllowed,
)
from register.domain.signals.taken_up import HANDS, TAKES_UP, only_brought_in
from register.errors import NotPermitted
from register.mou.keeping import SecondPersonNeeded, gate_of, is_keeper, require_keeper, require_prosecutor
from register.mou.keys import protected_roles
from register.mou.rules.basis import Consents
from register.services.signals.approving.approve_signal import (
    NotMarked,
    SignatureNeeded,
    approve_signal,
    confirm_signal,
    consent_to_provision,
    lift_single_approval,
)
from register.services.signals.approving.ask_approval import PseudonymsPending, ask_approval
from register.services.signals.approving.keep_approval import (
    ApprovalRefused,
    NoApproval,
    Prove,
    hand_in_approval,
    withdraw_approval,
)
from register.services.signals.approving.keep_consent import (
    NoConsent,
    ask_consent,
    hand_in_consent,
    withdraw_consent,
)
from register.services.signals.approving.steps import NoConsentNeeded
from register.services.signals.change_signal import (
    SameType,
    move_signal,
    reclassify_signal,
    refer_signal,
    withdraw_signal,
)
from register.services.signals.read_signal import read_dossier
from register.services.signals.withdraw_unread import erase_signal
from schemas.codes import HandlingCondition, Partition, RetractReason, SignalState
from schemas.signals.approvals import SignedApprovalIn
from schemas.signals.changes import ReclassifyIn, ReferIn, WithdrawIn
from sync.trust import approval_under, consent_under

router = APIRouter(prefix="/ours", include_in_schema=False, route_class=PageRoute)
WITHDRAWALS: Final = (RetractReason.WITHDRAWN, RetractReason.CORRECTED, RetractReason.ERASED)

_KEEPERS: Final = frozenset({Change.APPROVE, Change.SIGN, Change.UNAPPROVE, Change.LIFT})
_SEVERAL: Final = frozenset({"recipients"})
"""Fields of which several may be ticked."""
_PROSECUTORS: Final = frozenset({Change.CONSENT, Change.UNCONSENT})

Read = Callable[[Reader, Dossier], Any]
Send = Callable[[Register, Caller, SignalId, Any, int, Prove], object]


@dataclass(frozen=True, slots=True)
class Form:
    """One thing that can be done.

    Attributes:
        button: on the report, where it leads here, and at the end of the page.
        result: said at the report afterwards.
        leaves: what the timeline then says.
        fields: names of the page's fields.
        read: gives what is to be sent, or notes faults.
        send: does it; raises what the service raises.
        taken: faults by the error that the service may answer with: field and what to do.
    """

    change: Change
    button: Text
    result: Text
    leaves: str
    fields: tuple[str, ...]
    read: Read
    send: Send
    taken: tuple[tuple[type[Exception], Fault], ...] = ()


def list_offered_changes(register: Register, caller: Caller, found: Dossier) -> list[Change]:
    """What this caller can do to the signal now; nothing to one that was withdrawn."""
    signal = found.signal
    if signal.withdrawn_at is not None:
        return []
    return [c for c in Change if _is_allowed(register, caller, c, found) and _makes_sense(register, c, signal)]


def _is_allowed(register: Register, caller: Caller, change: Change, found: Dossier) -> bool:
    if not may_change(caller, change, found.signal.organisation):
        return False
    own = found.organisations.get(caller.organisation or "")
    if change in _KEEPERS:
        return is_keeper(register.edition, caller, own, found.organisation)
    if change in _PROSECUTORS:
        try:
            require_prosecutor(register.edition, caller, own, found.organisation)
        except NotPermitted:
            return False
    if change is Change.WITHDRAW and only_brought_in(caller, found.signal.organisation):
        return not TAKES_UP & {line.what for line in found.events}
    return True


@router.get("/{signal_id}/{change}")
def form(request: Request, here: SignedInHere, signal_id: UUID, change: Change) -> Response:
    """The page on which it is done."""
    found = _read_changeable_dossier(here, signal_id, change)
    if found.signal.withdrawn_at is not None:
        return _show_gone(request, here, found, change, {})
    return _show_change_form(request, here, found, change, typed={}, faults=[])


@router.get("/{signal_id}/sign/asked")
def what_is_asked(here: SignedInHere, signal_id: UUID) -> Response:
    """What an approval would be given for, as a file: `rtr approve sign --asked` reads it where no register is near."""
    found = _read_changeable_dossier(here, signal_id, Change.SIGN)
    asked = ask_approval(here.register, here.caller, found.signal.id)
    named = {"Content-Disposition": f'attachment; filename="{asked.reference}.json"'}
    return Response(asked.model_dump_json(indent=2), media_type="application/json", headers=named)


@router.get("/{signal_id}/consent/asked")
def what_is_consented_to(here: SignedInHere, signal_id: UUID) -> Response:
    """The same for the prosecutor's consent: `rtr approve sign-consent --asked` reads it."""
    found = _read_changeable_dossier(here, signal_id, Change.CONSENT)
    asked = ask_consent(here.register, here.caller, found.signal.id)
    named = {"Content-Disposition": f'attachment; filename="{asked.reference}-consent.json"'}
    return Response(asked.model_dump_json(indent=2), media_type="application/json", headers=named)


@router.post("/{signal_id}/{change}")
def sent(request: Request, post: SentHere, signal_id: UUID, change: Change) -> Response:
    """Do it, and go back to the report; or show what to mend, or what somebody else did meanwhile."""
    here, posted, asked = post.visitor, post.posted, FORMS[change]
    typed: Typed = {name: posted.many(name) if name in _SEVERAL else posted.one(name) for name in asked.fields}
    found = _read_changeable_dossier(here, signal_id, change)
    version = posted.one("version")
    reader = Reader(typed, here.register.today())
    wanted = asked.read(reader, found)
    if reader.faults:
        return _show_change_form(request, here, found, change, typed=typed, faults=reader.faults, version=version)
    try:
        asked.send(
            here.register, here.caller, found.signal.id, wanted, _read_number(version), _find_prover(request, change)
        )
    except ChangedMeanwhile:
        found = _read_changeable_dossier(here, signal_id, change)
        return _show_change_form(request, here, found, change, typed=typed, faults=[], since=_read_number(version))
    except AlreadyWithdrawn:
        return _show_gone(request, here, found, change, typed)
    except tuple(kind for kind, _ in asked.taken) as error:
        faults = [fault for kind, fault in asked.taken if isinstance(error, kind)]
        return _show_change_form(request, here, found, change, typed=typed, faults=faults, version=version)
    return to(f"/ours/{found.signal.id}?done={change}")


def _read_changeable_dossier(here: Visitor, signal_id: UUID, change: Change) -> Dossier:
    """The report, for somebody who may do this to it.

    Raises:
        NotFound: there is none that he may know of.
        TaskMissing, NotTheKeeper: he may read it and not do this.
    """
    found = read_dossier(here.register, here.caller, SignalId(signal_id))
    if not may_change(here.caller, change, found.signal.organisation):
        here.caller.require(min(CHANGES[change]))
    own = found.organisations.get(here.caller.organisation or "")
    if change in _KEEPERS:
        require_keeper(here.register.edition, here.caller, own, found.organisation)
    if change in _PROSECUTORS:
        require_prosecutor(here.register.edition, here.caller, own, found.organisation)
    return found


def _makes_sense(register: Register, change: Change, signal: Signal) -> bool:
    match change:
        case Change.CONFIRM:
            return signal.ground.confirmed_at is None
        case Change.CONSENT:
            ground = signal.ground
            asks = ground.legal_basis in register.edition.given("WPG10A-1", Consents).bases
            return asks and ground.prosecutor_consent is None
        case Change.UNCONSENT:
            return signal.ground.prosecutor_consent is not None
        case Change.APPROVE | Change.SIGN:
            # One of the two: the page's word, or the signature, whichever the edition takes.
            ground, gate = signal.ground, gate_of(register.edition, signal.partition)
            # Also where no gate asks for it: only an approval names those whom the handling wants named.
            unnamed = HandlingCondition.NAMED_RECIPIENTS in ground.handling_conditions and not ground.recipients
            asked = ground.single_approval or unnamed or (gate.always and not ground.is_approved)
            return asked and gate.signed is (change is Change.SIGN)
        case Change.UNAPPROVE:
            return signal.ground.is_approved
        case Change.LIFT:
            return signal.ground.single_approval
        case Change.STEP:
            return bool(NEXT_STATES[signal.state])
        case Change.RECLASSIFY | Change.REFER | Change.WITHDRAW:
            return True
        case _:
            assert_never(change)


def _find_prover(request: Request, change: Change) -> Prove:
    """By the rosters known when something is to be proven; an approval is no consent."""
    proven = consent_under if change is Change.CONSENT else approval_under
    return lambda compact: proven(compact, request.app.state.rosters())


def _read_number(version: str) -> int:
    return int(version[:9]) if version.isascii() and version.isdigit() else 0


def _show_change_form(
    request: Request,
    here: Visitor,
    found: Dossier,
    change: Change,
    *,
    typed: Typed,
    faults: Sequence[Fault],
    version: str = "",
    since: int | None = None,
) -> Response:
    # `version` is the one that the reader first saw, the present one where it is empty; `since` the one that he saw
    # where the report has changed after it.
    signal, asked = found.signal, FORMS[change]
    return show(
        request,
        here,
        f"signals/ours/changes/{change}.html",
        signal=signal,
        asked=asked,
        typed=typed,
        faults=list(faults),
        version=version or signal.version,
        meanwhile=[] if since is None else _list_meanwhile(request, here, found, since),
        changed=since is not None,
        organisations=sorted(
            (one for one in found.organisations.values() if one.in_force(here.register.today())), key=lambda o: o.name
        ),
        names_protected=_names_protected(here, found),
        names={code: one.name for code, one in found.organisations.items()},
        main_types=MAIN_TYPES,
        states=[s for s in SignalState if s in NEXT_STATES[signal.state]],
        withdrawals=[w for w in WITHDRAWALS if w is not RetractReason.ERASED or _may_erase(here.caller, found)],
        partners=others(signal.partition),
        consent_signed=here.register.edition.given("WPG10A-1", Consents).signed,
        must_name=HandlingCondition.NAMED_RECIPIENTS in signal.ground.handling_conditions,
    )


def _names_protected(here: Visitor, found: Dossier) -> bool:
    # What other reports say of its persons is the register unit's alone.
    if found.protected and here.caller.may(Task.REGISTER):
        return True
    register, signal = here.register, found.signal
    return names_protected(signal.form, register.day_of(signal.recorded_at), protected_roles(register.edition))


def _show_gone(request: Request, here: Visitor, found: Dossier, change: Change, typed: Typed) -> Response:
    """The report was withdrawn: nothing can be done to it, and what was typed can still be read."""
    written = _find_written(typed)
    return show(request, here, "signals/ours/gone.html", signal=found.signal, asked=FORMS[change], written=written)


def _find_written(typed: Typed) -> str:
    return str(typed.get("reason", "") or typed.get("note", ""))


def _list_meanwhile(request: Request, here: Visitor, found: Dossier, since: int) -> Sequence[Any]:
    """What was done to the report after the version that the reader saw: each change leaves one line."""
    changes = [line for line in found.events if isinstance(line.what, SignalEvent) and line.what.is_versioned]
    count = found.signal.version - since
    newest = changes[-count:] if 0 < count <= len(changes) else ()
    names = {code: one.name for code, one in found.organisations.items()}
    words = words_of(request, here.register.partition, intake=False)
    return lines_of(newest, words, names, here.caller.actor)


# --- what each page asks ---------------------------------------------------------------------------------------------


def _read_reason(reader: Reader) -> str:
    return reader.note("reason", N_("Say why, in a few words. It stays in the timeline."))


def _read_reclassification(reader: Reader, _found: Dossier) -> ReclassifyIn | None:
    kind = reader.code("signal_type", "signal_type", N_("Choose what it seems to be now."))
    reason = _read_reason(reader)
    return None if reader.faults or kind is None else ReclassifyIn(signal_type=kind, reason=reason)


_PASTE_CONSENT: Final = N_("Paste the whole consent as `rtr approve sign-consent` printed it.")


def _read_consent(reader: Reader, _found: Dossier) -> SignedApprovalIn | str | None:
    """The signed consent where one was pasted; else the words alone, where the edition takes them."""
    reason = _read_reason(reader)
    if not reader.text("approval").strip():
        return reason
    try:
        return SignedApprovalIn(approval="".join(reader.text("approval").split()), reason=reason or "-")
    except ValidationError:
        reader.fault("approval", _PASTE_CONSENT)
        return None


def _read_signature(reader: Reader, _found: Dossier) -> SignedApprovalIn | None:
    reason = _read_reason(reader)
    try:
        # Copied from a screen or a file, it may come in several lines.
        return SignedApprovalIn(approval="".join(reader.text("approval").split()), reason=reason or "-")
    except ValidationError:
        reader.fault("approval", N_("Paste the whole approval as `rtr approve sign` printed it."))
        return None


def _read_referral(reader: Reader, found: Dossier) -> ReferIn | None:
    kind = reader.code("kind", "referral_kind", N_("Choose what it is referred for."))
    if reader.text("to") not in found.organisations:
        reader.fault("to", N_("Choose the organisation."))
    note = reader.note("note")
    if reader.faults or kind is None:
        return None
    return ReferIn(kind=kind, to=reader.text("to"), note=note or None)


def _read_approval(reader: Reader, found: Dossier) -> tuple[str, frozenset[Partition]] | None:
    named = frozenset(Partition(code) for code in reader.boxes("recipients", "partition"))
    if found.signal.partition in named:
        reader.fault("recipients", N_("Name partners only."))
    if HandlingCondition.NAMED_RECIPIENTS in found.signal.ground.handling_conditions and not named:
        reader.fault("recipients", N_("This report is for named recipients only: name at least one."))
    reason = _read_reason(reader)
    return None if reader.faults else (reason, named)


def _read_withdrawal(reader: Reader, _found: Dossier) -> WithdrawIn | None:
    if reader.text("code") not in set(WITHDRAWALS):
        reader.fault("code", N_("Choose why it is withdrawn."))
    reason = _read_reason(reader)
    return None if reader.faults else WithdrawIn.model_validate({"code": reader.text("code"), "reason": reason})


def _withdraw_or_erase(
    register: Register, caller: Caller, signal_id: SignalId, asked: WithdrawIn, version: int
) -> None:
    if asked.code is RetractReason.ERASED:
        erase_signal(register, caller, signal_id, asked.reason, version=version)
    else:
        withdraw_signal(register, caller, signal_id, asked, version=version)


def _may_erase(caller: Caller, found: Dossier) -> bool:
    """Erasing is for somebody of the register unit who has no hand in the report; the service asks the same."""
    hands = {found.signal.actor} | {line.actor for line in found.events if line.what in HANDS}
    return caller.may(Task.REGISTER) and caller.actor not in hands


def _read_step(reader: Reader, found: Dossier) -> tuple[SignalState, str] | None:
    state = reader.text("state")
    if state not in set(NEXT_STATES[found.signal.state]):
        reader.fault("state", N_("Choose how far it has come now."))
    reason = _read_reason(reader)
    return None if reader.faults else (SignalState(state), reason)


FORMS: Final[Mapping[Change, Form]] = MappingProxyType(
    {
        one.change: one
        for one in (
            Form(
                Change.RECLASSIFY,
                N_("Reclassify"),
                N_("The report is reclassified."),
                "reclassified",
                ("signal_type", "reason"),
                _read_reclassification,
                lambda register, caller, id_, it, v, _: reclassify_signal(register, caller, id_, it, version=v),
                ((SameType, Fault("signal_type", N_("It is assessed so already. Choose another, or leave it."))),),
            ),
            Form(
                Change.REFER,
                N_("Refer"),
                N_("The report is referred. Other referrals run on beside it."),
                "referred",
                ("kind", "to", "note"),
                _read_referral,
                lambda register, caller, id_, it, v, _: refer_signal(register, caller, id_, it, version=v),
            ),
            Form(
                Change.STEP,
                N_("Move on"),
                N_("The report is moved on."),
                "moved",
                ("state", "reason"),
                _read_step,
                lambda register, caller, id_, it, v, _: move_signal(register, caller, id_, *it, version=v),
                ((StepNotAllowed, Fault("state", N_("Choose how far it has come now."))),),
            ),
            Form(
                Change.CONFIRM,
                N_("Confirm"),
                N_("The report is confirmed."),
                "confirmed",
                ("reason",),
                lambda reader, _: _read_reason(reader),
                lambda register, caller, id_, it, v, _: confirm_signal(register, caller, id_, it, version=v),
            ),
            Form(
                Change.CONSENT,
                N_("Consent to its provision"),
                N_("Your consent stands with the report, for the report as it now is: a correction needs it anew."),
                "consented",
                ("approval", "reason"),
                _read_consent,
                lambda register, caller, id_, it, v, prove: (
                    consent_to_provision(register, caller, id_, it, version=v)
                    if isinstance(it, str)
                    else hand_in_consent(register, caller, id_, it, prove, version=v)
                ),
                (
                    (SignatureNeeded, Fault("approval", _PASTE_CONSENT)),
                    (
                        ApprovalRefused,
                        Fault("approval", N_("It does not fit this report as it is now. Fetch and sign it anew.")),
                    ),
                    (
                        PseudonymsPending,
                        Fault("approval", N_("The extract is not complete yet. Come back later.")),
                    ),
                    (
                        NoConsentNeeded,
                        Fault("reason", N_("Its legal ground asks for no consent. Nothing is there to be given.")),
                    ),
                ),
            ),
            Form(
                Change.UNCONSENT,
                N_("Withdraw the consent"),
                N_("The consent is withdrawn. Each partner that has the extract confirms when it is gone there."),
                "consent-withdrawn",
                ("reason",),
                lambda reader, _: _read_reason(reader),
                lambda register, caller, id_, it, v, _: withdraw_consent(register, caller, id_, it, version=v),
                ((NoConsent, Fault("reason", N_("Nobody consents any more. Nothing is there to be withdrawn."))),),
            ),
            Form(
                Change.APPROVE,
                N_("Approve that it leaves"),
                N_("It is approved that the extract of this report leaves the country, where the rules allow it."),
                "approved",
                ("recipients", "reason"),
                _read_approval,
                lambda register, caller, id_, it, v, _: approve_signal(
                    register, caller, id_, it[0], version=v, recipients=it[1]
                ),
            ),
            Form(
                Change.SIGN,
                N_("Give the signed approval"),
                N_("The signed approval is kept. The extract leaves with it, where the rules allow it."),
                "approved",
                ("approval", "reason"),
                _read_signature,
                lambda register, caller, id_, it, v, prove: hand_in_approval(
                    register, caller, id_, it, prove, version=v
                ),
                (
                    (
                        ApprovalRefused,
                        Fault(
                            "approval",
                            N_("It does not fit this report as it is now. Fetch and sign it anew."),
                        ),
                    ),
                    (
                        PseudonymsPending,
                        Fault("approval", N_("The extract is not complete yet. Come back later.")),
                    ),
                ),
            ),
            Form(
                Change.UNAPPROVE,
                N_("Withdraw the approval"),
                N_("The approval is withdrawn. Each partner that has the extract confirms when it is gone there."),
                "approval-withdrawn",
                ("reason",),
                lambda reader, _: _read_reason(reader),
                lambda register, caller, id_, it, v, _: withdraw_approval(register, caller, id_, it, version=v),
                ((NoApproval, Fault("reason", N_("Nothing is approved any more. Nothing is there to be withdrawn."))),),
            ),
            Form(
                Change.LIFT,
                N_("Needs no approval of its own"),
                N_("This report needs no approval of its own any more."),
                "approval-lifted",
                ("reason",),
                lambda reader, _: _read_reason(reader),
                lambda register, caller, id_, it, v, _: lift_single_approval(register, caller, id_, it, version=v),
                (
                    (
                        NotMarked,
                        Fault("reason", N_("It asks for no approval of its own. Nothing is there to be lifted.")),
                    ),
                ),
            ),
            Form(
                Change.WITHDRAW,
                N_("Withdraw"),
                N_("The report is withdrawn. Each partner that has its extract confirms when it is gone there."),
                "withdrawn",
                ("code", "reason"),
                _read_withdrawal,
                lambda register, caller, id_, it, v, _: _withdraw_or_erase(register, caller, id_, it, v),
                (
                    (
                        SecondPersonNeeded,
                        Fault("code", N_("Somebody else of the register unit has to erase it.")),
                    ),
                ),
            ),
        )
    }
)
"""In the order of the buttons; taking back comes last."""
