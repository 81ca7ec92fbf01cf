"""What a partner was told of a signal's extract, and how far it is with it by its own receipts.

Only a receipt makes anything "received" or "withdrawn": what was sent and not acknowledged is on its way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from register.domain.partition import FACTS
from schemas.codes import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that was decided to be said to a partner.

    Attributes:
        version: of the extract in the log for this partner; counts from 1.
        withdrawal: it takes the extract back; else it gives it, or a newer state of it.
        decided_at: when the rules were asked, and what is to be said was queued.
        due_at: by when a withdrawal must be confirmed.
        received_at: when the first receipt came that covers it; None until then.
        done_at: when the receipt came that says that what was withdrawn is gone; None until then.
        refused: the partner's newest receipt says that its own rules do not take it.
    """

    partner: Partition
    version: int
    withdrawal: bool
    decided_at: datetime
    due_at: datetime | None = None
    received_at: datetime | None = None
    done_at: datetime | None = None
    refused: bool = False


class Delivery(StrEnum):
    """How a partner stands with the extract of a signal."""

    NOTHING = "nothing"
    ON_ITS_WAY = "on-its-way"
    RECEIVED = "received"
    REFUSED = "refused"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one partner stands.

    Attributes:
        at: since when: decided, received, or confirmed; None where nothing was ever said.
        due_at: by when the earliest withdrawal that is not confirmed must be, whatever was told after it.
        newer: an older state was received, and a newer one is on its way.
    """

    delivery: Delivery
    at: datetime | None = None
    due_at: datetime | None = None
    newer: bool = False


def stand_of(told: Sequence[Told]) -> Stand:
    """Return where a partner stands; `told` is all that was said to it, in the order of its versions."""
    open_until = (t.due_at for t in told if t.withdrawal and t.done_at is None and t.due_at is not None)
    return replace(_stand_of(told), due_at=min(open_until, default=None))


def _stand_of(told: Sequence[Told]) -> Stand:
    if not told:
        return Stand(Delivery.NOTHING)
    newest = told[-1]
    if newest.withdrawal:
        if newest.done_at is not None:
            return Stand(Delivery.WITHDRAWN, newest.done_at)
        return Stand(Delivery.WITHDRAWING, newest.decided_at)
    if newest.refused:
        return Stand(Delivery.REFUSED, newest.received_at)
    if newest.received_at is not None:
        return Stand(Delivery.RECEIVED, newest.received_at)
    for before in reversed(told[:-1]):
        if before.withdrawal:
            break
        if before.received_at is not None and not before.refused:
            return Stand(Delivery.RECEIVED, before.received_at, newer=True)
    return Stand(Delivery.ON_ITS_WAY, newest.decided_at)


def not_told(stopped: Mapping[Partition, datetime], *, withdrawn: bool) -> str | None:
    """That partners whose logs are stopped are told nothing now, and what to do about it; None where none is.

    All of them are named, whatever this register remembers of what they have: after a restore it may have forgotten.
    """
    if not stopped:
        return None
    names = " and ".join(FACTS[partner].name for partner in sorted(stopped))
    since = f"{min(stopped.values()):%Y-%m-%d %H:%M} UTC"
    if withdrawn:
        return (
            f"It was taken back here, and {names} cannot be told now: nothing decided here since {since} goes there. "
            "Telephone the register unit there now, with the reference: it may have the extract, and shows it still."
        )
    return (
        f"{names} cannot be told now: nothing decided here since {since} goes there until operators have acted. "
        "Telephone the register unit there if it has to know."
    )


def by_partner(told: Iterable[Told]) -> dict[Partition, list[Told]]:
    """What was said, for each partner to whom anything was."""
    found: dict[Partition, list[Told]] = {}
    for one in sorted(told, key=lambda t: (t.partner, t.version)):
        found.setdefault(one.partner, []).append(one)
    return found
