"""Whatever is lost, doubled, swapped or cut differently, a receiver ends where the log says (cases 3, 4, 6, 19)."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from schemas import canonical
from schemas.exchange import wire
from schemas.exchange.wire import EntryLine
from sync.protocol import effects as fx
from sync.protocol.documents.page import StoredEntry
from sync.protocol.documents.stub import Tip, chain, read_stub
from sync.protocol.entries import VERSION_JUMP_MAX, VERSION_MAX, StubVerdict
from sync.protocol.events import Applied, BadPage, Duplicate, Fork, Gap, ReceiverState, Step
from sync.protocol.liveset import LiveSet
from tests.simulator.builders import PUT, RETRACT, RETRACT_BYTES, an_id, chained, newest_of, put_bytes
from tests.unit.exchange.scene import OPENING, START, Scene, tip_of

SCENE = Scene()
BODY = put_bytes()


@st.composite
def logs(draw: st.DrawFn, longest: int = 14) -> list[StoredEntry]:
    """A log of puts and retracts of four objects, each with rising versions."""
    versions: dict[int, int] = {}
    drafts = []
    for name, is_put in draw(st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=1, max_size=longest)):
        versions[name] = versions.get(name, 0) + draw(st.integers(1, 3))
        drafts.append(
            (PUT, an_id(name), versions[name], BODY)
            if is_put
            else (RETRACT, an_id(name), versions[name], RETRACT_BYTES)
        )
    return chained(START, *drafts)


@dataclass
class Copy:
    """A receiver's tables, as small as they can be."""

    state: ReceiverState = OPENING
    hashes: dict[int, bytes] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    live: LiveSet = field(default_factory=LiveSet)

    def take(self, page: tuple[bytes, bytes]) -> Step:
        done = SCENE.take(self.state, page, stored=self.versions, hash_at=self.hashes)
        for found in done.effects:
            match found:
                case fx.KeepStubs(stubs):
                    for kept in stubs:
                        self.hashes[kept.entry.stub.seq] = kept.entry.entry_hash
                        self.live.add(kept.entry.stub)
                case fx.ApplyRecords(records):
                    self.versions.update({record.object: record.version for record in records})
                    self.held.update({record.object: record.version for record in records})
                case fx.WriteTombstones(rows) | fx.Withhold(rows):
                    self.versions.update({row.object: row.version for row in rows})
                    for row in rows:
                        self.held.pop(row.object, None)
                case _:
                    pass
        self.state = done.state
        return done


def page_of(entries: list[StoredEntry], first: int, last: int) -> tuple[bytes, bytes]:
    return SCENE.page(tip_of(entries[: first - 1]), entries[first - 1 : last], newest_of(entries))


def live_at_the_end(entries: list[StoredEntry]) -> dict[str, int]:
    newest = {entry.object: entry for entry in entries}
    return {name: entry.version for name, entry in newest.items() if entry.type == PUT}


@given(st.data(), logs())
def test_partner_ends_complete_whatever_was_lost_repeated_swapped_or_cut_differently(
    data: st.DataObject, entries: list[StoredEntry]
) -> None:
    copy, size = Copy(), len(entries)
    spans = st.tuples(st.integers(1, size), st.integers(0, size)).map(lambda span: (span[0], min(size, sum(span))))
    for first, last in data.draw(st.lists(spans, max_size=12)):
        before = copy.state.applied.seq
        done = copy.take(page_of(entries, first, last))
        assert isinstance(done.verdict, Applied | Duplicate | Gap)
        assert copy.state.applied.seq == (last if first == before + 1 else before)
    while copy.state.applied.seq < size:
        at = copy.state.applied.seq
        copy.take(page_of(entries, at + 1, min(size, at + data.draw(st.integers(1, 5)))))
    assert copy.state.applied == tip_of(entries)
    assert copy.held == live_at_the_end(entries)
    assert copy.live.root() == LiveSet(read_stub(entry.stub) for entry in entries).root()


@given(st.data(), logs())
def test_no_changed_byte_ever_moves_anything(data: st.DataObject, entries: list[StoredEntry]) -> None:
    page = page_of(entries, 1, len(entries))
    part = data.draw(st.integers(0, 1))
    at = data.draw(st.integers(0, len(page[part]) - 1))
    changed = bytearray(page[part])
    changed[at] ^= data.draw(st.integers(1, 255))
    copy = Copy()
    done = copy.take((bytes(changed), page[1]) if part == 0 else (page[0], bytes(changed)))
    assert isinstance(done.verdict, BadPage)
    assert (copy.state, copy.held, copy.hashes) == (OPENING, {}, {})


@given(st.data(), logs(), logs())
def test_two_stories_of_one_log_never_mix(
    data: st.DataObject, told: list[StoredEntry], other: list[StoredEntry]
) -> None:
    copy = Copy()
    copy.take(page_of(told, 1, data.draw(st.integers(1, len(told)))))
    held, at = dict(copy.held), copy.state.applied
    same = len(other) >= at.seq and other[at.seq - 1].entry_hash == at.hash
    done = copy.take(page_of(other, 1, len(other)))
    if not same and len(other) <= at.seq and other[-1].entry_hash != copy.hashes.get(len(other)):
        assert done.verdict == Fork(len(other))
    if not same:
        assert (copy.held, copy.state.applied) == (held, at)


@given(logs(), st.integers(0, 14))
def test_what_was_taken_back_stays_gone_when_every_old_page_is_played_again(
    entries: list[StoredEntry], cut: int
) -> None:
    copy = Copy()
    old_pages = [SCENE.page(tip_of(entries[:at]), entries[at : at + 1], newest={}) for at in range(len(entries))]
    copy.take(page_of(entries, 1, len(entries)))
    held = dict(copy.held)
    for page in old_pages[cut:] + old_pages[:cut]:
        assert isinstance(copy.take(page).verdict, Duplicate)
    assert copy.held == held


@given(logs(), st.integers(0, 14))
def test_a_chain_is_the_same_however_drafts_come_in_batches(entries: list[StoredEntry], cut: int) -> None:
    again = chained(START, *[(e.type, e.object, e.version, e.body or b"") for e in entries[:cut]])
    again += chained(tip_of(again), *[(e.type, e.object, e.version, e.body or b"") for e in entries[cut:]])
    assert again == entries
    assert chain(tip_of(entries), []) == ((), Tip(len(entries), entries[-1].entry_hash))


@given(logs(), st.sets(st.integers(0, 13)))
def test_erased_bodies_leave_the_chain_and_the_live_root_as_they_were(
    entries: list[StoredEntry], erased: set[int]
) -> None:
    full, thin = Copy(), Copy()
    full.take(page_of(entries, 1, len(entries)))
    lines = [
        EntryLine(e.stub, gone=True) if at in erased and e.type == PUT else EntryLine(e.stub, e.body, e.salt)
        for at, e in enumerate(entries)
    ]
    header, _ = SCENE.header(START, entries, newest={})
    block = wire.encode_block(lines)
    header = header.model_copy(update={"entries": canonical.b64(canonical.stub_hash(block))})
    done = thin.take(SCENE.seal(header, block))
    assert isinstance(done.verdict, Applied)
    assert (thin.state.applied, thin.live.root()) == (full.state.applied, full.live.root())
    assert set(thin.held) <= set(full.held)
    assert done.verdict.counts.get(StubVerdict.QUARANTINED) is None


@given(
    stored=st.integers(0, VERSION_MAX),
    above=st.integers(1, canonical.MAX_INTEGER - VERSION_MAX),
    said=st.sampled_from([(PUT, BODY), (RETRACT, RETRACT_BYTES)]),
)
def test_put_whose_version_jumps_is_never_held_and_a_retract_always_takes_away(
    stored: int, above: int, said: tuple[str, bytes]
) -> None:
    """And nothing is counted that a row could not hold."""
    name, version = an_id(1), stored + above
    kind, body = said
    page = SCENE.page(START, chained(START, (kind, name, version, body)))
    done = SCENE.take(OPENING, page, stored={name: stored} if stored else {})
    assert isinstance(done.verdict, Applied)
    (verdict,) = done.verdict.counts
    honest = version <= min(stored + VERSION_JUMP_MAX, VERSION_MAX)
    if kind == PUT:
        assert verdict is (StubVerdict.HELD if honest else StubVerdict.QUARANTINED)
        codes = [row.code for found in done.effects if isinstance(found, fx.Quarantine) for row in found.rows]
        assert codes == ([] if honest else ["version-jump"])
    else:
        assert verdict is StubVerdict.TOMBSTONE
    below = next(found.below for found in done.effects if isinstance(found, fx.ReleaseQuarantine))
    assert below[name] == min(version, VERSION_MAX)


@given(st.integers(0, 4_096))
def test_what_comes_beside_the_agreed_form_is_bounded(length: int) -> None:
    optional = {"x": "y" * length}
    body = put_bytes(ext={"optional": optional, "critical": {}})
    page = SCENE.page(START, chained(START, (PUT, an_id(1), 1, body)))
    done = SCENE.take(OPENING, page)
    assert isinstance(done.verdict, Applied)
    small = len(canonical.dumps(optional)) <= wire.EXT_BYTES_MAX
    assert done.verdict.counts == {StubVerdict.HELD if small else StubVerdict.QUARANTINED: 1}
