"""Days of a span as conditions: a moment belongs to the day it has in UTC, as everywhere in the register."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa


def days(column: sa.ColumnElement[date], first: date, last: date) -> sa.ColumnElement[bool]:
    """Whether a day lies in the span, ends included."""
    return column.between(first, last)


def moments(column: sa.ColumnElement[Any], first: date, last: date) -> sa.ColumnElement[bool]:
    """Whether a moment lies on a day of the span."""
    end = _midnight(last + timedelta(days=1))
    return sa.and_(column >= _midnight(first), column < end)


def day_of(moment: datetime | None) -> date | None:
    """The day of a moment, in UTC."""
    return None if moment is None else moment.astimezone(UTC).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
