"""What a partner shared, as a country holds it, without the partner's node: written the way a pulled page is.

No page, no signature and no rule: those have tests of their own. Search keys, sealed bodies and to-dos are the real
ones, since `ReceivedLog` writes them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.log import Cursor, Lost, NewRecord, NewStub
from register.pseudonyms.client import Token, pseudonymise
from register.pseudonyms.epochs import EPOCHS
from register.pseudonyms.query_keys import query_keys
from register.services.exchange.received_log import ReceivedLog
from register.services.signals.share_signal import lease_signals, share_signal
from register.store.work import Work
from schemas.canonical import b64, body_commitment
from schemas.codes import EntryType, LegalBasis, Partition, RetractReason
from schemas.exchange.evaluation import Asking, Declared, EvaluationPurpose
from schemas.exchange.wire import IndicatorPut, encode_body, read
from schemas.search.question import AskedSubject
from sync.appender import Appender
from sync.protocol.documents.stub import LogId

HELD, GONE = "held", "tombstone"


def none_given(_log: LogId, _disowned: AbstractSet[bytes]) -> None:
    """The newest receipt of a partner that has no node: it has given none."""


class Mirror:
    """One partner's log in one country, fed by hand."""

    def __init__(self, host: Register, partner: Partition) -> None:
        self.host, self.partner, self.seq = host, partner, 0
        self._taken = 0

    def hold(self, *puts: IndicatorPut, about: UUID | None = None, version: int = 1) -> list[UUID]:
        """Hold extracts, each as an object of its own unless `about` names one; all in one transaction."""
        objects = [about or self.host.clock.new_id() for _ in puts]
        bodies = [encode_body(put) for put in puts]
        records = []
        for put, body, one in zip(puts, bodies, objects, strict=True):
            salt = secrets.token_bytes(32)
            stub = self._stub(one, version, EntryType.INDICATOR_PUT, HELD, body_commitment(salt, body))
            records.append(NewRecord(stub, put, body, salt))
        with self.host.work(system(self.host.partition, "worker")) as work:
            log = self._log(work)
            log.keep_stubs([r.stub for r in records], stale=0)
            log.hold(records)
        return objects

    def retract(self, about: UUID, *, version: int = 2) -> int:
        """Take an object back; return the number of the entry."""
        stub = self._stub(about, version, EntryType.INDICATOR_RETRACT, GONE, secrets.token_bytes(32))
        with self.host.work(system(self.host.partition, "worker")) as work:
            log = self._log(work)
            log.keep_stubs([stub], stale=0)
            log.lose([Lost(stub, RetractReason.WITHDRAWN)])
        return stub.seq

    def head(self, *, tip: int, applied_to: int, at: datetime, behind: bool = False) -> None:
        """The newest head, and how far its log is applied; `behind`: that is more than its origin still has."""
        with self.host.work(system(self.host.partition, "worker")) as work:
            log = self._log(work)
            log.lock(Cursor(incarnation=1, applied_to=0, last=bytes(32), roster=1))
            log.move(applied_to, bytes(32), 1)
            log.note_head(tip, at, behind=b"a.signed.head" if behind else None)
            log.write_cursor()

    def fresh(self) -> None:
        """A head of this moment, with all of it applied."""
        self.head(tip=self.seq, applied_to=self.seq, at=self.host.clock.now())

    def take(self, owner: Register) -> int:
        """Bring what the owner's workers decided to share: pseudonyms, drafts, log; return the number of entries."""
        for lease in lease_signals(owner, 100):
            share_signal(owner, lease)
        appender = Appender(owner, "by hand", none_given)
        while appender.turn():
            pass
        with owner.work(system(owner.partition, "worker")) as work:
            head = work.exchange.log.head(self.host.partition, 1)
            tip = head.tip_seq if head else 0
            entries, _ = work.exchange.log.entries(self.host.partition, 1, after=self._taken, to=tip, max_bytes=1 << 30)
        for entry in entries:
            if entry.type == EntryType.INDICATOR_RETRACT:
                self.retract(entry.object, version=entry.version)
            elif entry.body is not None:
                self.hold(read(IndicatorPut, entry.body), about=entry.object, version=entry.version)
        self._taken = tip
        return len(entries)

    def _stub(self, about: UUID, version: int, kind: EntryType, verdict: str, commitment: bytes) -> NewStub:
        self.seq += 1
        stub = f"{self.partner} {self.seq} {about} {version}".encode()
        return NewStub(self.seq, about, version, kind, commitment, stub, hashlib.sha256(stub).digest(), verdict)

    def _log(self, work: Work) -> ReceivedLog:
        return ReceivedLog(work, self.partner, 1, self.host.keys.peppers)


def tokens_of(register: Register, subject: AskedSubject, *, n: int = 1) -> list[dict[str, object]]:
    """The pseudonyms of what is known of a subject, as a shared extract of any country carries them."""
    keys = query_keys(subject, register.partition)
    assert register.evaluators is not None
    asking = Asking(
        request_id=register.clock.new_id(),
        country=register.partition,
        purpose=EvaluationPurpose.REGISTER,
        organisation=f"{register.partition}-TEST",
        actor="0" * 43,
        legal_basis=LegalBasis(f"{register.partition}_NONPOLICE"),
        declared=Declared.PUBLISH,
    )
    made = pseudonymise(
        keys,
        register.evaluators,
        request=asking,
        epochs=EPOCHS,
        secret=secrets.token_bytes(32),
        issued=register.clock.now(),
    )
    return [_token(token, n) for token in _all(made)]


def _all(made: Sequence[object]) -> list[Token]:
    tokens = [t for t in made if isinstance(t, Token)]
    assert len(tokens) == len(made), "too few evaluators for a test"
    return tokens


def _token(token: Token, n: int) -> dict[str, object]:
    return {
        "family": token.family,
        "version": token.version,
        "epoch": token.epoch,
        "token": b64(token.value),
        "n": n,
    }
