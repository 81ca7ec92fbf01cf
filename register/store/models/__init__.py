"""Every table of the register, by topic; importing this package fills `metadata`."""

from __future__ import annotations

from register.store.models import (
    evaluations,
    exchange,
    operations,
    organisations,
    pages,
    records,
    requests,
    signals,
    statistics,
)
from register.store.models.base import EVALUATOR_SCHEMA, RIGHTS, SCHEMA, SHARED_TABLES, Rights, metadata

__all__ = [
    "EVALUATOR_SCHEMA",
    "RIGHTS",
    "SCHEMA",
    "SHARED_TABLES",
    "Rights",
    "evaluations",
    "exchange",
    "metadata",
    "operations",
    "organisations",
    "pages",
    "records",
    "requests",
    "signals",
    "statistics",
]
