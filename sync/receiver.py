"""The receiver: pulls one partner's log page by page, and acknowledges what it applied (README, steps 5 and 6).

One pull is one page: ask, check, and then one transaction in which the page, the head and the receipt are stored
together with the cursor, or not at all. Posting receipts comes after it and may fail without harm: what was not
acknowledged is posted again. No error of a partner leaves this module: it is noted with its code, other partners go on.

While one page is applied, the next one is asked for and checked as the one that must follow it, and the receipts
before it are posted. Nothing is stored of a page ahead: it is applied by the next pull if it still follows, on what is
locked then, and dropped otherwise. So memory holds two pages a partner at most.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final, assert_never
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.log import ORIGIN_BEHIND, Cursor, KeptReceipt, ReceiptMatter
from register.domain.exchange.reconciling import NightState
from register.errors import OperatorError, PartnerError
from register.failpoints import Failpoint
from register.keys import hpke
from register.services.exchange.received_log import ReceivedLog
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.wire import PAGE_BYTES_MAX, QUARANTINED_MAX, Head, IndicatorPut, PageAnswer
from sync.carry import carry_out
from sync.judgement import HoldCode, may_hold_here, may_keep_here
from sync.lists import PartnerLists
from sync.protocol import stream
from sync.protocol.documents.head import read_head
from sync.protocol.documents.receipt import ReceiptFacts, ReceiptMark
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.signed import Signed, Trust
from sync.protocol.documents.stub import LogId, Tip
from sync.protocol.entries import QuarantineCode, Rules, StubVerdict
from sync.protocol.events import (
    Applied,
    AppliedAnew,
    BadPage,
    Duplicate,
    EntryAnew,
    Examined,
    Fork,
    Gap,
    Given,
    Halted,
    HeadArrived,
    HeadSeen,
    OriginBehind,
    PageArrived,
    ReceiptDue,
    ReceiptsLost,
    ReceiverState,
    Renumbered,
    Verdict,
)
from sync.protocol.liveset import LiveObject, live_root
from sync.protocol.refusals import BeyondTip, LogForked, Malformed, OutOfSequence
from sync.pulling.ahead import Ahead
from sync.pulling.nights import Nights
from sync.pulling.own_tickets import look_for_unasked, pursue_tickets
from sync.transport.partner import PartnerHttp, PartnerRefused, PartnerUnreachable
from sync.trust import NodeSigner, trust_of

FRAME_BYTES_MAX: Final = PAGE_BYTES_MAX + 256 * 1024
"""Of an answer: a block, its seal, a head and a header."""
RECEIPTS_A_TURN: Final = 20
AHEAD_KEPT_S: Final = 30.0
"""Older than this a page that was asked for ahead is asked for again: its head should say how things stand."""
_NONCE_BYTES: Final = 24
_LOOKS_A_TURN: Final = 50
_RECEIPT_TYPE: Final = "application/jose"


class StubMissing(OperatorError):
    """A stub below the cursor is not in this node's tables: a row was removed by hand, or a disk lost it."""

    code = "stub-missing"
    advice = "Restore the rows of `received_stub` from a backup; until then this partner's log cannot be compared."


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull came to.

    Attributes:
        applied: entries of the page applied; 0 where there was none.
        behind: how many entries the partner has that we do not; None where no head said it.
        error: stable code of what was refused or failed, or of why the log is followed no more.
    """

    partner: Partition
    applied: int
    behind: int | None
    error: str | None

    @property
    def more(self) -> bool:
        """Whether to pull again at once."""
        return self.error is None and bool(self.behind)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a partner answered to a pull, checked.

    Attributes:
        after: where we stood when it was asked.
        error: code of why the head is not believed, or of a refusal that came with a head; the page may be good all
            the same.
        at: on the monotonic clock.
    """

    after: Tip
    page: Examined | None
    head: Signed[Head] | None
    error: str | None
    at: float


class Receiver:
    """Pulls for one country."""

    def __init__(
        self, register: Register, http: PartnerHttp, rosters: Callable[[], Rosters], *, incarnation: int = 1
    ) -> None:
        """Take what it needs.

        Args:
            register: the country's.
            http: its way to partners.
            rosters: gives those known now.
            incarnation: of the partners' logs that is followed.
        """
        self._register, self._http, self._rosters, self._incarnation = register, http, rosters, incarnation
        self._signer, self._caller = NodeSigner(register.keys), system(register.partition, "worker")
        self._lists = PartnerLists(register, http, rosters)
        self._nights = Nights(register, http, rosters)
        self._pages: Ahead[_Answer] = Ahead()
        self._posts: Ahead[str | None] = Ahead()

    def pull_once(self, partner: Partition) -> Pulled:
        """Pull the next page of one partner, apply it, and post the receipts that are due.

        While the partner has more, receipts are posted during the next pull, and an error of that is told by it.
        """
        log = self._log(partner)
        with self._register.work(self._caller) as work:
            cursor = work.exchange.received.cursor(partner, self._incarnation) or _build_start_cursor(log)
        pulled = Pulled(partner, 0, None, cursor.halted)
        if cursor.halted is None:
            try:
                answer = self._answer(_build_state(log, cursor))
            except PartnerError as refusal:
                pulled = replace(pulled, error=self._note_error(log, _find_refusal_code(refusal)))
            else:
                if answer.page is not None:
                    self._register.failpoints.hit(Failpoint.RECEIVER_VERIFIED)
                self._look_ahead(_build_state(log, cursor), answer)
                pulled, waiting = self._apply(log, answer)
                if pulled.applied:
                    self._register.failpoints.hit(Failpoint.RECEIVER_COMMITTED)
                return replace(pulled, error=self._post_after(log, pulled, waiting) or pulled.error)
        else:
            self._acknowledge(log)
        return replace(pulled, error=self._post(log) or pulled.error)

    def acknowledge(self, partner: Partition) -> str | None:
        """Give and post the receipts that are due, for instance once the index confirmed removals.

        Returns:
            The code of why one could not be posted; it is posted again.
        """
        log = self._log(partner)
        return self._post(log) if self._acknowledge(log) else None

    def fetch_list(self, partner: Partition) -> None:
        """Ask for the partner's list of organisations; one that cannot be had or is refused changes nothing."""
        self._lists.fetch(partner)

    def reconcile(self, partner: Partition) -> bool:
        """Compare the next day that is due with what the partner's evaluator lists; True if there may be another."""
        return self._nights.turn(partner) in {NightState.MATCHED, NightState.FINDING}

    def pursue_tickets(self) -> int:
        """Show own tickets to the evaluators that do not count them yet; return how many changed."""
        return pursue_tickets(self._register, self._http, self._rosters)

    def look_for_unasked_tickets(self) -> bool:
        """Ask the evaluators for tickets in this country's name that it did not ask for; False: there are no more."""
        look_for_unasked(self._register, self._http)
        return False

    def look_again(self, partner: Partition, *, not_since: float = 3600.0) -> int:
        """Pull quarantined entries anew and judge them by today's rules; return how many left the quarantine.

        Args:
            partner: whose entries.
            not_since: seconds that must have passed since one was looked at last; 0 looks at all.
        """
        log = self._log(partner)
        now = self._register.clock.now()
        with self._register.work(self._caller) as work:
            rows = work.exchange.received.quarantined(partner, self._incarnation)
        # A look that lies ahead of the clock was noted before the clock was set back, and counts for nothing.
        since = {r.seq: (now - (r.looked_again_at or r.seen_at)).total_seconds() for r in rows}
        # Looked at alone, a version that jumped is no jump any more; its origin mends it by the next version.
        jumped = {r.seq for r in rows if r.code == QuarantineCode.VERSION_JUMP}
        due = [seq for seq, seconds in since.items() if seq not in jumped and not 0 <= seconds < not_since]
        if any(r.code == HoldCode.UNIT_NOT_LISTED and r.seq in due for r in rows):
            self._lists.fetch(partner)
        released = 0
        for seq in due[:_LOOKS_A_TURN]:
            try:
                released += self._look(log, seq)
            except PartnerError as refusal:
                self._note_error(log, _find_refusal_code(refusal))
                break
        if released:
            self.acknowledge(partner)
        return released

    def fetch_damaged(self, partner: Partition) -> int:
        """Pull anew the entries of extracts that do not open here; return how many are whole again."""
        log = self._log(partner)
        with self._received(log) as rows:
            due = rows.damaged(_LOOKS_A_TURN)
        mended = 0
        for about, seq in due:
            try:
                mended += self._look(log, seq, damaged=about)
            except PartnerError as refusal:
                self._note_error(log, _find_refusal_code(refusal))
                if isinstance(refusal, PartnerUnreachable):
                    break
                # An entry that the partner cannot serve holds no later one up.
        return mended

    # --- a page ---

    def _answer(self, state: ReceiverState) -> _Answer:
        """What the partner says follows what we have: as it was asked ahead, or asked now."""
        ahead = self._pages.take(state.log.origin, self._key(state))
        if ahead is not None:
            with suppress(PartnerError):
                answer = ahead()
                fresh = self._register.clock.monotonic() - answer.at < AHEAD_KEPT_S
                if fresh and answer.page is not None and answer.page.entries:
                    return answer
        # What came ahead and is not simply good decides nothing: it is asked for again.
        return self._ask(state)

    def _look_ahead(self, state: ReceiverState, answer: _Answer) -> None:
        """Ask for what follows a page that is about to be applied, if the head says that there is something."""
        page, head = answer.page, answer.head
        if page is None or page.header is None or not page.entries or head is None:
            return
        last = page.entries[-1]
        if head.claims.inc == state.log.incarnation and head.claims.tip_seq > last.stub.seq:
            then = replace(
                state, applied=Tip(last.stub.seq, last.entry_hash), roster=max(state.roster, page.header.claims.roster)
            )
            self._pages.begin(state.log.origin, self._key(then), lambda: self._ask(then))

    def _key(self, state: ReceiverState) -> tuple[Tip, int]:
        # The roster too: what was found good before a newer one was known is looked at again under it.
        return state.applied, self._rosters().newest.number

    def _ask(self, state: ReceiverState) -> _Answer:
        log, settings = state.log, self._register.settings.sync
        nonce, trust = _make_nonce(), trust_of(log.recipient, self._rosters(), log.origin)
        path = (
            f"/sync/v1/log?inc={log.incarnation}&after={state.applied.seq}"
            f"&limit={settings.page_entries_max}&max_bytes={settings.page_bytes_max}"
        )
        try:
            parts, head, error = self._fetch(log, path, nonce, trust)
        except PartnerRefused as refusal:
            proof = refusal.told.get("head")
            if refusal.said != BeyondTip.code or not isinstance(proof, str):
                raise
            # That the origin ends before what it gave us is believed only if it signed it, in answer to this question.
            parts, error = PageAnswer(b"", b"", b""), refusal.said
            head = read_head(proof.encode("ascii", "replace"), trust, nonce=nonce)
        return _Answer(state.applied, self._examined(state, parts), head, error, self._register.clock.monotonic())

    def _fetch(
        self, log: LogId, path: str, nonce: str, trust: Trust
    ) -> tuple[PageAnswer, Signed[Head] | None, str | None]:
        answer = self._http.get(log.origin, path, nonce=nonce, bytes_max=FRAME_BYTES_MAX)
        try:
            parts = wire.unframe(answer.body)
        except DocumentRefused as refusal:
            raise Malformed(f"the answer of {log.origin} is not framed: {refusal}") from refusal
        try:
            return parts, read_head(parts.head, trust, nonce=nonce), None
        except PartnerError as refusal:
            # A head proves freshness and is never needed to apply a page.
            return parts, None, refusal.code

    def _examined(self, state: ReceiverState, answer: PageAnswer) -> Examined | None:
        if not answer.page:
            return None
        trust = trust_of(state.log.recipient, self._rosters(), state.log.origin)
        return stream.examine(state, answer.page, answer.sealed, trust, self._open)

    def _apply(self, log: LogId, answer: _Answer) -> tuple[Pulled, list[KeptReceipt]]:
        """Store what was answered, as one; return what came of it, and the receipts that are to be posted."""
        page, head = answer.page, answer.head
        errors = [answer.error] if answer.error else []
        units = self._units(log, page)
        applied, behind = 0, None
        with self._received(log) as rows:
            state = _build_state(log, rows.lock(_build_start_cursor(log)))
            # A head that another worker has overtaken since it was asked for says nothing about a log set back.
            overtaken = answer.after != state.applied
            if page is not None and state.halted is None:
                state, verdict = self._step_page(log, rows, state, page, units)
                if isinstance(verdict, Applied):
                    applied = verdict.last - verdict.first + 1
                    rows.log_applied(verdict.first, verdict.last, {str(k): n for k, n in verdict.counts.items()})
                errors += _error_of(verdict)
            if head is not None and state.halted is None and not overtaken:
                state, verdict = _step_head(log, rows, state, head)
                behind = verdict.behind if isinstance(verdict, HeadSeen) else None
                errors = _error_of(verdict) + errors
            self._give(log, rows)
            if errors:
                rows.note_error(errors[0])
            else:
                rows.note_success()
            waiting = rows.to_post(since=None, limit=RECEIPTS_A_TURN)
            if applied:
                self._register.failpoints.hit(Failpoint.RECEIVER_WRITTEN)
        return Pulled(log.origin, applied, behind, next(iter(errors), None)), waiting

    def _units(self, log: LogId, page: Examined | None) -> frozenset[str]:
        """The origin's units, by a newer list of it where the page names another one; before anything is locked."""
        puts = [put for put in (page.bodies if page is not None else {}).values() if isinstance(put, IndicatorPut)]
        return self._lists.units_for(log.origin, puts) if puts else frozenset()

    def _step_page(
        self, log: LogId, rows: ReceivedLog, state: ReceiverState, page: Examined, units: frozenset[str]
    ) -> tuple[ReceiverState, Verdict]:
        # By the names as the stubs have them: the step looks versions up by what it reads there.
        stored = {str(name): version for name, version in rows.versions([UUID(name) for name in page.objects]).items()}
        hashes: dict[int, bytes] = {}
        if page.header is not None:
            hashes = _known_hash(rows, state, page.header.claims.last_seq)
        done = stream.step(state, PageArrived(page, self._rules(log, rows, units), stored, hashes))
        carry_out(log, rows, done.effects)
        return done.state, done.verdict

    def _rules(self, log: LogId, rows: ReceivedLog, units: frozenset[str]) -> Rules:
        rosters, now = self._rosters(), self._register.clock.now()
        may_hold = may_hold_here(log.recipient, log.origin, self._register.edition, now, units, rosters)
        return Rules(log.recipient, may_hold, may_keep=may_keep_here(log.origin, rosters, rows.judge_word))

    # --- an entry anew ---

    def _look(self, log: LogId, seq: int, *, damaged: UUID | None = None) -> bool:
        """Pull one entry and judge it: one in quarantine, or the one that brought an extract that is damaged now."""
        trust = trust_of(log.recipient, self._rosters(), log.origin)
        answer, _, _ = self._fetch(log, f"/sync/v1/log/{log.incarnation}/{seq}", _make_nonce(), trust)
        if not answer.page:
            raise Malformed(f"{log.origin} answered with no page for entry {seq}")
        units = self._lists.known(log.origin)
        with self._received(log) as rows:
            state = _build_state(log, rows.lock(_build_start_cursor(log)))
            kept = rows.stub(seq)
            if kept is None or state.halted is not None:
                return False
            if damaged is None and all(row.seq != seq for row in rows.quarantined()):
                return False
            if damaged is not None and rows.seq_of(damaged) != seq:
                return False  # a newer version came meanwhile
            page = stream.examine_anew(state, answer.page, answer.sealed, trust, self._open)
            done = stream.step(state, EntryAnew(page, self._rules(log, rows, units), seq, kept.entry_hash, kept.newest))
            rows.looked_again(seq)
            carry_out(log, rows, done.effects)
            if isinstance(done.verdict, BadPage):
                rows.note_error(done.verdict.refusal.code)
            if damaged is not None:
                return isinstance(done.verdict, AppliedAnew) and done.verdict.verdict is StubVerdict.HELD
            return all(row.seq != seq for row in rows.quarantined())

    # --- receipts ---

    def _acknowledge(self, log: LogId) -> bool:
        """Give the receipts that are due; whether any is to be posted, also of before."""
        with self._received(log) as rows:
            self._give(log, rows)
            return bool(rows.to_post(since=None, limit=1))

    def _give(self, log: LogId, rows: ReceivedLog) -> None:
        """Give receipts, in the open transaction, until nothing is left to say."""
        cursor = rows.lock(_build_start_cursor(log))
        while cursor.applied_to:
            at_tip = cursor.head_seq is None or cursor.applied_to >= cursor.head_seq
            matter = rows.receipt_matter(cursor)
            if not _is_due(cursor, matter, at_tip=at_tip):
                return
            root = None
            if at_tip:
                root = live_root(LiveObject(str(r.object), r.version, r.commitment) for r in rows.live())
            facts = ReceiptFacts(
                at=wire.instant(self._register.clock.now()),
                roster=self._rosters().newest.number,
                live_root=root,
                done=matter.done,
                quarantined=matter.quarantined,
                stale=matter.stale,
            )
            done = stream.step(_build_state(log, cursor), ReceiptDue(facts, self._signer))
            carry_out(log, rows, done.effects)
            cursor = rows.lock(_build_start_cursor(log))

    def _post_after(self, log: LogId, pulled: Pulled, waiting: list[KeptReceipt]) -> str | None:
        """Post what is due after a pull, during the next one while the partner has more; return an error's code."""
        before = self._posts.take(log.origin, log)
        if before is not None and (error := before()) is not None:
            return error
        if pulled.more and pulled.applied:
            self._posts.begin(log.origin, log, lambda: self._post(log))
            return None
        return self._post(log) if waiting else None

    def _post(self, log: LogId) -> str | None:
        """Post what the partner has not taken; return the code of why that ended early."""
        since: int | None = None
        for _ in range(RECEIPTS_A_TURN):
            with self._received(log) as rows:
                waiting = rows.to_post(since=since, limit=RECEIPTS_A_TURN)
            if not waiting:
                return None
            receipt = waiting[0]
            try:
                for receipt in waiting:
                    self._post_one(log, receipt)
                since = None if since is None else receipt.n + 1
            except PartnerRefused as refusal:
                # Going back or beginning anew is tried once; a partner that asks for more of it has a fault.
                back = self._after_refusal(log, receipt, refusal) if since is None else None
                if back is None:
                    return self._note_error(log, _find_refusal_code(refusal))
                since = back
            except PartnerError as refusal:
                return self._note_error(log, _find_refusal_code(refusal))
        return None

    def _post_one(self, log: LogId, receipt: KeptReceipt) -> None:
        self._http.post(log.origin, "/sync/v1/receipts", receipt.jws, media_type=_RECEIPT_TYPE)
        with self._received(log) as rows:
            rows.acknowledged(receipt.n)

    def _after_refusal(self, log: LogId, receipt: KeptReceipt, refusal: PartnerRefused) -> int | None:
        """Do what a refusal asks for; return from which number to post, or None to give up for now."""
        told = refusal.told
        if refusal.said == "receipt-gap":
            send_from = told.get("send_from")
            return send_from if isinstance(send_from, int) and 0 < send_from < receipt.n else None
        if refusal.said != "receipt-conflict":
            return None
        newest_n, digest = told.get("newest_n"), told.get("newest_digest")
        # Only where the origin holds receipts of ours that we have lost: then this node was restored.
        if not isinstance(newest_n, int) or not isinstance(digest, str) or newest_n < receipt.n - 1:
            return None
        try:
            newest = ReceiptMark(newest_n, canonical.unb64(digest, canonical.HASH_BYTES))
        except DocumentRefused:
            return None
        with self._received(log) as rows:
            state = _build_state(log, rows.lock(_build_start_cursor(log)))
            done = stream.step(state, ReceiptsLost(newest))
            carry_out(log, rows, done.effects)
            rows.count_receipts_from(done.state.receipt.n, done.state.receipt.digest)
            self._give(log, rows)
        return newest_n + 1

    # --- parts ---

    @contextmanager
    def _received(self, log: LogId) -> Iterator[ReceivedLog]:
        """The log as it is stored, in a transaction that writes where we stand once, at its end."""
        with self._register.work(self._caller) as work:
            rows = ReceivedLog(work, log.origin, log.incarnation, self._register.keys.peppers)
            yield rows
            rows.write_cursor()

    def _note_error(self, log: LogId, code: str) -> str:
        with self._received(log) as rows:
            rows.lock(_build_start_cursor(log))
            rows.note_error(code)
        return code

    def _open(self, sealed: bytes, info: bytes) -> bytes:
        return hpke.open_sealed(sealed, self._register.keys.sealing, info=info)

    def _log(self, partner: Partition) -> LogId:
        return LogId(partner, self._register.partition, self._incarnation)


def pull_once(register: Register, partner: Partition, http: PartnerHttp, rosters: Callable[[], Rosters]) -> Pulled:
    """Pull the next page of one partner, apply it, and post the receipts that are due."""
    return Receiver(register, http, rosters).pull_once(partner)


def _step_head(
    log: LogId, rows: ReceivedLog, state: ReceiverState, head: Signed[Head]
) -> tuple[ReceiverState, Verdict]:
    done = stream.step(state, HeadArrived(head, _known_hash(rows, state, head.claims.tip_seq)))
    carry_out(log, rows, done.effects)
    return done.state, done.verdict


def _known_hash(rows: ReceivedLog, state: ReceiverState, seq: int) -> dict[int, bytes]:
    """What a step needs for a number below the cursor."""
    if not 0 < seq < state.applied.seq:
        return {}
    found = rows.hash_at(seq)
    if found is None:
        raise StubMissing(f"the stub of entry {seq} of {state.log.origin} is not stored")
    return {seq: found}


def _make_nonce() -> str:
    return secrets.token_urlsafe(_NONCE_BYTES)


def _build_start_cursor(log: LogId) -> Cursor:
    return Cursor(incarnation=log.incarnation, applied_to=0, last=log.start().hash, roster=0)


def _build_state(log: LogId, cursor: Cursor) -> ReceiverState:
    none = ReceiptMark.none(log)
    return ReceiverState(
        log,
        Tip(cursor.applied_to, cursor.last),
        cursor.roster,
        none if cursor.receipt_digest is None else ReceiptMark(cursor.receipt_n, cursor.receipt_digest),
        cursor.halted,
    )


def _is_due(cursor: Cursor, matter: ReceiptMatter, *, at_tip: bool) -> bool:
    newest = matter.newest
    if newest is None or matter.done or newest["applied_to"] != cursor.applied_to or newest["stale"] != matter.stale:
        return True
    said = [(note["seq"], note["code"]) for note in newest["quarantined"]]
    return list(matter.quarantined[:QUARANTINED_MAX]) != said or (at_tip and "live_root" not in newest)


def _error_of(verdict: Verdict) -> list[str]:
    match verdict:
        case BadPage(refusal):
            return [refusal.code]
        case Gap():
            return [OutOfSequence.code]
        case Fork():
            return [LogForked.code]
        case OriginBehind():
            return [ORIGIN_BEHIND]
        case Applied() | Duplicate() | Halted() | AppliedAnew() | HeadSeen() | Given() | Renumbered():
            return []
        case _:
            assert_never(verdict)


def _find_refusal_code(refusal: PartnerError) -> str:
    return refusal.said if isinstance(refusal, PartnerRefused) else refusal.code
