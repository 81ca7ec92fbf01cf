"""A signal as its owner's staff see it: the stored value, with what the form suggests and what happens next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from register.domain.instant import to_ms
from register.domain.partition import FACTS, day_in
from register.domain.signals.protecting.perhaps_victims import (
    company_called_so,
    company_named_after,
    leads_to_her,
    may_be_missing,
    may_be_the_child_told,
    may_live_there,
    said_to_be_protected,
    value_may_be_hers,
)
from register.domain.signals.protecting.said_of_a_name import not_to_share, says_role
from register.domain.signals.protecting.who_told import may_be_she, may_have_told
from register.domain.signals.protection import (
    called_a_minor,
    is_too_old,
    may_be_the_child,
    papers_ask,
    papers_say_adult,
    speaks_of_children,
    spoken_of,
)
from register.domain.signals.referral import Referral
from register.domain.signals.signal import Signal
from register.domain.signals.telling import not_told
from schemas.codes import DocumentUse, Partition, SignalState
from schemas.signals.out import ReferralOut, ResemblesOut, SharingPreview, SignalOut, SignalSummary
from schemas.signals.reading import ReadingOut
from schemas.signals.signal import SignalIn

Sharing = TypeVar("Sharing", bound=SharingPreview)

WHICH_CHILD: Final = (
    "A child is spoken of: how old is each person? Without a birth date, or an answer that somebody is no "
    "minor, they are taken for that child, and the report stays at home."
)
CALLED_A_CHILD: Final = (
    "A name reads as that of a child, by an age, a year or a word for one. Until you answer that they are no minor "
    "they are taken for one, and what is known of them stays at home."
)
ADULT_BY_PAPER: Final = (
    "Somebody is called a minor, and by the birth date is an adult: is the date that of a false paper? They are "
    "taken for a child until that answer is changed."
)
PAPER_ASKS: Final = (
    "The number of a document reads as a birth date: of a child, or of another day than was typed. Which is right, and "
    "is the document this person's own? Who may be a child by it is taken for one."
)
TOO_OLD: Final = (
    "By the birth date somebody would be older than 100: is it another century? Until you answer that they are no "
    "minor they are taken for a child, and what is known of them stays at home."
)
CALLED_SO: Final = (
    "A word with a name says that it is a victim's, a witness's or a reporter's. Give that person the role, and leave "
    "the word out of the name. They are taken for it, and stay at home."
)
COMPANY_CALLED_SO: Final = (
    "A company is called as a child, a victim, a witness or a reporter is. If it is somebody, enter a person. Until "
    "the register unit has answered it stays at home, and the whole report where it may be a child."
)
WHO_IS_MISSING: Final = (
    "Somebody is missing: which of these persons is it? Give that person the role of a victim. Until the register unit "
    "has answered, everybody whom nothing blames stays at home."
)
WHOSE_RELATIVE: Final = (
    "A relative is named and no victim: whose relative is it? Enter her as a victim, also without a name. Until the "
    "register unit has answered the relative stays at home."
)
WHO_LIVES_THERE: Final = (
    "It happened at a shelter: does one of these persons live there? Give her the role of a victim. Until the register "
    "unit has answered, everybody whom nothing blames stays at home."
)
WHOSE_AGE: Final = (
    "The story tells of somebody under 18: who is it? Give each person a birth date, or the answer that they are no "
    "minor. Until then, or until the register unit has answered, whoever may be that child stays at home."
)
SAID_WITH_A_VALUE: Final = (
    "What stands with a name, a number, an address or a document says that it is a victim's, a relative's or whoever "
    "told it's, or is not to be shared; or a victim's name is part of it. Whose is it? Enter it with that person. "
    "Until the register unit has answered it stays at home."
)
FOUND_PAPERS: Final = (
    "Documents were found: whose are they, and are their owners victims? Enter those as persons with their documents. "
    "Until the register unit has answered, no partner can find these documents."
)
WORKED_OFF: Final = "A fee must be worked off: is this trafficking too? If so, reclassify it as mixed (HT_MS)."
TRAFFICKING_NOW: Final = "Means and a form of exploitation are given: can it be told to be trafficking now?"
WHO_TOLD: Final = (
    "Somebody who does not want to be known told this, and it names a relative, a companion, a customer, a witness or "
    "an official: is one of them who told it? Until the register unit has answered they stay at home."
)
WHICH_IS_SHE: Final = (
    "A victim told this: which of them is she? Give her the role of a victim. Until then, and until the register unit "
    "has answered, each of them stays at home, and a company that may be hers. A story that says in the first person "
    "that who tells it is the victim counts as hers."
)
QUESTIONS: Final = (
    WHICH_IS_SHE, WHO_TOLD, WHICH_CHILD, CALLED_A_CHILD, ADULT_BY_PAPER, PAPER_ASKS, TOO_OLD, FOUND_PAPERS,
    CALLED_SO, COMPANY_CALLED_SO, WHO_IS_MISSING, WHOSE_RELATIVE, WHO_LIVES_THERE, WHOSE_AGE, SAID_WITH_A_VALUE,
    WORKED_OFF, TRAFFICKING_NOW,
)  # fmt: skip
"""What a report may ask next; the pages say it in their reader's language."""
_NEXT = {
    SignalState.RECEIVED: "The register unit looks at it and confirms what your organisation's profile filled in.",
    SignalState.REGISTERED: "The register unit decides who looks into it; assistance can be asked for at once.",
    SignalState.FORWARDED: "It has been forwarded; information is being gathered.",
    SignalState.GATHERING: "Information is being gathered.",
    SignalState.INTAKE_HELD: "An intake interview was held; an assessment follows.",
    SignalState.ASSESSED: "It has been assessed.",
    SignalState.NO_FURTHER_ACTION: "No further action is taken for now; it can be taken up again.",
    SignalState.CLOSED: "It is closed.",
}

TAKEN_OFF = "Somebody protected was taken off: what nobody has said of whose it is stays at home all the same."
_TAKEN_FOR = (
    "Person {n} stays at home as whoever stood under that number before: enter somebody else under a number of their "
    "own, or ask the register unit to lift it."
)


def document(
    signal: Signal,
    sharing: Iterable[SharingPreview],
    referrals: Iterable[Referral] = (),
    *,
    readings: Iterable[ReadingOut] = (),
    resembles: Iterable[ResemblesOut] = (),
    stopped: Mapping[Partition, datetime],
    awaits_unit: bool = False,
    taken_off: bool = False,
    taken_for: Collection[int] = (),
) -> SignalOut:
    """Return the signal for those of its owner who may read it.

    Args:
        signal: as it now is.
        sharing: what each partner may have.
        referrals: to whom it was referred.
        readings: how each value was read.
        resembles: reports that it may repeat.
        stopped: the partners who are told nothing more now, and since when.
        awaits_unit: something in it is withheld until the register unit has decided on a finding.
        taken_off: somebody protected is in it no more, and what is left may still be theirs.
        taken_for: numbers of those who are protected for who stood under their number before.
    """
    urgent = signal.form.urgency == "NOW"
    return SignalOut(
        id=signal.id,
        reference=signal.reference,
        kind=signal.form.kind,
        state=signal.state,
        version=signal.version,
        type_registered=signal.type_registered,
        type_assessed=signal.type_assessed,
        organisation=signal.organisation,
        form=signal.form,
        sharing=tuple(with_not_told(one, stopped) for one in sharing),
        pseudonyms=signal.pseudonyms,
        referrals=tuple(
            ReferralOut(
                id=r.id, kind=r.kind, to=r.to, on=r.on, state=r.state, outcome=r.outcome, answered_on=r.answered_on
            )
            for r in referrals
        ),
        readings=tuple(readings),
        resembles=tuple(resembles),
        emergency=FACTS[signal.partition].emergency if urgent else None,
        questions=questions(signal),
        next_steps=(
            *_next_steps(signal, stopped, awaits_unit=awaits_unit),
            *((TAKEN_OFF,) if taken_off and signal.withdrawn_at is None else ()),
            *(_TAKEN_FOR.format(n=n) for n in sorted(taken_for)),
        ),
        recorded_at=to_ms(signal.recorded_at),
        changed_at=to_ms(signal.changed_at),
        withdrawn_at=to_ms(signal.withdrawn_at) if signal.withdrawn_at else None,
    )


def with_not_told(one: Sharing, stopped: Mapping[Partition, datetime]) -> Sharing:
    """What is said of a partner, with since when it is told nothing more."""
    since = stopped.get(one.recipient)
    return one if since is None else one.model_copy(update={"not_told_since": to_ms(since)})


def build_signal_summary(row: Mapping[str, Any], now: datetime) -> SignalSummary:
    """Return a list's line from the store's plain columns."""
    columns = dict(row)
    columns["overdue"] = columns.get("due_at") is not None and columns["due_at"] < now
    return SignalSummary(recorded_at=columns.pop("created_at"), changed_at=columns.pop("updated_at"), **columns)


def questions(signal: Signal) -> tuple[str, ...]:
    """What the form suggests asking next; a hint, never a decision.

    A fee that must be worked off is the cue that turns smuggling into trafficking (domain.md 3).
    """
    form, people = signal.form, signal.form.subjects
    spoken = spoken_of(form, day_in(signal.partition, signal.recorded_at))
    papers = (*form.selectors, *(x for one in people for x in one.selectors))
    untold = signal.type_assessed in {"UNDETERMINED", "OTHER"}
    asked = {
        WHICH_IS_SHE: any(may_be_she(form, one) for one in people),
        WHO_TOLD: any(may_have_told(form, one) and not may_be_she(form, one) for one in people),
        WHICH_CHILD: speaks_of_children(form) and any(may_be_the_child(one) for one in people),
        CALLED_A_CHILD: any(called_a_minor(one, spoken) for one in people),
        ADULT_BY_PAPER: any(papers_say_adult(one, spoken) for one in people),
        PAPER_ASKS: any(papers_ask(one, spoken) for one in people),
        TOO_OLD: any(is_too_old(one, spoken) for one in people),
        FOUND_PAPERS: any(one.use == DocumentUse.FOUND for one in papers),
        CALLED_SO: any(one.kind != "company" and says_role(one.name or "") for one in people),
        COMPANY_CALLED_SO: any(company_called_so(form, one) for one in people),
        WHO_IS_MISSING: any(may_be_missing(form, one, signal.type_assessed) for one in people),
        WHOSE_RELATIVE: any(leads_to_her(form, one) for one in people),
        WHO_LIVES_THERE: any(may_live_there(form, one) for one in people),
        WHOSE_AGE: any(may_be_the_child_told(form, one) for one in people),
        SAID_WITH_A_VALUE: _says_with_a_value(form),
        WORKED_OFF: signal.type_assessed == "MS" and "FEE_DEBT" in form.smuggling_elements,
        TRAFFICKING_NOW: untold and bool(form.means) and bool(form.exploitation_forms),
    }
    return tuple(one for one in QUESTIONS if asked[one])


def _says_with_a_value(form: SignalIn) -> bool:
    """Whether a remark, or a victim's name, in what the report holds says that it is somebody else's than it seems."""
    hers, named = said_to_be_protected(form), (one for one in form.subjects if one.name)
    owned = [(one.n, x) for one in form.subjects for x in one.selectors] + [(0, x) for x in form.selectors]
    return any(value_may_be_hers(form, x, n) for n, x in owned) or any(
        company_named_after(form, one, hers) or not_to_share(one.name or "") for one in named
    )


def withdrawn_steps(said: str, stopped: Mapping[Partition, datetime]) -> tuple[str, ...]:
    """What happens after a withdrawal, `said` of it; first whom nobody tells but a person by telephone."""
    untold = not_told(stopped, withdrawn=True)
    whom = "each partner" if untold is None else "each other partner"
    return (
        *([untold] if untold else []),
        f"{said}; {whom} that had its extract confirms with a receipt when it is gone.",
    )


def _next_steps(signal: Signal, stopped: Mapping[Partition, datetime], *, awaits_unit: bool) -> tuple[str, ...]:
    if signal.withdrawn_at is not None:
        return withdrawn_steps("It was withdrawn", stopped)
    steps = [_NEXT[signal.state]]
    if signal.form.urgency == "NOW":
        steps.insert(0, f"Somebody in danger now: call {FACTS[signal.partition].emergency}.")
    if signal.pseudonyms == "pending":
        whom = "the other partners" if stopped else "partners"
        steps.append(f"It is found at home already; {whom} follow once its pseudonyms have been computed.")
    if signal.pseudonyms == "partial":
        steps.append("Some of its numbers cannot be found abroad yet; they follow by themselves when there is room.")
    if (untold := not_told(stopped, withdrawn=False)) is not None:
        steps.append(untold)
    if awaits_unit:
        # Neither what it is nor why: whose it is in another report is nobody's to know who entered this one.
        steps.append("Something in it is not shared with partners before the register unit has looked at it.")
    return tuple(steps)
