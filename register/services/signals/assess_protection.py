"""What the rules must know of a signal, with everything that other records of the country say of its persons.

Reads only; `keep_protection` writes down what was found. Nothing of another record is told: its inputs are compared
as blind values, and what comes out is that a key is withheld.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from register.core import Register
from register.domain.access.organisation import Organisation
from register.domain.desk.intake import IntakeId
from register.domain.desk.victim import VictimId
from register.domain.signals.protection import Interview, Known, Reasons, protect
from register.domain.signals.signal import Signal
from register.mou.facts import LOOSE, KeyFacts, RecordFacts
from register.mou.keys import PublishableKeys, publishable_keys
from register.mou.record import facts_of
from register.pseudonyms.inputs import identifies_one
from register.pseudonyms.matchkeys import MatchKey, blind_index
from register.pseudonyms.signal_keys import (
    SubjectKey,
    fits_name,
    owned_inputs,
    rightful_elsewhere,
    same_persons,
    subject_keys,
)
from register.store.signals.protections import InterviewRow, OwnedInput, Owner
from register.store.work import Work
from schemas.signals.signal import SignalIn


@dataclass(frozen=True, slots=True)
class Met:
    """A key of the signal that is made of what a protected person of another signal owns."""

    owner: Owner
    subject_n: int
    family: str
    blind: bytes


@dataclass(frozen=True, slots=True)
class Assessed:
    """One signal as the rules see it.

    Attributes:
        before: why its subjects were protected when they were last looked at.
        reasons: why they are now; holds at least what was found before.
        owned: what its protected subjects own.
        used: of the values owned, those that say that a document is somebody else's.
        fresh: of the values owned, those that were not kept before, or not as what identifies the person.
        present: (subject, blind) of the keys that it has.
        met: its keys that are made of what a person owns who is protected in another signal.
    """

    facts: RecordFacts
    keys: PublishableKeys
    before: Reasons
    reasons: Reasons
    owned: tuple[OwnedInput, ...]
    used: frozenset[bytes]
    fresh: frozenset[bytes]
    present: frozenset[tuple[int, bytes]]
    met: tuple[Met, ...]

    @property
    def new(self) -> bool:
        """Whether there is a reason that was not there before."""
        return any(why - self.before.get(n, frozenset()) for n, why in self.reasons.items())


def assess(
    register: Register,
    work: Work,
    signal: Signal,
    organisation: Organisation,
    keys: Collection[SubjectKey] | None = None,
) -> Assessed:
    """Look at a signal with all that is known now.

    Args:
        register: of the country.
        work: the open transaction; the signal is locked in it, or was made in it.
        signal: as it now is.
        organisation: that submitted it.
        keys: its match keys, where they have been derived already.
    """
    form, country, secret = signal.form, signal.partition, register.keys.blind_index
    derived = subject_keys(form, country) if keys is None else keys
    before = work.protections.reasons(signal.id)
    known = Known(
        before=before,
        ladder=work.protections.on_ladder(signal.id),
        interviews=tuple(_interview(work, form, row) for row in work.protections.interviews(signal.id)),
        same=same_persons(form, country),
    )
    reasons = protect(form, register.day_of(signal.recorded_at), known)
    owned = owned_inputs(form, country)
    blind = {x: blind_index(secret, x) for x in _all(owned, derived)}
    kept = work.protections.inputs(signal.id)
    # The values of its own protected persons are asked about too: they tell the register unit of a second record.
    met = work.protections.owners({blind[x] for k in derived for x in k.inputs}, signal.id)
    protected = kept.keys() | {one.blind for one in met if one.one_person}
    facts = [
        KeyFacts(
            n=k.subject,
            id=blind[k.key],
            inputs_of=frozenset(n for n, theirs in owned.items() if n != k.subject and theirs & k.inputs),
            of_protected=any(blind[x] in protected for x in k.inputs),
            of_nobody=k.subject == LOOSE and k.of_nobody,
        )
        for k in derived
    ]
    record = facts_of(signal, organisation, facts, reasons)
    holders = {n: rightful_elsewhere(form, n, country) for n in reasons}
    theirs = tuple(
        OwnedInput(n, blind[x], identifies_one(x) and x not in holders[n])
        for n in sorted(reasons)
        for x in owned.get(n, ())
    )
    return Assessed(
        facts=record,
        keys=publishable_keys(record, register.edition),
        before=before,
        reasons=reasons,
        owned=theirs,
        used=frozenset(blind[x] for theirs in holders.values() for x in theirs if x in blind),
        # Also what is kept, and only now found to identify its person: other records are looked at for it, too.
        fresh=frozenset(x.blind for x in theirs if x.blind not in kept or (x.one_person and not kept[x.blind])),
        present=frozenset((k.subject, blind[k.key]) for k in derived),
        met=tuple(
            Met(one, k.subject, k.key.family, blind[k.key])
            for k in derived
            for one in met
            if any(blind[x] == one.blind for x in k.inputs)
        ),
    )


def _interview(work: Work, form: SignalIn, row: InterviewRow) -> Interview:
    """What an interview says, and whom in the signal its name fits, or that of the ladder."""
    names = set()
    if not row.withdrawn:
        names.add(work.intakes.get(IntakeId(row.intake)).form.name)
    if row.victim is not None:
        names.add(work.victims.get(VictimId(row.victim)).details.get("name"))
    who = frozenset(n for name in names if name for n in fits_name(form, name))
    return Interview(row.victim is not None, "UNKNOWN" if row.withdrawn else row.age_band, who)


def _all(owned: Mapping[int, frozenset[MatchKey]], keys: Collection[SubjectKey]) -> set[MatchKey]:
    found = {x for theirs in owned.values() for x in theirs}
    return found | {k.key for k in keys} | {x for k in keys for x in k.inputs}
