"""One partner's log as this country has it, inside one transaction: what a step needs to know, and what it changes.

Whoever holds this decides nothing: what is held, lost or quarantined was decided by the protocol and the rules. What
follows from a change is done here and cannot be forgotten: search keys, and rows in the outbox for index and matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from register.domain.exchange.log import (
    Cursor,
    KeptReceipt,
    KeptStub,
    Listed,
    LiveRow,
    Lost,
    NewQuarantine,
    NewRecord,
    NewStub,
    QuarantineRow,
    ReceiptMatter,
)
from register.domain.running.audit_action import AuditAction
from register.domain.running.consumer import Consumer
from register.errors import code_of
from register.logs import logger
from register.search.feeding.changes import TokenEntry, handles_of
from register.search.peppers import Peppers
from register.services.running.try_each import is_about_the_object
from register.services.statistics.statements.words import refusal_of, said_row
from register.store.exchange.damages import Stored
from register.store.search.search_keys import KeyRow
from register.store.work import Work
from schemas.canonical import unb64
from schemas.codes import Partition
from schemas.exchange.wire import RETRACTED_DONE_MAX, IndicatorPut
from schemas.statistics.entry import StatementKind, StatisticsEntry

CONSUMERS: Final = (Consumer.INDEX, Consumer.MATCH)
"""Who must look at every object that changed."""


class ReceivedLog:
    """What one partner told, in one incarnation of its log."""

    def __init__(self, work: Work, partner: Partition, incarnation: int, peppers: tuple[bytes, bytes]) -> None:
        """Take an open transaction; peppers: of this node's index."""
        self._work, self._partner, self._incarnation = work, partner, incarnation
        self._peppers = Peppers(*peppers)
        self._store = work.exchange.received
        self._judged: dict[tuple[StatementKind, str, int], str] = {}
        self._cursor: Cursor | None = None
        self._moved: dict[str, Any] = {}

    # --- what a step needs to know ---

    def lock(self, start: Cursor) -> Cursor:
        """Where we stand, locked until the transaction ends; made as `start` before the first page."""
        if self._cursor is None:
            self._cursor = self._store.lock_cursor(self._partner, start)
        return self._cursor

    def versions(self, objects: Sequence[UUID]) -> dict[UUID, int]:
        """The highest version seen of each of these objects; absent where none was."""
        return self._store.versions(self._partner, objects)

    def hash_at(self, seq: int) -> bytes | None:
        """The entry hash of a stored stub."""
        return self._store.hash_at(self._partner, self._incarnation, seq)

    def stub(self, seq: int) -> KeptStub | None:
        """A stored stub, with the newest version known of its object."""
        return self._store.stub(self._partner, self._incarnation, seq)

    def live(self) -> Iterator[LiveRow]:
        """Objects whose newest stub is a put, sorted by object."""
        return self._store.live(self._partner)

    def quarantined(self) -> list[QuarantineRow]:
        """What is in quarantine, by number."""
        return self._store.quarantined(self._partner, self._incarnation)

    def receipt_matter(self, cursor: Cursor) -> ReceiptMatter:
        """What the next receipt has to say."""
        newest = self._work.exchange.receipts.given(self._partner, self._incarnation)
        return ReceiptMatter(
            done=tuple(self._store.removals_done(self._partner, self._incarnation, most=RETRACTED_DONE_MAX + 1)),
            quarantined=tuple((row.seq, row.code) for row in self.quarantined()),
            stale=cursor.stale_entries,
            newest=newest.claims if newest is not None and newest.n == cursor.receipt_n else None,
        )

    # --- what a step changes ---

    def keep_page(self, first: int, last: int, header: bytes) -> None:
        """Keep a page's signed header as evidence."""
        self._store.keep_evidence(self._partner, self._incarnation, first, last, header.decode("ascii"))

    def keep_stubs(self, stubs: Sequence[NewStub], *, stale: int) -> None:
        """Write stubs, `stale` of them with a version that was not above the stored one."""
        self._store.keep_stubs(self._partner, self._incarnation, stubs)
        if stale:
            self._set(stale_entries=self._locked.stale_entries + stale)

    def hold(self, records: Sequence[NewRecord]) -> None:
        """Hold records in place of any older version, and make them searchable."""
        self._store.hold(self._partner, records)
        self._mended([r.stub.object for r in records])
        self._changed({r.stub.object: self._search_keys(r.stub.object, r.put) for r in records})

    def hide_run_out(self, day: date, limit: int) -> int:
        """Hide the records whose approval ran out before this day; nothing of them is found from the commit on.

        The index keeps them, since it never takes again what it removed of a version, and they may be shown again.
        """
        over = self._store.approved_until_before(self._partner, day, limit)
        if over:
            self._store.hide(self._partner, over)
            self._changed({one: [] for one in over}, urgent=True)
            self._work.running.audit.note(
                AuditAction.EXCHANGE_HIDDEN, str(self._partner), count=len(over), because="approval-ended"
            )
        return len(over)

    def show_again(self, day: date, limit: int) -> int:
        """Show what was hidden though its approval holds on this day; return how much.

        What does not open stays hidden, and the others are shown all the same.
        """
        shown = 0
        for one in self._store.hidden_though_approved(self._partner, day, limit):
            try:
                extract = self._work.exchange.held.open(self._partner, [one], also_hidden=True).get(one)
            except Exception as error:
                if not is_about_the_object(error):
                    raise
                said = {"partner": self._partner, "object_id": str(one), "code": code_of(error)}
                logger().error("extract.not-shown-again", partition=self._work.partition, **said)
                continue
            if extract is not None:
                self._store.show(self._partner, [one])
                self._changed({one: self._search_keys(one, extract.put)})
                shown += 1
        if shown:
            self._work.running.audit.note(
                AuditAction.EXCHANGE_SHOWN, str(self._partner), count=shown, because="approval-holds"
            )
        return shown

    def lose(self, lost: Sequence[Lost]) -> None:
        """Remove the bodies of these objects for good; nothing of them is found from the commit on."""
        self._store.lose(self._partner, lost)
        self._mended([one.stub.object for one in lost])
        self._changed({one.stub.object: [] for one in lost}, urgent=True)

    def list_entries(self, entries: Sequence[Listed]) -> None:
        """Keep entries that nothing acts on yet."""
        self._store.list_entries(self._partner, self._incarnation, entries)

    def keep_words(self, words: Sequence[tuple[UUID, StatisticsEntry]]) -> None:
        """Keep what the partner said about statistics, and may say by the judge (`judge_word`)."""
        for about, entry in words:
            row = said_row(entry, self._partner, about, self._work.clock.now())
            self._work.statistics.statements.keep(entry.kind, row)
            self._work.running.audit.note(
                AuditAction.STATISTICS_RECEIVED, str(about), kind=entry.kind.value, place=row.place, number=row.number
            )

    def judge_word(self, entry: StatisticsEntry) -> str | None:
        """Why a signed word on statistics is not kept, by its code: it is none of ours, of another, or a second one."""
        code = refusal_of(entry, self._partner, self._known_digest)
        if code is None:
            row = said_row(entry, self._partner, UUID(int=0), self._work.clock.now())
            # Two words of one page are told from each other, too.
            self._judged[entry.kind, row.place, row.number] = row.digest
        return code

    def _known_digest(self, kind: StatementKind, place: str, number: int) -> str | None:
        if (judged := self._judged.get((kind, place, number))) is not None:
            return judged
        return self._work.statistics.statements.digest_at(kind, self._partner, place, number)

    def quarantine(self, rows: Sequence[NewQuarantine]) -> None:
        """Note entries that are not applied, and why."""
        self._store.quarantine(self._partner, self._incarnation, rows)

    def release(self, below: Mapping[UUID, int]) -> None:
        """Drop quarantine rows of these objects with a version below the one named."""
        self._store.release(self._partner, self._incarnation, below)

    def clear_quarantine(self, seq: int) -> None:
        """Drop the quarantine row of this number."""
        self._store.clear_quarantine(self._partner, self._incarnation, seq)

    def looked_again(self, seq: int) -> None:
        """Note that this number was pulled anew."""
        self._store.looked_again(self._partner, self._incarnation, seq)

    def move(self, applied_to: int, last: bytes, roster: int) -> None:
        """Everything up to here is applied."""
        self._set(applied_to=applied_to, last=last, roster=roster)

    def note_head(self, tip_seq: int, at: datetime, *, behind: bytes | None = None) -> None:
        """How far the log went at this time; `behind` is the signed head where that is less than it gave us."""
        since = self._locked.origin_behind_at or self._work.clock.now()
        self._set(head_seq=tip_seq, head_at=at, origin_behind_at=None if behind is None else since)
        self._moved["origin_behind_evidence"] = None if behind is None else behind.decode("ascii")

    def halt(self, code: str, evidence: bytes) -> None:
        """Follow this log no more, and keep what proves why."""
        self._set(halted=code)
        self._moved["halt_evidence"] = evidence.decode("ascii")
        self._work.running.audit.note(
            AuditAction.EXCHANGE_HALTED, str(self._partner), incarnation=self._incarnation, code=code
        )

    def note_success(self) -> None:
        """The partner answered, and all that it said was good."""
        self._set(last_success_at=self._work.clock.now(), last_error=None, last_error_at=None)

    def note_error(self, code: str) -> None:
        """Something the partner said, or left unsaid, was refused under this code."""
        self._set(last_error=code, last_error_at=self._work.clock.now())

    def log_applied(self, first: int, last: int, counts: Mapping[str, int]) -> None:
        """Leave a leaf in the audit log."""
        self._work.running.audit.note(
            AuditAction.EXCHANGE_APPLIED,
            str(self._partner),
            incarnation=self._incarnation,
            first=first,
            last=last,
            counts=dict(counts),
        )

    def write_cursor(self) -> None:
        """Write what was changed of where we stand, in one statement; what is not written is lost."""
        if self._moved:
            self._store.set_cursor(self._partner, self._incarnation, **self._moved)
            self._moved = {}

    # --- receipts ---

    def give(self, receipt: KeptReceipt, digest: bytes) -> None:
        """Keep a receipt that is to be posted, and what it lists as done."""
        self._work.exchange.receipts.give(self._partner, self._incarnation, receipt)
        self._store.list_done(self._partner, self._incarnation, receipt.n, receipt.claims.get("retracted_done", ()))
        self.count_receipts_from(receipt.n, digest)

    def count_receipts_from(self, n: int, digest: bytes) -> None:
        """The next receipt follows this one."""
        self._set(receipt_n=n, receipt_digest=digest)

    def void_receipts(self) -> None:
        """Drop our receipts; what they listed as done is listed again."""
        self._work.exchange.receipts.void(self._partner, self._incarnation)
        self._store.unlist_done(self._partner, self._incarnation)

    def post_again(self) -> None:
        """Have the newest receipt posted again."""
        self._work.exchange.receipts.post_again(self._partner, self._incarnation)

    def to_post(self, *, since: int | None, limit: int) -> list[KeptReceipt]:
        """The next receipts to post, in order; from a number on whatever was acknowledged."""
        return self._work.exchange.receipts.to_post(self._partner, self._incarnation, since=since, limit=limit)

    def acknowledged(self, n: int) -> None:
        """The partner took receipt `n`."""
        self._work.exchange.receipts.acknowledged(self._partner, self._incarnation, n)

    # --- parts ---

    @property
    def _locked(self) -> Cursor:
        if self._cursor is None:
            raise RuntimeError("the cursor is changed by who has locked it")
        return self._cursor

    def _set(self, **values: Any) -> None:
        """Change the cursor; `write_cursor` writes all of it at once."""
        self._cursor = replace(self._locked, **values)
        self._moved |= values

    def restore_search_keys(self, about: UUID) -> bool:
        """Give a record the search keys that its pseudonyms give, if it has others; return whether it had.

        Raises:
            FieldSealBroken, UnknownSecret: it does not open.
        """
        shown = self._store.lock_shown(self._partner, about)
        if shown is None:
            return False
        extract = self._work.exchange.held.open(self._partner, [about]).get(about) if shown else None
        if shown and extract is None:
            return False
        wanted = [] if extract is None else self._search_keys(about, extract.put)
        there = self._work.search.keys.of_records(self._partner, [about])[about]
        if set(wanted) == set(there):
            return False
        self._changed({about: wanted})
        self._work.running.audit.note(
            AuditAction.RECEIVED_KEYS_RESTORED, str(about), owner=self._partner, count=len(wanted)
        )
        logger().error(
            "extract.search-keys-differed", partition=self._work.partition, partner=self._partner, object=str(about)
        )
        return True

    def seq_of(self, about: UUID) -> int | None:
        """The number under which the version that is held of an object came; None where its stub is not here."""
        return self._store.seq_of(self._partner, self._incarnation, about)

    def damaged(self, limit: int) -> list[tuple[UUID, int]]:
        """Objects that were found not to open here, each with the number under which it came."""
        objects = [UUID(row) for row in self._work.exchange.damages.first(Stored.RECEIVED, self._partner, limit)]
        return [(one, seq) for one in objects if (seq := self.seq_of(one)) is not None]

    def _mended(self, objects: Sequence[UUID]) -> None:
        self._work.exchange.damages.clear(Stored.RECEIVED, self._partner, [str(one) for one in objects])

    def _changed(self, keys: Mapping[UUID, Sequence[KeyRow]], *, urgent: bool = False) -> None:
        # A key that these carried too often to link anything may do so again without them.
        self._work.running.outbox.add(Consumer.MATCH, *self._work.search.keys.own_rare_again(self._partner, list(keys)))
        self._store.set_search_keys(self._partner, keys)
        self._work.running.outbox.add_for(CONSUMERS, keys, urgent=urgent)

    def _search_keys(self, about: UUID, put: IndicatorPut) -> list[KeyRow]:
        return search_keys_of(self._peppers, self._partner, about, put)


def search_keys_of(peppers: Peppers, origin: Partition, about: UUID, put: IndicatorPut) -> list[KeyRow]:
    """What an extract is found by on this host, as its pseudonyms give it."""
    tokens = [(t, unb64(t.token)) for t in put.record.tokens]
    handles = handles_of(peppers, origin, about, [TokenEntry(t.n, t.family, t.epoch, raw) for t, raw in tokens])
    return [KeyRow(peppers.peppered(raw), t.n, t.family, t.version, t.epoch, handles[t.n][0]) for t, raw in tokens]
