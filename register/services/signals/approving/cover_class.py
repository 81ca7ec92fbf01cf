"""On which approval of its class a signal may leave to each partner, where nobody approved the signal itself.

Given in advance and unread, so it covers less than an approval of one record: nothing in which somebody is protected,
nothing that is marked or whose handling names its recipients, nothing that the prosecutor consents to one by one, and
nothing that whoever gave it, or his organisation, had a hand in.
"""

from __future__ import annotations

from register.core import Register
from register.domain.access.organisation import Organisation
from register.domain.signals.signal import Signal
from register.domain.signals.taken_up import HANDS
from register.mou.facts import RecordFacts
from register.mou.keeping import stands_alone
from register.mou.rules.approval import why_no_class
from register.mou.rules.gate import Gate, Gates
from register.store.signals.sharing.class_approvals import ClassApproval
from register.store.work import Work
from schemas.codes import Partition
from schemas.exchange.wire import RecordClass, approval_in


def cover_by_class(
    register: Register, work: Work, signal: Signal, organisation: Organisation, facts: RecordFacts
) -> dict[Partition, ClassApproval]:
    """Return, by partner, the approval of its class on which a signal may go there; none where it needs none.

    What it is out on already comes first, so that a newer approval of the same class sends nothing again; then what
    runs longest.

    Args:
        register: of the country.
        work: the open transaction, in which the signal is locked.
        signal: as it now is.
        organisation: that submitted it.
        facts: of its persons too, and of an approval of its own as far as that still fits.
    """
    gates = register.edition.given("GATE-1", Gates)
    gate = gates.gates.get(signal.partition)
    if gate is None or gate.classes is None or signal.withdrawn_at is not None or facts.gate is not None:
        return {}
    if not gates.needs_approval(facts) or stands_alone(facts, register.edition):
        return {}
    its = RecordClass(
        country=signal.partition,
        legal_basis=facts.legal_basis,
        visibility=facts.visibility,
        edition=register.edition.hash,
    )
    found = work.signals.class_approvals.covering(its, facts.purpose, register.today())
    if not found:
        return {}
    used = work.signals.class_approvals.used_by(signal.id)
    hands = {signal.actor} | work.signals.timeline.actors(signal.id, HANDS) if gate.two_persons else frozenset[str]()
    covering = [
        one for one in found if _may_give(gate, one, organisation) and one.actor not in hands
    ]  # fmt: skip
    ordered = sorted(covering, key=lambda one: one.id not in used)
    return {partner: one for one in reversed(ordered) for partner in one.recipients}


def _may_give(gate: Gate, one: ClassApproval, organisation: Organisation) -> bool:
    """Whether it was given by the keeper of the gate for what this organisation submits, and by another one."""
    keeper = gate.keeper_of(organisation.kind)
    given_by_keeper = (one.task, one.kind) == (keeper.task, keeper.kind) and one.keeper != organisation.code
    return given_by_keeper and why_no_class(approval_in(one.document), gate) is None
