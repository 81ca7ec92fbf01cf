"""A thief has every row of a country and a partner's key: he makes a victim's pseudonyms, and finds them nowhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterator
from typing import Any

import psycopg
import pytest

from register.domain.access.caller import Caller, Task
from register.domain.signals.protecting.lifting import LiftingId
from register.domain.signals.signal import SignalId
from register.services.signals.approving.ask_approval import ask_approval
from register.services.signals.approving.keep_approval import hand_in_approval
from register.services.signals.change_signal import amend_signal, withdraw_signal
from register.services.signals.protecting.lift_protection import decide_lifting
from register.services.signals.record_signal import record_signal
from register.services.signals.withdraw_unread import erase_signal
from schemas.canonical import domain_hash, dumps_plain, unb64
from schemas.codes import LiftingDecision, Partition
from schemas.search.question import AskedSubject
from schemas.signals.changes import AmendIn, WithdrawIn
from schemas.signals.lifting import DecideLiftingIn
from schemas.signals.out import SignalOut
from sync.appender import Appender
from tests.integration.store.isolation.catalogue import columns_as_text
from tests.integration.store.isolation.matrix import admin
from tests.support.exchange.keepers import a_keeper, proven_with, signed_by
from tests.support.forms import a_form
from tests.support.found import Person
from tests.support.records.lifted import a_person, a_report, asked, corrected, decided, grown_up
from tests.support.records.mirror import none_given, tokens_of
from tests.support.told import drafts_of, live, live_blinds, share_all
from tests.support.world import World

AW, CW = Partition.AW, Partition.CW


def made_abroad(two: World, person: dict[str, Any]) -> set[bytes]:
    """The pseudonyms of a person's name and numbers as a partner's node has them made, by the real evaluators."""
    known = {name: person[name] for name in ("name", "birth", "selectors") if name in person}
    return {unb64(str(one["token"])) for one in tokens_of(two[CW], AskedSubject.model_validate(known))}


def held(two: World, signal: SignalOut) -> set[bytes]:
    """The pseudonyms of a report, as its own register opens them."""
    with two[AW].work(two.worker(AW)) as work:
        return {one.token for one in work.signals.own_tokens.of(SignalId(signal.id))}


def where(two: World, tokens: Collection[bytes]) -> list[str]:
    """The columns of Aruba, and of no country, in which one of these can be told: as it is, or by a hash of it."""
    with psycopg.connect(admin(two)) as connection:
        columns = [(name, text) for name, text in columns_as_text(connection) if not name.endswith("_cw")]
    forms = {form for one in tokens for form in _forms(one)}
    return sorted({name for name, text in columns if any(form in text for form in forms)})


def _forms(token: bytes) -> Iterator[bytes]:
    for raw in (token, hashlib.sha256(token).digest(), hashlib.sha256(base64.urlsafe_b64encode(token)[:43]).digest()):
        yield raw.hex().encode()
        yield base64.b64encode(raw).rstrip(b"=")
        yield base64.urlsafe_b64encode(raw).rstrip(b"=")


def holds(two: World, text: str) -> list[str]:
    """The columns of the database in which a text stands."""
    with psycopg.connect(admin(two)) as connection:
        return sorted(name for name, column in columns_as_text(connection) if text.encode() in column)


def append_all(two: World) -> None:
    """Number what was drafted, as the partners' logs have it."""
    appender = Appender(two[AW], "by hand", none_given)
    while appender.turn():
        pass


def amend(two: World, by: Caller, signal: SignalOut, *subjects: dict[str, Any]) -> None:
    with two[AW].work(two.worker(AW)) as work:
        version = work.signals.reports.get(SignalId(signal.id)).version
    change = AmendIn.model_validate({"changes": {"subjects": list(subjects)}, "reason": "Looked again."})
    amend_signal(two[AW], by, SignalId(signal.id), change, version=version)


def report(two: World, by: Caller, *subjects: dict[str, Any]) -> SignalOut:
    return record_signal(two[AW], by, a_form(subjects=list(subjects), selectors=[]), str(two[AW].clock.new_id()))


def test_victims_number_document_and_name_are_in_no_row_of_her_country(
    two: World, hotline: Caller, her: Person
) -> None:
    victim = her.named("VICTIM_POTENTIAL", her.phone(), her.passport())
    guessed = made_abroad(two, victim)
    signal = report(two, hotline, victim)
    assert where(two, guessed) == []
    share_all(two[AW])
    assert len(held(two, signal) & guessed) >= 3, "the thief has made what her report holds, and by every kind of value"
    assert where(two, guessed) == []


def test_whoever_is_found_to_be_a_victim_after_her_report_left_is_in_no_row_from_that_transaction_on(
    two: World, hotline: Caller, her: Person
) -> None:
    companion = her.named("COMPANION", her.phone(), her.passport())
    guessed = made_abroad(two, companion)
    signal = report(two, hotline, companion)
    share_all(two[AW])
    append_all(two)
    [draft] = drafts_of(two[AW], signal.id, CW)
    assert draft.body is not None
    assert {unb64(one["token"]) for one in draft.body["record"]["tokens"]} & guessed, "partners have it"
    with two[AW].work(two.worker(AW)) as work:
        extract = work.signals.reports.get(SignalId(signal.id)).extract_id
    told = extract.bytes + dumps_plain(draft.body)
    assert where(two, [*guessed, told, domain_hash("rtr-draft/content", told)]) == [], "nor a hash of all that was told"

    amend(two, hotline, signal, companion | {"role": "VICTIM_POTENTIAL"})
    assert live_blinds(two[AW], signal.id, CW) == set()
    assert where(two, guessed) == [], "neither of what is told next nor of what was told"
    append_all(two)
    share_all(two[AW])
    assert held(two, signal) & guessed
    assert where(two, guessed) == []


def test_what_leaves_once_a_protection_is_lifted_and_is_taken_back_when_that_is_reversed_is_in_no_row(
    two: World,
) -> None:
    person = a_person()
    guessed = made_abroad(two, grown_up(person))
    signal = a_report(two, person)
    corrected(two, signal.id, grown_up(person))
    assert where(two, guessed) == []
    lifted = decided(two, asked(two, signal.id))
    append_all(two)
    record = live(two[AW], signal.id, CW)
    assert record is not None
    assert {unb64(one["token"]) for one in record["tokens"]} & guessed, "partners have it"

    bureau = two.caller("AW-VICTIM", Task.SUBMIT, actor="bureau")
    said = DecideLiftingIn(decision=LiftingDecision.REVERSE)
    decide_lifting(two[AW], bureau, LiftingId(lifted.id), said, version=lifted.version)
    assert live_blinds(two[AW], signal.id, CW) == set()
    assert where(two, guessed) == []
    append_all(two)
    share_all(two[AW])
    assert held(two, signal) & guessed
    assert where(two, guessed) == []


def test_what_stays_at_home_for_another_reason_than_a_victim_is_in_no_row_either(
    two: World, hotline: Caller, him: Person
) -> None:
    suspect = him.named("SUSPECT", him.phone())
    guessed = made_abroad(two, suspect)
    form = a_form(subjects=[suspect], selectors=[], visibility="V3")
    signal = record_signal(two[AW], hotline, form, str(two[AW].clock.new_id()))
    share_all(two[AW])
    assert held(two, signal) & guessed
    assert where(two, guessed) == []
    taken_back = WithdrawIn.model_validate({"reason": "Mistaken.", "code": "withdrawn"})
    withdraw_signal(two[AW], hotline, SignalId(signal.id), taken_back, version=1)
    share_all(two[AW])
    assert where(two, guessed) == []


def test_two_reports_of_one_victim_do_not_look_alike_and_every_sealed_pseudonym_is_as_long_as_any(
    two: World, hotline: Caller, her: Person
) -> None:
    victim = her.named("VICTIM_POTENTIAL", her.phone(), her.passport())
    signals = [report(two, hotline, victim) for _ in range(2)]
    share_all(two[AW])
    sealed = [value for one in signals for value in _sealed(two, one)]
    assert held(two, signals[0]) == held(two, signals[1])
    assert len(set(sealed)) == len(sealed) == 2 * len(held(two, signals[0]))
    assert len({len(one) for one in sealed}) == 1


def test_what_has_not_changed_is_not_sealed_anew_at_each_try(two: World, hotline: Caller, her: Person) -> None:
    victim = her.named("VICTIM_POTENTIAL", her.phone())
    signal = report(two, hotline, victim)
    share_all(two[AW])
    before = _sealed(two, signal)
    two.down.update(set(Partition) - {AW})
    try:
        amend(two, hotline, signal, victim | {"selectors": [her.phone(), her.phone(1)]})
        share_all(two[AW])
        assert _sealed(two, signal) == before
    finally:
        two.down.clear()


def _sealed(two: World, signal: SignalOut) -> list[bytes]:
    with psycopg.connect(admin(two)) as connection:
        found = connection.execute("SELECT sealed FROM rtr.token WHERE signal_id = %s ORDER BY 1", [signal.id])
        return [row[0] for row in found.fetchall()]


@pytest.mark.parametrize("ends", ["she is a victim elsewhere", "withdrawn", "erased"])
def test_signature_for_what_left_which_says_its_hash_ends_with_it(
    two: World, hotline: Caller, her: Person, ends: str
) -> None:
    companion = her.named("COMPANION", her.phone(), her.passport())
    form = a_form(subjects=[companion], selectors=[], single_approval=True)
    officer = two.caller("AW-DIMAS", Task.SUBMIT, actor="officer")
    signal = SignalId(record_signal(two[AW], officer, form, str(two[AW].clock.new_id())).id)
    share_all(two[AW])
    key, keeper = a_keeper("AW-OM", "prosecution"), two.caller("AW-OM", Task.PROSECUTE, actor="keeper")
    asked_for = ask_approval(two[AW], keeper, signal)
    handed = signed_by(key, asked_for, two[AW].clock.new_id())
    signed = hand_in_approval(two[AW], keeper, signal, handed, proven_with(key), version=asked_for.version)
    share_all(two[AW])
    append_all(two)
    assert live_blinds(two[AW], signal, CW), "partners have it"
    assert holds(two, handed.approval) == ["rtr.signal_aw.gate_approval"]

    unit = two.caller("AW-JIUMM", Task.REGISTER, actor="unit")
    match ends:
        case "withdrawn":
            taken_back = WithdrawIn.model_validate({"reason": "Mistaken.", "code": "withdrawn"})
            withdraw_signal(two[AW], unit, signal, taken_back, version=signed.version)
        case "erased":
            erase_signal(two[AW], unit, signal, "The court has ordered it.", version=signed.version)
        case _:
            report(two, hotline, her.named("VICTIM_POTENTIAL", her.passport()))
            assert live_blinds(two[AW], signal, CW) == set()
    assert holds(two, handed.approval) == []


@pytest.mark.parametrize("ends", ["erased", "amended"])
def test_pseudonyms_end_with_what_they_were_made_of(two: World, hotline: Caller, her: Person, ends: str) -> None:
    victim = her.named("VICTIM_POTENTIAL", her.phone())
    signal = report(two, two.caller("AW-DIMAS", Task.SUBMIT, actor="officer"), victim)
    share_all(two[AW])
    with psycopg.connect(admin(two)) as connection:
        find = "SELECT DISTINCT data_key FROM rtr.token WHERE signal_id = %s"
        before = {row[0] for row in connection.execute(find, [signal.id]).fetchall()}
    assert len(before) == 1
    if ends == "erased":
        unit = two.caller("AW-JIUMM", Task.REGISTER, actor="unit")
        erase_signal(two[AW], unit, SignalId(signal.id), "The court has ordered it.", version=1)
    else:
        amend(two, hotline, signal, victim | {"selectors": [her.phone(1)]})
        share_all(two[AW])
    with psycopg.connect(admin(two)) as connection:
        ended = {row[0] for row in connection.execute("SELECT id FROM rtr.data_key_end").fetchall()}
    assert before <= ended
