"""Valid extracts that the demo edition lets leave and be held; a test names only what matters to it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from register.core import Register
from schemas import canonical
from schemas.codes import Partition
from schemas.exchange.wire import IndicatorPut, read

A_UNIT = "A unit"
"""Whom every extract here says to ask; the countries of `net` list it."""


def token_of(number: int) -> bytes:
    """The pseudonym of a made-up value."""
    return hashlib.sha256(f"token {number}".encode()).digest()


def an_extract(register: Register, recipient: Partition, *, number: int = 1, **changes: Any) -> IndicatorPut:
    """An extract of this country for one recipient.

    Args:
        register: the owner's.
        recipient: for whom it is.
        number: makes reference and token.
        changes: members of the label; `record` replaces members of the record, `ext` the extensions.
    """
    today = register.today()
    record, ext = changes.pop("record", {}), changes.pop("ext", {})
    label: dict[str, Any] = {
        "acquisition": "OWN_TASK",
        "audience": [recipient],
        "contested": False,
        "covenant_ref": "MOU-2019",
        "edition": register.edition.hash,
        "evaluation": {"scheme": "4x4", "source": "B", "information": "2"},
        "handling": {"code": "H0", "conditions": []},
        "last_verified_on": f"{today}",
        "legal_basis": f"{register.partition}_NONPOLICE",
        "onward": False,
        "purpose": "ADMINISTRATIVE",
        "retain_until": f"{today + timedelta(days=700)}",
        "review_by": f"{today + timedelta(days=300)}",
        "rules": ["SHARED-1", "CONFIRM-1", "PURPOSE-1", "AUDIENCE-1", "COVENANT-1"],
        "source_profile": "NON_POLICE",
        "visibility": "V1",
    }
    told: dict[str, Any] = {
        "reference": f"{register.partition}-2026-{number}",
        "signal_type": "HT",
        "reporting_class": "HT",
        "period": {"from": "2026-01", "to": "2026-02"},
        "exploitation_forms": ["LABOUR"],
        "acts": [],
        "means": [],
        "smuggling_elements": [],
        "recruitment": [],
        "indicators": [{"group": "TRAVEL", "strength": "W"}],
        "location_type": "BAR_CLUB",
        "subjects": [{"n": 1, "role": "GUARANTOR", "category": "IN_RELATION", "kind": "person"}],
        "tokens": [
            {"family": "phone", "version": 1, "epoch": 1, "token": canonical.b64(token_of(number)), "n": 1},
            {"family": "person.p1", "version": 1, "epoch": 1, "token": canonical.b64(token_of(-number)), "n": 1},
        ],
        "contact": {"unit": A_UNIT, "routes": ["police", "legal"]},
    }
    return read(IndicatorPut, canonical.dumps({"label": label | changes, "record": told | record, "ext": ext}))
