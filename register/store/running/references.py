"""A drawn reference that somebody else stores at the same moment shows when the row is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from register.domain.reference import ReferenceTaken


@contextmanager
def reference_wanted() -> Iterator[None]:
    """Write a row with a reference; raises `ReferenceTaken` where another transaction has just stored it."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        diagnosis = error.orig.diag if isinstance(error.orig, psycopg.Error) else None
        if diagnosis is not None and (diagnosis.constraint_name or "").endswith("_reference_key"):
            raise ReferenceTaken from error
        raise
