"""A second report of one thing is taken, and answered with what it resembles."""

from __future__ import annotations

import pytest

from register.domain.access.alarm import ENTERED_AGAIN_FROM
from register.domain.access.caller import Caller, Task
from register.domain.signals.signal import SignalId
from register.services.access.oversee_asking import list_alarms
from register.services.signals.approving.approve_signal import approve_signal, lift_single_approval
from register.services.signals.approving.keep_approval import withdraw_approval
from register.services.signals.change_signal import LiftingIsTheKeepers, amend_signal, withdraw_signal
from register.services.signals.record_signal import record_signal
from schemas.codes import AlarmKind, Partition
from schemas.signals.changes import AmendIn, WithdrawIn
from schemas.signals.out import SignalOut
from tests.integration.services.conftest import Record
from tests.support.forms import a_form
from tests.support.world import World

AW = Partition.AW


def test_an_identical_report_is_answered_with_the_first(record: Record) -> None:
    first, second = record(account="Told once."), record(account="Told once.")
    assert first.resembles == ()
    assert [(one.reference, one.identical) for one in second.resembles] == [(first.reference, True)]


def test_an_identical_report_of_which_nothing_is_known_is_so_too(record: Record) -> None:
    parts = {"subjects": [], "selectors": [], "nothing_known": True, "account": "A van at the pier."}
    first, second, other = record(**parts), record(**parts), record(**{**parts, "account": "A bus at the pier."})
    assert [(one.reference, one.identical) for one in second.resembles] == [(first.reference, True)]
    assert other.resembles == ()


def test_a_report_that_shares_a_phone_resembles_and_is_not_identical(record: Record) -> None:
    phone = [{"type": "PHONE", "value": "+297 000 0642"}]
    first = record(subjects=[], selectors=phone, account="One.")
    second = record(subjects=[], selectors=phone, account="Another.")
    assert (first.reference, False) in [(one.reference, one.identical) for one in second.resembles]


def test_a_report_of_another_organisation_is_not_named(two: World, record: Record) -> None:
    record(account="Told twice.")
    other = two.caller("AW-JIUMM", Task.SUBMIT, actor="aw-other")
    assert record(by=other, account="Told twice.").resembles == ()


def test_a_repeat_with_the_same_key_is_no_second_report(two: World, submitter: Caller) -> None:
    register = two[AW]
    key, form = str(register.clock.new_id()), a_form(account="Sent again.")
    first, again = record_signal(register, submitter, form, key), record_signal(register, submitter, form, key)
    assert again == first


@pytest.mark.parametrize(
    ("selector", "pseudonyms"),
    [
        ({"type": "PASSPORT", "value": "0000000", "country": "VE"}, "none"),
        ({"type": "PASSPORT", "value": "ONBEKEND", "country": "VE"}, "none"),
        ({"type": "BANK_ACCOUNT", "value": "a made-up account"}, "none"),
        ({"type": "PHONE", "value": "+297 000 0143"}, "pending"),
    ],
)
def test_what_has_no_key_is_kept_and_said(record: Record, selector: dict[str, str], pseudonyms: str) -> None:
    made = record(subjects=[], selectors=[selector])
    assert made.form.selectors[0].value == selector["value"]
    assert made.pseudonyms == pseudonyms
    assert made.readings[0].read_as.is_compared is (pseudonyms == "pending")


OF_ONE = [{"type": "PHONE", "value": "+297 000 0677"}]


@pytest.fixture
def bureau(two: World) -> Caller:
    """Of a country whose exit gate has a keeper."""
    return two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="aw-officer")


def entered(two: World, by: Caller, **parts: object) -> SignalOut:
    parts = {"subjects": [], "selectors": OF_ONE} | parts
    return record_signal(two[by.partition], by, a_form(**parts), str(two[by.partition].clock.new_id()))


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_mark_is_not_got_rid_of_by_entering_the_report_a_second_time(
    two: World, bureau: Caller, *, withdrawn: bool
) -> None:
    number = [{"type": "PHONE", "value": f"+297 000 06{60 + withdrawn}"}]
    first = entered(two, bureau, selectors=number, single_approval=True)
    with pytest.raises(LiftingIsTheKeepers):
        amend_signal(
            two[AW],
            bureau,
            SignalId(first.id),
            AmendIn.model_validate({"changes": {"single_approval": False}, "reason": "Not needed."}),
            version=1,
        )
    if withdrawn:
        reason = WithdrawIn.model_validate({"reason": "Entered twice.", "code": "withdrawn"})
        withdraw_signal(two[AW], bureau, SignalId(first.id), reason, version=1)
    again = entered(two, bureau, selectors=number)
    assert [(one.reference, one.identical, one.withdrawn) for one in again.resembles] == [
        (first.reference, True, withdrawn)
    ]
    assert again.form.single_approval
    other_words = entered(two, bureau, selectors=number, account="Told otherwise.")
    assert other_words.form.single_approval
    later = entered(two, bureau, selectors=[], nothing_known=True, account="Nothing known yet.")
    assert not later.form.single_approval
    filled = amend_signal(
        two[AW],
        bureau,
        SignalId(later.id),
        AmendIn.model_validate({"changes": {"selectors": number, "nothing_known": False}, "reason": "Now known."}),
        version=1,
    )
    assert filled.form.single_approval


WORDS_ONLY = {"subjects": [], "selectors": [], "nothing_known": True}


def test_a_mark_that_the_keeper_set_passes_on_to_the_same_words(two: World, bureau: Caller) -> None:
    first = entered(two, bureau, **WORDS_ONLY, account="A barge lay there at night.")
    keeper = two.caller("AW-OM", Task.PROSECUTE, actor="aw-prosecutor")
    approve_signal(two[AW], keeper, SignalId(first.id), "It may leave.", version=1)
    withdraw_approval(two[AW], keeper, SignalId(first.id), "It may not.", version=2)
    again = entered(two, bureau, **WORDS_ONLY, account="a barge lay there at night")
    assert again.form.single_approval


def test_a_report_is_known_again_whether_it_is_marked_or_not(two: World, bureau: Caller) -> None:
    first = entered(two, bureau, **WORDS_ONLY, account="A raft lay there at night.", single_approval=True)
    keeper = two.caller("AW-OM", Task.PROSECUTE, actor="aw-prosecutor")
    lift_single_approval(two[AW], keeper, SignalId(first.id), "It needs none.", version=1)
    again = entered(two, bureau, **WORDS_ONLY, account="A raft lay there at night.")
    assert [(one.reference, one.identical) for one in again.resembles] == [(first.reference, True)]
    assert not again.form.single_approval


def test_a_mark_of_a_report_that_its_sender_may_not_read_tells_him_nothing(two: World, bureau: Caller) -> None:
    number = [{"type": "PHONE", "value": "+297 000 0664"}]
    entered(two, bureau, selectors=number, single_approval=True)
    stranger = two.caller("AW-GNC", Task.SUBMIT, actor="aw-other")
    other = entered(two, stranger, selectors=number)
    assert (other.form.single_approval, other.resembles) == (False, ())


def rung(two: World, by: Caller) -> list[str | None]:
    """Of whom the privacy officer learns that one value was entered again and again, of these persons' reports."""
    officer = two.caller("AW-CMMA", Task.PRIVACY, actor="privacy")
    every = list_alarms(two[AW], officer, acknowledged=None, cursor=None, limit=200).items
    return [one.about for one in every if one.kind is AlarmKind.ENTERED_AGAIN and one.actor == by.actor]


@pytest.mark.parametrize("under", ["nobody", "a person"])
def test_one_value_entered_again_and_again_by_one_person_rings_and_every_report_is_taken(
    two: World, record: Record, under: str
) -> None:
    """Each report of a number showed whether something beside it is withheld; and many made it look common."""
    by = two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor=f"tries-{under}")
    phone = {"type": "PHONE", "value": f"+297 566 {4000 + len(under)}"}
    named: dict[str, object] = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": [phone]}

    def tries(n: int, who: Caller = by) -> SignalOut:
        name = {"name": f"Otto Vand{'abcdefgh'[n]}sk"}
        if under == "nobody":
            return record(who, account=f"Seen, {n}.", subjects=[], selectors=[phone])
        return record(who, account=f"Seen, {n}.", subjects=[named | name], selectors=[])

    colleague = two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor=f"tries-{under}-too")
    for n in range(ENTERED_AGAIN_FROM - 1):
        first = tries(n)
        tries(n, colleague)
        changed = AmendIn.model_validate({"changes": {"account": "Seen twice."}, "reason": "Told better."})
        amend_signal(two[AW], by, SignalId(first.id), changed, version=1)
    assert rung(two, by) == [], "as often by a colleague; and the same report again is the same"
    answer = tries(ENTERED_AGAIN_FROM)
    assert rung(two, by) == [by.actor]
    assert rung(two, colleague) == []
    assert "alarm" not in repr(answer).lower()


def test_a_value_that_is_amended_into_one_report_after_another_rings_too(two: World, record: Record) -> None:
    by = two.caller("AW-DIMAS", Task.SUBMIT, Task.READ_OWN, actor="amends-it-in")
    phone: dict[str, object] = {"type": "PHONE", "value": "+297 566 4099"}
    for n in range(ENTERED_AGAIN_FROM):
        assert rung(two, by) == []
        plate: dict[str, object] = {"type": "PLATE", "value": f"A-6620{n}", "country": "AW"}
        made = record(by, account=f"Parked, {n}.", subjects=[], selectors=[plate])
        changed = AmendIn.model_validate({"changes": {"selectors": [plate, phone]}, "reason": "Told better."})
        amend_signal(two[AW], by, SignalId(made.id), changed, version=1)
    assert rung(two, by) == ["amends-it-in"]
