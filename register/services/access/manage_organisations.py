"""Load organisations and grant authorisations: operator work, on the node's own role, audited."""

from __future__ import annotations

from collections.abc import Sequence

from register.core import Register
from register.domain.access.caller import Caller, Task, system
from register.domain.access.organisation import Authorisation, Organisation
from register.domain.signals.reading import may_list


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


def organisations_for(register: Register, caller: Caller) -> list[Organisation]:
    """Every organisation of the caller's country, by code: to whom a signal is referred, and who submitted it.

    Raises:
        TaskMissing: the caller may read no signal, so that he needs none of them.
    """
    if not may_list(caller):
        caller.require(Task.READ_OWN)
    with register.work(caller) as work:
        return work.organisations.all()
