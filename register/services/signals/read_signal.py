"""Read a signal, with its timeline and with who has what of it. Each reading leaves a leaf in the audit log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.reference import read_references
from register.domain.running.audit_action import AuditAction
from register.domain.signals.dossier import Dossier
from register.domain.signals.history import ANSWERS, HistoryLine
from register.domain.signals.protecting.finding import WHOLE_PERSON, FindingId, Found
from register.domain.signals.protection import RECOGNISED, find_gone_reasons
from register.domain.signals.reading import is_told_of_persons, is_told_what_waits, may_read, shows_finding
from register.domain.signals.signal import SignalId
from register.domain.signals.signal_document import document
from register.errors import NotFound
from register.mou.facts import LOOSE
from register.mou.sharing import previews_of, sharing_of
from register.pseudonyms.matchkeys import blind_index
from register.pseudonyms.readings import readings_of
from register.pseudonyms.signal_keys import subject_keys
from register.store.running.sealing import Erased
from register.store.signals.dossiers import Closed
from register.store.work import Work
from schemas.signals.out import SignalOut
from schemas.signals.parts import SelectorIn
from schemas.signals.sharing import SharingOut
from schemas.signals.signal import SignalIn

ERASED: Final = Erased.code
"""Of the `NotFound` by which whoever may read a signal is told that nothing of it can be read any more."""


def read_signal(register: Register, caller: Caller, which: SignalId | str) -> SignalOut:
    """Return a signal of the caller's own country, by its id or its reference.

    Whoever reads for the whole country needs REGISTER, ENRICH, CONSENT or PROSECUTE; with SUBMIT or READ_OWN one sees
    what the own organisation submitted. A signal he may not read is answered like one that is not there; the attempt
    is logged.

    Raises:
        NotFound: there is none that this caller may know of.
    """
    with register.looking(caller, AuditAction.SIGNAL_NOT_FOUND, which) as work:
        found = _find_closed(work, caller, which).open(alike=register.keys.fingerprint)
        work.running.audit.note(AuditAction.SIGNAL_READ, str(found.signal.id), version=found.signal.version)
    return document(
        found.signal,
        previews_of(found, register.edition, today=register.today()),
        found.referrals,
        readings=readings_of(found.signal.form, found.signal.partition),
        stopped=found.stopped,
        awaits_unit=_as_told(found, caller).awaits_unit,
        taken_off=any(why - RECOGNISED for why in find_gone_reasons(found.signal.form, found.protected).values()),
    )


def read_dossier(register: Register, caller: Caller, which: SignalId | str) -> Dossier:
    """Return a signal with all that this caller may see of it; rights and errors as for reading it.

    Nothing of what partners share that meets it: that is asked for on a ground of its own (`list_hits`), by nobody
    who is only allowed to read the report.
    """
    with register.looking(caller, AuditAction.SIGNAL_NOT_FOUND, which) as work:
        found = _find_closed(work, caller, which).open(alike=register.keys.fingerprint)
        work.running.audit.note(
            AuditAction.SIGNAL_READ, str(found.signal.id), version=found.signal.version, parts=["history", "sharing"]
        )
    return _as_told(found, caller)


def places_of(register: Register, form: SignalIn, findings: Collection[Found]) -> Mapping[FindingId, tuple[str, ...]]:
    """Where in a form stands what findings about it are about, as JSON pointers: a value, or a person as a whole."""
    persons = {subject.n: f"/subjects/{at}" for at, subject in enumerate(form.subjects)}
    of_persons = {one.id: (persons[one.question.subject_n],) for one in findings if one.question.subject_n in persons}
    if all(one.question.blind == WHOLE_PERSON for one in findings):
        return of_persons
    secret = register.keys.blind_index
    typed: dict[tuple[int, bytes], frozenset[str]] = {}
    for key in subject_keys(form, register.partition):
        if key.typed:
            typed[key.subject, blind_index(secret, key.key)] = key.typed
    places = {}
    for one in findings:
        n = one.question.subject_n
        texts = typed.get((n, one.question.blind), frozenset())
        base, values = (persons.get(n, ""), _selectors_of(form, n))
        places[one.id] = tuple(f"{base}/selectors/{at}" for at, x in enumerate(values) if x.value in texts)
    # What is known of a name stands at the person.
    return {one.id: places[one.id] or of_persons.get(one.id, ()) for one in findings}


def _selectors_of(form: SignalIn, n: int) -> Sequence[SelectorIn]:
    return next((one.selectors for one in form.subjects if one.n == n), form.selectors if n == LOOSE else ())


def _as_told(found: Dossier, caller: Caller) -> Dossier:
    """The dossier as this reader may know it: what was found in it, and what was said of it."""
    told = is_told_of_persons(caller, found.signal.organisation)
    shown = tuple(one for one in found.found if shows_finding(caller, one))
    told_what_waits = is_told_what_waits(caller, found.signal.organisation)
    return replace(
        found,
        events=tuple(_as_answered(one, caller) for one in found.events if told or one.what not in ANSWERS),
        found=shown,
        waiting=found.waiting if told_what_waits else found.waiting & {one.id for one in shown},
        let_go=found.let_go if told else (),
    )


def _as_answered(line: HistoryLine, caller: Caller) -> HistoryLine:
    """Why it was let go says more of another report than whoever objected was told: the unit alone sees it."""
    if line.what not in ANSWERS or caller.may(Task.REGISTER):
        return line
    return replace(line, facts={"finding": line.facts.get("finding")})


def find_by_reference(register: Register, caller: Caller, typed: str) -> SignalId:
    """Return the id of the signal whose reference somebody typed, the newest that he may read; rights as for reading.

    Nothing is opened, so the leaf says that it was looked up; what is no reference is not kept, since it may be a name.

    Raises:
        NotFound: there is none that this caller may know of.
    """
    wanted = read_references(typed, register.partition, register.today().year)
    with register.looking(caller, AuditAction.SIGNAL_NOT_FOUND, wanted[0] if wanted else "-") as work:
        found = [(id_, ref) for id_, ref, whose in work.signals.reports.named(wanted) if may_read(caller, whose)]
        if not found:
            raise NotFound("there is no signal of this reference in this register")
        work.running.audit.note(AuditAction.SIGNAL_LOOKED_UP, str(found[0][0]), reference=found[0][1])
    return found[0][0]


def read_history(register: Register, caller: Caller, signal_id: SignalId) -> list[HistoryLine]:
    """Return the timeline of a signal, oldest first, with what partners were told; rights as for reading it."""
    with register.looking(caller, AuditAction.SIGNAL_NOT_FOUND, signal_id) as work:
        found = _find_closed(work, caller, signal_id).open(alike=register.keys.fingerprint)
        work.running.audit.note(AuditAction.SIGNAL_HISTORY_READ, str(signal_id))
    return _as_told(found, caller).history


def read_sharing(register: Register, caller: Caller, signal_id: SignalId) -> list[SharingOut]:
    """Return for each partner whether it may have the extract, by which rules, and what its receipts say of it."""
    with register.looking(caller, AuditAction.SIGNAL_NOT_FOUND, signal_id) as work:
        found = _find_closed(work, caller, signal_id).open(alike=register.keys.fingerprint)
        work.running.audit.note(AuditAction.SIGNAL_SHARING_READ, str(signal_id))
    return sharing_of(found, register.edition, today=register.today())


def _find_closed(work: Work, caller: Caller, which: SignalId | str) -> Closed:
    # One sentence for what is not there and what is not shown: a reference must not be told from none.
    nothing = NotFound(f"there is no signal {which} in this register")
    try:
        closed = work.signals.dossiers.find(which)
    except NotFound:
        raise nothing from None
    if not may_read(caller, closed.organisation):
        raise nothing
    return closed
