"""Organisations and authorisations in the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.access.caller import Task
from register.domain.access.organisation import Authorisation, Organisation, Profile
from register.errors import NotFound
from register.store.models.access import authorisation, organisation
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

    def authorise(self, grant: Authorisation) -> None:
        """Add an authorisation; it ends by a date, never by a deletion."""
        self._connection.execute(
            sa.insert(authorisation),
            [
                {
                    "country": self._country,
                    "id": self._clock.new_id(),
                    "actor": grant.actor,
                    "actor_kind": grant.actor_kind,
                    "organisation": grant.organisation,
                    "tasks": sorted(grant.tasks),
                    "scope": grant.scope,
                    "begins": grant.begins,
                    "ends": grant.ends,
                    "trained_on": grant.trained_on,
                    "granted_at": self._clock.now(),
                }
            ],
        )

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
        grant = Authorisation(
            partition=self._country,
            actor=row["actor"],
            actor_kind=row["actor_kind"],
            organisation=row["organisation"],
            tasks=frozenset(Task(t) for t in row["tasks"]),
            scope=row["scope"],
            begins=row["begins"],
            ends=row["ends"],
            trained_on=row["trained_on"],
        )
        return grant, organisation_of(self._country, {name.removeprefix("of_"): row[name] for name in _OF})


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
