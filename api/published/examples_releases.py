"""Made-up examples of what contributions and releases look like; see `api.published.examples`."""

from __future__ import annotations

from typing import Any, Final

_AT: Final = "2024-03-04T09:15:00.000Z"
_FIRST: Final = "1f2e3d4c" * 8
_SECOND: Final = "5a6b7c8d" * 8
_SIGNATURE: Final = f"eyJtYWRlIjoidXAifQ..{'A' * 86}"

CONTRIBUTION_IN: Final = {"table": "notifications-by-type", "period": "2023"}
FACT_IN: Final = {"population": "notifications", "period": "2023", "value": 24, "source": "Made up: report of 2023."}
ROW_IN: Final = {"variable": "channel", "code": "WALK_IN", "since": "2027-01-01"}
DRAFT_IN: Final = {"tier": "W", "table": "notifications-by-type", "period": "2023"}
TOO_THIN: Final = {
    "rule": "R3",
    "code": "too-thin",
    "says": "The table has 3 inner cells and fewer than 5 records for each.",
    "would_pass": "A coarser table, a longer period, or at least 15 records.",
}


def build_contribution() -> dict[str, Any]:
    """A contribution."""
    return {
        "country": "AW",
        "table": "notifications-by-type",
        "version": 1,
        "period": "2023",
        "revision": 0,
        "ruleset": "regional/3",
        "catalogue": "b2b5fa34ef6f2763",
        "base": 3,
        "rows": ["HT", "MS", "OTHER"],
        "columns": ["ALL"],
        "cells": [[6], [3], [15]],
        "total": 24,
        "pooled": None,
        "shown": {"W": {"grain": "full", "instead": None}, "P": {"grain": "full", "instead": None}},
        "signs_public": False,
        "digest": _FIRST,
        "signature": _SIGNATURE,
        "at": _AT,
    }


def build_own() -> dict[str, Any]:
    """What came of contributing."""
    return {
        "contribution": build_contribution(),
        "is_new": True,
        "refusals": {"W": [], "P": [TOO_THIN]},
        "stepped_down": [],
    }


def build_fact() -> dict[str, Any]:
    """A published figure."""
    return {**FACT_IN, "country": "AW", "where": {}, "number": 0, "digest": _SECOND, "at": _AT}


def build_summary(state: str = "draft", approvals: int = 0) -> dict[str, Any]:
    """A line of the list."""
    return {
        "digest": _SECOND,
        "tier": "W",
        "table": "notifications-by-type",
        "version": 1,
        "period": "2023",
        "revision": 0,
        "state": state,
        "approvals": approvals,
        "drafted_at": _AT,
        "frozen_at": _AT if state == "frozen" else None,
        "superseded_by": None,
    }


def build_release(state: str = "draft", approvals: int = 0) -> dict[str, Any]:
    """A release."""
    is_attacked = state != "draft"
    return {
        **build_summary(state, approvals),
        "ruleset": "regional/3",
        "catalogue": "b2b5fa34ef6f2763",
        "population": "notifications",
        "base": 3,
        "coverage": ["AW", "BQ", "CW", "SX"],
        "cells": [
            {"area": "AW", "row": "HT", "column": "ALL", "value": 6, "marker": "rounded", "reach": 2},
            {"area": "CARIBBEAN", "row": "HT", "column": "ALL", "value": None, "marker": "c", "reach": 0},
        ],
        "contributions": [{"country": "AW", "digest": _FIRST, "signature": _SIGNATURE}],
        "instead": [],
        "withheld": [
            {
                "rule": "R5",
                "code": "too-few-contributors",
                "says": "Fewer than 3 countries contribute figures that are not already public.",
                "would_pass": "More countries that reach this table, or a coarser table that more of them reach.",
            }
        ],
        "attacks": [{"attack": "A1", "attacked": 16, "recovered": 0}] if is_attacked else None,
        "refusals": [] if is_attacked else None,
        "signature": _SIGNATURE if state == "frozen" else None,
    }


def build_verification() -> dict[str, Any]:
    """What another node makes of a release."""
    return {
        "digest": _SECOND,
        "holds": True,
        "computed": _SECOND,
        "held": False,
        "unsigned": [],
        "agree": ["AW"],
        "differ": [],
    }


def build_ledger() -> dict[str, Any]:
    """All that is known."""
    return {
        "catalogue": "b2b5fa34ef6f2763",
        "contributions": [build_contribution()],
        "facts": [build_fact()],
        "linked": {"notifications-by-type": ["notifications-by-source"]},
    }
