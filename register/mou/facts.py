"""What the rules look at: facts of a record, of a label, of an asker. Values only, wherever they come from.

`Terms` are what a record and the label of a shared extract have in common. Facts that may be missing default to the
value that allows least: no audience, no approval, not confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from schemas.codes import (
    CrimeClass,
    Handling,
    HandlingCondition,
    LegalBasis,
    Partition,
    PersonCategory,
    Purpose,
    SignalState,
    Visibility,
)


class LegalProfile(StrEnum):
    """Under which kind of law an organisation works (it attaches to the organisation, not to the country)."""

    POLICE = "POLICE"
    JUSTICE = "JUSTICE"
    NON_POLICE = "NON_POLICE"


class GateWord(StrEnum):
    """By whose word a record passes the exit gate of its country."""

    SIGNED = "signed"  # an approval that a key of the keeper's organisation signed; its receiver checked it
    NODE = "node"  # the owner's node says that the keeper approved, or the edition did


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How reliable source and information are, in the scheme they were given in (for instance 4x4, B, 2)."""

    scheme: str
    source: str
    information: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingTerms:
    """How a receiver may use a record.

    Attributes:
        code: H0 to H3.
        conditions: structured restrictions; they bind whatever the code is.
        expires: last day of use.
    """

    code: Handling
    conditions: frozenset[HandlingCondition] = frozenset()
    expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a record is processed and may be had by others.

    Attributes:
        owner: the country whose record it is; for a received extract, the origin of the log it came in.
        source_profile: legal profile of the organisation that submitted it.
        acquisition: code of how it was obtained.
        audience: for a record, the countries that the owner wants to have it; for a label, the one it was made for.
        onward: whether a receiver may hand it on.
        gate: by whose word it passes the owner's exit gate; None: nobody has approved this record.
        consent: by whose word the prosecutor consented to the provision; None: he did not.
        gate_until: the last day of a signed approval or consent, of the two the earlier.
        covenant_ref: the written decision on the cooperation under which it is provided.
        retain_until: last day on which anybody may hold it.
    """

    owner: Partition
    legal_basis: LegalBasis
    purpose: Purpose
    visibility: Visibility
    handling: HandlingTerms
    audience: frozenset[Partition] = frozenset()
    crime_class: CrimeClass | None = None
    source_profile: LegalProfile | None = None
    acquisition: str | None = None
    evaluation: Evaluation | None = None
    onward: bool = False
    gate: GateWord | None = None
    consent: GateWord | None = None
    gate_until: date | None = None
    covenant_ref: str | None = None
    contested: bool = False
    last_verified_on: date | None = None
    retain_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectFacts:
    """What the rules must know of a person or company in a record.

    Attributes:
        n: number of the subject within the record, from 1.
        role: code of the subject's role.
        category: why the person may be in the register at all; None if nobody has said so yet.
        victim: has or had a victim's role, or stands or stood on the ladder (`register.domain.signals.protection`).
        minor: was, or may have been, a minor on a day that the record speaks of (the same).
        witness: has or had a role that the edition protects as a witness's, or a relative's beside a victim (the same).
        recognised: is taken for somebody who is protected in another record of the country (the same).
        unsaid: may be whoever told it, or a victim, or lead to her, or somebody whom another record or an interview
            protects, and the register unit has not said otherwise; nothing else protects them.
        has_keys: whether match keys were derived from what is known of this subject.
    """

    n: int
    role: str
    category: PersonCategory | None
    victim: bool = False
    minor: bool = False
    witness: bool = False
    recognised: bool = False
    unsaid: bool = False
    has_keys: bool = False


LOOSE = 0
"""The number under which keys that belong to no subject are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """What the rules must know of one match key of a record; they never see its value.

    Attributes:
        n: number of the subject that it stands under; `LOOSE` for none.
        id: tells it from the other keys of the record.
        inputs_of: numbers of other subjects of the record who own an input that it is made of.
        of_protected: an input that it is made of was a protected person's in this record before, or identifies one
            person who is protected in another record of the country.
        waits: it is also of somebody who is protected, or who told it, in another record of the country, or a document
            of nobody in this one that may be a protected person's, and nobody has decided yet whether it may be shared.
        of_nobody: it belongs to no subject, somebody said that it is none of theirs, and the register unit agreed.
        of_reporter: it belongs to whoever told it.
        perhaps_reporters: the register unit has not said that it is nobody's, it tells who somebody is, and whoever
            told it does not want to be known, or did not; or it is of a subject who may be that person, and nobody has
            said.
    """

    n: int
    id: bytes = field(default=b"", repr=False)
    inputs_of: frozenset[int] = frozenset()
    of_protected: bool = False
    waits: bool = False
    of_nobody: bool = False
    of_reporter: bool = False
    perhaps_reporters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts(Terms):
    """A record as its owner's house sees it.

    Attributes:
        sender: the country that would send it.
        is_theme: processed for a theme, also after its release to another basis.
        confirmed: the register unit has confirmed what the organisation's profile filled in.
        widened: its terms let it go further than that profile, or than what was last confirmed, and nobody has since.
        single_approval: a standing approval of the exit gate does not do for this record.
        consented_to: whom a consent that was signed names; empty: none was, so nobody is named apart.
        named_recipients: whom the approval names; the handling condition NAMED_RECIPIENTS asks that it names any.
        about_minors: the signal is about children, whether or not one is a subject.
        told_by_victim: a victim told it, who need not be a subject of it.
        gone: who was protected in it and is no subject any more.
        loose_keys: there are match keys that belong to no subject.
        keys: the match keys one by one; empty where only the form was looked at, not its values.
    """

    sender: Partition
    is_theme: bool = False
    confirmed: bool = False
    widened: bool = False
    single_approval: bool = False
    consented_to: frozenset[Partition] = frozenset()
    named_recipients: frozenset[Partition] = frozenset()
    state: SignalState = SignalState.REGISTERED
    withdrawn: bool = False
    about_minors: bool = False
    told_by_victim: bool = False
    subjects: tuple[SubjectFacts, ...] = ()
    gone: tuple[SubjectFacts, ...] = ()
    loose_keys: bool = False
    keys: tuple[KeyFacts, ...] = ()

    @property
    def has_keys(self) -> bool:
        """Whether any match key was derived from the record."""
        return self.loose_keys or any(subject.has_keys for subject in self.subjects)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Terms):
    """What travels with a shared extract and lets its receiver decide again.

    Attributes:
        edition: hash of the edition under which the owner decided.
        rules: ids of the rules that the owner's decision rests on.
    """

    edition: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskerFacts:
    """Who asks, and on what grounds.

    Attributes:
        profile: legal profile of the organisation that asks.
        case_ref: the case that the question is asked for.
        route: by which content is requested; None where nothing is.
        searches_shared: holds an authorisation, in force today, to search what partners share.
        register_unit: works for the unit that keeps the country's register.
    """

    partition: Partition
    purpose: Purpose | None = None
    legal_basis: LegalBasis | None = None
    profile: LegalProfile | None = None
    case_ref: str | None = None
    route: str | None = None
    searches_shared: bool = False
    register_unit: bool = False
