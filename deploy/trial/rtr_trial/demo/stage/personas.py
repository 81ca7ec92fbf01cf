"""Who signs in: a client at its country's issuer for each service that submits and for each persona, with its key.

Each gets a profile file, so that `rtr --profile` and programs sign in as it; people get a password for the pages as
well, drawn anew by each demo. What each may do stands in the register, not here. Made up, like all of the demo.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Final, Literal

from api.client.profile import write_profile
from register.core import Register
from register.domain.access.organisation import Authorisation
from register.keys.jwk import PrivateKey
from register.services.access.admit import apply_authorisations, apply_organisations
from rtr_trial.demo.made_up import data
from rtr_trial.embedded.identity_provider.code_flow import Login
from rtr_trial.embedded.identity_provider.issuer import Client
from schemas.codes import Partition

BY: Final = {"list": "made-up"}
"""As the audit log names who let them in."""
PASSWORD_BYTES: Final = 9
"""Twelve letters to type; good for a demo on the loopback, where guessing is slowed down too."""


@dataclass(frozen=True, slots=True)
class Persona:
    """One client: a person, or the program of a service.

    Attributes:
        key: for instance `aw-coordinator`, or `aw-dimas` for a service; the client's id and its subject.
        title: for people to read.
        persona: what kind of user it is, for instance `coordinator`; `service` for a program.
        password: for the pages; None for a program.
    """

    key: str
    title: str
    persona: str
    country: Partition
    kind: Literal["person", "service"]
    secret: PrivateKey = field(repr=False)
    password: str | None = field(default=None, repr=False)

    def as_login(self) -> Login | None:
        """The same at the sign-in of the pages; a program has none."""
        if self.password is None:
            return None
        return Login(name=self.key, password=self.password, subject=self.key, title=self.title)

    def as_client(self) -> Client:
        """The same as its issuer knows it."""
        public = self.secret.public()
        return Client(
            client_id=self.key,
            subject=self.key,
            keys={public.thumbprint(): public},
            kind=self.kind,
            label=self.title,
        )

    def write_profile(self, folder: Path, *, api: str, issuer: str) -> Path:
        """Write its profile and key into a folder."""
        kid = self.secret.public().thumbprint()
        return write_profile(folder, self.key, api=api, issuer=issuer, client_id=self.key, key=self.secret, kid=kid)


def personas(countries: Iterable[Partition]) -> Mapping[str, Persona]:
    """The services and people of these countries by key, each with a fresh key of its own."""
    wanted = set(countries)
    services = [
        Persona(o.client, o.name, "service", o.country, "service", PrivateKey.generate())
        for o in data.organisations()
        if o.submits
    ]
    people = [
        Persona(p.key, p.title, p.persona, p.country, "person", PrivateKey.generate(), token_urlsafe(PASSWORD_BYTES))
        for p in data.people()
    ]
    return {one.key: one for one in (*services, *people) if one.country in wanted}


def let_in(register: Register) -> None:
    """Let the organisations, services and people of a country in, as its operator would by `rtr organisation apply`."""
    own = [o.admitted() for o in data.organisations() if o.country is register.partition]
    apply_organisations(register, own, by=BY)
    apply_authorisations(register, authorisations(register.partition), by=BY)


def authorisations(country: Partition) -> list[Authorisation]:
    """What the register of a country holds for its services and people."""
    services = [
        Authorisation(
            partition=country,
            actor=o.client,
            actor_kind="service",
            organisation=o.code,
            tasks=o.tasks,
            scope="all",
            begins=o.valid_from,
            ends=o.valid_to,
        )
        for o in data.organisations()
        if o.country is country and o.submits
    ]
    people = [
        Authorisation(
            partition=country,
            actor=p.key,
            actor_kind="person",
            organisation=p.organisation,
            tasks=p.tasks,
            scope="all",
            begins=p.begins,
            ends=p.ends,
            training=p.training,
        )
        for p in data.people()
        if p.country is country
    ]
    return services + people
