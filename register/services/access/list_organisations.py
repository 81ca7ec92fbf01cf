"""The organisations of the own country, for those who may read signals."""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import Caller, Task
from register.domain.access.organisation import Organisation
from register.domain.signals.reading import may_list


def organisations_for(register: Register, caller: Caller) -> list[Organisation]:
    """Every organisation of the caller's country, by code: to whom a signal is referred, and who submitted it.

    Raises:
        TaskMissing: the caller may read no signal, so that he needs none of them.
    """
    if not may_list(caller):
        caller.require(Task.READ_OWN)
    with register.work(caller) as work:
        return work.organisations.all()
