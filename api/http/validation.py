"""What pydantic found wrong with a request, said again without a single character of what was rejected.

Pydantic's own messages and locations can quote the input (a union's tag, a dictionary's key, an unknown member),
so only its error types and the bounds it was given are used. A validator of ours may raise `PydanticCustomError`
with a hyphenated type and, in its context, `says` (a constant sentence) and `allowed` (a list of texts).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, cast

from schemas.problem import FieldError

_Location = Literal["body", "query", "path", "header", "cookie"]
_LOCATIONS: Final = frozenset(("body", "query", "path", "header", "cookie"))
ERRORS_MAX: Final = 100
_ALLOWED_MAX: Final = 200
# A part of a location is shown only if it looks like a name of ours; a key typed by the caller could be a number
# of a person or a phone.
_OUR_NAME: Final = re.compile(r"(?!.*[0-9]{4})[a-z][a-z0-9_]{0,39}", re.ASCII)
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z-]{0,39}", re.ASCII)
_QUOTED: Final = re.compile(r"'([^']*)'")
_SAYS: Final[Mapping[str, str]] = {
    "missing": "This is required.",
    "extra_forbidden": "The form has no such member.",
    "json_invalid": "This is not JSON.",
    "enum": "This is not one of the allowed values.",
    "literal_error": "This is not one of the allowed values.",
    "union_tag_invalid": "This is not one of the allowed kinds.",
    "union_tag_not_found": "The member that says which kind this is, is missing.",
    "string_type": "This must be a text.",
    "string_too_short": "This must have at least {min_length} characters.",
    "string_too_long": "This must have at most {max_length} characters.",
    "string_pattern_mismatch": "This does not have the form that the field asks for.",
    "too_short": "This must have at least {min_length} entries.",
    "too_long": "This must have at most {max_length} entries.",
    "greater_than": "This must be more than {gt}.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This must be at most {le}.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "list_type": "This must be a list.",
    "dict_type": "This must be an object.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "none_required": "This must be null.",
    "timezone_aware": "This time must say its zone.",
    "uuid_parsing": "This must be a UUID.",
    "date_parsing": "This must be a date, as 2026-01-31.",
    "date_from_datetime_parsing": "This must be a date, as 2026-01-31.",
    "datetime_parsing": "This must be a time with its zone, as 2026-01-31T09:00:00Z.",
    "datetime_from_date_parsing": "This must be a time with its zone, as 2026-01-31T09:00:00Z.",
}


def field_errors(found: Sequence[Any]) -> tuple[FieldError, ...]:
    """Return our form of the errors of a `ValidationError` or `RequestValidationError`, at most 100, in order."""
    return tuple(_field_error(error) for error in found[:ERRORS_MAX])


class _Twice(Exception):
    """A member of an object was given twice."""


def repeated_member(text: bytes | str) -> str | None:
    """Return how to call a member that an object of a JSON text holds twice; None where each stands there once.

    A parser would keep the last of them, in silence. The name is said only if it is one of ours; what is no JSON is
    another's to refuse.
    """
    try:
        json.loads(text, object_pairs_hook=_each_once)
    except _Twice as found:
        return str(found)
    except (ValueError, RecursionError):
        return None
    return None


def repeated_parameter(given: Sequence[tuple[str, str]]) -> str | None:
    """Return how to call a parameter that an address holds twice; None where each stands there once."""
    if not given:
        return None
    name, times = Counter(key for key, _ in given).most_common(1)[0]
    return _quote_name(name, "a parameter") if times > 1 else None


def _quote_name(name: str, otherwise: str) -> str:
    return f"`{name}`" if _OUR_NAME.fullmatch(name) else otherwise


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        name, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise _Twice(_quote_name(name, "a member"))
    return made


def _field_error(error: Mapping[str, Any]) -> FieldError:
    kind = str(error["type"])
    parts: tuple[int | str, ...] = tuple(error["loc"])
    location: _Location = "body"
    if parts and parts[0] in _LOCATIONS:
        location, parts = cast("_Location", parts[0]), parts[1:]
    if kind == "json_invalid":  # the rest of the location is an offset into the text, not a place in the form
        parts = ()
    context: Mapping[str, Any] = error.get("ctx") or {}
    return FieldError(
        location=location,
        pointer=_build_pointer(parts, _HEADER_NAME if location == "header" else _OUR_NAME),
        code=_derive_code(kind),
        message=_build_message(kind, context),
        allowed=_list_allowed(context),
    )


def _build_pointer(parts: Sequence[int | str], known: re.Pattern[str]) -> str:
    """Stop at the first part that may be the caller's own text: the pointer then names what holds it."""
    pointer = ""
    for part in parts:
        if isinstance(part, str) and not known.fullmatch(part):
            break
        pointer += f"/{part}"
    return pointer


def _derive_code(kind: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-") or "invalid"


def _build_message(kind: str, context: Mapping[str, Any]) -> str:
    says = context.get("says")
    if isinstance(says, str):
        return says
    bounds = {name: value for name, value in context.items() if isinstance(value, int | float)}
    try:
        return _SAYS.get(kind, "This is not valid here.").format_map(bounds)
    except KeyError:  # a bound that is no number, such as a date
        return "This is outside the allowed range."


def _list_allowed(context: Mapping[str, Any]) -> tuple[str, ...] | None:
    given = context.get("allowed", context.get("expected_tags", context.get("expected")))
    if isinstance(given, str):
        given = _QUOTED.findall(given)
    if not isinstance(given, list | tuple) or not given:
        return None
    return tuple(str(value) for value in given[:_ALLOWED_MAX])
