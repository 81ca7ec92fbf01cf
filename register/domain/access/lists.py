"""From the lists of an operator, whose form has been checked, to what the register holds."""

from __future__ import annotations

from register.domain.access.admission import Admitted
from register.domain.access.caller import Task
from register.domain.access.organisation import Authorisation, ContactAddress, Organisation, Profile, Training, Unit
from schemas.access.admission import (
    AdmittedOrganisationIn,
    AuthorisationIn,
    AuthorisationsIn,
    OrganisationsIn,
    ProfileIn,
    TrainingIn,
)
from schemas.codes import Partition


def organisations_of(form: OrganisationsIn) -> list[Admitted]:
    """The organisations of a list with their units, in its order."""
    return [_read_admitted(form.country, row) for row in form.organisation]


def authorisations_of(form: AuthorisationsIn) -> list[Authorisation]:
    """The authorisations of a list, in its order."""
    return [_read_grant(form.country, row) for row in form.authorisation]


def _read_admitted(country: Partition, row: AdmittedOrganisationIn) -> Admitted:
    organisation = Organisation(
        partition=country,
        code=row.code,
        name=row.name,
        kind=row.kind,
        legal_profile=row.legal_profile,
        profile=_read_profile(row.profile),
        valid_from=row.begins,
        valid_to=row.ends,
    )
    units = (
        Unit(
            name=unit.name,
            organisation=row.code,
            begins=unit.begins,
            ends=unit.ends,
            addresses=tuple(ContactAddress(a.use, a.address, a.confirmed_on) for a in unit.address),
        )
        for unit in row.unit
    )
    return Admitted(organisation, tuple(units))


def _read_profile(row: ProfileIn) -> Profile:
    given = row.evaluation
    return Profile(
        legal_basis=row.legal_basis,
        purpose=row.purpose,
        evaluation=(given.scheme, given.source, given.information),
        handling=row.handling,
        visibility=row.visibility,
        retention_class=row.retention,
        acquisition=row.acquisition,
        contact_unit=row.contact,
        routes=row.routes,
        case_forms=row.case_forms,
    )


def _read_grant(country: Partition, row: AuthorisationIn) -> Authorisation:
    return Authorisation(
        partition=country,
        actor=row.actor,
        actor_kind=row.kind,
        organisation=row.organisation,
        tasks=frozenset(Task(task) for task in row.tasks),
        scope="all",
        begins=row.begins,
        ends=row.ends,
        training=_read_training(row.training),
    )


def _read_training(row: TrainingIn | None) -> Training | None:
    return None if row is None else Training(row.which, row.on, row.until)
