"""What becomes of a page: sequence, fork, entries, quarantine, retracts (fault cases 3, 5, 6, 11, 16, 17, 18, 22)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas import canonical
from schemas.codes import EntryType, RetractReason
from schemas.exchange import wire
from schemas.exchange.wire import IndicatorPut, Typ, document
from sync.protocol import effects as fx
from sync.protocol.documents.head import build_head
from sync.protocol.documents.page import StoredEntry
from sync.protocol.documents.signed import Signed, read_signed
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.entries import QuarantineCode, Rules, StubVerdict
from sync.protocol.events import (
    Applied,
    AppliedAnew,
    BadPage,
    Duplicate,
    EntryAnew,
    Fork,
    Gap,
    Halted,
    HeadArrived,
    HeadSeen,
    OriginBehind,
    PageArrived,
    ReceiverState,
    Step,
)
from sync.protocol.ports import Judgement
from sync.protocol.refusals import WrongEntry, WrongIncarnation
from sync.protocol.stream import examine_anew, step
from tests.simulator.builders import PUT, RETRACT, RETRACT_BYTES, UNREADABLE, an_id, chained, put_bytes
from tests.unit.exchange.scene import AW, CW, LOG, NOW, OPENING, START, SX, Scene, effect, hold_all, kinds, tip_of

SCENE = Scene()
A, B, C = an_id(1), an_id(2), an_id(3)
BODY = put_bytes()


def verdicts(done: Step) -> list[StubVerdict]:
    return [kept.verdict for kept in effect(done, fx.KeepStubs).stubs]


def quarantined(done: Step) -> list[tuple[int, str]]:
    return [(row.seq, row.code) for row in effect(done, fx.Quarantine).rows]


# --- sequence ---


def test_the_next_page_is_applied_and_the_cursor_moves_last() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (PUT, B, 1, BODY))
    done = SCENE.take(OPENING, SCENE.page(START, entries))
    assert done.verdict == Applied(1, 2, {StubVerdict.HELD: 2})
    assert done.state.applied == tip_of(entries)
    assert [record.body for record in effect(done, fx.ApplyRecords).records] == [BODY, BODY]
    assert kinds(done)[-1] == "MoveCursor"


def test_a_page_that_came_before_changes_nothing_and_is_acknowledged_again() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (PUT, B, 1, BODY))
    first, both = SCENE.page(START, entries[:1]), SCENE.page(START, entries)
    state = SCENE.take(OPENING, both).state
    for page, last in ((both, 2), (first, 1)):
        done = SCENE.take(state, page, hash_at={1: entries[0].entry_hash})
        assert (done.verdict, done.state, kinds(done)) == (Duplicate(last), state, ["PostReceiptAgain"])


@pytest.mark.parametrize("first", [1, 3, 4])
def test_a_page_that_does_not_begin_where_we_stand_is_asked_for_again(first: int) -> None:
    entries = chained(START, *[(PUT, an_id(n), 1, BODY) for n in range(1, 5)])
    state = SCENE.take(OPENING, SCENE.page(START, entries[:1])).state
    done = SCENE.take(state, SCENE.page(tip_of(entries[: first - 1]), entries[first - 1 :]))
    assert (done.verdict, done.state, done.effects) == (Gap(2, first), state, (fx.AskAgain(1),))


def test_another_story_after_our_last_entry_halts_this_log_and_keeps_the_evidence() -> None:
    told = chained(START, (PUT, A, 1, BODY))
    other = chained(START, (PUT, B, 1, BODY))
    state = SCENE.take(OPENING, SCENE.page(START, told)).state
    page = SCENE.page(tip_of(other), chained(tip_of(other), (PUT, A, 1, BODY)))
    done = SCENE.take(state, page)
    assert done.verdict == Fork(2)
    assert effect(done, fx.Halt) == fx.Halt("log-forked", page[0])
    assert done.state.applied == state.applied
    after = SCENE.take(done.state, SCENE.page(tip_of(told), chained(tip_of(told), (PUT, B, 1, BODY))))
    assert (after.verdict, after.effects) == (Halted("log-forked"), ())


def test_another_story_about_entries_already_applied_is_a_fork_too() -> None:
    told, other = chained(START, (PUT, A, 1, BODY)), chained(START, (PUT, B, 1, BODY))
    state = SCENE.take(OPENING, SCENE.page(START, told)).state
    assert SCENE.take(state, SCENE.page(START, other)).verdict == Fork(1)


def test_a_header_alone_proves_a_fork_even_when_its_block_is_broken() -> None:
    told, other = chained(START, (PUT, A, 1, BODY)), chained(START, (PUT, B, 1, BODY))
    state = SCENE.take(OPENING, SCENE.page(START, told)).state
    jws, _ = SCENE.page(tip_of(other), chained(tip_of(other), (PUT, A, 1, BODY)))
    assert SCENE.take(state, (jws, b"broken")).verdict == Fork(2)


def test_a_page_of_another_incarnation_is_refused() -> None:
    log = LogId(CW, AW, 2)
    page = SCENE.but(log=log).page(log.start(), chained(log.start(), (PUT, A, 1, BODY)))
    done = SCENE.take(OPENING, page)
    assert isinstance(done.verdict, BadPage)
    assert (done.verdict.refusal.code, done.state) == (WrongIncarnation.code, OPENING)


def test_the_roster_number_never_falls_within_a_log() -> None:
    entries = chained(START, (PUT, A, 1, BODY))
    state = replace(OPENING, roster=2)
    done = SCENE.take(state, SCENE.page(START, entries))
    assert isinstance(done.verdict, BadPage)
    assert (done.verdict.refusal.code, done.state) == ("roster-fell", state)


# --- versions of an object ---


@pytest.mark.parametrize("stored", [1, 2])
@pytest.mark.parametrize("type_", [PUT, RETRACT])
def test_a_version_that_is_not_above_the_stored_one_changes_nothing(type_: str, stored: int) -> None:
    entries = chained(START, (type_, A, 1, BODY))
    done = SCENE.take(OPENING, SCENE.page(START, entries), stored={A: stored})
    assert (verdicts(done), kinds(done)) == ([StubVerdict.STALE], ["KeepEvidence", "KeepStubs", "MoveCursor"])


def test_of_several_versions_in_one_page_only_the_newest_is_held() -> None:
    bodies = [put_bytes(reference=f"CW-2026-{n}") for n in (1, 2)]
    entries = chained(START, (PUT, A, 1, bodies[0]), (PUT, A, 2, bodies[1]))
    done = SCENE.take(OPENING, SCENE.page(START, entries, newest={A: 1}))
    assert verdicts(done) == [StubVerdict.GONE, StubVerdict.HELD]
    assert [(r.version, r.body) for r in effect(done, fx.ApplyRecords).records] == [(2, bodies[1])]


def test_a_put_and_its_retract_in_one_page_leave_a_tombstone_only() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (RETRACT, A, 2, RETRACT_BYTES))
    done = SCENE.take(OPENING, SCENE.page(START, entries))
    assert verdicts(done) == [StubVerdict.GONE, StubVerdict.TOMBSTONE]
    assert effect(done, fx.WriteTombstones).tombstones == (fx.Tombstone(2, A, 2, RetractReason.WITHDRAWN),)
    assert "ApplyRecords" not in kinds(done)


def test_a_version_without_its_body_takes_the_older_body_away() -> None:
    entries = chained(START, (PUT, A, 2, BODY))
    done = SCENE.take(OPENING, SCENE.page(START, entries, newest={A: 3}), stored={A: 1})
    assert verdicts(done) == [StubVerdict.GONE]
    assert effect(done, fx.Withhold).objects == (fx.Withheld(1, A, 2),)


# --- retracts ---


@pytest.mark.parametrize(
    ("body", "schema"),
    [
        (b'{"reason":"withdrawn"}', "9.0"),
        (b'{"reason":"a new one"}', "1.0"),
        (b"{nonsense}", "1.0"),
        (b'{"a":1,"a":2}', "1.0"),
    ],
)
def test_a_retract_that_cannot_be_read_is_applied_by_its_stub(body: bytes, schema: str) -> None:
    done = SCENE.take(OPENING, SCENE.page(START, chained(START, (RETRACT, A, 2, body, schema))), stored={A: 1})
    assert effect(done, fx.WriteTombstones).tombstones == (fx.Tombstone(1, A, 2, None),)
    assert "Quarantine" not in kinds(done)


def test_a_retract_without_a_body_is_applied_by_its_stub() -> None:
    (entry,) = chained(START, (RETRACT, A, 2, RETRACT_BYTES))
    done = SCENE.take(OPENING, SCENE.page(START, [replace(entry, body=None, salt=None)]), stored={A: 1})
    assert verdicts(done) == [StubVerdict.TOMBSTONE]


def test_a_retract_of_an_object_never_heard_of_still_leaves_its_tombstone() -> None:
    done = SCENE.take(OPENING, SCENE.page(START, chained(START, (RETRACT, A, 7, RETRACT_BYTES))))
    assert effect(done, fx.WriteTombstones).tombstones[0].object == A


def test_a_retracts_own_body_is_never_gone() -> None:
    entries = chained(START, (RETRACT, A, 2, RETRACT_BYTES), (PUT, A, 3, BODY))
    done = SCENE.take(OPENING, SCENE.page(START, entries))
    assert effect(done, fx.KeepStubs).stubs[0].entry.line.body == RETRACT_BYTES


# --- quarantine ---


def refuse_all(_put: IndicatorPut, _about: str) -> Judgement:
    return Judgement(held=False, code="policy-refused", rule="EXCHANGE-2")


UNFIT = {
    "next major": (BODY, "2.0", QuarantineCode.SCHEMA_UNKNOWN),
    "unknown field": (BODY[:-1] + b',"zzz":1}', "1.0", QuarantineCode.SCHEMA_INVALID),
    "missing label": (b'{"record":{}}', "1.0", QuarantineCode.SCHEMA_INVALID),
    "an array": (b"[]", "1.0", QuarantineCode.SCHEMA_INVALID),
    "name twice": (b'{"ext":{},"ext":{}}', "1.0", QuarantineCode.BODY_UNREADABLE),
    "not canonical": (BODY.replace(b'{"ext"', b'{ "ext"'), "1.0", QuarantineCode.BODY_UNREADABLE),
    "too deep": (b'{"ext":' + b"[" * 30 + b"]" * 30 + b"}", "1.0", QuarantineCode.BODY_UNREADABLE),
    "not a number": (b'{"ext":NaN}', "1.0", QuarantineCode.BODY_UNREADABLE),
    "too large": (b'{"ext":"' + b"x" * wire.BODY_BYTES_MAX + b'"}', "1.0", QuarantineCode.ENTRY_TOO_LARGE),
    "critical field": (put_bytes(ext={"critical": {"sealed-until": "2027"}}), "1.0", QuarantineCode.CRITICAL_UNKNOWN),
    "another's label": (put_bytes(SX), "1.0", QuarantineCode.LABEL_AUDIENCE),
    "empty audience": (put_bytes(None), "1.0", QuarantineCode.LABEL_AUDIENCE),
}  # fmt: skip


@pytest.mark.parametrize("case", UNFIT)
def test_an_unfit_entry_goes_to_quarantine_without_its_body_and_the_log_goes_on(case: str) -> None:
    body, schema, code = UNFIT[case]
    entries = chained(START, (PUT, A, 1, body, schema), (PUT, B, 1, BODY))
    done = SCENE.take(OPENING, SCENE.page(START, entries))
    assert quarantined(done) == [(1, code)]
    assert [record.object for record in effect(done, fx.ApplyRecords).records] == [B]
    assert done.state.applied.seq == 2


@pytest.mark.parametrize("form", UNREADABLE)
@pytest.mark.parametrize("type_", [PUT, EntryType.STATISTICS.value])
def test_a_body_that_nobody_can_read_costs_its_own_entry_only_and_its_stub_is_proven(form: str, type_: str) -> None:
    entries = chained(START, (PUT, B, 1, BODY), (type_, A, 1, UNREADABLE[form]), (PUT, C, 1, BODY))
    done = SCENE.take(OPENING, SCENE.page(START, entries))
    assert quarantined(done) == [(2, QuarantineCode.BODY_UNREADABLE)]
    assert [record.object for record in effect(done, fx.ApplyRecords).records] == [B, C]
    assert done.state.applied == tip_of(entries)


@pytest.mark.parametrize("form", UNREADABLE)
def test_what_an_origin_takes_back_after_a_body_that_nobody_can_read_is_gone(form: str) -> None:
    told = chained(START, (PUT, A, 1, BODY), (PUT, A, 2, UNREADABLE[form]))
    state = SCENE.take(OPENING, SCENE.page(START, told)).state
    after = chained(tip_of(told), (RETRACT, A, 3, UNREADABLE[form]))
    done = SCENE.take(state, SCENE.page(tip_of(told), after), stored={A: 2})
    assert effect(done, fx.WriteTombstones).tombstones == (fx.Tombstone(3, A, 3, None),)
    assert effect(done, fx.ReleaseQuarantine).below == {A: 3}


@pytest.mark.parametrize("form", UNREADABLE)
def test_a_body_that_nobody_can_read_is_listed_where_its_type_is_not_acted_on(form: str) -> None:
    page = SCENE.page(START, chained(START, ("future.type", A, 1, UNREADABLE[form])))
    assert verdicts(SCENE.take(OPENING, page)) == [StubVerdict.LISTED]


def test_a_body_over_its_bound_is_kept_of_no_type() -> None:
    entries = chained(START, ("future.type", A, 1, bytes(wire.BODY_BYTES_MAX + 1)), (PUT, B, 1, BODY))
    done = SCENE.take(OPENING, SCENE.page(START, entries))
    assert quarantined(done) == [(1, QuarantineCode.ENTRY_TOO_LARGE)]
    assert "ListEntries" not in kinds(done)


@pytest.mark.parametrize("schema", ["1.0", "1.7", "1.12"])
def test_an_older_or_newer_minor_is_read_with_its_optional_fields_as_received(schema: str) -> None:
    body = put_bytes(ext={"optional": {"weight": 1.5, "naam": "Curaçao"}})
    done = SCENE.take(OPENING, SCENE.page(START, chained(START, (PUT, A, 1, body, schema))))
    (record,) = effect(done, fx.ApplyRecords).records
    assert (record.body, record.put.ext.optional["weight"]) == (body, 1.5)


def test_a_critical_field_that_is_understood_is_applied() -> None:
    body = put_bytes(ext={"critical": {"sealed-until": "2027"}})
    scene = SCENE.but(rules=Rules(AW, hold_all, frozenset({"sealed-until"})))
    assert verdicts(scene.take(OPENING, scene.page(START, chained(START, (PUT, A, 1, body))))) == [StubVerdict.HELD]


def test_what_our_own_rules_refuse_is_not_held_whatever_the_sender_says() -> None:
    scene = SCENE.but(rules=Rules(AW, refuse_all))
    done = scene.take(OPENING, scene.page(START, chained(START, (PUT, A, 2, BODY))), stored={A: 1})
    assert effect(done, fx.Quarantine).rows == (fx.QuarantineRow(1, "policy-refused", "EXCHANGE-2"),)
    assert effect(done, fx.Withhold).objects == (fx.Withheld(1, A, 2),)
    assert "ApplyRecords" not in kinds(done)


def test_one_poison_entry_in_ten_thousand_costs_itself_only() -> None:
    drafts = [(PUT, an_id(n), 1, BODY) for n in range(1, 10_001)]
    drafts[4_321] = (PUT, an_id(4_322), 1, b'{"poison":true}')
    entries = chained(START, *drafts)
    state, bad, held = OPENING, [], 0
    for at in range(0, len(entries), wire.PAGE_ENTRIES_MAX):
        done = SCENE.take(state, SCENE.page(tip_of(entries[:at]), entries[at : at + wire.PAGE_ENTRIES_MAX]))
        state = done.state
        bad += [row.seq for found in done.effects if isinstance(found, fx.Quarantine) for row in found.rows]
        held += len(effect(done, fx.ApplyRecords).records)
    assert (state.applied.seq, bad, held) == (10_000, [4_322], 9_999)


@pytest.mark.parametrize("type_", [EntryType.CONTACT_TEST.value, EntryType.QUERY.value, "future.type"])
def test_a_type_that_nobody_acts_on_yet_is_verified_and_listed(type_: str) -> None:
    entries = chained(START, (type_, A, 1, b'{"anything":1}', "3.1"), (PUT, A, 1, BODY))
    done = SCENE.take(OPENING, SCENE.page(START, entries))
    assert verdicts(done) == [StubVerdict.LISTED, StubVerdict.HELD]
    assert [entry.stub.seq for entry in effect(done, fx.ListEntries).entries] == [1]


# --- pulled anew ---


def anew(entries: list[StoredEntry], seq: int, state: ReceiverState, *, newest: int, scene: Scene = SCENE) -> Step:
    before = tip_of(entries[: seq - 1])
    page = scene.page(before, entries[seq - 1 : seq], newest={})
    examined = examine_anew(state, *page, scene.trust, scene.opener)
    return step(state, EntryAnew(examined, scene.rules, seq, entries[seq - 1].entry_hash, newest))


def test_a_quarantined_entry_is_held_once_it_may_be_and_the_cursor_stays() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (PUT, B, 1, BODY))
    state = SCENE.take(OPENING, SCENE.page(START, entries)).state
    done = anew(entries, 1, state, newest=1)
    assert (done.verdict, done.state) == (AppliedAnew(1, StubVerdict.HELD), state)
    assert effect(done, fx.ApplyRecords).records[0].object == A
    assert effect(done, fx.ClearQuarantine).seq == 1


def test_a_quarantined_entry_that_is_still_unfit_stays_in_quarantine() -> None:
    entries = chained(START, (PUT, A, 1, BODY))
    state = SCENE.take(OPENING, SCENE.page(START, entries)).state
    done = anew(entries, 1, state, newest=1, scene=SCENE.but(rules=Rules(AW, refuse_all)))
    assert quarantined(done) == [(1, "policy-refused")]
    assert "ClearQuarantine" not in kinds(done)


def test_a_quarantined_entry_that_was_superseded_meanwhile_is_gone() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (RETRACT, A, 2, RETRACT_BYTES))
    state = SCENE.take(OPENING, SCENE.page(START, entries)).state
    done = anew(entries, 1, state, newest=2)
    assert done.verdict == AppliedAnew(1, StubVerdict.GONE)
    assert kinds(done) == ["KeepStubs", "ClearQuarantine"]


def test_a_newer_version_releases_the_quarantine_of_older_ones() -> None:
    done = SCENE.take(OPENING, SCENE.page(START, chained(START, (PUT, A, 2, BODY))), stored={A: 1})
    assert effect(done, fx.ReleaseQuarantine).below == {A: 2}


def test_another_entry_than_the_one_asked_for_is_refused() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (PUT, B, 1, BODY))
    other = chained(START, (PUT, B, 1, BODY))
    state = SCENE.take(OPENING, SCENE.page(START, entries)).state
    examined = examine_anew(state, *SCENE.page(START, other), SCENE.trust, SCENE.opener)
    done = step(state, EntryAnew(examined, SCENE.rules, 1, entries[0].entry_hash, 1))
    assert isinstance(done.verdict, BadPage)
    assert done.verdict.refusal.code == WrongEntry.code


# --- heads ---


def a_head(tip: Tip, log: LogId = LOG) -> Signed[wire.Head]:
    head = build_head(log, tip, at=NOW, nonce="n" * 16, roster=1)
    return read_signed(SCENE.signer.sign(Typ.HEAD, document(head)), Typ.HEAD, wire.Head, SCENE.trust)


def test_a_head_says_how_far_behind_we_are_and_when_that_was() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (PUT, B, 1, BODY))
    done = step(OPENING, HeadArrived(a_head(tip_of(entries))))
    assert done.verdict == HeadSeen(2)
    assert effect(done, fx.NoteHead).at == "2026-02-01T12:00:00.000Z"


def test_a_head_below_our_cursor_is_an_alarm_and_no_reason_to_halt() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (PUT, B, 1, BODY))
    state = SCENE.take(OPENING, SCENE.page(START, entries)).state
    done = step(state, HeadArrived(a_head(tip_of(entries[:1])), {1: entries[0].entry_hash}))
    assert (done.verdict, done.state.halted) == (OriginBehind(1), None)
    assert effect(done, fx.Alarm).code == "origin-behind"


def test_a_head_with_another_hash_at_our_cursor_is_a_fork() -> None:
    state = SCENE.take(OPENING, SCENE.page(START, chained(START, (PUT, A, 1, BODY)))).state
    done = step(state, HeadArrived(a_head(tip_of(chained(START, (PUT, B, 1, BODY))))))
    assert (done.verdict, done.state.halted) == (Fork(1), "log-forked")


def test_a_head_under_an_older_roster_than_what_was_applied_is_refused() -> None:
    """Else one who holds a revoked key goes on saying how far a log goes."""
    entries = chained(START, (PUT, A, 1, BODY))
    state = replace(SCENE.take(OPENING, SCENE.page(START, entries)).state, roster=2)
    done = step(state, HeadArrived(a_head(tip_of(entries)), {1: entries[0].entry_hash}))
    assert isinstance(done.verdict, BadPage)
    assert (done.verdict.refusal.code, done.state) == ("roster-fell", state)


def test_two_workers_that_took_the_same_page_apply_it_once() -> None:
    page = SCENE.page(START, chained(START, (PUT, A, 1, BODY)))
    examined = SCENE.examine(OPENING, page)
    first = step(OPENING, PageArrived(examined, SCENE.rules))
    second = step(first.state, PageArrived(examined, SCENE.rules))
    assert second.verdict == Duplicate(1)


def test_the_objects_whose_versions_are_needed_are_those_with_a_state() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (EntryType.QUERY.value, B, 1, b"{}"))
    assert SCENE.examine(OPENING, SCENE.page(START, entries)).objects == {A}


def test_hashes_of_the_log_are_those_of_the_stubs_sent() -> None:
    (entry,) = chained(START, (PUT, A, 1, BODY))
    assert entry.entry_hash == canonical.entry_hash(canonical.genesis(CW, AW, 1), entry.stub)
