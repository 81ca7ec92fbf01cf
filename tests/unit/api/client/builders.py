"""Valid forms and answers; a test names only what matters to it."""

from __future__ import annotations

from typing import Any

from schemas.signals.signal import SignalIn

ID = "01920000-0000-7000-8000-000000000001"
REFERENCE = "AW-2026-0031"
NAME, PHONE = "Zeno Testman", "+297 000 0147"


def form(**changes: Any) -> dict[str, Any]:
    """The eight questions, answered."""
    return {
        "kind": "submission",
        "urgency": "NORMAL",
        "account": "A man paid for two tickets.",
        "received_on": "2026-03-11",
        "period": {"from": "2026-03-10"},
        "place": {"island": "AW", "location_type": "AIRPORT"},
        "signal_type": "UNDETERMINED",
        "source": "GOV_DEPT",
        "channel": "PHONE",
        "subjects": [
            {
                "n": 1,
                "role": "SUSPECT",
                "kind": "person",
                "name": NAME,
                "selectors": [{"type": "PHONE", "value": PHONE}],
            }
        ],
        **changes,
    }


def a_form(**changes: Any) -> SignalIn:
    return SignalIn.model_validate(form(**changes))


def signal(**changes: Any) -> dict[str, Any]:
    """A signal as the register answers with it."""
    return {
        "id": ID,
        "reference": REFERENCE,
        "kind": "submission",
        "state": "REGISTERED",
        "version": 1,
        "type_registered": "UNDETERMINED",
        "type_assessed": "UNDETERMINED",
        "organisation": "AW-IMIGRACION",
        "form": a_form().model_dump(mode="json"),
        "sharing": [
            {"recipient": "CW", "allowed": True, "rules": ["SHARED-1"], "sentences": []},
            {"recipient": "NL", "allowed": False, "rules": ["PRIVATE-1"], "sentences": ["Private life."]},
        ],
        "pseudonyms": "pending",
        "next_steps": ["The register unit looks at it."],
        "recorded_at": "2026-03-11T10:00:00.000Z",
        "changed_at": "2026-03-11T10:00:00.000Z",
        **changes,
    }


def summary(number: int = 31, **changes: Any) -> dict[str, Any]:
    """A line of a list."""
    return {
        "id": ID,
        "reference": f"AW-2026-{number:04}",
        "kind": "submission",
        "state": "REGISTERED",
        "version": 1,
        "type_registered": "UNDETERMINED",
        "type_assessed": "UNDETERMINED",
        "urgency": "NORMAL",
        "source": "GOV_DEPT",
        "channel": "PHONE",
        "island": "AW",
        "organisation": "AW-IMIGRACION",
        "received_on": "2026-03-11",
        "recorded_at": "2026-03-11T10:00:00.000Z",
        "changed_at": "2026-03-11T10:00:00.000Z",
        **changes,
    }


def me(**changes: Any) -> dict[str, Any]:
    return {
        "country": "AW",
        "country_name": "Aruba",
        "kind": "service",
        "organisation": "AW-IMIGRACION",
        "tasks": ["READ_OWN", "SUBMIT"],
        "edition": "demo",
        **changes,
    }


def figures(**changes: Any) -> dict[str, Any]:
    """A year's tables with one small cell."""
    rows = [
        {"row": "CITIZEN", "label": "Citizens", "count": 11, "of_which": {"anonymous": 2}, "flagged": False},
        {"row": "SCHOOL", "label": "School", "count": 1, "of_which": {}, "flagged": True},
    ]
    return {
        "country": "AW",
        "year": 2023,
        "period_rule": "date received",
        "notifications": 12,
        "forwarded": 12,
        "tables": [{"name": "by source", "code_list": "source", "rows": rows}],
        "code_lists": "abc",
        "rule_set": "owner/1",
        **changes,
    }
