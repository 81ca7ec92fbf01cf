"""What waits for the privacy officer: an alarm about a case, and a search of last week that was drawn."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from register.domain.access.alarm import Alarm
from register.domain.access.caller import Task, system
from register.services.running.keep_house import call_privacy_officer
from register.store.search.search_watch import Searched
from schemas.codes import AlarmKind
from tests.support.web.pages import AW, Pages


def rung_and_drawn(served: Pages) -> tuple[UUID, UUID]:
    """Return the ids of both."""
    register = served[AW].register
    made, now = register.clock.new_id(), register.clock.now()
    with register.work(served.world.caller("AW-CMMA", Task.SEARCH_SHARED, actor="aw-coordinator")) as work:
        alarm = Alarm(
            kind=AlarmKind.NEIGHBOURS, whose="case", about=str(made), actor="aw-coordinator", organisation="AW-CMMA",
            case="Z-2026-77 <b>",
        )  # fmt: skip
        work.access.alarms.ring(alarm)
        one = Searched(
            id=made, at=now - timedelta(days=8), actor="aw-coordinator", organisation="AW-CMMA", purpose="COORDINATE",
            legal_basis="AW_NONPOLICE", families=("phone", "person.p1"), asked=("CW", "SX"), case="Z-2026-78",
        )  # fmt: skip
        work.search.watch.note(one, register.today() - timedelta(days=8))
        work.search.watch.answered(made, own=1, hits=2)
    call_privacy_officer(register)
    with register.work(system(AW, "api")) as work:
        rung = next(
            a for a in work.access.alarms.page(acknowledged=False, before=None, limit=50) if a.about == str(made)
        )
    return rung.id, made
