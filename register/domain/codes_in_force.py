"""Codes can be retired: a new record takes those in force on its day, and an old one keeps what it has.

The form itself takes every code of a list, since old records are read by it; which of them may still be entered needs
a clock, and is asked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel

from register.errors import CallerError
from schemas.codes import CodeList, code_list
from schemas.codes.fields import InList


class CodeRetired(CallerError):
    """A code of the form is not entered any more, or not yet; the field is named."""

    code = "code-retired"
    advice = "Choose the code that the message names, or another that the list offers now; old records keep theirs."


def check_codes(
    form: BaseModel, *, on: date, was: BaseModel | None = None, lists: Callable[[str], CodeList] = code_list
) -> None:
    """Do nothing if every code of a form is in force.

    Args:
        form: what is entered.
        on: the day of entering it, on the island's calendar.
        was: the form before an amendment; what it had may stay.
        lists: gives a list by its name.

    Raises:
        CodeRetired: names the field and the list.
    """
    kept = set() if was is None else {(name, code) for _, name, code in _list_codes(was, "")}
    for pointer, name, code in _list_codes(form, ""):
        if (name, code) not in kept and not lists(name)[code].in_force(on):
            raise _build_code_retired(lists(name), code, pointer, on)


def _build_code_retired(found: CodeList, code: str, pointer: str, on: date) -> CodeRetired:
    follows = found.in_place_of(code, on)
    words = "" if follows is None else f"; enter {follows} ({found[follows].label()}) in its place"
    more = {} if follows is None else {"followed_by": follows}
    return CodeRetired(
        f"{pointer}: the list {found.name} does not offer {code} now{words}", pointer=pointer, list=found.name, **more
    )


def _list_codes(model: BaseModel, at: str) -> Iterator[tuple[str, str, str]]:
    """Every code of a form: (pointer, list, code)."""
    for name, info in type(model).model_fields.items():
        value, pointer = getattr(model, name), f"{at}/{info.alias or name}"
        marks = [mark for mark in info.metadata if isinstance(mark, InList)] or list(_find_marks(info.annotation))
        for i, one in enumerate(value if isinstance(value, tuple) else (value,)):
            place = f"{pointer}/{i}" if isinstance(value, tuple) else pointer
            if isinstance(one, BaseModel):
                yield from _list_codes(one, place)
            elif isinstance(one, str) and marks:
                yield place, marks[0].name, one


def _find_marks(annotation: Any) -> Iterator[InList]:
    for one in (*getattr(annotation, "__metadata__", ()), *get_args(annotation)):
        if isinstance(one, InList):
            yield one
        else:
            yield from _find_marks(one)
