"""Approvals and releases need a sign-in of the last minutes: every one of them, for whoever asks, at its service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from register.core import Register
from register.domain.access.caller import UNSAID, Caller, FreshSignInNeeded, SignedIn, Task
from register.domain.signals.protecting.finding import FindingId
from register.domain.signals.protecting.lifting import LiftingId
from register.domain.signals.signal import SignalId
from register.errors import NotFound, RegisterError
from register.services.signals.approving.approve_signal import (
    approve_signal,
    confirm_signal,
    consent_to_provision,
    lift_single_approval,
)
from register.services.signals.approving.keep_approval import hand_in_approval, withdraw_approval
from register.services.signals.protecting.decide_findings import decide_finding
from register.services.signals.protecting.lift_protection import decide_lifting, read_lifting
from register.services.statistics.releases.releases import approve_release, freeze_release
from register.settings import CountrySettings
from schemas.codes import FindingDecision, LiftingDecision, Partition
from schemas.signals.approvals import SignedApprovalIn
from schemas.signals.finding import DecideIn
from schemas.signals.lifting import DecideLiftingIn
from tests.support.clock import HandClock
from tests.support.records.lifted import SECOND, a_lifting
from tests.support.world import World, with_settings, world

AW: Final = Partition.AW
NOWHERE: Final = SignalId(UUID(int=1))
NO_FINDING: Final = FindingId(UUID(int=1))
ANOTHER: Final = DecideIn(decision=FindingDecision.ANOTHER, reason="NAMESAKE")
SHARED: Final = DecideIn(decision=FindingDecision.KEEP, reason="SHARED_BY_MANY")
WITHHELD: Final = DecideIn(decision=FindingDecision.WITHHOLD)
SAME: Final = DecideIn(decision=FindingDecision.SAME)
DIGEST: Final = "0" * 64
SIGNED: Final = SignedApprovalIn(approval="e30.e30.AAAA", reason="Weighed.")


def never(_: str) -> Any:
    raise AssertionError("nothing is there to be proven")


DOES: Final[dict[str, Callable[[Register, Caller], object]]] = {
    "approve a report": lambda r, by: approve_signal(r, by, NOWHERE, "Weighed.", version=1),
    "consent to its provision": lambda r, by: consent_to_provision(r, by, NOWHERE, "Weighed.", version=1),
    "say that it needs no approval": lambda r, by: lift_single_approval(r, by, NOWHERE, "Weighed.", version=1),
    "hand in a signed approval": lambda r, by: hand_in_approval(r, by, NOWHERE, SIGNED, never, version=1),
    "confirm a report": lambda r, by: confirm_signal(r, by, NOWHERE, "As it is.", version=1),
    "find another person": lambda r, by: decide_finding(r, by, NO_FINDING, ANOTHER, version=1),
    "let a value be shared": lambda r, by: decide_finding(r, by, NO_FINDING, SHARED, version=1),
    "approve a release": lambda r, by: approve_release(r, by, DIGEST),
    "freeze a release": lambda r, by: freeze_release(r, by, DIGEST),
}
OF_KEEPERS: Final = tuple(DOES)[:4]
OF_THE_UNIT: Final = tuple(DOES)[4:7]


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="module")
def here(clock: HandClock) -> Iterator[World]:
    with world(countries=(AW,), clock=clock) as made:
        yield made


def register_with(here: World, **own: Any) -> Register:
    return with_settings(here[AW], country={AW: CountrySettings(**own)})


def somebody(here: World, does: str, signed_in: SignedIn) -> Caller:
    tasks = (Task.PROSECUTE,) if does in OF_KEEPERS else (Task.REGISTER,) if does in OF_THE_UNIT else (Task.STATISTICS,)
    return replace(here.caller("AW-OM", *tasks), signed_in=signed_in)


def ago(here: World, seconds: float, acr: str = "") -> SignedIn:
    return SignedIn(here[AW].clock.now() - timedelta(seconds=seconds), acr)


def refused(register: Register, does: str, caller: Caller) -> FreshSignInNeeded:
    with pytest.raises(FreshSignInNeeded) as caught:
        DOES[does](register, caller)
    return caught.value


def taken(register: Register, does: str, caller: Caller) -> None:
    """It goes on to look for what is not there."""
    with pytest.raises(RegisterError) as caught:
        DOES[does](register, caller)
    assert not isinstance(caught.value, FreshSignInNeeded), caught.value


@pytest.mark.parametrize("does", DOES)
def test_sign_in_of_the_last_five_minutes_is_needed_and_enough(does: str, here: World) -> None:
    register = register_with(here)
    taken(register, does, somebody(here, does, ago(here, 300)))
    error = refused(register, does, somebody(here, does, ago(here, 301)))
    assert error.details == {"max_age": 300, "acr_values": []}


@pytest.mark.parametrize("does", DOES)
def test_who_does_not_say_when_signed_in_too_long_ago(does: str, here: World) -> None:
    """A provider that says nothing, a program, and whatever a client may say of itself."""
    refused(register_with(here), does, somebody(here, does, UNSAID))
    refused(register_with(here), does, somebody(here, does, SignedIn(None, "2")))


@pytest.mark.parametrize("does", DOES)
def test_country_sets_how_long_and_how_strong(does: str, here: World) -> None:
    register = register_with(here, fresh_sign_in_s=60, fresh_sign_in_acr=("2", "3"))
    taken(register, does, somebody(here, does, ago(here, 59, "3")))
    for weak in (ago(here, 61, "3"), ago(here, 1, "1"), ago(here, 1, "")):
        error = refused(register, does, somebody(here, does, weak))
    assert error.details == {"max_age": 60, "acr_values": ["2", "3"]}


@pytest.mark.parametrize("does", DOES)
def test_who_may_not_do_it_anyway_is_told_that_and_not_to_sign_in(does: str, here: World) -> None:
    caller = replace(here.caller("AW-OM", Task.READ_OWN), signed_in=UNSAID)
    taken(register_with(here), does, caller)


def test_taking_an_approval_back_needs_no_fresh_sign_in(here: World) -> None:
    """What stops something is never made harder."""
    caller = replace(here.caller("AW-OM", Task.PROSECUTE), signed_in=UNSAID)
    with pytest.raises(NotFound):
        withdraw_approval(register_with(here), caller, NOWHERE, "No longer.", version=1)


@pytest.mark.parametrize("said", [WITHHELD, SAME])
def test_withholding_needs_no_fresh_sign_in(here: World, said: DecideIn) -> None:
    caller = replace(here.caller("AW-JIUMM", Task.REGISTER), signed_in=UNSAID)
    with pytest.raises(NotFound):
        decide_finding(register_with(here), caller, NO_FINDING, said, version=1)


def test_lifting_a_protection_needs_a_fresh_sign_in_and_reversing_it_does_not(here: World) -> None:
    """Whom it protected is in the hands of whoever says so, and partners have the record within minutes."""
    lifting = LiftingId(a_lifting(here))
    register, bureau = register_with(here), here.caller(SECOND, Task.SUBMIT, actor="bureau")
    lift, reverse = (DecideLiftingIn(decision=said) for said in (LiftingDecision.LIFT, LiftingDecision.REVERSE))
    for signed_in in (UNSAID, ago(here, 301)):
        with pytest.raises(FreshSignInNeeded):
            decide_lifting(register, replace(bureau, signed_in=signed_in), lifting, lift, version=1)
    assert read_lifting(register, bureau, lifting).state == "ASKED", "nothing was done"
    lifted = decide_lifting(register, replace(bureau, signed_in=ago(here, 299)), lifting, lift, version=1)
    assert lifted.in_force
    back = decide_lifting(register, replace(bureau, signed_in=UNSAID), lifting, reverse, version=lifted.version)
    assert back.state == "REVERSED"


def test_who_may_not_lift_it_is_told_that_and_not_to_sign_in(here: World) -> None:
    lifting, lift = LiftingId(a_lifting(here)), DecideLiftingIn(decision=LiftingDecision.LIFT)
    for caller in (here.caller("AW-DIMAS", Task.SUBMIT), here.caller("AW-JIUMM", Task.REGISTER)):
        with pytest.raises(RegisterError) as caught:
            decide_lifting(register_with(here), replace(caller, signed_in=UNSAID), lifting, lift, version=1)
        assert not isinstance(caught.value, FreshSignInNeeded)
