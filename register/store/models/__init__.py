"""Every table of the register, by topic; importing this package fills `metadata`."""

from __future__ import annotations

from register.store.models import access, casework, desk, evaluations, exchange, running, signals, statistics
from register.store.models.base import EVALUATOR_SCHEMA, RIGHTS, SCHEMA, SHARED_TABLES, Rights, metadata

__all__ = [
    "EVALUATOR_SCHEMA",
    "RIGHTS",
    "SCHEMA",
    "SHARED_TABLES",
    "Rights",
    "access",
    "casework",
    "desk",
    "evaluations",
    "exchange",
    "metadata",
    "running",
    "signals",
    "statistics",
]
