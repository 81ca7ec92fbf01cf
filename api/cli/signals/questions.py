"""The eight questions, asked one by one; each answer is checked at once, in the words of the form.

Codes are shown with what they mean and may be answered by number. Nothing is sent or stored here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, Literal, TypeAlias, TypeVar, assert_never

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.http.validation import field_errors
from register.domain.partition import FACTS
from register.domain.signals.signal import LONG_AGO_YEARS, is_long_ago
from register.domain.typed_day import Written, read_written
from schemas.codes import Partition, code_list
from schemas.form import Day
from schemas.signals.parts import IDENTITY_DOCUMENTS, Birth, SelectorIn, SubjectIn
from schemas.signals.signal import ACCOUNT_MAX, SignalIn

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
C = TypeVar("C", bound=str)
_DAY: TypeAdapter[date] = TypeAdapter(Day)
_BY_COUNTRY: Final = frozenset({"PLATE", "COMPANY_REG"}) | IDENTITY_DOCUMENTS
_NAMES: Final = frozenset({"NAME_DOB"})  # made from a person, never typed
_Added: TypeAlias = Literal["person", "mark", "done"]
_ADD: Final[tuple[_Added, ...]] = ("person", "mark", "done")


def ask_signal(country: Partition, *, today: date, kind: str) -> dict[str, Any]:
    """Ask the eight questions; return the form's values, which `SignalIn` takes.

    Args:
        country: whose register it goes to; decides the islands and the emergency number.
        today: offered as the day.
        kind: notification or submission.
    """
    _print_line(
        "Eight questions. An answer in [brackets] is taken when you press Enter; Ctrl-C stops, nothing is sent."
    )
    form: dict[str, Any] = {"kind": kind}
    _print_heading(1, "How urgent is it?")
    form["urgency"] = ask_code("urgency", default="NORMAL")
    if form["urgency"] == "NOW":
        _print_line(f"  Somebody in danger now: call {FACTS[country].emergency} first.")
    _print_heading(2, "What happened? End with an empty line.")
    form["account"] = _ask_lines()
    _print_heading(3, "When was it?")
    form["period"] = _ask_period(today)
    form["received_on"] = _ask_received(today, date.fromisoformat(form["period"]["from"]))
    _print_heading(4, "Where was it?")
    islands = {c.code for c in code_list("island") if c.extra.get("partition") == country}
    form["place"] = {
        "island": ask_code("island", default=min(islands) if len(islands) == 1 else None),
        "location_type": ask_code("location_type"),
        **_drop_empty(locality=_ask_line("  Name of the place or street, if known")),
    }
    _print_heading(5, "Trafficking, smuggling, or can it not yet be told?")
    form["signal_type"] = ask_code("signal_type", default="UNDETERMINED")
    _print_heading(6, "Who told us?")
    form["source"] = ask_code("source")
    form["reporter_anonymous"] = typer.confirm("  Does the reporter want to stay unnamed?", default=False, err=True)
    _print_heading(7, "How did it reach us?")
    form["channel"] = ask_code("channel")
    _print_heading(8, "What do you know of persons, phones, documents, plates?")
    form |= _ask_known(today)
    return form


def summary(form: SignalIn) -> list[str]:
    """The answers in one line each, to look at before they are sent."""
    known = f"persons or companies {len(form.subjects)}, other numbers or marks {len(form.selectors)}"
    until = f" to {form.period.to}" if form.period.to else ""
    return [
        f"{form.urgency}, {form.signal_type}, {form.period.from_}{until}, heard of on {form.received_on}",
        f"{form.place.island}, {form.place.location_type}; told by {form.source}, by {form.channel}",
        "Nothing is known of persons or numbers." if form.nothing_known else f"Known: {known}.",
        "The account, names and numbers are kept sealed in your own country; partners may get coded extracts only.",
    ]


def ask_code(list_name: str, *, default: str | None = None, without: frozenset[str] = frozenset()) -> str:
    """Show a code list and return the code chosen, by its number or by itself."""
    codes = [code for code in code_list(list_name) if code.code not in without]
    width = max(len(code.code) for code in codes)
    for number, code in enumerate(codes, start=1):
        _print_line(f"  {number:>2} {code.code:<{width}}  {code.label()}")
    return _ask_one(code_list(list_name).title["en"], tuple(code.code for code in codes), default)


def _ask_one(title: str, codes: tuple[C, ...], default: C | None) -> C:
    by_word = {code.casefold(): code for code in codes} | {str(n): code for n, code in enumerate(codes, start=1)}
    while True:
        said = _ask_line(f"  {title}", default or "").casefold()
        if said in by_word:
            return by_word[said]
        _print_line(f"  Give a number from 1 to {len(codes)}, or a code.")


def _ask_lines() -> str:
    lines: list[str] = []
    while True:
        line = _ask_line("  ", suffix="> ")
        over = len("\n".join([*lines, line])) - ACCOUNT_MAX
        if line and over > 0:
            _print_line(
                f"  At most {ACCOUNT_MAX} characters: this line makes {over} too many and is left out; say it shorter."
            )
        elif line:
            lines.append(line)
        elif lines:
            return "\n".join(lines)
        else:
            _print_line("  Say in a sentence or two what happened.")


def _ask_period(today: date) -> dict[str, str]:
    while True:
        begins, ends = _ask_day("  From", today, today), _ask_day("  To, if it has ended", None, today)
        if begins is not None and (ends is None or ends >= begins):
            return {"from": begins.isoformat(), **({"to": ends.isoformat()} if ends else {})}
        _print_line("  The period ends before it begins.")


def _ask_received(today: date, begins: date) -> str:
    while True:
        received = _ask_day("  When did you hear of it", today, today)
        if received is not None and (
            received >= begins or _confirm_reading(f"You heard of it before it happened ({begins})")
        ):
            return received.isoformat()


def _ask_day(title: str, default: date | None, today: date) -> date | None:
    """A day as people write it; None where none was given and none is offered."""
    while True:
        said = _ask_line(title, default.isoformat() if default else "")
        if not said and default is None:
            return None
        meant = _ask_meant_date(said, today)
        if meant is None or meant.whole is None:
            _print_line("  Give the day with its year, for instance 31-01-2026 or 31 jan 2026.")
        elif _try_check(lambda day=meant.whole: _DAY.validate_python(day)) is None:  # type: ignore[misc]
            continue
        elif not is_long_ago(meant.whole, today) or _confirm_reading(
            f"{meant.whole} is more than {LONG_AGO_YEARS} years ago"
        ):
            return meant.whole


def _ask_meant_date(said: str, today: date) -> Written | None:
    """The date that was written; where it may be two, whoever wrote it says which."""
    found = read_written(said, latest=today)
    if len(found) > 1:
        days = tuple(str(one.whole) for one in found)
        _print_line(f"  Is it {_in_words(found[0])} (1) or {_in_words(found[1])} (2)?")
        return found[days.index(_ask_one("Which", days, None))]
    if found and said != _as_written(found[0]):
        _print_line(f"  Read as {_as_written(found[0])}.")
    return found[0] if found else None


def _in_words(one: Written) -> str:
    return "" if one.whole is None else f"{one.day} {one.whole:%B %Y}"


def _as_written(one: Written) -> str:
    parts = [f"{one.year:04}", *(f"{part:02}" for part in (one.month, one.day) if part is not None)]
    return "-".join(parts)


def _confirm_reading(says: str) -> bool:
    return typer.confirm(f"  {says}. Is that right?", default=False, err=True)


def _ask_known(today: date) -> dict[str, Any]:
    subjects: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    while True:
        _print_line("   1 person  a person, company or group, with name and numbers")
        _print_line("   2 mark    a phone, document, plate or other mark of nobody in particular")
        _print_line("   3 done    " + ("that is all" if subjects or marks else "nothing is known"))
        added = _ask_one("Add", _ADD, "done")
        match added:
            case "person":
                subjects.append(_ask_subject(len(subjects) + 1, today))
            case "mark":
                marks.append(_ask_selector())
            case "done":
                return {"subjects": subjects, "selectors": marks, "nothing_known": not (subjects or marks)}
            case _:
                assert_never(added)


def _ask_subject(number: int, today: date) -> dict[str, Any]:
    while True:
        values: dict[str, Any] = {
            "n": number,
            "role": ask_code("subject_role"),
            "kind": ask_code("subject_kind", default="person"),
            **_drop_empty(name=_ask_line("  Name, if known")),
        }
        if values["kind"] == "person":
            values |= _drop_empty(
                birth=_ask_birth(today),
                nationality=_ask_line("  Nationality, if known (two letters, for instance CO)").upper(),
            )
        if _is_valid(SubjectIn, values):
            break
    selectors: list[dict[str, Any]] = []
    while typer.confirm("  Add a phone, document, plate or other mark of this one?", default=False, err=True):
        selectors.append(_ask_selector())
    return {**values, "selectors": selectors}


def _ask_birth(today: date) -> dict[str, int] | None:
    while True:
        said = _ask_line("  Born, as far as known (for instance 3 apr 1979, april 1979 or 1979)")
        if not said:
            return None
        meant = _ask_meant_date(said, today)
        if meant is None:
            _print_line("  Give a year, a month or a day, for instance 1979, april 1979 or 3 april 1979.")
            continue
        born = _drop_empty(year=meant.year, month=meant.month, day=meant.day)
        if _is_valid(Birth, born):
            return born


def _ask_selector() -> dict[str, Any]:
    while True:
        values: dict[str, Any] = {
            "type": ask_code("identifier_type", without=_NAMES),
            "value": _ask_line("  Number or mark, as written"),
        }
        kind = values["type"]
        if kind in _BY_COUNTRY:
            values |= _drop_empty(country=_ask_line("  Country that issued it (two letters)").upper())
        if kind == "NATIONAL_ID":
            values["document_type"] = ask_code("document_type")
        if kind == "SOCIAL_HANDLE":
            values["platform"] = ask_code("platform")
        if _is_valid(SelectorIn, values):
            return values


def _is_valid(model: type[M], values: Mapping[str, Any]) -> bool:
    return _try_check(lambda: model.model_validate(dict(values))) is not None


def _try_check(check: Callable[[], T]) -> T | None:
    """The checked value; or None, after saying what is wrong with it."""
    try:
        return check()
    except ValidationError as error:
        for place in field_errors(error.errors()):
            _print_line(f"  {place.pointer or 'This'}: {place.message}")
        return None


def _drop_empty(**values: object) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _ask_line(title: str, default: str = "", suffix: str = ": ") -> str:
    said: str = typer.prompt(title, default=default, show_default=bool(default), prompt_suffix=suffix, err=True)
    return said.strip()


def _print_heading(number: int, question: str) -> None:
    _print_line(f"\n{number}. {question}")


def _print_line(line: str) -> None:
    typer.echo(line, err=True)
