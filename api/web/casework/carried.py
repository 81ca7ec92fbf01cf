"""What the form of a draft carries on of the hit that it is made from: an answer of a search, or a hit on a report."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.web.frame.languages import N_, Words
from api.web.signals.ours.wording import families_of
from schemas.codes import Partition
from schemas.search.question import HitRow

_ASKS: Final = N_(
    "Your extract %(reference)s and a report of ours share %(what)s. Please tell us whom it is about, what happened, "
    "where and when, and how far your case is."
)


class Carried(BaseModel):
    """What counts of it is read again when the draft is stored.

    Attributes:
        hit: the hit on an own report, which says that a request was drafted from it.
        families: what the extract shares with that report.
        protected: who shares it is protected in that report, so nothing is said of it that nobody has typed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    record: UUID
    owner: Partition
    reference: str
    unit: str
    routes: tuple[str, ...]
    hit: UUID | None = None
    families: tuple[str, ...] = ()
    protected: bool = False

    def named(self) -> dict[str, Any]:
        """What the draft names of it."""
        return {"record": self.record, "owner": self.owner, "hit": self.hit}


def carried_of(hit: HitRow) -> Carried:
    """A hit of the list as the form of a draft carries it."""
    contact = hit.contact
    return Carried(
        record=hit.record,
        owner=hit.origin,
        reference=hit.reference or str(hit.record),
        unit="" if contact is None else contact.unit,
        routes=() if contact is None else contact.routes,
        hit=hit.id,
        families=hit.families,
        protected=hit.protected,
    )


def asks_of(hit: Carried, words: Words) -> str:
    """What is known of a hit on a report, as the beginning of what is asked; nothing of an answer of a search.

    The own report is not named: a request tells its receiver no more than a search does, and the report may be one
    that no partner knows of.
    """
    shared = [words.plain(one) for one in families_of(hit.families)]
    if hit.hit is None or hit.protected or not shared:
        return ""
    return words.plain(_ASKS, reference=hit.reference, what=", ".join(shared))
