"""Load organisations and grant authorisations: operator work, on the node's own role, audited."""

from __future__ import annotations

from collections.abc import Sequence

from register.core import Register
from register.domain.caller import system
from register.domain.organisation import Authorisation, Organisation


def load_organisations(
    register: Register, organisations: Sequence[Organisation], grants: Sequence[Authorisation]
) -> None:
    """Bring the country's organisations to this state and add the authorisations."""
    with register.work(system(register.partition, "worker")) as work:
        work.organisations.save(organisations)
        for grant in grants:
            work.organisations.authorise(grant)
        codes = [o.code for o in organisations]
        work.audit.note("organisation.loaded", "-", count=len(codes), codes=codes, authorisations=len(grants))


def list_organisations(register: Register) -> list[Organisation]:
    """Every organisation of the country, by code."""
    with register.work(system(register.partition, "worker")) as work:
        return work.organisations.all()
