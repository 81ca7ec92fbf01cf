"""How the exchange stands with each partner, both ways, in words and codes that a coordinator can read."""

from __future__ import annotations

from pydantic import Field

from schemas.codes import Partition
from schemas.form import Form, Instant


class Refused(Form):
    """An entry that was not applied: its number, the stable code of why, and the rule it rests on."""

    seq: int
    code: str
    rule: str | None = None


class ReceivedFrom(Form):
    """What we have of a partner.

    Attributes:
        applied_to: number of the last entry applied; `behind` more are known to exist.
        stale: entries are missing, or nothing fresh was heard for too long.
        unconfirmed_withdrawals: withdrawals that our index has not confirmed yet.
        halted: code of why this partner is followed no more.
        set_back_at: since when the partner's log ends before what it gave us: it was restored from a backup.
    """

    applied_to: int
    behind: int | None
    head_at: Instant | None
    stale: bool
    last_success_at: Instant | None
    last_error: str | None
    last_error_at: Instant | None
    refused: tuple[Refused, ...] = ()
    unconfirmed_withdrawals: int = 0
    halted: str | None = None
    set_back_at: Instant | None = None


class SentTo(Form):
    """What a partner has of ours, by its own signed receipts.

    Attributes:
        waiting: extracts decided and not numbered yet.
        open_withdrawals: not confirmed yet, whatever was told of the same extracts after them; `overdue` of them are
            past their time.
        withdrawals_refused: how many of our withdrawals it says that it refused, which no register may.
        stopped: code of why nothing more is told to it, `stopped_at` since when.
        held_back: extracts that it has and that were taken back or changed since it stopped; `held_back_since` when
            the first was. Whoever is protected since can still be found there.
        converged: the partner has it all, and has removed what it was to remove; else `reasons` say why not.
    """

    tip: int
    waiting: int
    acknowledged_to: int
    last_receipt_at: Instant | None
    open_withdrawals: int
    overdue: int
    refused: tuple[Refused, ...] = ()
    withdrawals_refused: int = 0
    stopped: str | None = None
    stopped_at: Instant | None = None
    held_back: int = 0
    held_back_since: Instant | None = None
    converged: bool
    reasons: tuple[str, ...] = ()


class PartnerOut(Form):
    """One partner."""

    partner: Partition
    name: str
    received: ReceivedFrom
    sent: SentTo


class PartnersOut(Form):
    """All partners of one country; `index_waiting` objects are not yet in the search index as they should be."""

    country: Partition
    partners: tuple[PartnerOut, ...] = Field(max_length=4)
    index_waiting: int
