"""Days of a span as conditions: a moment belongs to the day it had on the calendar of the country that counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from register.domain.partition import midnight_in
from schemas.codes import Partition


def days(column: sa.ColumnElement[date], first: date, last: date) -> sa.ColumnElement[bool]:
    """Whether a day lies in the span, ends included."""
    return column.between(first, last)


def moments(column: sa.ColumnElement[Any], first: date, last: date, *, country: Partition) -> sa.ColumnElement[bool]:
    """Whether a moment lies on a day of the span, between two midnights of the country."""
    return sa.and_(column >= midnight_in(country, first), column < midnight_in(country, last + timedelta(days=1)))
