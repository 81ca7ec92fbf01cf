"""Whether a signed approval of an exit gate counts for what is about to leave, or has come in.

One function for both ends: the owner asks it when the keeper hands the document in, each receiver when an extract
arrives with one. The signature was checked before, under the key that is given here; who may keep the gate is read
from the edition of whoever asks, so that no country tells another whose word counts. Values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from register.mou.rules.gate import Gate
from schemas.codes import LegalBasis, Partition, Purpose, Visibility
from schemas.exchange.wire import GateApproval, KeyState, NodeKey, RecordClass


class ApprovalCode(StrEnum):
    """Why an approval does not count, or why none is a reason to refuse."""

    MISSING = "approval-missing"  # the gate asks for one, and there is none
    NODES_WORD = "approval-by-node"  # only the owner's node says so, and this edition asks for a signature
    UNPROVEN = "approval-unproven"  # its signature does not hold, or what was signed is no approval
    KEY_UNKNOWN = "approval-key-unknown"  # no roster lists its key as one that approves
    KEY_INACTIVE = "approval-key-inactive"  # its key was retired or revoked
    COUNTRY = "approval-country"  # its key is of another country than the record
    KEEPER = "approval-keeper"  # the edition names another keeper, or it names itself for another
    OBJECT = "approval-object"  # it was given for another extract
    CLASS = "approval-class"  # it was given for another class, or this edition takes none for the class
    ALONE = "approval-alone"  # it was given for a class, and such a record needs an approval of its own
    LONG = "approval-long"  # it was given for a class, for longer than this edition takes
    CONTENT = "approval-content"  # it was given for something else than this record as it is
    PURPOSE = "approval-purpose"  # it was given for another purpose
    RECIPIENT = "approval-recipient"  # it is not for this receiver
    EARLY = "approval-early"  # its first day is still to come
    EXPIRED = "approval-expired"  # its last day is over


@dataclass(frozen=True, slots=True)
class Leaving:
    """What an approval must fit.

    Attributes:
        owner: whose record it is; for what came in, whose log it came in.
        object: id of the extract.
        content: hash of its record part (`content_of`).
        to: the countries that it is for.
        legal_basis, visibility, edition: what of its label tells its class.
        alone: it needs an approval of its own, whatever its class: somebody in it is protected, the handling names its
            recipients, the legal basis wants the prosecutor's consent, or the owner marked it so. Of the last no
            receiver knows.
    """

    owner: Partition
    object: str
    content: str
    purpose: Purpose
    to: frozenset[Partition]
    legal_basis: LegalBasis
    visibility: Visibility
    edition: str
    alone: bool


def why_not(
    approval: GateApproval, key: NodeKey, leaving: Leaving, gate: Gate | None, *, today: date, given_by: date
) -> ApprovalCode | None:
    """Return why an approval does not count; None where it does.

    Args:
        approval: as signed.
        key: that signed it, as the newest roster lists it.
        leaving: what it must fit.
        gate: of the owner, by the edition of whoever asks; None where that edition names none.
        today: the day of whoever asks: until when it runs.
        given_by: the day at its owner, who wrote its first day: east of us a new day begins earlier.
    """
    if key.country is not leaving.owner:
        return ApprovalCode.COUNTRY
    if key.state is not KeyState.ACTIVE:
        return ApprovalCode.KEY_INACTIVE
    if approval.keeper != key.organisation or not _is_keeping_gate(gate, approval.task, key.kind):
        return ApprovalCode.KEEPER
    unfit = _find_unfitness(approval, leaving) if approval.class_ is None else _unfit_class(approval, leaving, gate)
    if unfit is not None:
        return unfit
    if approval.purpose is not leaving.purpose:
        return ApprovalCode.PURPOSE
    if not leaving.to or not leaving.to <= set(approval.recipients):
        return ApprovalCode.RECIPIENT
    if approval.given > given_by:
        return ApprovalCode.EARLY
    return ApprovalCode.EXPIRED if today > approval.expires else None


def _find_unfitness(approval: GateApproval, leaving: Leaving) -> ApprovalCode | None:
    if approval.object != leaving.object:
        return ApprovalCode.OBJECT
    return None if approval.content == leaving.content else ApprovalCode.CONTENT


def _unfit_class(approval: GateApproval, leaving: Leaving, gate: Gate | None) -> ApprovalCode | None:
    its = RecordClass(
        country=leaving.owner,
        legal_basis=leaving.legal_basis,
        visibility=leaving.visibility,
        edition=leaving.edition,
    )
    code = why_no_class(approval, gate)
    if code is None and approval.class_ != its:
        code = ApprovalCode.CLASS
    if code is None and leaving.alone:
        code = ApprovalCode.ALONE
    return code


def why_no_class(approval: GateApproval, gate: Gate | None) -> ApprovalCode | None:
    """Return why a gate takes no such approval of a class, whatever leaves on it; None where it takes it."""
    of, classes = approval.class_, None if gate is None else gate.classes
    if of is None or classes is None or not classes.include(of.legal_basis, of.visibility):
        return ApprovalCode.CLASS
    days = (approval.expires - approval.given).days
    return ApprovalCode.LONG if days > classes.days_max else None


def _is_keeping_gate(gate: Gate | None, task: str, kind: str | None) -> bool:
    # Keeper or second: which of the two a record needs follows from who submitted it, and a receiver is not told that.
    return gate is not None and any((task, kind) == (one.task, one.kind) for one in (gate.keeper, gate.second))
