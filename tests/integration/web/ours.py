"""Reports in the own register for the tests of its pages: registered, exchanged, and looked at."""

from __future__ import annotations

import html
import re
from itertools import count
from typing import Any
from uuid import UUID

from register.domain.access.caller import Task
from register.domain.signals.signal import SignalId
from register.services.signals.change_signal import refer_signal
from register.services.signals.read_signal import read_signal
from register.services.signals.record_signal import record_signal
from schemas.codes import Partition
from schemas.signals.changes import ReferIn
from schemas.signals.out import SignalOut
from tests.integration.web.walk import Fields, send
from tests.support.forms import a_form
from tests.support.web.pages import AW, Browserless, Pages

_keys = count(1)
_marked = count(1)
CHANGES: dict[str, dict[str, str]] = {
    "reclassify": {"signal_type": "HT_MS", "reason": "The fee is being worked off."},
    "refer": {"kind": "assistance", "to": "AW-VICTIM", "note": "Ask for the night desk."},
    "step": {"state": "ASSESSED", "reason": "Read and weighed."},
    "confirm": {"reason": "As the profile has it."},
    "approve": {"reason": "Weighed; may leave."},
    "lift": {"reason": "Needs no yes of its own."},
    "withdraw": {"code": "corrected", "reason": "Entered twice."},
}
"""Every form that changes a report, with fields that it takes; those with a signature have tests of their own."""


def recorded(served: Pages, organisation: str = "AW-DIMAS", actor: str = "aw-officer", **parts: Any) -> SignalOut:
    """Register a report of an organisation."""
    caller = served.world.caller(organisation, Task.SUBMIT, Task.READ_OWN, actor=actor)
    register = served[Partition(organisation[:2])].register
    if parts.get("single_approval"):
        # Of its own values: the mark would pass on to the reports of the tests after it.
        n = next(_marked)
        (person,) = (one.model_dump(exclude_unset=True) for one in a_form().subjects)
        person |= {"selectors": [{"type": "PHONE", "value": f"+297 000 13{n:02}"}]}
        person |= {"birth": {"year": 1950 + n, "month": 2, "day": 3}}
        plate = {"type": "PLATE", "value": f"A-870{n:02}", "country": "AW"}
        parts = {"subjects": [person], "selectors": [plate]} | parts
    return record_signal(register, caller, a_form(**parts), f"test-key-{next(_keys)}")


def referred(served: Pages, signal: UUID, to: str = "AW-CMMA") -> UUID:
    """Refer a report as it is now; gives the referral's id."""
    unit = served.world.caller("AW-JIUMM", Task.REGISTER, actor="aw-unit")
    version = present(served, signal).version
    referral = ReferIn(kind="assistance", to=to, note="A bed tonight.")
    return refer_signal(served[AW].register, unit, SignalId(signal), referral, version=version).referrals[-1].id


def present(served: Pages, signal: UUID) -> SignalOut:
    """A report as it is now."""
    return read_signal(served[AW].register, served.world.caller("AW-JIUMM", Task.REGISTER), SignalId(signal))


def shown(text: str) -> str:
    """A text as it stands in a page."""
    return html.escape(text, quote=False).replace("'", "&#39;").replace('"', "&#34;")


def hits(person: Browserless, **typed: str) -> str:
    """The hits that somebody is shown on a ground of the own organisation."""
    """The hits on a ground of the person's own organisation."""
    page = person.get("/hits").text
    (basis, *_) = re.findall(r'name="legal_basis" value="(\w+)"', page)
    return send(person, "/hits", {"purpose": "COORDINATE", "legal_basis": basis, "case": "Z-2026-04", **typed}).text


def of_report(person: Browserless, signal: UUID) -> Fields:
    """The fields of the form by which the register unit asks for the hits on one report."""
    page = person.get(f"/ours/{signal}").text
    form = page.partition('action="/hits"')[2].partition("</form>")[0]
    return dict(re.findall(r'name="(signal|purpose|legal_basis|case)" value="([^"]*)"', form))
