"""Signals for tests: a valid form, of which a test names only what matters to it."""

from __future__ import annotations

from typing import Any

from schemas.signals.signal import SignalIn


def a_form(**parts: Any) -> SignalIn:
    """A submission about one named person with a phone, and a loose plate."""
    whole: dict[str, Any] = {
        "kind": "submission",
        "urgency": "NORMAL",
        "account": "Seen twice at the bus stop, with a man who answered for her.",
        "received_on": "2025-06-01",
        "period": {"from": "2025-05-31"},
        "place": {"island": "AW", "location_type": "STREET", "locality": "Dakota"},
        "signal_type": "MS",
        "source": "GOV_DEPT",
        "channel": "CONTROL_ACTION",
        "subjects": [
            {
                "n": 1,
                "role": "SUSPECT",
                "kind": "person",
                "name": "Pruebo Ficticio",
                "birth": {"year": 1984, "month": 5, "day": 17},
                "selectors": [{"type": "PHONE", "value": "+297 000 0999"}],
            }
        ],
        "selectors": [{"type": "PLATE", "value": "A-99901", "country": "AW"}],
        "indicators": [{"group": "TRAVEL", "strength": "W"}],
        "smuggling_elements": ["FEE_DEBT"],
    }
    return SignalIn.model_validate(whole | parts)
