"""Pages: what the sender puts in one, and every way in which one is refused (fault cases 4, 5, 10, 22, 32)."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from schemas import canonical
from schemas.exchange import wire
from schemas.exchange.wire import EntryLine, KeyState, PageHeader, Typ, document
from sync.protocol.documents.page import StoredEntry, build_page, read_header, seal_info
from sync.protocol.documents.signed import read_signed
from sync.protocol.documents.stub import LogId, chain, commit, read_stub
from sync.protocol.effects import Alarm, ApplyRecords, KeepStubs
from sync.protocol.entries import StubVerdict
from sync.protocol.events import Applied, BadPage, Duplicate, Step
from sync.protocol.refusals import BeyondTip, BodyTooLarge, LogDamaged
from tests.simulator.builders import PUT, RETRACT, RETRACT_BYTES, an_id, chained, newest_of, put_bytes, salt_of
from tests.simulator.fakes import FakeSigner, a_roster, fake_key, fake_seal, rosters_of, seal_kid, sign_kid
from tests.unit.exchange.scene import AW, CW, LOG, OPENING, START, SX, Scene, effect, tip_of

SCENE = Scene()
A, B = an_id(1), an_id(2)
BODY = put_bytes()
TWO = chained(START, (PUT, A, 1, BODY), (PUT, B, 1, BODY))


def refused(done: Step) -> str:
    """The code for which nothing was applied."""
    assert isinstance(done.verdict, BadPage)
    assert done.state == OPENING
    assert [type(found) for found in done.effects] == [Alarm]
    return done.verdict.refusal.code


def forged(entries: list[StoredEntry], header: PageHeader | None = None) -> tuple[bytes, bytes]:
    """A page signed by its true origin over whatever the test wants."""
    made, block = SCENE.header(START, entries, newest={})
    return SCENE.seal(over(block, header or made), block)


def over(block: bytes, header: PageHeader) -> PageHeader:
    """The header, naming this block."""
    return header.model_copy(update={"entries": canonical.b64(hashlib.sha256(block).digest())})


# --- sending ---


def test_a_page_holds_at_most_a_thousand_entries() -> None:
    entries = chained(START, *[(PUT, an_id(n), 1, b"{}") for n in range(1, 1_002)])
    header, block = build_page(LOG, START, entries, {}, roster=1, limit=5_000)
    assert (header.first_seq, header.last_seq, len(wire.decode_block(block))) == (1, 1_000, 1_000)


def test_a_page_is_cut_before_it_outgrows_its_bytes_and_always_holds_one_entry() -> None:
    line = len(wire.encode_line(EntryLine(TWO[0].stub, BODY, salt_of(1))))
    assert build_page(LOG, START, TWO, {}, roster=1, max_bytes=2 * line)[0].last_seq == 2
    assert build_page(LOG, START, TWO, {}, roster=1, max_bytes=2 * line - 1)[0].last_seq == 1
    assert build_page(LOG, START, TWO, {}, roster=1, max_bytes=10)[0].last_seq == 1


def test_a_page_of_the_largest_bodies_stays_within_four_mebibytes() -> None:
    body = b'{"x":"' + b"y" * (wire.BODY_BYTES_MAX - 8) + b'"}'
    entries = chained(START, *[(PUT, an_id(n), 1, body) for n in range(1, 20)])
    header, block = build_page(LOG, START, entries, {}, roster=1)
    assert (len(block) <= wire.PAGE_BYTES_MAX, header.last_seq) == (True, 15)


def test_a_body_over_256_kib_cannot_be_drafted() -> None:
    with pytest.raises(BodyTooLarge):
        commit(bytes(wire.BODY_BYTES_MAX + 1), salt_of(1))


def test_a_page_carries_no_body_of_what_was_retracted_or_superseded_since() -> None:
    entries = chained(START, (PUT, A, 1, BODY), (PUT, A, 2, BODY), (PUT, B, 1, BODY), (RETRACT, B, 2, RETRACT_BYTES))
    _, block = build_page(LOG, START, entries, newest_of(entries), roster=1)
    lines = wire.decode_block(block)
    assert [(line.body is not None, line.gone) for line in lines] == [
        (False, True),
        (True, False),
        (False, True),
        (True, False),
    ]


def test_an_erased_entry_verifies_for_ever_and_its_body_cannot_be_had() -> None:
    erased = [replace(TWO[0], body=None, salt=None), TWO[1]]
    done = SCENE.take(OPENING, SCENE.page(START, erased))
    assert done.verdict == Applied(1, 2, {StubVerdict.HELD: 1, StubVerdict.GONE: 1})
    assert [record.object for record in effect(done, ApplyRecords).records] == [B]
    assert done.state.applied == tip_of(TWO)
    assert BODY not in wire.encode_block([effect(done, KeepStubs).stubs[0].entry.line])


def test_there_is_no_page_after_the_tip() -> None:
    with pytest.raises(BeyondTip):
        build_page(LOG, tip_of(TWO), [], {}, roster=1)


def test_a_damaged_log_is_not_signed() -> None:
    damaged = [TWO[0], replace(TWO[1], stub=TWO[1].stub.replace(b'"version":1', b'"version":2'))]
    with pytest.raises(LogDamaged):
        build_page(LOG, START, damaged, {}, roster=1)


def test_the_same_drafts_after_the_same_tip_give_the_same_chain() -> None:
    drafts = [entry.draft for entry in chain(START, [])[0]]
    assert chain(START, drafts) == ((), START)
    assert chained(START, (PUT, A, 1, BODY), (PUT, B, 1, BODY)) == TWO
    assert chained(tip_of(TWO[:1]), (PUT, B, 1, BODY)) == TWO[1:]


# --- refusing: bytes changed on the way ---


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("place", [0.0, 0.2, 0.5, 0.7, 0.999])
def test_one_changed_byte_anywhere_is_refused_and_nothing_applied(part: int, place: float) -> None:
    page = list(SCENE.page(START, TWO))
    data = bytearray(page[part])
    data[int(place * len(data))] ^= 1
    page[part] = bytes(data)
    assert refused(SCENE.take(OPENING, (page[0], page[1]))) == "bad-signature"


def test_a_block_under_another_good_header_does_not_open() -> None:
    jws, _ = SCENE.page(START, TWO)
    _, sealed = SCENE.page(START, TWO[:1])
    assert refused(SCENE.take(OPENING, (jws, sealed))) == "bad-signature"


def test_a_page_sealed_anew_on_the_way_without_its_bodies_is_refused() -> None:
    """Anybody can seal for us, without a key of his own: the signed header alone says which block it is about."""
    header, block = SCENE.header(START, TWO)
    jws, _ = SCENE.seal(header, block)
    stripped = b"".join(wire.encode_line(EntryLine(line.stub)) for line in wire.decode_block(block))
    resealed = fake_seal(stripped, fake_key(seal_kid(AW)), seal_info(jws))
    assert refused(SCENE.take(OPENING, (jws, resealed))) == "page-broken"


# --- refusing: what a dishonest or broken origin signs ---


def test_a_block_that_the_header_does_not_name_is_refused() -> None:
    header, _ = SCENE.header(START, TWO)
    _, block = SCENE.header(START, TWO[:1])
    assert refused(SCENE.take(OPENING, SCENE.seal(header, block))) == "page-broken"


def test_a_changed_stub_breaks_the_chain() -> None:
    header, block = SCENE.header(START, TWO)
    block = block.replace(b'"version":1}}', b'"version":9}}', 1)
    assert refused(SCENE.take(OPENING, SCENE.seal(over(block, header), block))) == "chain-broken"


@pytest.mark.parametrize("change", ["body", "salt"])
def test_a_changed_body_or_salt_breaks_its_commitment(change: str) -> None:
    other = (
        replace(TWO[0], body=put_bytes(reference="CW-2026-9")) if change == "body" else replace(TWO[0], salt=bytes(32))
    )
    assert refused(SCENE.take(OPENING, forged([other, TWO[1]]))) == "commitment-broken"


def test_a_retract_with_another_body_than_committed_is_a_bad_page_too() -> None:
    (entry,) = chained(START, (RETRACT, A, 1, RETRACT_BYTES))
    assert refused(SCENE.take(OPENING, forged([replace(entry, body=b'{"reason":"erased"}')]))) == "commitment-broken"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"schema":"1.0"', b'"schema":"x"'),
        (b'"seq":1', b'"seq":01'),
        (b'"seq":1', b'"seq":3'),
        (b'"type":', b'"typo":'),
        (b'"version":1}}', b'"version":1,"version":1}}'),
        (b'"version":1}}', b'"version": 1}}'),
        (b'"type":"indicator.put","version":1', b'"version":1,"type":"indicator.put"'),
    ],
)
def test_a_stub_that_cannot_be_read_makes_a_bad_page(old: bytes, new: bytes) -> None:
    header, block = SCENE.header(START, TWO)
    block = block.replace(old, new, 1)
    assert refused(SCENE.take(OPENING, SCENE.seal(over(block, header), block))) == "stub-unreadable"


@pytest.mark.parametrize("block", [b"", b"\n", b"{}\n", b'{"stub":{}}', b'{"salt":"x","stub":{}}\n'])
def test_a_block_that_is_not_lines_of_entries_is_refused(block: bytes) -> None:
    header, _ = SCENE.header(START, TWO)
    assert refused(SCENE.take(OPENING, SCENE.seal(over(block, header), block))) == "page-broken"


def test_fewer_entries_than_the_header_says_are_refused() -> None:
    header, _ = SCENE.header(START, TWO)
    assert refused(SCENE.take(OPENING, forged(TWO[:1], header))) == "page-broken"


def test_a_page_over_its_bound_is_refused_before_it_is_opened() -> None:
    jws, _ = SCENE.page(START, TWO)
    assert refused(SCENE.take(OPENING, (jws, bytes(wire.PAGE_BYTES_MAX + 2_000)))) == "page-broken"


# --- refusing: who, for whom, which version, which key ---


def test_a_page_for_another_country_is_refused() -> None:
    log = LogId(CW, SX)
    page = SCENE.but(log=log).page(log.start(), chained(log.start(), (PUT, A, 1, BODY)))
    assert refused(SCENE.take(OPENING, page)) == "wrong-audience"


def test_a_page_signed_by_another_country_than_it_names_is_refused() -> None:
    page = SCENE.but(signer=FakeSigner(sign_kid(SX))).page(START, TWO)
    assert refused(SCENE.take(OPENING, page)) == "wrong-issuer"


def test_a_good_page_of_another_origin_is_not_taken_for_this_one() -> None:
    log = LogId(SX, AW)
    scene = SCENE.but(log=log, signer=FakeSigner(sign_kid(SX)))
    assert (
        refused(SCENE.take(OPENING, scene.page(log.start(), chained(log.start(), (PUT, A, 1, BODY))))) == "wrong-issuer"
    )


def test_a_page_of_another_type_of_document_is_refused() -> None:
    header, _ = SCENE.header(START, TWO)
    jws = SCENE.signer.sign(Typ.HEAD, document(header))
    assert refused(SCENE.take(OPENING, (jws, b"sealed"))) == "bad-signature"


def test_a_page_of_an_envelope_version_we_do_not_read_is_refused() -> None:
    assert refused(SCENE.but(envelopes=(2, 3)).take(OPENING, SCENE.page(START, TWO))) == "version-unsupported"


def test_a_page_under_a_roster_we_do_not_know_is_refused_until_we_do() -> None:
    assert refused(SCENE.but(roster=2).take(OPENING, SCENE.but(roster=2).page(START, TWO))) == "roster-unknown"


def test_unknown_claims_of_a_header_are_refused() -> None:
    header, block = SCENE.header(START, TWO)
    jws = SCENE.signer.sign(Typ.PAGE, document(header) | {"zzz": 1})
    assert refused(SCENE.take(OPENING, (jws, block))) == "malformed"


OLD, NEW = sign_kid(CW), sign_kid(CW, 2)


def rotated(old_state: KeyState) -> Scene:
    """A scene whose newest roster has a new key, and the old one in another state."""
    first = a_roster()
    second = a_roster(number=2, prev=first, states={OLD: old_state, NEW: KeyState.ACTIVE})
    return SCENE.but(rosters=replace(rosters_of(first), documents=(first, second)))


def test_a_key_may_change_inside_a_series_of_pages() -> None:
    scene = rotated(KeyState.RETIRED)
    state = scene.take(OPENING, scene.page(START, TWO[:1])).state
    renewed = scene.but(signer=FakeSigner(NEW), roster=2)
    done = renewed.take(state, renewed.page(tip_of(TWO[:1]), TWO[1:]))
    assert (done.verdict, done.state.roster) == (Applied(2, 2, {StubVerdict.HELD: 1}), 2)


def test_a_retired_key_signs_nothing_under_the_roster_that_retires_it() -> None:
    scene = rotated(KeyState.RETIRED).but(roster=2)
    assert refused(scene.take(OPENING, scene.page(START, TWO))) == "key-not-active"


def test_nothing_new_is_applied_under_a_revoked_key() -> None:
    scene = rotated(KeyState.REVOKED)
    assert refused(scene.take(OPENING, scene.page(START, TWO))) == "key-revoked"


def test_stored_evidence_verifies_years_after_its_key_was_revoked() -> None:
    scene = rotated(KeyState.REVOKED)
    jws, _ = scene.page(START, TWO)
    assert read_signed(jws, Typ.PAGE, PageHeader, scene.trust, new=False).claims.last_seq == 2


def test_a_page_two_rosters_old_is_still_a_duplicate_and_no_offence() -> None:
    scene = rotated(KeyState.RETIRED)
    page = scene.page(START, TWO)
    state = replace(scene.take(OPENING, page).state, roster=2)
    assert scene.take(state, page).verdict == Duplicate(2)


def test_a_header_tells_which_key_signed_it() -> None:
    assert read_header(SCENE.page(START, TWO)[0], SCENE.trust).kid == sign_kid(CW)


def test_a_stub_reads_back_as_it_was_chained() -> None:
    stub = read_stub(TWO[0].stub)
    assert (stub.seq, stub.object, stub.version, stub.schema_) == (1, A, 1, "1.0")
    assert AW not in TWO[0].stub.decode()
