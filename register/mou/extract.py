"""From an own signal to the extract that one partner may have (wire.md 4).

Never in it: names, selectors, narratives, addresses, exact dates, sex or age of a subject, who reported. Of persons
whose keys are never published (victims, minors), and of those who may be such a person until somebody has said, not
even the role is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from register.domain.access.organisation import Organisation
from register.domain.signals.signal import Signal
from register.mou.decide import Decision
from register.mou.facts import LOOSE, GateWord
from register.mou.keys import PublishableKeys
from register.mou.record import legal_profile
from schemas.canonical import b64
from schemas.codes import DocumentUse, Partition, PersonCategory, code_list
from schemas.exchange.wire import (
    Contact,
    Evaluation,
    ExtractRecord,
    HandlingLabel,
    Indicator,
    IndicatorPut,
    Label,
    Period,
    PersonsSeen,
    SubjectExtract,
    TokenExtract,
)

REVIEW_DAYS = 365
"""Days after which the owner looks again whether the record still holds (assumed)."""
_STRONGEST = {"W": 0, "M": 1, "S": 2}


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """A token of an own signal, as it may be published.

    Attributes:
        key: id of the match key that it stands for.
    """

    subject: int
    family: str
    version: int
    epoch: int
    token: bytes
    use: str | None = None
    key: bytes = field(default=b"", repr=False)


def extract_of(
    signal: Signal,
    organisation: Organisation,
    record: ExtractRecord,
    *,
    recipient: Partition,
    decision: Decision,
    approval: str | None = None,
    consent: str | None = None,
) -> IndicatorPut:
    """Return the body that this recipient may have.

    Args:
        signal: the own signal.
        organisation: that submitted it.
        record: what partners may have of it (`record_of`).
        recipient: named in the label, alone.
        decision: of `may_send` for this recipient; it must allow.
        approval: on which it decided, signed; goes along where the decision rests on one.
        consent: the prosecutor's, signed; goes along where the decision rests on one.
    """
    if not decision.allowed:
        raise ValueError("there is no extract for a recipient that may not have one")
    return IndicatorPut(
        label=_build_label(signal, organisation, recipient, decision),
        record=record,
        approval=approval if decision.gate is GateWord.SIGNED else None,
        consent=consent if "WPG10A-1" in decision.rules else None,
    )


def record_of(
    signal: Signal, organisation: Organisation, tokens: Iterable[Pseudonym], keys: PublishableKeys
) -> ExtractRecord:
    """Return the record part, the same for every partner: what an approval of the exit gate is given for.

    Args:
        signal: the own signal.
        organisation: that submitted it.
        tokens: all its pseudonyms; those that may not be published are left out here.
        keys: whose keys may be published.
    """
    shown = _shown_subjects(signal, keys)
    # Made anew: a gap in the own numbers would tell that somebody is held back, and at which place.
    numbers = {LOOSE: LOOSE} | {s.n: place for place, s in enumerate(shown, 1)}
    form = signal.form
    published: dict[tuple[int, str, bytes], TokenExtract] = {}
    # One that was found at two persons, or also stands alone, is told once, as found: not how many had it.
    for t in sorted(tokens, key=lambda one: one.use != DocumentUse.FOUND):
        if t.subject in numbers and not keys.rules_of(t.subject, t.key):
            n = numbers[_told_of(t)]
            published.setdefault(
                (n, t.family, t.token),
                TokenExtract(family=t.family, version=t.version, epoch=t.epoch, token=b64(t.token), n=n, use=t.use),
            )
    seen = form.persons_seen
    return ExtractRecord(
        reference=signal.reference,
        signal_type=signal.type_assessed,
        reporting_class=code_list("signal_type").reporting(signal.type_assessed) or "OTHER",
        period=Period(first=_format_month(form.period.from_), last=_format_month(form.period.to or form.period.from_)),
        exploitation_forms=form.exploitation_forms,
        acts=form.acts,
        means=form.means,
        smuggling_elements=form.smuggling_elements,
        recruitment=form.recruitment,
        indicators=_pick_strongest_indicators(signal),
        sector=form.sector,
        location_type=_location_told(form.place.location_type),
        movement=form.movement,
        persons_seen=PersonsSeen(adults=seen.adults, children=seen.children) if seen else None,
        subjects=tuple(s.model_copy(update={"n": numbers[s.n]}) for s in shown),
        tokens=tuple(sorted(published.values(), key=lambda t: (t.n, t.family, t.token))),
        contact=Contact(unit=organisation.profile.contact_unit, routes=organisation.profile.routes),
    )


def _build_label(signal: Signal, organisation: Organisation, recipient: Partition, decision: Decision) -> Label:
    ground = signal.ground
    scheme, source, information = ground.evaluation
    return Label(
        purpose=ground.purpose,
        legal_basis=ground.legal_basis,
        crime_class=ground.crime_class,
        source_profile=legal_profile(organisation) or "UNKNOWN",
        acquisition=ground.acquisition,
        evaluation=Evaluation(scheme=scheme, source=source, information=information),
        handling=HandlingLabel(
            code=ground.handling,
            conditions=tuple(sorted(ground.handling_conditions)),
            expires=ground.handling_expires,
        ),
        visibility=ground.visibility,
        audience=(recipient,),
        # Nobody forwards another's record: a partner that wants it asks its owner.
        onward=False,
        edition=decision.edition,
        rules=decision.rules,
        gate="node" if decision.gate is GateWord.NODE else None,
        covenant_ref=ground.covenant_ref or "",
        contested=ground.contested,
        last_verified_on=ground.last_verified_on,
        review_by=min(ground.retain_until, ground.last_verified_on + timedelta(days=REVIEW_DAYS)),
        retain_until=ground.retain_until,
    )


def _shown_subjects(signal: Signal, keys: PublishableKeys) -> list[SubjectExtract]:
    roles = code_list("subject_role")
    shown = []
    for s in signal.form.subjects:
        category = PersonCategory(roles[s.role].extra["person_category"])
        if category is PersonCategory.VICTIM or s.n in keys.untold:
            continue
        shown.append(SubjectExtract(n=s.n, role=s.role, category=category, kind=s.kind))
    return shown


def _told_of(pseudonym: Pseudonym) -> int:
    """Under whom a partner has it: a document that was found is told of nobody, and least of who had it."""
    return LOOSE if pseudonym.use == DocumentUse.FOUND else pseudonym.subject


def _location_told(code: str) -> str:
    """The kind of place as partners learn it: a shelter is never told, as no island has many of them.

    Not by leaving it out, which no other place does.
    """
    return "UNKNOWN" if code == "SHELTER" else code


def _pick_strongest_indicators(signal: Signal) -> tuple[Indicator, ...]:
    strongest: dict[str, str] = {}
    for x in signal.form.indicators:
        if x.group not in strongest or _STRONGEST[x.strength] > _STRONGEST[strongest[x.group]]:
            strongest[x.group] = x.strength
    return tuple(Indicator(group=g, strength=s) for g, s in sorted(strongest.items()))  # type: ignore[arg-type]


def _format_month(day: date) -> str:
    return f"{day:%Y-%m}"
