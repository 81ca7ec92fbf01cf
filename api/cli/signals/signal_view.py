"""Signals as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from api.cli.frame.forms import label
from api.cli.frame.terminal import Table, at
from register.domain.partition import FACTS, day_in
from register.domain.signals.protection import names_protected
from schemas.codes import Partition, SubjectRole
from schemas.signals.out import SignalOut, SignalSummary
from schemas.signals.parts import SelectorIn, SubjectIn
from schemas.signals.reading import ReadingOut
from schemas.signals.sharing import SharingOut
from schemas.signals.signal import SignalIn

if TYPE_CHECKING:
    from api.client import HistoryLine, OrganisationLine


def outcome(signal: SignalOut, done: str) -> list[str | Table]:
    """What a submitter sees: the reference, who may receive what and by which rule, what happens next."""
    parts: list[str | Table] = [f"{signal.reference} {done} (version {signal.version}, {signal.state})"]
    # Next steps come first: the first of them may be the emergency number.
    parts += [f"Next: {step}" for step in signal.next_steps]
    parts += [f"Ask: {question}" for question in signal.questions]
    parts += [
        f"Resembles {one.reference} of {at(one.recorded_at)}"
        + (", withdrawn since" if one.withdrawn else "")
        + (": every answer is the same" if one.identical else "")
        for one in signal.resembles
    ]
    parts += read_as(signal.readings)
    return [*parts, *([sharing(signal)] if signal.sharing else [])]


def will_read(signal: SignalOut, to: OrganisationLine | None) -> list[str]:
    """Who would read what, before a signal is referred; None where there is no such organisation, which is refused."""
    if to is None:
        return []
    who = f"{to.name} ({to.code}, {label('organisation_kind', to.kind)})"
    lines = [f"{who} will read the names, the numbers and the story of {signal.reference}."]
    day = day_in(Partition(signal.reference[:2]), signal.recorded_at)
    if names_protected(signal.form, day, frozenset({SubjectRole.WITNESS})):
        lines.append(
            "A victim, a child or a witness is in this report: refer it only to those who need to know who that is."
        )
    return lines


def read_as(readings: Sequence[ReadingOut]) -> list[str | Table]:
    """How each value was read, one line each."""
    return [f"{one.pointer}: {one.says}" for one in readings]


def sharing(signal: SignalOut) -> Table:
    """Who may receive the extract, by which rules."""
    rows = [
        (FACTS[p.recipient].name, "yes" if p.allowed else "no", ", ".join(p.rules), " ".join(p.sentences))
        for p in signal.sharing
    ]
    title = "Who may receive the coded extract (a preview; name and story stay here)"
    return Table(title, ("partner", "may", "rules", "why"), rows)


def held(partners: Sequence[SharingOut]) -> Table:
    """Who has the coded extract, by the partners' own receipts."""
    rows = [
        (
            FACTS[p.recipient].name,
            p.delivery,
            at(p.since),
            at(p.due_at),
            "yes" if p.newer_on_its_way else "",
            at(p.not_told_since),
        )
        for p in partners
    ]
    return Table(
        "Who has the coded extract, by their receipts",
        ("partner", "has it", "since", "due", "newer", "not told since"),
        rows,
    )


def whole(signal: SignalOut) -> list[str | Table]:
    """A signal with all that its owner's staff may read of it."""
    form = signal.form
    facts = [
        ("id", signal.id),
        ("kind", signal.kind),
        ("state", label("signal_state", signal.state)),
        ("version", signal.version),
        ("type as registered", label("signal_type", signal.type_registered)),
        ("type as assessed", label("signal_type", signal.type_assessed)),
        ("organisation", signal.organisation),
        *_list_circumstances(form),
        ("pseudonyms", signal.pseudonyms),
        ("recorded at", at(signal.recorded_at)),
        ("changed at", at(signal.changed_at)),
        ("withdrawn at", at(signal.withdrawn_at)),
    ]
    parts: list[str | Table] = [Table(signal.reference, ("", ""), [row for row in facts if str(row[1])])]
    parts += _describe_story(form)
    if signal.referrals:
        rows_of = [(r.on, label("referral_kind", r.kind), r.to, r.state, r.outcome, r.id) for r in signal.referrals]
        parts.append(Table("Referrals", ("on", "for", "to", "state", "outcome", "id"), rows_of))
    return [*parts, *([sharing(signal)] if signal.sharing else [])]


def told(form: SignalIn) -> list[str | Table]:
    """What was told in a report, to those who read it and nothing beside it."""
    return [Table("", ("", ""), list(_list_circumstances(form))), *_describe_story(form)]


def _list_circumstances(form: SignalIn) -> tuple[tuple[str, object], ...]:
    place = f"{label('island', form.place.island)}, {label('location_type', form.place.location_type)}"
    return (
        ("urgency", label("urgency", form.urgency)),
        ("when", f"{form.period.from_} to {form.period.to or '(open)'}"),
        ("received on", form.received_on),
        ("where", f"{place}, {form.place.locality}" if form.place.locality else place),
        ("told by", label("source", form.source) + (" (anonymous)" if form.reporter_anonymous else "")),
        ("reached us by", label("channel", form.channel)),
    )


def _describe_story(form: SignalIn) -> list[str | Table]:
    parts: list[str | Table] = [f"What happened:\n{form.account}"]
    if form.subjects:
        rows = [row for subject in form.subjects for row in _describe_subject(subject)]
        parts.append(Table("Persons and companies", ("n", "role", "name", "born", "number or mark"), rows))
    if form.selectors:
        parts.append(
            Table("Other numbers and marks", ("kind", "value"), [_describe_selector(s) for s in form.selectors])
        )
    return parts


def listed(signals: Sequence[SignalSummary]) -> Table:
    """Signals in a list."""
    columns = ("reference", "kind", "state", "type", "urgency", "source", "channel", "island", "received", "by")
    rows = [
        (s.reference, s.kind, s.state, s.type_assessed, s.urgency, s.source, s.channel, s.island, s.received_on,
         s.organisation)
        for s in signals
    ]  # fmt: skip
    return Table("", columns, rows)


def timeline(lines: Sequence[HistoryLine]) -> Table:
    """A signal's history, oldest first."""
    rows = [
        (at(line.at), line.what, line.actor, ", ".join(f"{k}={v}" for k, v in line.facts.items()), line.reason)
        for line in lines
    ]
    return Table("Timeline", ("at", "what", "who", "facts", "reason"), rows)


def _describe_subject(subject: SubjectIn) -> Iterator[tuple[object, ...]]:
    birth = subject.birth
    parts = (birth.year, birth.month, birth.day) if birth else ()
    born = "-".join(f"{part:02}" for part in parts if part is not None)
    marks = [f"{kind} {value}" for kind, value in map(_describe_selector, subject.selectors)] or [""]
    yield subject.n, label("subject_role", subject.role), subject.name, born, marks[0]
    yield from (("", "", "", "", mark) for mark in marks[1:])


def _describe_selector(selector: SelectorIn) -> tuple[str, str]:
    beside = [selector.country, selector.platform, selector.use]
    more = ", ".join(str(word) for word in beside if word)
    return label("identifier_type", selector.type), f"{selector.value} ({more})" if more else selector.value
