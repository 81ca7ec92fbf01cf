"""What kind of body a route takes: JSON, and it must say so."""

from __future__ import annotations

from fastapi import Depends, Request

from api.http.caller import SignedIn
from api.http.problems import UnsupportedMediaType

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def json_only(request: Request, _: SignedIn) -> None:
    """Let a request with a body pass only as `application/json`, once it is known who asks.

    Raises:
        UnsupportedMediaType: the body is said to be something else, or nothing is said.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method in _WITH_BODY and kind != "application/json":
        raise UnsupportedMediaType("this address takes a body of application/json")


JSON_ONLY = [Depends(json_only)]
