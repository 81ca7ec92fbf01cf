"""One report of the own register: what it says, what was done with it, who has it, and what came of it abroad."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SignedInHere, Visitor, show
from api.web.frame.languages import N_, Text
from api.web.frame.rendering import words_of
from api.web.signals.ours.changes import FORMS, offered
from api.web.signals.ours.wording import DELIVERIES, SHOWN_MAX, STRENGTHS, families_of, lines_of
from api.web.signals.reporting.reading import by_place, said
from register.domain.signals.dossier import Dossier
from register.domain.signals.reading import Change, may_amend, reads_country
from register.domain.signals.signal import SignalId
from register.domain.signals.signal_document import document, questions
from register.mou.edition import Edition
from register.mou.facts import LOOSE
from register.mou.keys import publishable_keys
from register.mou.record import facts_of, keyed_by_form
from register.mou.sharing import sharing_of
from register.services.signals.preview_signal import readings_of_form
from register.services.signals.read_signal import read_dossier
from schemas.codes import Partition
from schemas.signals.sharing import SharingOut

router = APIRouter(prefix="/ours", include_in_schema=False, route_class=PageRoute)


@router.get("/{signal_id}")
def report(
    request: Request, here: SignedInHere, signal_id: UUID, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """The whole report, as far as this reader may see it; the reading is logged."""
    found = read_dossier(here.register, here.caller, SignalId(signal_id))
    register, signal = here.register, found.signal
    sharing = sharing_of(found, register.edition, today=register.today())
    words = words_of(request, register.partition, intake=False)
    names = {code: one.name for code, one in found.organisations.items()}
    can = offered(here.register, here.caller, found)
    lines = lines_of(found.history, words, names, here.caller.actor)
    return show(
        request,
        here,
        "signals/ours/report.html",
        heading=N_("Report %(reference)s", reference=signal.reference),
        signal=signal,
        form=signal.form,
        ground=signal.ground,
        organisation=found.organisation.name,
        asked=questions(signal),
        next_step=next_step(found),
        result=_result(here, found, done),
        offered=[FORMS[change] for change in can],
        corrects=signal.withdrawn_at is None and may_amend(here.caller, signal.organisation),
        unit_corrects=signal.withdrawn_at is None and Change.RECLASSIFY not in can,
        names=names,
        referrals=found.referrals,
        holders=holders_of(sharing),
        decided=bool(found.decided),
        deliveries=DELIVERIES,
        stays=stays_of(found, register.edition),
        rules=register.edition.rules,
        cited=sorted({rule for one in sharing for rule in one.rules} & set(register.edition.rules)),
        hits=found.hits,
        linked=reads_country(here.caller),
        families_of=families_of,
        readings=by_place(readings_of_form(register, signal.form)),
        read_as=said,
        strengths=STRENGTHS,
        lines=lines[:SHOWN_MAX],
        older=max(0, len(lines) - SHOWN_MAX),
    )


@dataclass(frozen=True, slots=True)
class Holders:
    """Partners of whom the rules say the same, and who stand alike.

    Attributes:
        shown: the first of them, for all that they share.
    """

    partners: tuple[Partition, ...]
    shown: SharingOut


def holders_of(sharing: Iterable[SharingOut]) -> list[Holders]:
    """Partners by what there is to say of them, in the order in which they first come; times count by the minute."""
    found: dict[tuple[object, ...], list[SharingOut]] = {}
    for one in sharing:
        minute = one.since.replace(second=0, microsecond=0) if one.since else None
        key = (one.allowed, one.rules, one.sentences, one.delivery, minute, one.newer_on_its_way)
        found.setdefault(key, []).append(one)
    return [Holders(tuple(one.recipient for one in several), several[0]) for several in found.values()]


def stays_of(found: Dossier, edition: Edition) -> Mapping[int, tuple[str, ...]]:
    """Rules by which the keys of a person (0: of nobody in particular) are never shared, by the person's number."""
    facts = facts_of(found.signal, found.organisation, keyed_by_form(found.signal), found.protected)
    keys = publishable_keys(facts, edition)
    return dict(keys.withheld) | ({LOOSE: keys.loose_withheld} if keys.loose_withheld else {})


def next_step(found: Dossier) -> str:
    """What happens next, in a sentence of the register's own."""
    signal, steps = found.signal, document(found.signal, ()).next_steps
    # The first one of an urgent report is the emergency number, which the page says by itself.
    return steps[1] if signal.form.urgency == "NOW" and signal.withdrawn_at is None else steps[0]


def _result(here: Visitor, found: Dossier, done: str) -> Text | None:
    """What was just done: only if it is the newest thing that was done to the report, and this reader did it."""
    if done not in set(Change) or not found.events:
        return None
    form, newest = FORMS[Change(done)], found.events[-1]
    return form.result if (newest.what, newest.actor) == (form.leaves, here.caller.actor) else None
