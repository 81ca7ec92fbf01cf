"""The prosecutor of the Caribbean Netherlands approves a class: what leaves on it to the Netherlands, and what never.

Under the edition of the demonstration, whose gates take a class; V2 is covered by none of its standing approvals.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.process.worker import jobs
from register.domain.access.caller import Caller, Task
from register.domain.running.consumer import Consumer
from register.domain.signals.signal import SignalId
from register.errors import NotFound, NotPermitted
from register.keys.approval_key import ApprovalKey
from register.services.exchange.hide_run_out import hide_run_out
from register.services.running.keep_house import keep_house
from register.services.signals.approving.approve_class import (
    AT_ONCE_MAX,
    ClassEnded,
    ask_class,
    end_classes,
    hand_in_class,
    list_classes,
    list_under_class,
    withdraw_class,
)
from register.services.signals.approving.approve_signal import confirm_signal
from register.services.signals.approving.keep_approval import ApprovalRefused
from register.services.signals.change_signal import amend_signal
from register.services.signals.record_signal import record_signal
from schemas import canonical
from schemas.codes import EntryType, Partition, ToDoKind
from schemas.exchange.wire import GateApproval, IndicatorPut, read
from schemas.signals.approvals import ClassApprovalOut, ClassAskedOut, SignedApprovalIn
from schemas.signals.changes import AmendIn
from schemas.signals.out import SignalOut
from sync.trust import approval_under
from tests.integration.exchange.looking import held, rows
from tests.integration.exchange.net import Net, net
from tests.support.forms import a_form
from tests.support.told import share_all

BQ, NL = Partition.BQ, Partition.NL
WHY = "Weighed."
PAST = "UPDATE rtr.signal SET created_at = created_at - interval '91 days'"
PHONE = {"type": "PHONE", "value": "+297 000 0955"}
SUSPECT = {"n": 1, "role": "SUSPECT", "kind": "person", "selectors": [PHONE]}
# With a number of his own: a mark passes on to every report that shares one.
ANOTHER = SUSPECT | {"selectors": [PHONE | {"value": "+297 000 0956"}]}
VICTIM = {"n": 2, "role": "VICTIM_POTENTIAL", "kind": "person", "name": "Eva Ficticia"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ApprovalKey]:
    folder: Path = tmp_path_factory.mktemp("keepers")
    kinds = {"BQ-OM": "prosecution", "BQ-PG": "prosecution", "BQ-KPCN": "police"}
    return {
        code: ApprovalKey.make(folder / code, b"a passphrase for tests", organisation=code, kind=kind)
        for code, kind in kinds.items()
    }


@pytest.fixture(scope="module")
def started(keys: dict[str, ApprovalKey]) -> Iterator[Net]:
    with net(BQ, NL, approval_keys=[key.listed for key in keys.values()]) as made:
        yield made


@pytest.fixture
def two(started: Net) -> Iterator[Net]:
    """What a test approved and recorded is withdrawn behind it, so that each finds nothing."""
    yield started
    for clock in started.clocks.values():
        clock.offset = timedelta()
    for one in list_classes(started[BQ].register, om(started), cursor=None, limit=200).items:
        if one.ended is None:
            withdraw_class(started[BQ].register, om(started), one.id, WHY)
    gone = "UPDATE rtr.signal SET withdrawn_at = now(), withdrawn_code = 'withdrawn' WHERE withdrawn_at IS NULL"
    # Withdrawn or not, a mark passes on to what repeats a report, for ninety days.
    for statement in (gone, PAST, "DELETE FROM rtr.outbox"):
        rows(started, statement)


def om(two: Net, actor: str = "prosecutor") -> Caller:
    return two.world.caller("BQ-OM", Task.PROSECUTE, actor=actor)


def told(two: Net) -> None:
    """The worker decides, the node appends, the Netherlands pull."""
    share_all(two[BQ].register)
    two[BQ].append()
    two[NL].pull_all(BQ)


def a_record(two: Net, organisation: str = "BQ-KPCN", actor: str = "officer", **parts: Any) -> SignalOut:
    """A record of the police that waits for its gate alone."""
    register, place = two[BQ].register, {"island": "BONAIRE", "location_type": "STREET"}
    whole = {"place": place, "visibility": "V2", "subjects": [SUSPECT], "selectors": []} | parts
    by = two.world.caller(organisation, Task.SUBMIT, actor=actor)
    return record_signal(register, by, a_form(**whole), str(register.clock.new_id()))


def approval(two: Net, asked: ClassAskedOut, **changes: Any) -> GateApproval:
    """What the keeper's process signs."""
    of = {"country": "BQ", "legal_basis": "WPG8", "visibility": "V2", "edition": asked.edition}
    claims: dict[str, Any] = {
        "approval": str(two[BQ].register.clock.new_id()), "keeper": asked.keeper, "task": asked.task,
        "actor": asked.actor, "class": of | changes.pop("of", {}), "purpose": "INVESTIGATE",
        "recipients": ["AW", "CW", "NL", "SX"],
        "given": f"{asked.today}", "expires": f"{asked.today + timedelta(days=30)}",
    }  # fmt: skip
    return read(GateApproval, canonical.dumps(claims | changes))


def hand_in(two: Net, by: Caller, compact: str) -> ClassApprovalOut:
    prove = partial(approval_under, rosters=two[BQ].rosters())
    return hand_in_class(two[BQ].register, by, SignedApprovalIn(approval=compact, reason=WHY), prove)


def approve(two: Net, keys: dict[str, ApprovalKey], by: Caller | None = None, **changes: Any) -> ClassApprovalOut:
    by = by or om(two)
    return hand_in(two, by, keys["BQ-OM"].sign(approval(two, ask_class(two[BQ].register, by), **changes)))


def is_held(two: Net, signal: SignalOut) -> bool:
    return signal.reference in held(two[NL], BQ, extract(two, signal)).values()


def extract(two: Net, signal: SignalOut) -> UUID:
    with two[BQ].register.work(two[BQ].caller()) as work:
        return work.signals.reports.get(SignalId(signal.id)).extract_id


def put_of(two: Net, signal: SignalOut) -> IndicatorPut:
    with two[NL].register.work(two[NL].caller()) as work:
        about = extract(two, signal)
        return work.exchange.held.open(BQ, [about])[about].put


def under(two: Net, one: ClassApprovalOut) -> dict[str, bool]:
    """What left on an approval, by reference: whether it still is out."""
    page = list_under_class(two[BQ].register, om(two), one.id, cursor=None, limit=200)
    return {row.reference: row.until is None for row in page.items}


def waits(two: Net, signal: SignalOut) -> bool:
    with two[BQ].register.work(two[BQ].caller()) as work:
        return work.running.to_do.has_of_signal(ToDoKind.APPROVAL, SignalId(signal.id))


# --- what it lets out -----------------------------------------------------------------------------------------------


def test_what_waits_and_what_comes_later_leaves_on_it_with_the_keepers_signature(
    two: Net, keys: dict[str, ApprovalKey]
) -> None:
    waited = a_record(two)
    told(two)
    assert (is_held(two, waited), waits(two, waited)) == (False, True)
    given = approve(two, keys)
    told(two)
    later = a_record(two)
    told(two)
    assert [is_held(two, one) for one in (waited, later)] == [True, True]
    assert not waits(two, waited)
    put = put_of(two, later)
    said, key = approval_under(put.approval or "", two[NL].rosters())
    assert (said.approval, key.organisation, put.label.gate) == (str(given.id), "BQ-OM", None)
    assert under(two, given) == {waited.reference: True, later.reference: True}


def test_newer_approval_of_the_same_class_sends_nothing_again(two: Net, keys: dict[str, ApprovalKey]) -> None:
    approve(two, keys)
    signal = a_record(two)
    told(two)
    before = put_of(two, signal)
    newer = approve(two, keys, expires=f"{two[BQ].register.today() + timedelta(days=60)}")
    with two[BQ].register.work(two[BQ].caller()) as work:
        work.running.outbox.add(Consumer.PSEUDONYMISE, signal.id)
    told(two)
    assert put_of(two, signal) == before
    assert under(two, newer) == {}


# --- what it never lets out -----------------------------------------------------------------------------------------

ALONE: dict[str, dict[str, Any]] = {
    "another basis": {"legal_basis": "WPG9"},
    "another visibility": {"visibility": "V0"},
    "another purpose": {"purpose": "PREVENT"},
    "marked for single approval": {"single_approval": True, "subjects": [ANOTHER]},
    "handling that names its recipients": {"handling": {"code": "H3", "conditions": ["NAMED_RECIPIENTS"]}},
    "basis that the prosecutor consents to": {"legal_basis": "WPG10A"},
    "a victim in it": {"subjects": [SUSPECT, VICTIM]},
    "a witness in it": {"subjects": [SUSPECT, VICTIM | {"role": "WITNESS"}]},
    "a child in it": {"subjects": [SUSPECT, VICTIM | {"role": "COMPANION", "minor": True}]},
    "told by a victim": {"source": "VICTIM"},
}


def test_record_that_is_not_of_the_class_or_needs_an_approval_of_its_own_stays(
    two: Net, keys: dict[str, ApprovalKey]
) -> None:
    given, control = approve(two, keys), a_record(two)
    stay = {what: a_record(two, **parts) for what, parts in ALONE.items()}
    told(two)
    assert is_held(two, control)
    assert [what for what, one in stay.items() if is_held(two, one)] == []
    assert under(two, given) == {control.reference: True}


def test_whoever_gave_it_lets_nothing_out_in_which_he_had_a_hand(two: Net, keys: dict[str, ApprovalKey]) -> None:
    """Two persons, as for one record: also where he confirmed it after he had approved its class."""
    approve(two, keys)
    own, confirmed = a_record(two, actor="prosecutor"), a_record(two)
    both = two.world.caller("BQ-KPCN", Task.REGISTER, actor="prosecutor")
    confirm_signal(two[BQ].register, both, SignalId(confirmed.id), WHY, version=1)
    told(two)
    assert [is_held(two, one) for one in (own, confirmed)] == [False, False]
    approve(two, keys, om(two, "colleague"))
    told(two)
    assert [is_held(two, one) for one in (own, confirmed)] == [True, True]


def test_keepers_own_records_leave_on_none_that_he_gave(two: Net, keys: dict[str, ApprovalKey]) -> None:
    approve(two, keys)
    own = a_record(two, organisation="BQ-OM")
    told(two)
    assert not is_held(two, own)


def test_it_is_for_its_receivers_alone(two: Net, keys: dict[str, ApprovalKey]) -> None:
    approve(two, keys, recipients=["AW", "CW"])
    signal = a_record(two)
    told(two)
    assert not is_held(two, signal)


# --- how a record loses it ------------------------------------------------------------------------------------------


OUT: tuple[dict[str, Any], ...] = (
    {"visibility": "V0"},
    {"purpose": "PREVENT"},
    {"subjects": [SUSPECT, VICTIM]},
    {"single_approval": True},  # the last: it passes on to whoever of the others is corrected after it
)


def test_record_that_changes_out_of_the_class_comes_back(two: Net, keys: dict[str, ApprovalKey]) -> None:
    """Also where somebody in it turns out to be a victim."""
    given, signals = approve(two, keys), [a_record(two) for _ in OUT]
    told(two)
    assert all(is_held(two, one) for one in signals)
    unit = two.world.caller("BQ-KPCN", Task.REGISTER, Task.ENRICH, actor="unit")
    for one, changes in zip(signals, OUT, strict=True):
        change = AmendIn.model_validate({"changes": changes, "reason": WHY})
        amend_signal(two[BQ].register, unit, SignalId(one.id), change, version=1)
    told(two)
    assert [is_held(two, one) for one in signals] == [False] * len(OUT)
    assert under(two, given) == {one.reference: False for one in signals}


# --- withdrawn, or run out ------------------------------------------------------------------------------------------


def drafted(two: Net, about: UUID) -> list[str]:
    found = rows(two, "SELECT type FROM rtr.draft WHERE country = 'BQ' AND object = :o ORDER BY version", o=about)
    return [row["type"] for row in found]


def test_withdrawn_it_takes_back_all_that_left_on_it_before_the_answer(two: Net, keys: dict[str, ApprovalKey]) -> None:
    given, signals = approve(two, keys), [a_record(two) for _ in range(3)]
    told(two)
    out = withdraw_class(two[BQ].register, om(two, "colleague"), given.id, "Another turn.")
    assert (out.ended, out.out, out.ended_by, out.end_reason) == ("withdrawn", 0, "colleague", "Another turn.")
    # No worker has run: it is drafted with the withdrawal itself.
    assert {drafted(two, extract(two, one))[-1] for one in signals} == {EntryType.INDICATOR_RETRACT}
    told(two)
    assert not any(is_held(two, one) for one in signals)
    assert under(two, given) == {one.reference: False for one in signals}
    with pytest.raises(ClassEnded):
        withdraw_class(two[BQ].register, om(two), given.id, WHY)


def test_what_is_left_of_a_large_class_is_taken_back_by_the_worker(two: Net, keys: dict[str, ApprovalKey]) -> None:
    """As where whoever withdraws is cut off after the approval has ended: nobody is asked again."""
    given, signal = approve(two, keys), a_record(two)
    told(two)
    with two[BQ].register.work(om(two)) as work:
        assert work.signals.class_approvals.end(given.id, "prosecutor", WHY)
    assert AT_ONCE_MAX > 1
    table = jobs(two[BQ].register, two[BQ].appender, two[BQ].receiver)
    assert table["approvals"].turn()
    assert drafted(two, extract(two, signal))[-1] == EntryType.INDICATOR_RETRACT
    assert not table["approvals"].turn()


def test_what_left_while_it_was_withdrawn_comes_back_too(two: Net, keys: dict[str, ApprovalKey]) -> None:
    """The use is recorded under a lock on the approval: it is there for whoever ends it, or finds it ended."""
    given, signal = approve(two, keys), a_record(two)
    told(two)
    withdraw_class(two[BQ].register, om(two), given.id, WHY)
    rows(two, "UPDATE rtr.class_approval_use SET ended_at = NULL WHERE approval = :a", a=given.id)
    assert end_classes(two[BQ].register) == 1
    assert under(two, given) == {signal.reference: False}


def test_withdrawn_it_is_not_handed_in_again(two: Net, keys: dict[str, ApprovalKey]) -> None:
    compact = keys["BQ-OM"].sign(approval(two, ask_class(two[BQ].register, om(two))))
    given = hand_in(two, om(two), compact)
    withdraw_class(two[BQ].register, om(two), given.id, WHY)
    with pytest.raises(ApprovalRefused, match="before"):
        hand_in(two, om(two), compact)


def test_run_out_it_is_taken_back_by_its_owner_and_hidden_by_its_receiver(
    two: Net, keys: dict[str, ApprovalKey]
) -> None:
    last = max(two[BQ].register.today(), two[NL].register.today())
    given, signal = approve(two, keys, expires=f"{last}"), a_record(two)
    told(two)
    assert is_held(two, signal)
    for clock in two.clocks.values():
        clock.offset = timedelta(days=2)
    assert hide_run_out(two[NL].register) == 1
    assert not is_held(two, signal)
    assert end_classes(two[BQ].register) == 1
    assert drafted(two, extract(two, signal))[-1] == EntryType.INDICATOR_RETRACT
    (row,) = [one for one in list_classes(two[BQ].register, om(two), cursor=None, limit=50).items if one.id == given.id]
    assert (row.ended, row.out) == ("expired", 0)


def test_report_that_does_not_open_comes_back_too_and_stops_no_other(two: Net, keys: dict[str, ApprovalKey]) -> None:
    given, broken, other = approve(two, keys), a_record(two), a_record(two)
    told(two)
    rows(
        two,
        "UPDATE rtr.signal SET account = decode('00', 'hex') || account WHERE country = 'BQ' AND id = :s",
        s=broken.id,
    )
    about = [extract_unread(two, one) for one in (broken, other)]
    withdraw_class(two[BQ].register, om(two), given.id, WHY)
    assert [drafted(two, one)[-1] for one in about] == [EntryType.INDICATOR_RETRACT] * 2
    rows(two, "DELETE FROM rtr.outbox WHERE object = :s", s=broken.id)  # what does not open waits for a person


def extract_unread(two: Net, signal: SignalOut) -> UUID:
    (row,) = rows(two, "SELECT extract_id FROM rtr.signal WHERE country = 'BQ' AND id = :s", s=signal.id)
    found: UUID = row["extract_id"]
    return found


def test_it_is_forgotten_years_after_its_last_day_with_what_left_on_it(two: Net, keys: dict[str, ApprovalKey]) -> None:
    given = approve(two, keys)
    a_record(two)
    told(two)
    withdraw_class(two[BQ].register, om(two), given.id, WHY)
    two.clocks[BQ].offset = timedelta(days=6 * 366)
    keep_house(two[BQ].register)
    with pytest.raises(NotFound):
        list_under_class(two[BQ].register, om(two), given.id, cursor=None, limit=1)


# --- who gives it, and what the owner takes in ----------------------------------------------------------------------


def test_nobody_but_a_keeper_of_the_gate_asks_gives_lists_or_withdraws(two: Net, keys: dict[str, ApprovalKey]) -> None:
    given = approve(two, keys)
    register = two[BQ].register
    others = [two.world.caller("BQ-KPCN", *Task), two.world.caller("BQ-OM", *(set(Task) - {Task.PROSECUTE}))]
    for caller in others:
        compact = keys["BQ-KPCN"].sign(approval(two, ask_class(register, om(two)), keeper="BQ-KPCN"))
        for act in (
            lambda: ask_class(register, caller),  # noqa: B023 called at once
            lambda: hand_in(two, caller, compact),  # noqa: B023
            lambda: list_classes(register, caller, cursor=None, limit=1),  # noqa: B023
            lambda: list_under_class(register, caller, given.id, cursor=None, limit=1),  # noqa: B023
            lambda: withdraw_class(register, caller, given.id, WHY),  # noqa: B023
        ):
            with pytest.raises(NotPermitted):
                act()
    assert list_classes(register, om(two), cursor=None, limit=1).items[0].ended is None


def test_what_the_keepers_second_signed_is_not_handed_in_by_the_keeper_whose_name_it_has(
    two: Net, keys: dict[str, ApprovalKey]
) -> None:
    """A partner would take it: the second keeps the gate too, and who was the person only the owner can tell."""
    asked = ask_class(two[BQ].register, om(two))
    with pytest.raises(ApprovalRefused) as refusal:
        hand_in(two, om(two), keys["BQ-PG"].sign(approval(two, asked, keeper="BQ-PG")))
    assert refusal.value.details["why"] == "approval-keeper"
    assert [one for one in list_classes(two[BQ].register, om(two), cursor=None, limit=200).items if not one.ended] == []


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"of": {"country": "NL"}}, "approval-class"),
    ({"of": {"legal_basis": "WPG10A"}}, "approval-class"),
    ({"of": {"visibility": "V3"}}, "approval-class"),
    ({"of": {"edition": canonical.b64(bytes(32))}}, "approval-class"),
    ({"recipients": ["NL", "BQ"]}, "approval-recipient"),
    ({"task": "CONSENT"}, "approval-keeper"),
    ({"keeper": "BQ-KPCN"}, "approval-keeper"),
    ({"given": "2020-01-01", "expires": "2020-01-02"}, "approval-expired"),
    ({"given": "2020-01-01"}, "approval-long"),
    ({"actor": "f" * 32}, "actor"),
)


@pytest.mark.parametrize(("changes", "why"), REFUSED)
def test_owner_takes_nothing_in_that_a_partner_would_refuse(
    two: Net, keys: dict[str, ApprovalKey], changes: dict[str, Any], why: str
) -> None:
    changes = {name: dict(value) if isinstance(value, dict) else value for name, value in changes.items()}
    with pytest.raises(ApprovalRefused) as refusal:
        approve(two, keys, **changes)
    assert refusal.value.details["why"] == why
