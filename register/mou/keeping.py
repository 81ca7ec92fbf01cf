"""Whether this person keeps the exit gate for a record: asked by the service, and by the page before it offers it.

Who keeps a gate is the edition's word (GATE-1): a task and a kind of organisation for each country, and never the
organisation that submitted the record. Here is also told which records no approval of a class lets out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from register.domain.access.caller import Caller
from register.domain.access.organisation import Organisation
from register.errors import CallerError, NotPermitted
from register.mou.edition import Edition
from register.mou.facts import RecordFacts, SubjectFacts
from register.mou.keys import concerns_protected, find_withholding_rules
from register.mou.rules.basis import Consents
from register.mou.rules.gate import Gate, Gates, Keeper
from schemas.codes import HandlingCondition, Partition
from schemas.exchange.wire import Label as WireLabel
from schemas.exchange.wire import SubjectExtract


class NotTheKeeper(NotPermitted):
    """Another keeps the exit gate for this record; nobody approves what his own organisation submitted."""

    code = "not-the-keeper"
    advice = "Ask the keeper that the message names. A program cannot approve, whatever its tasks."


class SecondPersonNeeded(NotPermitted):
    """The edition asks for two persons, and this one had a hand in the record already."""

    code = "second-person-needed"
    advice = "Ask a colleague with the same task who did not record, change or confirm it."


class NoGateHere(CallerError):
    """No edition in force names a keeper for this country, so a single approval could never be given."""

    code = "no-gate-keeper"
    advice = "Leave `single_approval` out. To keep the record here, set its visibility to V3."


def gate_of(edition: Edition, country: Partition) -> Gate:
    """The gate of a country.

    Raises:
        NoGateHere: the edition names no keeper for it.
    """
    gate = edition.given("GATE-1", Gates).gates.get(country)
    if gate is None:
        raise NoGateHere(
            f"edition {edition.id} names no keeper of an exit gate of {country}", pointer="/single_approval"
        )
    return gate


def require_keeper(edition: Edition, caller: Caller, own: Organisation | None, submitted: Organisation) -> None:
    """Do nothing if the caller keeps the gate for a record.

    Args:
        edition: in force.
        caller: who would say yes.
        own: the organisation that he works for.
        submitted: the one that submitted the record.

    Raises:
        TaskMissing: he holds neither the keeper's task nor that of the keeper's second.
        NotTheKeeper: he holds it at another kind of organisation, at the one that submitted, or is a program.
        NoGateHere: the country has no gate.
    """
    gate = gate_of(edition, caller.partition)
    keeper = gate.keeper_of(submitted.kind)
    if not caller.tasks & {gate.keeper.task, gate.second.task}:
        caller.require(keeper.task)
    _require_kind_of_keeper(keeper, "gate for", caller, own, submitted)


def require_prosecutor(edition: Edition, caller: Caller, own: Organisation | None, submitted: Organisation) -> None:
    """Do nothing if the caller may consent, as the prosecutor, to a provision on such a basis (WPG10A-1).

    Raises:
        TaskMissing, NotTheKeeper: as of the gate's keeper.
    """
    prosecutor = edition.given("WPG10A-1", Consents).prosecutor
    caller.require(prosecutor.task)
    _require_kind_of_keeper(prosecutor, "consent to", caller, own, submitted)


def _require_kind_of_keeper(
    keeper: Keeper, what: str, caller: Caller, own: Organisation | None, submitted: Organisation
) -> None:
    if (
        caller.kind != "person"
        or not caller.may(keeper.task)
        or own is None
        or own.kind != keeper.kind
        or own.code == submitted.code
    ):
        raise NotTheKeeper(f"the {what} this record is kept by the {keeper.name}", keeper=keeper.name)


def require_keeper_of_class(edition: Edition, caller: Caller, own: Organisation | None) -> Keeper:
    """Return as whom the caller approves classes at the gate: its keeper, or the keeper's second.

    Raises:
        TaskMissing: he holds neither's task.
        NotTheKeeper: he holds it at another kind of organisation, or is a program.
        NoGateHere: the country has no gate.
    """
    gate = gate_of(edition, caller.partition)
    for keeper in (gate.keeper, gate.second):
        if caller.kind == "person" and caller.may(keeper.task) and own is not None and own.kind == keeper.kind:
            return keeper
    if not caller.tasks & {gate.keeper.task, gate.second.task}:
        caller.require(gate.keeper.task)
    raise NotTheKeeper(f"the gate is kept by the {gate.keeper.name}", keeper=gate.keeper.name)


def stands_alone(record: RecordFacts, edition: Edition) -> bool:
    """Whether a record needs an approval of its own, whatever its class.

    So where anything of it is withheld for somebody's sake, where the handling names its recipients, where the
    prosecutor consents to each provision, and where it is marked so.
    """
    named = HandlingCondition.NAMED_RECIPIENTS in record.handling.conditions
    consents = record.legal_basis in edition.given("WPG10A-1", Consents).bases
    return record.single_approval or named or consents or concerns_protected(record, edition)


def looks_alone(label: WireLabel, subjects: Iterable[SubjectExtract], edition: Edition) -> bool:
    """The same, as far as a receiver can see: marks and whom the owner left out do not travel."""
    named = HandlingCondition.NAMED_RECIPIENTS in label.handling.conditions
    consents = label.legal_basis in edition.given("WPG10A-1", Consents).bases
    return named or consents or any(find_withholding_rules(_as_told(one), edition) for one in subjects)


def _as_told(one: SubjectExtract) -> SubjectFacts:
    return SubjectFacts(n=one.n, role=one.role, category=one.category)


def is_keeper(edition: Edition, caller: Caller, own: Organisation | None, submitted: Organisation) -> bool:
    """Whether `require_keeper` lets him."""
    try:
        require_keeper(edition, caller, own, submitted)
    except (NotPermitted, NoGateHere):
        return False
    return True


def require_another(caller: Caller, hands: Collection[str], did: str) -> None:
    """Do nothing if the caller is none of those who had a hand in the record.

    Raises:
        SecondPersonNeeded: he is; `did` says what those did.
    """
    if caller.actor in hands:
        raise SecondPersonNeeded(f"the edition asks for two persons here, and you {did} this record")
