"""The one place where an error becomes what a person reads, what a program reads, and an exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import typer

from api.cli.frame.terminal import Desk, printable
from register.errors import NotPermitted, NotSignedIn, OperatorError, RegisterError

FINDINGS: Final = 1
USAGE: Final = 2
SIGN_IN: Final = 3
REFUSED_BY_RULE: Final = 4
UNREACHABLE: Final = 5
INTERRUPTED: Final = 130

_BAD_INPUT: Final = frozenset(("bad-settings", "bad-profile", "no-profile", "no-administrator", "unsafe-address"))
"""Codes of what the person who typed the command can put right by typing or configuring it differently."""
_UNREACHABLE: Final = frozenset(
    (
        "register-unreachable",
        "bad-answer",
        "provider-unreachable",
        "issuer-unreachable",
        "postgres-unreachable",
        "database-unavailable",
        "database-full",
        "database-refused",
        "engine-unavailable",
        "evaluator-unreachable",
    )
)


_OF_ANOTHER_SCHEMA: Final = frozenset(("3F000", "42P01", "42703", "42501"))
"""PostgreSQL's states for a schema, table or column that is not there, and for one that the role may not use."""


class CannotUseFile(OperatorError):
    """A file or folder that a command needs cannot be read or written."""

    code = "cannot-use-file"
    advice = "Check the path and its permissions."


class DatabaseRefused(OperatorError):
    """PostgreSQL refused the administrator, or could not be reached by him."""

    code = "database-refused"
    advice = "Check that the server runs, and the user, password and address in `database.admin_url`."


class SchemaDiffers(OperatorError):
    """PostgreSQL has not the tables, columns or rights that this version of the program asks for."""

    code = "schema-differs"
    advice = "Run `rtr db status`: it says whether the schema is older (`rtr db migrate`) or newer than this program."


class DatabaseNotMade(OperatorError):
    """PostgreSQL answers and has no database of the name in the settings."""

    code = "database-not-made"
    advice = "Run `rtr db migrate`, which makes it, or correct `database.name`."


def report(error: Exception, desk: Desk) -> int:
    """Say on stderr what went wrong and what to do; return the exit code."""
    known = _find_known_error(error)
    if desk.as_json:
        typer.echo(json.dumps(_build_document(known), ensure_ascii=False, indent=2), err=True)
    else:
        for line in _list_lines(known):
            typer.echo(printable(line), err=True)
    return exit_code(known)


def exit_code(error: RegisterError) -> int:
    """The exit code of an error, by who must act."""
    if isinstance(error, NotSignedIn):
        return SIGN_IN
    if isinstance(error, NotPermitted):
        return REFUSED_BY_RULE
    if error.code in _BAD_INPUT:
        return USAGE
    # A register that answers that it cannot work is as good as out of reach: the same command may work later.
    if error.code in _UNREACHABLE or (isinstance(error, OperatorError) and _read_problem(error)):
        return UNREACHABLE
    return FINDINGS


def _find_known_error(error: Exception) -> RegisterError:
    if isinstance(error, RegisterError):
        return error
    if isinstance(error, OSError):
        return CannotUseFile(f"{error.filename or 'a file'}: {error.strerror or type(error).__name__}")
    # A driver's error may quote rows; only what it says of the connection itself is safe to repeat.
    name = type(error).__name__
    if (state := getattr(getattr(error, "orig", error), "sqlstate", None)) in _OF_ANOTHER_SCHEMA:
        return SchemaDiffers(f"PostgreSQL knows no such table or column, or withholds it ({state})")
    if name != "OperationalError":
        return DatabaseRefused(f"PostgreSQL: {name}")
    first = str(error).strip().partition("\n")[0].removeprefix("(psycopg.OperationalError) ")
    kind = DatabaseNotMade if first.endswith("does not exist") and 'database "' in first else DatabaseRefused
    return kind(f"PostgreSQL: {first}")


def _read_problem(error: RegisterError) -> Mapping[str, Any]:
    problem = getattr(error, "problem", None)  # a ProblemAnswer; its class is not imported, for the sake of speed
    if problem is None:
        return {}
    document: Mapping[str, Any] = problem.model_dump(mode="json", exclude_none=True)
    return document


def _build_document(error: RegisterError) -> dict[str, Any]:
    """As a problem document where there is one, and with the same names where there is none."""
    from pydantic_core import to_jsonable_python

    said = {"code": error.code, "detail": str(error), "advice": error.advice}
    if error.details:
        said["details"] = to_jsonable_python(error.details, fallback=str)
    return {**_read_problem(error), **said, "exit_code": exit_code(error)}


def _list_lines(error: RegisterError) -> Iterator[str]:
    yield f"Error: {error} ({error.code})"
    places = getattr(getattr(error, "problem", None), "errors", None) or error.details.get("errors") or ()
    for place in places:
        allowed = f" Allowed: {', '.join(place.allowed)}." if place.allowed else ""
        yield f"  {place.pointer or '/'}: {place.message}{allowed}"
    if "idempotency_key" in error.details:
        yield f"  The key of this submission: {error.details['idempotency_key']} (give it with --key to send it again)"
    yield f"What to do: {error.advice}"
    correlation = getattr(getattr(error, "problem", None), "correlation_id", None)
    if correlation is not None and isinstance(error, OperatorError):
        yield f"Correlation id: {correlation}"
