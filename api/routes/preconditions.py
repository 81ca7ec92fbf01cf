"""What a request must bring: If-Match for a change, which names the version it was made on; a key for what is new."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.http.problems import PreconditionRequired
from register.errors import CallerError

_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})(?:(?:--?|[;:])(?:gzip|br|zstd|deflate))?"')
"""An ETag of ours, also as a proxy makes it weak or names its compression in it: the version is the same."""
_KEY = re.compile(r"[\x21-\x7e]{8,128}")


class BadIfMatch(CallerError):
    """The If-Match header is no ETag of ours."""

    code = "bad-if-match"
    advice = 'Send one ETag as it came, with its quotes, for instance If-Match: "3"; no list and no *.'


class IdempotencyKeyNeeded(CallerError):
    """Something new was sent without an Idempotency-Key, or with one that is none."""

    code = "idempotency-key-needed"
    advice = "Send a fresh UUID as Idempotency-Key, and the same one when you repeat the request."


class Versioned(Protocol):
    """A document that says which version it is."""

    @property
    def version(self) -> int:
        """Counted from 1."""
        ...


V = TypeVar("V", bound=Versioned)


def tagged(response: Response, document: V) -> V:
    """The document, with its version as the answer's ETag: what a change names in If-Match."""
    response.headers["ETag"] = f'"{document.version}"'
    return document


def version_wanted(if_match: Annotated[str | None, Header()] = None) -> int:
    """The version that a change was made on.

    Raises:
        PreconditionRequired: the change names none.
        BadIfMatch: it is no ETag of ours.
    """
    if if_match is None:
        raise PreconditionRequired("a change needs the header If-Match with the object's ETag")
    found = _ETAG.fullmatch(if_match)
    if found is None:
        raise BadIfMatch('expected one ETag such as "3"')
    return int(found[1])


VersionWanted = Annotated[int, Depends(version_wanted)]


def key_wanted(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    """The key under which something new is made once, however often it is sent.

    Raises:
        IdempotencyKeyNeeded: there is none of 8 to 128 printable characters.
    """
    if idempotency_key is None or not _KEY.fullmatch(idempotency_key):
        raise IdempotencyKeyNeeded("expected a header Idempotency-Key of 8 to 128 printable characters")
    return idempotency_key


KeyWanted = Annotated[str, Depends(key_wanted)]


@contextmanager
def in_changes() -> Iterator[None]:
    """Places errors of a form that an amendment would make: each part was good by itself, the whole would not be."""
    try:
        yield
    except ValidationError as error:
        found = [
            {**e, "loc": ("body", "changes", *e["loc"])} for e in error.errors(include_url=False, include_input=False)
        ]
        raise RequestValidationError(found) from None
