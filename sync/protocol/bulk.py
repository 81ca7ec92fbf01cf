"""The verdicts on one page's entries, gathered into bulk effects."""

from __future__ import annotations

from typing import assert_never

from sync.protocol import effects as fx
from sync.protocol.documents.page import Entry
from sync.protocol.effects import Effect
from sync.protocol.entries import STATEFUL, VERSION_MAX, Judged, StubVerdict


class Bulk:
    """The verdicts on one page's entries, gathered into effects: of each object, only its newest state is written."""

    def __init__(self, newest: dict[str, int]) -> None:
        self.newest = newest
        self.stubs: list[tuple[Entry, Judged]] = []
        self._outcome: dict[str, int] = {}  # object -> index in `stubs` of the entry that decides its state

    def take(self, entry: Entry, judged: Judged) -> None:
        """Take one verdict; what an earlier entry of this page said of the same object is superseded by it."""
        # What puts no object into a state supersedes nothing, and leaves nothing to withhold when it is quarantined.
        if entry.stub.type in STATEFUL and judged.verdict is not StubVerdict.STALE:
            name = entry.stub.object
            if (before := self._outcome.get(name)) is not None:
                self.stubs[before] = (self.stubs[before][0], _mark_superseded(self.stubs[before][1]))
            self._outcome[name] = len(self.stubs)
            self.newest[name] = min(entry.stub.version, VERSION_MAX)
        self.stubs.append((entry, judged))

    def counts(self) -> dict[StubVerdict, int]:
        """How many entries got which verdict."""
        verdicts = [judged.verdict for _, judged in self.stubs]
        return {verdict: verdicts.count(verdict) for verdict in StubVerdict if verdict in verdicts}

    def effects(self) -> tuple[Effect, ...]:
        """The effects, without empty ones."""
        records, tombstones, withheld, rows, listed, words = [], [], [], [], [], []
        for entry, judged in self.stubs:
            stub, line, put = entry.stub, entry.line, judged.put
            decides = stub.object in self._outcome and self.stubs[self._outcome[stub.object]][0] is entry
            if judged.verdict is StubVerdict.LISTED:
                listed.append(entry)
            if judged.word is not None:
                words.append(fx.Word(stub.object, judged.word))
            if judged.verdict is StubVerdict.QUARANTINED:
                rows.append(fx.QuarantineRow(stub.seq, judged.code or "", judged.rule))
            if not decides:
                continue
            match judged.verdict:
                case StubVerdict.HELD if put is not None and line.body is not None and line.salt is not None:
                    records.append(fx.HeldRecord(stub.seq, stub.object, stub.version, put, line.body, line.salt))
                case StubVerdict.TOMBSTONE:
                    tombstones.append(fx.Tombstone(stub.seq, stub.object, stub.version, judged.reason))
                case StubVerdict.HELD | StubVerdict.GONE | StubVerdict.QUARANTINED:
                    withheld.append(fx.Withheld(stub.seq, stub.object, stub.version))
                case StubVerdict.STALE | StubVerdict.LISTED:
                    raise ValueError(f"entry {stub.seq} is {judged.verdict} and decides an object's state")
                case _:
                    assert_never(judged.verdict)
        found: tuple[tuple[Effect, bool], ...] = (
            (fx.KeepStubs(tuple(fx.KeptStub(entry, judged.verdict) for entry, judged in self.stubs)), True),
            (fx.ApplyRecords(tuple(records)), bool(records)),
            (fx.WriteTombstones(tuple(tombstones)), bool(tombstones)),
            (fx.Withhold(tuple(withheld)), bool(withheld)),
            (fx.Quarantine(tuple(rows)), bool(rows)),
            (fx.ReleaseQuarantine({name: self.newest[name] for name in self._outcome}), bool(self._outcome)),
            (fx.ListEntries(tuple(listed)), bool(listed)),
            (fx.KeepWords(tuple(words)), bool(words)),
        )
        return tuple(effect for effect, wanted in found if wanted)


def _mark_superseded(judged: Judged) -> Judged:
    """A verdict within a page that later says more of the same object: a tombstone stays one, a body is not kept."""
    return judged if judged.verdict is StubVerdict.TOMBSTONE else Judged(StubVerdict.GONE)
