"""If-Match and ETag: a change names the version it was made on."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from api.problems import PreconditionRequired
from register.errors import CallerError

_ETAG = re.compile(r'"([1-9][0-9]{0,8})"')


class BadIfMatch(CallerError):
    """The If-Match header is no ETag of ours."""

    code = "bad-if-match"
    advice = 'Send the ETag as it came, with its quotes, for instance If-Match: "3".'


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


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
