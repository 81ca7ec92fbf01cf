"""How much lies behind the entries of the first page for whoever reads it, in one statement."""

from __future__ import annotations

from collections.abc import Mapping

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.running.behind import Behind, counted_for
from register.domain.signals.reading import reads_country


def count_behind(register: Register, caller: Caller) -> Mapping[Behind, int]:
    """Return the numbers that are not 0; of what the caller may list on the pages, so no leaf of its own."""
    with register.work(caller) as work:
        found = work.running.behind.count(
            counted_for(caller),
            organisation=caller.organisation,
            reports_of=None if reads_country(caller) else caller.organisation,
            actor=caller.actor,
        )
    return {one: number for one, number in found.items() if number}
