"""Whether this person keeps the exit gate for a record: asked by the service, and by the page before it offers it.

Who keeps a gate is the edition's word (GATE-1): a task and a kind of organisation for each country, and never the
organisation that submitted the record.
"""

from __future__ import annotations

from collections.abc import Collection

from register.domain.access.caller import Caller
from register.domain.access.organisation import Organisation
from register.errors import CallerError, NotPermitted
from register.mou.edition import Edition
from register.mou.rules.basis import Consents
from register.mou.rules.gate import Gate, Gates, Keeper
from schemas.codes import Partition


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
    _require(keeper, "gate for", caller, own, submitted)


def require_prosecutor(edition: Edition, caller: Caller, own: Organisation | None, submitted: Organisation) -> None:
    """Do nothing if the caller may consent, as the prosecutor, to a provision on such a basis (WPG10A-1).

    Raises:
        TaskMissing, NotTheKeeper: as of the gate's keeper.
    """
    prosecutor = edition.given("WPG10A-1", Consents).prosecutor
    caller.require(prosecutor.task)
    _require(prosecutor, "consent to", caller, own, submitted)


def _require(keeper: Keeper, what: str, caller: Caller, own: Organisation | None, submitted: Organisation) -> None:
    if (
        caller.kind != "person"
        or not caller.may(keeper.task)
        or own is None
        or own.kind != keeper.kind
        or own.code == submitted.code
    ):
        raise NotTheKeeper(f"the {what} this record is kept by the {keeper.name}", keeper=keeper.name)


def keeps(edition: Edition, caller: Caller, own: Organisation | None, submitted: Organisation) -> bool:
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
