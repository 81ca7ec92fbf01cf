"""Organisations and authorisations: rows with dates in force, never built into the program.

A submitter types little because the organisation's profile says the rest (domain.md 0). Authorisations live in the
register and not in a token: the issuer says who somebody is, these rows say what that person may do here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from register.domain.access.caller import Task
from schemas.codes import Handling, LegalBasis, Partition, Purpose, Visibility


@dataclass(frozen=True, slots=True)
class Profile:
    """What an organisation's signals are taken to be unless the form says otherwise.

    Attributes:
        evaluation: (scheme, source, information), as given and never converted.
        routes: how content can be asked for after a hit: police, legal.
        contact_unit: whom a partner's coordinator asks.
        case_forms: how the references of its cases look (`register.domain.access.case`); any, where it has not said.
    """

    legal_basis: LegalBasis
    purpose: Purpose
    evaluation: tuple[str, str, str]
    handling: Handling
    visibility: Visibility
    retention_class: str
    acquisition: str
    contact_unit: str
    routes: tuple[str, ...]
    case_forms: tuple[str, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """The profile as JSON for the store."""
        return {
            "legal_basis": self.legal_basis,
            "purpose": self.purpose,
            "evaluation": list(self.evaluation),
            "handling": self.handling,
            "visibility": self.visibility,
            "retention_class": self.retention_class,
            "acquisition": self.acquisition,
            "contact_unit": self.contact_unit,
            "routes": list(self.routes),
            "case_forms": list(self.case_forms),
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Profile:
        """The profile from its JSON."""
        scheme, source, information = row["evaluation"]
        return cls(
            legal_basis=LegalBasis(row["legal_basis"]),
            purpose=Purpose(row["purpose"]),
            evaluation=(scheme, source, information),
            handling=Handling(row["handling"]),
            visibility=Visibility(row["visibility"]),
            retention_class=row["retention_class"],
            acquisition=row["acquisition"],
            contact_unit=row["contact_unit"],
            routes=tuple(row["routes"]),
            case_forms=tuple(row.get("case_forms", ())),
        )


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body that takes part in one country's register.

    Attributes:
        legal_profile: police, justice or non-police: the law that attaches to the organisation and its records.
        valid_to: last day in force; None while it stands.
    """

    partition: Partition
    code: str
    name: str
    kind: str
    legal_profile: str
    profile: Profile
    valid_from: date
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the organisation takes part on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ContactAddress:
    """Where a unit is reached: an address of a function, never of a person; it stays in the country.

    Attributes:
        use: mail or telephone.
        confirmed_on: the day on which the unit answered from there; an address that nobody confirmed is none.
    """

    use: str
    address: str
    confirmed_on: date

    def as_row(self) -> dict[str, str]:
        """The address as JSON for the store."""
        return {"use": self.use, "address": self.address, "confirmed_on": self.confirmed_on.isoformat()}

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> ContactAddress:
        """The address from its JSON."""
        return cls(row["use"], row["address"], date.fromisoformat(row["confirmed_on"]))


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that partners turn to after a hit; extracts name it, and the country's signed list says that it is one.

    Attributes:
        name: as extracts name it; one in a country.
        organisation: code of the organisation that it belongs to.
        ends: last day in force; None while it stands.
    """

    name: str
    organisation: str
    begins: date
    ends: date | None = None
    addresses: tuple[ContactAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class Training:
    """What somebody was taught before he was let in.

    Attributes:
        until: last day on which it counts; None only for what was recorded before trainings had such a day.
    """

    which: str
    on: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What one person or program may do for one organisation, from a day on (Wpg 6, assumed elsewhere).

    Attributes:
        actor: the subject of the country's issuer, opaque here.
        scope: the cases or records it holds for; "all" where it is not limited.
        training: of the person; a program has none.
    """

    partition: Partition
    actor: str
    actor_kind: str
    organisation: str
    tasks: frozenset[Task]
    scope: str
    begins: date
    ends: date | None = None
    training: Training | None = None

    def in_force(self, day: date) -> bool:
        """Whether the authorisation holds on a day: not after its end, nor once the training has run out."""
        return self.begins <= day and (self.last_day is None or day <= self.last_day)

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds as it now stands; None where it goes on."""
        until = None if self.training is None else self.training.until
        return min((last for last in (self.ends, until) if last is not None), default=None)

    @property
    def asks_evaluators(self) -> bool:
        """Whether partners' evaluators are asked in this actor's name: for what they report and what they look for."""
        return bool(self.tasks & {Task.SUBMIT, Task.SEARCH_SHARED})


RETENTION_DAYS: Mapping[str, int] = MappingProxyType(
    {
        # Wpg 8: out by 5 years. Wpg 9 and 10: five years after the last processing that shows necessity.
        "WPG8": 5 * 365,
        "WPG9": 5 * 365,
        "WPG10": 5 * 365,
        "POLICE": 5 * 365,
        "NON_POLICE": 2 * 365,
    }
)
"""Days a record may be kept, by retention class; all assumed until each country's lawyer has replaced them."""
