"""One report of the own register: what it says, what was done with it, and who has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.web.frame.guard import PageRoute, SignedInHere, Visitor, show, to
from api.web.frame.languages import N_, Text
from api.web.frame.rendering import words_of
from api.web.signals.ours.changes import FORMS, list_offered_changes
from api.web.signals.ours.found import is_unplaced, lines_found, marks_of
from api.web.signals.ours.wording import DELIVERIES, SHOWN_MAX, lines_of, title_of
from api.web.signals.reporting.reading import by_place, said
from register.domain.access.caller import Task
from register.domain.access.policy import UseCase
from register.domain.signals.dossier import Dossier
from register.domain.signals.history import HistoryLine
from register.domain.signals.reading import Change, may_amend, may_take_back
from register.domain.signals.signal import Signal, SignalId
from register.domain.signals.signal_document import document, questions
from register.errors import NotFound
from register.mou.asking import grounds_for
from register.mou.edition import Edition
from register.mou.facts import LOOSE
from register.mou.keys import publishable_keys
from register.mou.record import facts_of, keyed_by_form
from register.mou.sharing import sharing_of
from register.services.signals.preview_signal import readings_of_form
from register.services.signals.read_signal import ERASED, find_by_reference, read_dossier
from schemas.codes import Partition, Purpose
from schemas.signals.sharing import SharingOut

router = APIRouter(prefix="/ours", include_in_schema=False, route_class=PageRoute)


@router.get("/{signal_id}")
def report(
    request: Request, here: SignedInHere, signal_id: str, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """The whole report, as far as this reader may see it; the reading is logged. By its reference it leads there."""
    known = _as_id(signal_id)
    if known is None:
        return to(f"/ours/{find_by_reference(here.register, here.caller, signal_id)}")
    try:
        found = read_dossier(here.register, here.caller, known)
    except NotFound as error:
        # That it was erased is said to whoever might have read it, and to nobody else.
        if error.code != ERASED:
            raise
        return show(request, here, "signals/ours/erased.html")
    register, signal = here.register, found.signal
    sharing = sharing_of(found, register.edition, today=register.today())
    words = words_of(request, register.partition, intake=False)
    names = {code: one.name for code, one in found.organisations.items()}
    can = list_offered_changes(here.register, here.caller, found)
    lines = lines_of(lines_found(found), words, names, here.caller.actor)
    return show(
        request,
        here,
        "signals/ours/report.html",
        heading=N_("Report %(reference)s", reference=signal.reference),
        signal=signal,
        form=signal.form,
        ground=signal.ground,
        given=given_of(found, here.caller.actor),
        organisation=found.organisation.name,
        asked=questions(signal),
        next_step=next_step(found),
        awaits_unit=found.awaits_unit,
        result=_describe_result(here, found, done),
        offered=[FORMS[change] for change in can],
        corrects=signal.withdrawn_at is None and may_amend(here.caller, signal.organisation),
        unit_corrects=signal.withdrawn_at is None and Change.RECLASSIFY not in can,
        protects=here.caller.may(Task.REGISTER),
        names=names,
        referrals=found.referrals,
        retractable={one.id for one in found.referrals if one.holds and may_take_back(here.caller, one)},
        holders=holders_of(sharing),
        not_told=sorted(found.stopped),
        not_told_since=min(found.stopped.values(), default=None),
        decided=bool(found.decided),
        deliveries=DELIVERIES,
        stays=stays_of(found, register.edition),
        marks=marks_of(register, found),
        unplaced=is_unplaced(found),
        title_of=title_of,
        unit=here.caller.may(Task.REGISTER),
        rules=register.edition.rules,
        cited=sorted({rule for one in sharing for rule in one.rules} & set(register.edition.rules)),
        hits_on=_ground_for_hits(here, signal) if UseCase.LIST_HITS.is_open_to(here.caller) else None,
        readings=by_place(readings_of_form(register, signal.form)),
        read_as=said,
        lines=lines[:SHOWN_MAX],
        older=max(0, len(lines) - SHOWN_MAX),
    )


def _as_id(text: str) -> SignalId | None:
    try:
        return SignalId(UUID(text))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Given:
    """A yes that the report has as it now is: whose, when, and on what it stands.

    Attributes:
        only: the partners that it is for; empty where it is for all that the rules allow.
        own: the reader gave it.
    """

    says: Text
    line: HistoryLine
    only: tuple[Partition, ...]
    own: bool


def given_of(found: Dossier, reader: str) -> list[Given]:
    """The prosecutor's consent and the exit gate's approval, where they stand: a change since takes them away."""
    ground = found.signal.ground
    stands = {"consented": ground.prosecutor_consent is not None, "approved": ground.is_approved}
    says = {
        "consented": N_("The prosecutor consented to its provision"),
        "approved": N_("Approved to leave the country"),
    }
    given = []
    for what, does in stands.items():
        line = next((one for one in reversed(found.events) if one.what == what), None)
        if does and line is not None:
            only = tuple(sorted(ground.recipients)) if what == "approved" else ()
            given.append(Given(says[what], line, only, line.actor == reader))
    return given


def _ground_for_hits(here: Visitor, signal: Signal) -> Mapping[str, str]:
    """On what the reader would ask for the hits on a report: to coordinate, on its basis, with the report as the case.

    Not for the report's own purpose: what a partner shared to investigate would not show to who asks to administer,
    and a hit would be overlooked. A basis of his own organisation's where the report's is none of them and it has one
    only; else he is asked.
    """
    bases, purposes = grounds_for(here.caller, here.register.edition)
    own, basis = (bases[0] if len(bases) == 1 else ""), signal.ground.legal_basis
    return {
        "purpose": str(Purpose.COORDINATE if Purpose.COORDINATE in purposes else here.session.shown.purpose),
        "legal_basis": str(basis) if basis in bases else own,
        "case": signal.reference,
    }


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
        key = (one.allowed, one.rules, one.sentences, one.delivery, minute, one.newer_on_its_way, one.not_told_since)
        found.setdefault(key, []).append(one)
    return [Holders(tuple(one.recipient for one in several), several[0]) for several in found.values()]


def stays_of(found: Dossier, edition: Edition) -> Mapping[int, tuple[str, ...]]:
    """Rules by which the keys of a person (0: of nobody in particular) are never shared, by the person's number."""
    facts = facts_of(found.signal, found.organisation, keyed_by_form(found.signal, found.protected), found.protected)
    keys = publishable_keys(facts, edition)
    return dict(keys.withheld) | ({LOOSE: keys.loose_withheld} if keys.loose_withheld else {})


def next_step(found: Dossier) -> str:
    """What happens next, in a sentence of the register's own."""
    # Whom nobody tells is said by the page itself, in its reader's language.
    signal, steps = found.signal, document(found.signal, (), stopped={}).next_steps
    # The first one of an urgent report is the emergency number, which the page says by itself.
    return steps[1] if signal.form.urgency == "NOW" and signal.withdrawn_at is None else steps[0]


def _describe_result(here: Visitor, found: Dossier, done: str) -> Text | None:
    """What was just done: only if it is the newest thing that was done to the report, and this reader did it."""
    if done not in set(Change) or not found.events:
        return None
    form, newest = FORMS[Change(done)], found.events[-1]
    return form.result if (newest.what, newest.actor) == (form.leaves, here.caller.actor) else None
