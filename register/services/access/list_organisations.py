"""The organisations of the own country, for those who may read signals."""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.organisation import Organisation
from register.domain.access.policy import UseCase


def organisations_for(register: Register, caller: Caller) -> list[Organisation]:
    """Every organisation of the caller's country, by code: to whom a signal is referred, and who submitted it.

    Raises:
        TaskMissing: the caller may read no signal, so that he needs none of them.
    """
    register.permit(caller, UseCase.LIST_ORGANISATIONS)
    with register.work(caller) as work:
        return work.access.organisations.all()
