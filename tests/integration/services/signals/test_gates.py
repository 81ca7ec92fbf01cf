"""Who lets a record out of the country, and who may widen, lift or withdraw: never one account alone (C24)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from register.domain.access.caller import Caller, Task, TaskMissing
from register.domain.signals.signal import SignalId
from register.domain.signals.taken_up import TakenUp
from register.errors import NotPermitted, RegisterError
from register.mou.keeping import NotTheKeeper, SecondPersonNeeded
from register.services.signals.approving.approve_signal import (
    NotAPartner,
    NotMarked,
    approve_signal,
    confirm_signal,
    consent_to_provision,
    lift_single_approval,
)
from register.services.signals.approving.steps import NoConsentNeeded
from register.services.signals.change_signal import (
    LiftingIsTheKeepers,
    NoChildAnyMore,
    WidensUnasked,
    amend_signal,
    move_signal,
    reclassify_signal,
    withdraw_signal,
)
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import lease_signals, share_signal
from schemas.codes import Partition, SignalState
from schemas.signals.changes import AmendIn, ReclassifyIn, WithdrawIn
from schemas.signals.out import SignalOut
from tests.support.forms import a_form
from tests.support.world import World, world

AW, BQ, NL = Partition.AW, Partition.BQ, Partition.NL
ISLAND = {AW: "AW", BQ: "BONAIRE", NL: "NL"}
WHY = "Weighed."
NUMBERS = count()
Record = Callable[..., SignalOut]


@pytest.fixture(scope="module")
def three() -> Iterator[World]:
    with world(countries=(AW, BQ, NL)) as made:
        yield made


@pytest.fixture
def record(three: World) -> Record:
    """Records reports that have nothing in common, since a mark passes on to what repeats a report."""

    def make(organisation: str, actor: str = "officer", **parts: Any) -> SignalOut:
        by = three.caller(organisation, Task.SUBMIT, actor=actor)
        register, n = three[by.partition], next(NUMBERS)
        place = {"island": ISLAND[by.partition], "location_type": "STREET"}
        (person,) = (one.model_dump(exclude_unset=True) for one in a_form().subjects)
        birth = {"year": 1950 + n % 40, "month": 1 + n % 12, "day": 1 + n % 28}
        person |= {"birth": birth, "selectors": [{"type": "PHONE", "value": f"+297 000 1{n:03}"}]}
        plate = {"type": "PLATE", "value": f"BES-1{n:03}", "country": "BQ"}
        form = a_form(**{"place": place, "selectors": [plate], "subjects": [person]} | parts)
        return record_signal(register, by, form, str(register.clock.new_id()))

    return make


@pytest.fixture
def boat(record: Record) -> SignalOut:
    """A record of the police unit that keeps the register, marked for the prosecutor's decision."""
    return record("BQ-KPCN", single_approval=True)


@pytest.fixture
def prosecutor(three: World) -> Caller:
    return three.caller("BQ-OM", Task.PROSECUTE, actor="prosecutor")


@pytest.fixture
def unit(three: World) -> Caller:
    """Of the police unit that submits and keeps the register in the Caribbean Netherlands."""
    return three.caller("BQ-KPCN", *Task, actor="unit")


def owner(signal: SignalOut) -> Partition:
    return Partition(signal.reference[:2])


def had_by(three: World, signal: SignalOut) -> set[Partition]:
    """The partners that hold the extract, or will once it travels."""
    register = three[owner(signal)]
    for lease in lease_signals(register, 100):
        share_signal(register, lease)
    with register.work(three.worker(owner(signal))) as work:
        return {partner for partner, (allowed, _) in work.signals.sharing.of(SignalId(signal.id)).items() if allowed}


def amend(three: World, by: Caller, signal: SignalOut, version: int = 1, **changes: Any) -> SignalOut:
    told = AmendIn.model_validate({"changes": changes, "reason": WHY})
    return amend_signal(three[owner(signal)], by, SignalId(signal.id), told, version=version)


def refusals(three: World, country: Partition, signal: SignalOut) -> list[tuple[str, str]]:
    query = (
        "SELECT action, commitment->'facts'->>'code' FROM rtr.audit_leaf "
        f"WHERE commitment->>'about' = '{signal.id}' AND action LIKE 'signal.not-%%' ORDER BY at, id"
    )
    with three[country].database.transaction("auditor") as connection:
        return [(row[0], row[1]) for row in connection.exec_driver_sql(query).all()]


# --- the gate --------------------------------------------------------------------------------------------------------


def test_owner_does_not_approve_its_own_exit_and_the_attempt_is_logged(
    three: World, boat: SignalOut, unit: Caller
) -> None:
    with pytest.raises(NotPermitted):
        approve_signal(three[BQ], unit, SignalId(boat.id), WHY, version=1)
    assert had_by(three, boat) == set()
    assert refusals(three, BQ, boat) == [("signal.not-approved", "not-the-keeper")]


def test_consent_officer_of_the_owner_is_no_prosecutor(three: World, boat: SignalOut) -> None:
    officer = three.caller("BQ-KPCN", Task.CONSENT, actor="consent")
    with pytest.raises(TaskMissing, match="PROSECUTE"):
        approve_signal(three[BQ], officer, SignalId(boat.id), WHY, version=1)


def test_prosecutor_approves_and_partners_have_it(three: World, boat: SignalOut, prosecutor: Caller) -> None:
    approve_signal(three[BQ], prosecutor, SignalId(boat.id), WHY, version=1)
    assert had_by(three, boat) == set(Partition) - {BQ}


def test_approval_is_of_what_was_read_and_a_change_needs_it_anew(
    three: World, boat: SignalOut, prosecutor: Caller, unit: Caller
) -> None:
    approve_signal(three[BQ], prosecutor, SignalId(boat.id), WHY, version=1)
    amend(three, unit, boat, version=2, account="Seen four times.")
    assert had_by(three, boat) == set()


def test_approval_falls_with_a_new_assessment_of_the_type_which_is_part_of_the_extract(
    three: World, boat: SignalOut, prosecutor: Caller, unit: Caller
) -> None:
    approve_signal(three[BQ], prosecutor, SignalId(boat.id), WHY, version=1)
    change = ReclassifyIn(signal_type="HT", reason=WHY)
    reclassify_signal(three[BQ], unit, SignalId(boat.id), change, version=2)
    assert had_by(three, boat) == set()


def test_who_had_a_hand_in_the_record_does_not_approve_it_for_whomever_he_works(
    three: World, record: Record, prosecutor: Caller
) -> None:
    signal = record("BQ-KPCN", actor="prosecutor", single_approval=True)
    with pytest.raises(SecondPersonNeeded):
        approve_signal(three[BQ], prosecutor, SignalId(signal.id), WHY, version=1)


def test_who_assessed_the_type_anew_does_not_approve_it_for_whomever_he_works(
    three: World, boat: SignalOut, prosecutor: Caller
) -> None:
    register = three.caller("BQ-KPCN", Task.REGISTER, actor="prosecutor")
    change = ReclassifyIn(signal_type="HT", reason=WHY)
    reclassify_signal(three[BQ], register, SignalId(boat.id), change, version=1)
    with pytest.raises(SecondPersonNeeded):
        approve_signal(three[BQ], prosecutor, SignalId(boat.id), WHY, version=2)
    another = three.caller("BQ-OM", Task.PROSECUTE, actor="another prosecutor")
    assert approve_signal(three[BQ], another, SignalId(boat.id), WHY, version=2).version == 3


def test_one_account_does_not_submit_and_confirm(three: World, record: Record, unit: Caller) -> None:
    signal = record("BQ-KPCN", actor="unit")
    with pytest.raises(SecondPersonNeeded):
        confirm_signal(three[BQ], unit, SignalId(signal.id), WHY, version=1)
    colleague = three.caller("BQ-KPCN", Task.REGISTER, actor="colleague")
    assert confirm_signal(three[BQ], colleague, SignalId(signal.id), WHY, version=1).version == 2
    assert refusals(three, BQ, signal) == [("signal.not-confirmed", "second-person-needed")]


def test_mark_for_single_approval_holds_in_aruba_too(three: World, record: Record) -> None:
    usual, marked = record("AW-DIMAS"), record("AW-DIMAS", single_approval=True)
    assert had_by(three, usual) == set(Partition) - {AW}
    assert had_by(three, marked) == set()
    prosecutor = three.caller("AW-OM", Task.PROSECUTE, actor="aw-prosecutor")
    approve_signal(three[AW], prosecutor, SignalId(marked.id), WHY, version=1)
    assert had_by(three, marked) == set(Partition) - {AW}


def test_mark_is_lifted_by_the_keeper_alone(three: World, boat: SignalOut, unit: Caller, prosecutor: Caller) -> None:
    with pytest.raises(LiftingIsTheKeepers):
        amend(three, unit, boat, single_approval=False)
    with pytest.raises(NotTheKeeper):
        lift_single_approval(three[BQ], unit, SignalId(boat.id), WHY, version=1)
    lifted = lift_single_approval(three[BQ], prosecutor, SignalId(boat.id), WHY, version=1)
    assert lifted.form.single_approval is False
    assert had_by(three, boat) == set(Partition) - {BQ}  # by the standing approval of the demonstration
    with pytest.raises(NotMarked):
        lift_single_approval(three[BQ], prosecutor, SignalId(boat.id), WHY, version=2)


def test_officer_may_set_the_mark(three: World, record: Record) -> None:
    signal = record("AW-DIMAS")
    assert had_by(three, signal)
    amend(three, three.caller("AW-DIMAS", Task.SUBMIT), signal, single_approval=True)
    assert had_by(three, signal) == set()


# --- consent and named recipients ------------------------------------------------------------------------------------


def test_approval_that_names_recipients_is_for_them_alone(three: World, boat: SignalOut, prosecutor: Caller) -> None:
    named = frozenset({AW, NL})
    made = approve_signal(three[BQ], prosecutor, SignalId(boat.id), WHY, version=1, recipients=named)
    assert had_by(three, boat) == named
    assert {one.recipient: one.rules for one in made.sharing if not one.allowed} == {
        Partition.CW: ("AUDIENCE-1",), Partition.SX: ("AUDIENCE-1",),
    }  # fmt: skip
    approve_signal(three[BQ], prosecutor, SignalId(boat.id), WHY, version=2)
    assert had_by(three, boat) == set(Partition) - {BQ}


def test_record_for_named_recipients_goes_to_nobody_until_the_approval_names_them(
    three: World, record: Record, prosecutor: Caller
) -> None:
    """The condition could be set, and nobody could be named."""
    signal = record("BQ-KPCN", handling={"code": "H3", "conditions": ["NAMED_RECIPIENTS"]})
    assert had_by(three, signal) == set()
    approve_signal(three[BQ], prosecutor, SignalId(signal.id), WHY, version=1, recipients=frozenset({NL}))
    assert had_by(three, signal) == {NL}


def test_own_country_is_no_recipient(three: World, boat: SignalOut, prosecutor: Caller) -> None:
    with pytest.raises(NotAPartner):
        approve_signal(three[BQ], prosecutor, SignalId(boat.id), WHY, version=1, recipients=frozenset({BQ, NL}))


def test_data_on_organised_crime_leaves_with_the_prosecutors_consent_alone(three: World, record: Record) -> None:
    """WPG10A-1 could be failed and never met."""
    signal = record("NL-KMAR", legal_basis="WPG10A")
    colleague = three.caller("NL-LE", Task.REGISTER, actor="colleague")
    confirm_signal(three[NL], colleague, SignalId(signal.id), WHY, version=1)
    assert had_by(three, signal) == set()
    prosecutor = three.caller("NL-OM", Task.PROSECUTE, actor="nl-prosecutor")
    made = consent_to_provision(three[NL], prosecutor, SignalId(signal.id), WHY, version=2)
    assert {one.rules[0] for one in made.sharing} == {"WPG10A-1"}
    assert had_by(three, signal) == set(Partition) - {NL}
    amend(three, three.caller("NL-KMAR", Task.SUBMIT), signal, version=3, account="Seen twice.")
    assert had_by(three, signal) == set()


@pytest.mark.parametrize("organisation", ["NL-LE", "NL-KMAR"])
def test_nobody_but_the_prosecutor_consents(three: World, record: Record, organisation: str) -> None:
    signal = record("NL-KMAR", legal_basis="WPG10A")
    with pytest.raises(NotTheKeeper):
        consent_to_provision(
            three[NL], three.caller(organisation, *Task, actor="x"), SignalId(signal.id), WHY, version=1
        )
    assert refusals(three, NL, signal) == [("signal.not-consented", "not-the-keeper")]


def test_consent_that_nothing_asks_for_is_refused(three: World, record: Record) -> None:
    signal = record("NL-KMAR")
    with pytest.raises(NoConsentNeeded):
        consent_to_provision(
            three[NL], three.caller("NL-OM", Task.PROSECUTE, actor="p"), SignalId(signal.id), WHY, version=1
        )


# --- widening --------------------------------------------------------------------------------------------------------

THEME = {"legal_basis": "WPG10B", "crime_class": "TRAFFICKING"}
H3 = {"handling": {"code": "H3", "conditions": ["NO_CONTACT"]}}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (THEME, {"legal_basis": "WPG8"}),
        (THEME, {"legal_basis": None}),
        (H3, {"handling": None}),
        (H3, {"handling": {"code": "H1"}}),
        ({"visibility": "V3"}, {"visibility": "V1"}),
    ],
)
@pytest.mark.parametrize("task", [Task.SUBMIT, Task.ENRICH])
def test_correction_of_an_officer_may_only_narrow(
    three: World, record: Record, first: dict[str, Any], then: dict[str, Any], task: Task
) -> None:
    """Theme data left the country by one PATCH."""
    signal = record("NL-KMAR", **first)
    before = had_by(three, signal)
    with pytest.raises(WidensUnasked):
        amend(three, three.caller("NL-KMAR", task), signal, **then)
    assert had_by(three, signal) == before
    assert read_signal(three[NL], three.caller("NL-LE", Task.REGISTER), SignalId(signal.id)).version == 1


@pytest.mark.parametrize("change", [THEME, H3, {"visibility": "V3"}, {"account": "Seen twice."}])
def test_correction_of_an_officer_that_does_not_widen_is_taken(
    three: World, record: Record, change: dict[str, Any]
) -> None:
    assert amend(three, three.caller("NL-KMAR", Task.SUBMIT), record("NL-KMAR"), **change).version == 2


TWO_CHILDREN: dict[str, Any] = {"persons_seen": {"adults": 0, "children": 2}}
TWO_ADULTS: dict[str, Any] = {"persons_seen": {"adults": 2, "children": 0}}


@pytest.mark.parametrize("task", [Task.SUBMIT, Task.ENRICH])
@pytest.mark.parametrize("then", [TWO_ADULTS, {"persons_seen": None}])
def test_children_counted_by_mistake_are_the_register_units_to_take_out_and_the_refusal_says_so(
    three: World, record: Record, then: dict[str, Any], task: Task
) -> None:
    """The officer who typed 2 in the wrong box was told of legal basis and visibility."""
    signal = record("AW-DIMAS", **TWO_CHILDREN)
    officer = three.caller("AW-DIMAS", task)
    assert had_by(three, signal) == set()
    with pytest.raises(NoChildAnyMore) as refused:
        amend(three, officer, signal, **then)
    assert had_by(three, signal) == set()
    assert "Ask the register unit to correct the number of children" in refused.value.advice
    assert "legal basis" not in refused.value.advice
    with pytest.raises(WidensUnasked):
        amend(three, officer, signal, **then, visibility="V0", legal_basis="WPG8")
    fewer = amend(three, officer, signal, persons_seen={"adults": 0, "children": 1}, account="One child, not two.")
    assert fewer.version == 2, "the figure may change while it protects"
    assert had_by(three, signal) == set()


def test_children_whom_the_unit_takes_out_free_nobody_who_is_protected_for_them(three: World, record: Record) -> None:
    somebody = {"n": 1, "role": "COMPANION", "kind": "person", "name": "Ana Ficticia", "nationality": "CO"}
    signal = record("AW-DIMAS", **TWO_CHILDREN, subjects=[somebody])
    with three[AW].work(three.worker(AW)) as work:
        before = work.signals.protections.all_reasons(SignalId(signal.id))
    assert before
    unit = three.caller("AW-JIUMM", Task.REGISTER, actor="unit")
    assert amend(three, unit, signal, **TWO_ADULTS).version == 2
    assert had_by(three, signal) == set()
    with three[AW].work(three.worker(AW)) as work:
        assert work.signals.protections.all_reasons(SignalId(signal.id)).keys() == before.keys()


def test_what_the_register_unit_widens_waits_for_a_second_person_of_it(three: World, record: Record) -> None:
    signal = record("NL-KMAR", **THEME)
    unit = three.caller("NL-LE", Task.REGISTER, actor="unit")
    amend(three, unit, signal, legal_basis="WPG8")
    assert had_by(three, signal) == set()
    with pytest.raises(SecondPersonNeeded):
        confirm_signal(three[NL], unit, SignalId(signal.id), WHY, version=2)
    colleague = three.caller("NL-LE", Task.REGISTER, actor="colleague")
    confirm_signal(three[NL], colleague, SignalId(signal.id), WHY, version=2)
    assert had_by(three, signal) == set(Partition) - {NL}


def test_form_that_goes_further_than_its_organisations_profile_is_no_default(three: World, record: Record) -> None:
    signal = record("NL-IND", legal_basis="NONPOLICE_GDPR", visibility="V0")
    assert had_by(three, signal) == set()


# --- what was taken up -----------------------------------------------------------------------------------------------


def withdraw(three: World, by: Caller, signal: SignalOut, version: int) -> SignalOut:
    back = WithdrawIn.model_validate({"code": "withdrawn", "reason": WHY})
    return withdraw_signal(three[owner(signal)], by, SignalId(signal.id), back, version=version)


def test_officer_alone_does_not_make_a_report_vanish_that_the_unit_took_up(three: World, record: Record) -> None:
    signal, officer = record("AW-DIMAS"), three.caller("AW-DIMAS", Task.SUBMIT)
    unit = three.caller("AW-JIUMM", Task.REGISTER, actor="unit")
    move_signal(three[AW], unit, SignalId(signal.id), SignalState.FORWARDED, WHY, version=1)
    attempts: list[Callable[[], SignalOut]] = [
        lambda: withdraw(three, officer, signal, 2),
        lambda: amend(three, officer, signal, 2, subjects=[]),
        lambda: amend(
            three, officer, signal, 2, subjects=[{"n": 1, "role": "SUSPECT", "kind": "person", "name": "Otro"}]
        ),
    ]
    for attempt in attempts:
        with pytest.raises(TakenUp):
            attempt()
    assert refusals(three, AW, signal) == [
        ("signal.not-withdrawn", "taken-up"), ("signal.not-amended", "taken-up"), ("signal.not-amended", "taken-up"),
    ]  # fmt: skip
    # At once, and alone, who reported can still take it back from every partner.
    assert had_by(three, signal) == set(Partition) - {AW}
    amend(three, officer, signal, 2, visibility="V3")
    assert had_by(three, signal) == set()
    assert withdraw(three, unit, signal, 3).withdrawn_at is not None


def test_who_enriches_for_the_organisation_that_reported_is_a_party_to_it(three: World, record: Record) -> None:
    signal, officer = record("NL-KMAR"), three.caller("NL-KMAR", Task.SUBMIT, Task.ENRICH)
    confirm_signal(three[NL], three.caller("NL-LE", Task.REGISTER, actor="unit"), SignalId(signal.id), WHY, version=1)
    with pytest.raises(TakenUp):
        withdraw(three, officer, signal, 2)
    assert withdraw(three, three.caller("NL-AVIM", Task.ENRICH), signal, 2).withdrawn_at is not None


def test_officer_takes_back_what_nobody_took_up(three: World, record: Record) -> None:
    assert withdraw(three, three.caller("AW-DIMAS", Task.SUBMIT), record("AW-DIMAS"), 1).withdrawn_at is not None


def test_every_refusal_here_has_a_code_and_says_what_to_do() -> None:
    kinds: list[type[RegisterError]] = [
        NotTheKeeper, SecondPersonNeeded, WidensUnasked, NoChildAnyMore, LiftingIsTheKeepers, TakenUp,
    ]  # fmt: skip
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(issubclass(kind, NotPermitted) and kind.advice != NotPermitted.advice for kind in kinds)
