"""What all forms and answers share: the strict base, fields of text, days and times, and a page of a list.

No error and no `repr` of a form gives back what was typed in a field that hides it; who sends errors out must leave
out their `input`, and the names of members that the form does not know.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Generic, LiteralString, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from schemas.codes.countries import COUNTRIES, ISSUERS, NATIONALITIES

PAGE_MAX = 200  # items
NAME_MAX, VALUE_MAX, NOTE_MAX = 200, 500, 1_000  # characters

T = TypeVar("T")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def refuse(code: LiteralString, message: LiteralString) -> PydanticCustomError:
    """Return the refusal of a value; `message` is one sentence without its full stop."""
    # `says` is what renderers may show: a sentence of ours, never pydantic's, which may quote the input.
    return PydanticCustomError(code, message, {"says": message + "."})


def _day(value: object) -> object:
    # Numbers and times of day would be taken for dates otherwise: 0 for 1970, a time zone's midnight for a day.
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise refuse("not-a-date", "Give a date as YYYY-MM-DD")


def prose(value: str) -> str:
    """Return text of several lines as it came; control characters are refused."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\r\t" for char in value):
        raise refuse("control-character", "The text holds control characters; leave them out")
    return value


def _line(value: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in value):
        raise refuse("control-character", "Give one line of text without control characters")
    return value


def _country(value: str) -> str:
    if value not in COUNTRIES:
        raise refuse("unknown-country", "Not a country of ISO 3166-1; give its two capital letters, for instance CO")
    return value


def _nationality(value: str) -> str:
    if value not in NATIONALITIES:
        raise refuse(
            "unknown-country",
            "Not a country of ISO 3166-1; give its two capital letters, for instance CO, or XXA for a stateless person",
        )
    return value


def _issuer(value: str) -> str:
    if value not in ISSUERS:
        raise refuse(
            "unknown-country",
            "Not a country of ISO 3166-1; give its two capital letters, for instance CO, or XXX if nobody knows",
        )
    return value


def _utc_ms(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31)), BeforeValidator(_day)]
Instant = Annotated[AwareDatetime, PlainSerializer(_utc_ms, return_type=str, when_used="json")]
Country = Annotated[str, StringConstraints(min_length=2, max_length=2), AfterValidator(_country)]
Nationality = Annotated[str, StringConstraints(min_length=2, max_length=3), AfterValidator(_nationality)]
Issuer = Annotated[str, StringConstraints(min_length=2, max_length=3), AfterValidator(_issuer)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_line)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_MAX), AfterValidator(_line)
]
Value = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=VALUE_MAX), AfterValidator(_line)
]
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NOTE_MAX), AfterValidator(prose)
]


class Form(BaseModel):
    """The strict base: unknown members are refused, values never change, errors hide what was typed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, serialize_by_alias=True)


class Page(Form, Generic[T]):
    """One page of a list; `next` is the cursor of the page after it, None on the last one."""

    items: tuple[T, ...] = Field(max_length=PAGE_MAX)
    next: str | None = None
