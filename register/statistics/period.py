"""The period a table is about: a year, a quarter, or three years together. No clock: today is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

POOLED_YEARS: Final = 3
"""How many years the last rung of the ladder puts together."""
_MONTHS_A_QUARTER: Final = 3
_QUARTERS: Final = 4


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A closed span of whole quarters.

    Attributes:
        year: the last year it covers.
        quarter: 1 to 4, or None for whole years.
        years: 1, or more when years are pooled; always 1 with a quarter.
    """

    year: int
    quarter: int | None = None
    years: int = 1

    def __post_init__(self) -> None:
        if self.quarter is not None and not (1 <= self.quarter <= _QUARTERS and self.years == 1):
            raise ValueError("expected a quarter from 1 to 4 of one year")
        if self.years < 1:
            raise ValueError("expected at least one year")

    def __str__(self) -> str:
        if self.quarter is not None:
            return f"{self.year}-Q{self.quarter}"
        return str(self.year) if self.years == 1 else f"{self.year - self.years + 1}/{self.year}"

    @classmethod
    def read(cls, text: str) -> Period:
        """The period that prints so. Raises `ValueError` if none does."""
        year, _, quarter = text.partition("-Q")
        first, _, last = year.rpartition("/")
        of = cls(int(last), int(quarter) if quarter else None, int(last) - int(first) + 1 if first else 1)
        if str(of) != text:
            raise ValueError("expected a period as 2023, 2023-Q4 or 2021/2023")
        return of

    def before(self) -> Period:
        """The same span one span earlier; of a quarter, that of a year earlier, since the seasons differ."""
        return Period(self.year - self.years, self.quarter, self.years)

    @property
    def first_day(self) -> date:
        """The first day it covers."""
        if self.quarter is None:
            return date(self.year - self.years + 1, 1, 1)
        return date(self.year, (self.quarter - 1) * _MONTHS_A_QUARTER + 1, 1)

    @property
    def last_day(self) -> date:
        """The last day it covers."""
        if self.quarter is None or self.quarter == _QUARTERS:
            return date(self.year, 12, 31)
        return date(self.year, self.quarter * _MONTHS_A_QUARTER + 1, 1) - timedelta(days=1)

    def is_closed(self, today: date) -> bool:
        """Whether the last day has passed."""
        return self.last_day < today

    def each_year(self) -> tuple[Period, ...]:
        """The years it puts together, or itself where it is a quarter or one year."""
        if self.years == 1:
            return (self,)
        return tuple(Period(year) for year in range(self.year - self.years + 1, self.year + 1))

    def pooled(self) -> Period:
        """The three years that end with this year."""
        return Period(self.year, years=POOLED_YEARS)
