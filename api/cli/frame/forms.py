"""Forms from files: JSON or TOML, checked here in the same words as the register would use.

What was typed is never repeated in a message: it may be a name or a number.
"""

from __future__ import annotations

import codecs
import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from api.http.validation import field_errors, repeated_member
from register.domain.typed_day import read_written
from register.errors import CallerError
from schemas.codes import code_list

M = TypeVar("M", bound=BaseModel)
STDIN: Final = Path("-")


class BadForm(CallerError):
    """A form is not valid; each place and what belongs there is named."""

    code = "bad-form"
    advice = "Correct the places named and run the command again; nothing was sent."


def read_file(file: Path) -> dict[str, Any]:
    """Read a form: TOML where the name ends so, else JSON; `-` reads JSON or TOML from standard input.

    Raises:
        BadForm: it is neither, or not one object.
    """
    name, text = _name_file(file), read_text(file)
    is_toml = file.suffix.lower() == ".toml" or (file == STDIN and not text.lstrip().startswith("{"))
    try:
        found = tomllib.loads(text) if is_toml else _parse_json(text)
    except tomllib.TOMLDecodeError as error:
        raise BadForm(f"{name} is not TOML: {_find_place(str(error))}") from None
    except json.JSONDecodeError as error:
        raise BadForm(f"{name} is not JSON (line {error.lineno}, column {error.colno})") from None
    if not isinstance(found, dict):
        raise BadForm(f"{name} holds no object")
    return found


def _parse_json(text: str) -> Any:
    if (said := repeated_member(text)) is not None:
        raise BadForm(f"{said} is given twice in one object; give it once")
    return json.loads(text)


def read_text(file: Path) -> str:
    """Read a text as programs on Windows and elsewhere write it: UTF-8 with or without a mark, or UTF-16 with one.

    Args:
        file: `-` is standard input.

    Raises:
        BadForm: it is in another encoding; says as what to save it.
    """
    data = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise BadForm(f"{_name_file(file)} is not text in UTF-8; save it as UTF-8 and run the command again") from None
    if "\x00" in text:
        raise BadForm(f"{_name_file(file)} is UTF-16 without its mark; save it as UTF-8 and run the command again")
    return text


def checked(model: type[M], values: Mapping[str, Any]) -> M:
    """Return the checked form; raises `BadForm` with every place that is wrong."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        errors = field_errors(error.errors())
        places = "one place of the form is" if len(errors) == 1 else f"{len(errors)} places of the form are"
        raise BadForm(f"{places} not valid", errors=errors) from None


def with_settings(values: Mapping[str, Any], assignments: list[str]) -> dict[str, Any]:
    """The values with `name=value` laid over them; a value is JSON where it can be read so, else text."""
    merged, given = dict(values), set[str]()
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name.isidentifier():
            raise BadForm("expected --set NAME=VALUE, for instance --set urgency=NOW")
        if name in given:
            raise BadForm("the same name is set twice; give each --set once")
        given.add(name)
        try:
            merged[name] = _parse_json(text)
        except json.JSONDecodeError:
            merged[name] = text
    return merged


def one_code(list_name: str, typed: str) -> str:
    """The code of a list that was typed, in whatever case; raises `BadForm`, which names those there are."""
    found = {code.casefold(): code for code in code_list(list_name).codes}.get(typed.casefold())
    if found is None:
        raise BadForm(f"not a code of the list {list_name}; there are: {', '.join(code_list(list_name).codes)}")
    return found


def one_day(typed: str) -> str:
    """A day as people write it, as forms take it; what is no day stays as typed, for the form to refuse by its place.

    Raises:
        BadForm: it may be two days; both are named.
    """
    found = [one.whole for one in read_written(typed) if one.whole is not None]
    if len(found) > 1:
        days = " or ".join(f"{day.day} {day:%B %Y}" for day in found)
        raise BadForm(f"the day may be {days}: write the month by its name")
    return found[0].isoformat() if found else typed


def label(list_name: str, code: str | None) -> str:
    """What people read for a code; nothing for none, and the code itself where the list does not hold it."""
    if code is None:
        return ""
    codes = code_list(list_name)
    return codes[code].label() if code in codes else code


def _name_file(file: Path) -> str:
    return "standard input" if file == STDIN else str(file)


def _find_place(message: str) -> str:
    # The parser's message may quote a character of the file; its place is enough to find it.
    _, found, place = message.rpartition("(at ")
    return f"({place}" if not found else f"(at {place}"
