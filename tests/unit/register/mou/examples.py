"""A record, a label and an asker in perfect order; a test names only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from register.mou.edition import load
from register.mou.facts import (
    AskerFacts,
    Evaluation,
    GateWord,
    HandlingTerms,
    Label,
    LegalProfile,
    RecordFacts,
    SubjectFacts,
)
from schemas.codes import CrimeClass, Handling, LegalBasis, Partition, PersonCategory, Purpose, Visibility

TODAY = date(2026, 3, 1)
YESTERDAY = date(2026, 2, 28)
STRICT, DEMO = load("strict"), load("demo")
EVERYONE = frozenset(Partition)

SUSPECT = SubjectFacts(n=1, role="SUSPECT", category=PersonCategory.INVOLVED, has_keys=True)
VICTIM = SubjectFacts(n=2, role="VICTIM_PRESUMED", category=PersonCategory.VICTIM, has_keys=True)
CHILD = SubjectFacts(n=3, role="COMPANION", category=PersonCategory.IN_RELATION, minor=True, has_keys=True)

# A basis that both editions share for each country; none of another country's law.
USUAL_BASIS = {
    Partition.AW: LegalBasis.AW_POLICE,
    Partition.BQ: LegalBasis.WPG8,
    Partition.CW: LegalBasis.CW_POLICE,
    Partition.NL: LegalBasis.WPG8,
    Partition.SX: LegalBasis.SX_POLICE,
}


def a_record(**changes: Any) -> RecordFacts:
    """A Dutch police record that both editions let go to everybody else."""
    record = RecordFacts(
        owner=Partition.NL,
        sender=Partition.NL,
        legal_basis=LegalBasis.WPG8,
        purpose=Purpose.INVESTIGATE,
        visibility=Visibility.V1,
        handling=HandlingTerms(code=Handling.H0),
        audience=EVERYONE,
        crime_class=CrimeClass.TRAFFICKING,
        source_profile=LegalProfile.POLICE,
        acquisition="OBSERVATION",
        evaluation=Evaluation("4x4", "B", "2"),
        gate=GateWord.SIGNED,
        covenant_ref="MOU-2019",
        last_verified_on=date(2026, 2, 1),
        retain_until=date(2027, 2, 1),
        confirmed=True,
        consent=GateWord.SIGNED,
        subjects=(SUSPECT,),
    )
    return replace(record, **changes)


def a_label(**changes: Any) -> Label:
    """The label that goes with `a_record` to Aruba, decided under the strict edition."""
    label = Label(
        owner=Partition.NL,
        legal_basis=LegalBasis.WPG8,
        purpose=Purpose.INVESTIGATE,
        visibility=Visibility.V1,
        handling=HandlingTerms(code=Handling.H0),
        audience=frozenset({Partition.AW}),
        crime_class=CrimeClass.TRAFFICKING,
        source_profile=LegalProfile.POLICE,
        acquisition="OBSERVATION",
        evaluation=Evaluation("4x4", "B", "2"),
        gate=GateWord.SIGNED,
        consent=GateWord.SIGNED,
        covenant_ref="MOU-2019",
        last_verified_on=date(2026, 2, 1),
        retain_until=date(2027, 2, 1),
        edition=STRICT.hash,
        rules=("WPG10A-1", "SHARED-1", "GATE-1"),
    )
    return replace(label, **changes)


def an_asker(**changes: Any) -> AskerFacts:
    """Aruba's coordinator, with a case."""
    asker = AskerFacts(
        partition=Partition.AW,
        purpose=Purpose.INVESTIGATE,
        legal_basis=LegalBasis.AW_POLICE,
        profile=LegalProfile.POLICE,
        case_ref="Z-2026-04",
        searches_shared=True,
    )
    return replace(asker, **changes)
