"""Organisations, their units and authorisations in the store: rows end by a day and are never removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.access.caller import Task
from register.domain.access.organisation import (
    Authorisation,
    ContactAddress,
    Organisation,
    Profile,
    Training,
    Unit,
)
from register.errors import NotFound
from register.store.models.access import authorisation, contact_unit, organisation, organisation_list
from schemas.codes import Partition


class Organisations:
    """The organisations of one country and who is authorised for what, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def get(self, code: str) -> Organisation:
        """Return an organisation.

        Raises:
            NotFound: there is none of this code in this country.
        """
        query = organisations_query(self._country).where(organisation.c.code == code)
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no organisation {code} in {self._country}")
        return organisation_of(self._country, row)

    def all(self) -> list[Organisation]:
        """Every organisation of the country, by code."""
        rows = self._connection.execute(organisations_query(self._country)).mappings()
        return [organisation_of(self._country, row) for row in rows]

    def save(self, organisations: Iterable[Organisation]) -> None:
        """Add organisations, or bring those that are there to this state."""
        rows = [
            {
                "country": self._country,
                "code": o.code,
                "name": o.name,
                "kind": o.kind,
                "legal_profile": o.legal_profile,
                "profile": o.profile.as_row(),
                "valid_from": o.valid_from,
                "valid_to": o.valid_to,
            }
            for o in organisations
        ]
        if not rows:
            return
        statement = insert(organisation).values(rows)
        fresh = statement.excluded
        changes = {c: fresh[c] for c in ("name", "kind", "legal_profile", "profile", "valid_from", "valid_to")}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["country", "code"], set_=changes))

    def units(self) -> list[Unit]:
        """Every unit of the country, by name."""
        query = sa.select(contact_unit).where(contact_unit.c.country == self._country).order_by(contact_unit.c.name)
        return [
            Unit(
                name=row["name"],
                organisation=row["organisation"],
                begins=row["begins"],
                ends=row["ends"],
                addresses=tuple(ContactAddress.from_row(one) for one in row["addresses"]),
            )
            for row in self._connection.execute(query).mappings()
        ]

    def save_units(self, units: Iterable[Unit]) -> None:
        """Add units, or bring those that are there to this state; a unit keeps its organisation."""
        rows = [
            {
                "country": self._country,
                "name": unit.name,
                "organisation": unit.organisation,
                "begins": unit.begins,
                "ends": unit.ends,
                "addresses": [one.as_row() for one in unit.addresses],
            }
            for unit in units
        ]
        if not rows:
            return
        statement = insert(contact_unit).values(rows)
        changes = {c: statement.excluded[c] for c in ("begins", "ends", "addresses")}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["country", "name"], set_=changes))

    def lock_list(self) -> int:
        """Wait until nobody else changes who is let in, and return the number of the list; 0 before the first."""
        first = {"country": self._country, "number": 0, "changed_at": self._clock.now()}
        self._connection.execute(insert(organisation_list).values([first]).on_conflict_do_nothing())
        number: int = self._connection.execute(
            sa.select(organisation_list.c.number).where(organisation_list.c.country == self._country).with_for_update()
        ).scalar_one()
        return number

    def number_list(self, number: int) -> None:
        """Give the list another number, from now on."""
        self._connection.execute(
            sa.update(organisation_list)
            .where(organisation_list.c.country == self._country)
            .values(number=number, changed_at=self._clock.now())
        )

    def list_number(self) -> tuple[int, datetime] | None:
        """The number of the list and since when; None before the first."""
        row = self._connection.execute(
            sa.select(organisation_list.c.number, organisation_list.c.changed_at).where(
                organisation_list.c.country == self._country
            )
        ).one_or_none()
        return None if row is None or not row.number else (row.number, row.changed_at)

    def authorise(self, grants: Iterable[Authorisation]) -> None:
        """Add authorisations; they end by a date, never by a deletion."""
        rows = [
            {
                "country": self._country,
                "id": self._clock.new_id(),
                "actor": grant.actor,
                "actor_kind": grant.actor_kind,
                "organisation": grant.organisation,
                "tasks": sorted(grant.tasks),
                "scope": grant.scope,
                "begins": grant.begins,
                "granted_at": self._clock.now(),
                **_later_of(grant),
            }
            for grant in grants
        ]
        if rows:
            self._connection.execute(sa.insert(authorisation), rows)

    def change_authorisation(self, grant: Authorisation) -> None:
        """Give an authorisation that is there its end and training; nothing else of it can change."""
        self._connection.execute(
            sa.update(authorisation)
            .where(
                authorisation.c.country == self._country,
                authorisation.c.actor == grant.actor,
                authorisation.c.organisation == grant.organisation,
                authorisation.c.begins == grant.begins,
            )
            .values(_later_of(grant))
        )

    def authorisations(self) -> list[Authorisation]:
        """Every authorisation that was ever given, by actor and begin."""
        query = (
            sa.select(authorisation)
            .where(authorisation.c.country == self._country)
            .order_by(authorisation.c.actor, authorisation.c.begins, authorisation.c.id)
        )
        return [self._authorisation(row) for row in self._connection.execute(query).mappings()]

    def standing(self, actor: str, day: date) -> list[tuple[Authorisation, Organisation]]:
        """The authorisations of an actor that are in force on a day, oldest first, each with its organisation."""
        same = sa.and_(
            organisation.c.country == authorisation.c.country, organisation.c.code == authorisation.c.organisation
        )
        named = [column.label(f"of_{column.name}") for column in organisation.c]
        rows = self._connection.execute(
            sa.select(authorisation, *named)
            .join_from(authorisation, organisation, same)
            .where(
                authorisation.c.country == self._country,
                organisation.c.country == self._country,
                authorisation.c.actor == actor,
            )
            .order_by(authorisation.c.begins, authorisation.c.id)
        ).mappings()
        return [(grant, of) for grant, of in map(self._grant_of, rows) if grant.in_force(day)]

    def _grant_of(self, row: Mapping[Any, Any]) -> tuple[Authorisation, Organisation]:
        grant = self._authorisation(row)
        return grant, organisation_of(self._country, {name.removeprefix("of_"): row[name] for name in _OF})

    def _authorisation(self, row: Mapping[Any, Any]) -> Authorisation:
        training = None
        if row["trained_on"] is not None:
            training = Training(row["training"], row["trained_on"], row["trained_until"])
        return Authorisation(
            partition=self._country,
            actor=row["actor"],
            actor_kind=row["actor_kind"],
            organisation=row["organisation"],
            tasks=frozenset(Task(t) for t in row["tasks"]),
            scope=row["scope"],
            begins=row["begins"],
            ends=row["ends"],
            training=training,
        )


def _later_of(grant: Authorisation) -> dict[str, Any]:
    """What may still change of an authorisation."""
    training = grant.training
    return {
        "ends": grant.ends,
        "training": None if training is None else training.which,
        "trained_on": None if training is None else training.on,
        "trained_until": None if training is None else training.until,
    }


_OF: Final = tuple(f"of_{column.name}" for column in organisation.c)


def organisations_query(country: Partition) -> sa.Select[Any]:
    """The organisations of a country, by code."""
    return sa.select(organisation).where(organisation.c.country == country).order_by(organisation.c.code)


def organisation_of(country: Partition, row: Mapping[Any, Any]) -> Organisation:
    """The organisation of a row."""
    return Organisation(
        partition=country,
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        legal_profile=row["legal_profile"],
        profile=Profile.from_row(row["profile"]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
    )
