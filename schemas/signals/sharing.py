"""Who may have the extract of a signal, and who has it: by the partners' own receipts."""

from __future__ import annotations

from typing import Literal

from pydantic import StrictBool

from schemas.form import Instant
from schemas.signals.out import SharingPreview

Delivery = Literal["nothing", "on-its-way", "received", "refused", "withdrawing", "withdrawn"]


class SharingOut(SharingPreview):
    """One partner: what the rules say of it, and how it stands with the extract.

    Attributes:
        not_told_since: as in `SharingPreview`: what is on its way or being withdrawn does not get there meanwhile.
        decided_at: when the rules were asked; absent while it is a preview.
        delivery: `received` and `withdrawn` by a receipt of the partner only; `refused` where its own rules do not
            take it; `nothing` where nothing was ever sent.
        since: when it was decided (on its way, withdrawing) or when the receipt came.
        due_at: by when the earliest withdrawal that is not confirmed must be, whatever was told after it.
        newer_on_its_way: it has an older state of the extract, and a newer one was sent.
    """

    decided_at: Instant | None = None
    delivery: Delivery = "nothing"
    since: Instant | None = None
    due_at: Instant | None = None
    newer_on_its_way: StrictBool = False
