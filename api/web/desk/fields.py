"""The fields of a record of the desk: what each is called, how it is read from a form or a file, and how it is shown.

One declaration serves the form, the correction, the list, the record's page and the columns of a file, so that a word
is the same wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from api.web.frame.guard import Visitor
from api.web.frame.languages import N_, Text, Words
from api.web.signals.reporting.answers import Fault, Reader
from register.errors import NotFound
from register.services.signals.read_signal import find_by_reference
from schemas.codes import code_list
from schemas.codes.countries import COUNTRIES, NATIONALITIES

_NUMBER_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: of the form's part, and of the column.
        label: what it is called.
        kind: `code`, `country`, `nationality`, `day`, `number`, `line`, `text` or `report`.
        codes: the list of its codes.
        hint: how to fill it in.
        needed: it must not be left out.
        part: where the form has it, if deeper than its name.
    """

    name: str
    label: Text
    kind: str
    codes: str = ""
    hint: Text | None = None
    needed: bool = True
    part: str = ""


def read_fields(fields: Sequence[Field], reader: Reader, here: Visitor) -> dict[str, Any]:
    """What was typed, as the form takes it; what is wrong is noted as faults of the reader."""
    return {one.name: _READ[one.kind](one, reader, here) for one in fields}


def typed_of(fields: Sequence[Field], form: Mapping[str, Any]) -> dict[str, str]:
    """A form as somebody would type it; a report by its id, which is read as well as its reference."""
    return {one.name: _typed(form.get(one.name)) for one in fields}


def said(field: Field, value: Any, words: Words) -> Any:
    """A value in words, for a page."""
    if value is None or value == "":
        return ""
    if field.kind == "code":
        return words.label(field.codes, value)
    if field.kind in {"country", "nationality"}:
        return words.country_name(value)
    if field.kind == "day":
        return words.day(value)
    return words.number(value) if field.kind == "number" else value


def as_code(field: Field, written: str, words: Sequence[Words]) -> str:
    """What a file says of a field, as a form would send it: a code for its words in any of the languages."""
    wanted = written.strip()
    if field.kind == "code":
        for code in code_list(field.codes).codes:
            names = {code.casefold(), *(str(one.label(field.codes, code)).casefold() for one in words)}
            if wanted.casefold() in names:
                return code
    if field.kind in {"country", "nationality"}:
        offered = words[0].nationalities() if field.kind == "nationality" else words[0].countries()
        for code, _ in offered:
            names = {code.casefold(), *(one.country_name(code).casefold() for one in words)}
            if wanted.casefold() in names:
                return code
    return wanted


def _typed(value: Any) -> str:
    if value is None:
        return ""
    return value.strftime("%d-%m-%Y") if isinstance(value, date) else str(value)


def _code(field: Field, reader: Reader, _: Visitor) -> str | None:
    return reader.code(field.name, field.codes, N_("Choose one of these."), needed=field.needed)


def _country(field: Field, reader: Reader, _: Visitor) -> str | None:
    among = NATIONALITIES if field.kind == "nationality" else COUNTRIES
    return reader.country(field.name, needed=field.needed, among=among)


def _day(field: Field, reader: Reader, _: Visitor) -> date | None:
    return reader.day(field.name, needed=field.needed)


def _number(field: Field, reader: Reader, _: Visitor) -> int | None:
    text = reader.text(field.name)
    if not text and not field.needed:
        return None
    if text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS and 1 <= int(text) <= _MOST[field.name]:
        return int(text)
    reader.fault(field.name, N_("Give a whole number from 1 to %(most)s.", most=_MOST[field.name]))
    return None


def _line(field: Field, reader: Reader, _: Visitor) -> str | None:
    return reader.line(field.name, "name", N_("Fill this in.") if field.needed else None)


def _text(field: Field, reader: Reader, _: Visitor) -> str | None:
    return reader.note(field.name, N_("Say why, in a few words.") if field.needed else None) or None


def _report(field: Field, reader: Reader, here: Visitor) -> UUID | None:
    text = reader.text(field.name)
    if not text:
        if field.needed:
            reader.fault(field.name, N_("Give the reference of the report. Or begin at the page of the interview."))
        return None
    try:
        return UUID(text)
    except ValueError:
        pass
    try:
        return find_by_reference(here.register, here.caller, text)
    except NotFound:
        reader.fault(
            field.name,
            N_("There is no report of this reference that you may read. Look at it again: the year, and each digit."),
        )
        return None


_MOST: Final = {"people": 100_000, "subject": 99}
"""The most that each number may be."""
_READ: Final[Mapping[str, Callable[[Field, Reader, Visitor], Any]]] = {
    "code": _code,
    "country": _country,
    "nationality": _country,
    "day": _day,
    "number": _number,
    "line": _line,
    "text": _text,
    "report": _report,
}


def fault_of(field: str, code: str) -> Fault | None:
    """What a page says of a refusal of the register, by its code; None where it is no matter of the form."""
    says = REFUSED.get(code)
    return None if says is None else Fault(field, says)


REFUSED: Final[Mapping[str, Text]] = {
    "code-retired": N_("A word of a list that was chosen here is not used any more. Choose another."),
    "date-in-future": N_("This day is still to come. Give today or an earlier day."),
    "may-not-assign-status": N_(
        "Your organisation may not give this status, or take the present one away. Ask the one that may; help for the "
        "person does not wait for it."
    ),
    "already-on-ladder": N_(
        "This person is on the ladder already. Find the person in the list, and add a status there."
    ),
    "no-such-person": N_("The report has no person of this number."),
    "status-not-allowed": N_(
        "This status cannot follow the present one, or its day lies before. Choose another, or a later day."
    ),
    "ladder-full": N_("This person has as many statuses as one may have."),
}
"""Refusals that somebody at the form can mend."""
