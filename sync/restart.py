"""What a partner acknowledged of our log, by its newest receipt: asked before anything is appended (README, step 10).

A receipt is signed evidence and may be older than its key: one whose key was revoked since proves all the same that
the partner knows more than we do. That the answer is the newest is the word of the connection alone, which is the
partner's by its certificate: whoever can change answers can hide a receipt, and what is then appended is a fork that
the partner refuses and keeps the proof of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from register.core import Register
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.exchange.wire import GivenReceipts, Receipt, Typ, read
from sync.protocol.documents.roster import Rosters
from sync.protocol.documents.signed import read_signed
from sync.protocol.documents.stub import LogId
from sync.protocol.refusals import Malformed
from sync.transport import PartnerHttp
from sync.trust import trust_of

PATH: Final = "/sync/v1/receipts/latest"
_ANSWER_BYTES_MAX: Final = 2 * 1024 * 1024


class NewestReceipt(Protocol):
    """How the partner is asked; a process that appends where no partner can be has one of its own."""

    def __call__(self, log: LogId, /) -> Receipt | None:
        """The newest receipt that the log's recipient gave, of this incarnation or a later one; None if it gave none.

        Raises:
            PartnerError: it cannot be asked, or its answer is not believed.
        """
        ...


class AskedReceipt:
    """`NewestReceipt` over HTTP."""

    def __init__(self, register: Register, http: PartnerHttp, rosters: Callable[[], Rosters]) -> None:
        self._own, self._http, self._rosters = register.partition, http, rosters

    def __call__(self, log: LogId, /) -> Receipt | None:
        """Ask the recipient.

        Raises:
            PartnerUnreachable, PartnerRefused, NoSuchPartner: it cannot be asked.
            PartnerError: what it answered is no receipt of its own about a log of ours.
        """
        answer = self._http.get(log.recipient, PATH, bytes_max=_ANSWER_BYTES_MAX)
        try:
            canonical.loads(answer.body, _ANSWER_BYTES_MAX)
            given = read(GivenReceipts, answer.body).receipts
        except DocumentRefused as refusal:
            raise Malformed(f"{log.recipient} does not say which receipt it gave last: {refusal}") from refusal
        newest = max(given, key=lambda one: one.inc, default=None)
        if newest is None or newest.inc < log.incarnation:
            return None
        trust = trust_of(self._own, self._rosters(), log.recipient)
        receipt = read_signed(newest.receipt.encode("ascii"), Typ.RECEIPT, Receipt, trust, new=False).claims
        if receipt.inc != newest.inc:
            raise Malformed(f"{log.recipient} names a receipt of incarnation {receipt.inc} as one of {newest.inc}")
        return receipt
