"""What kind of body a route takes: JSON, it must say so, and no member of an object may be given twice."""

from __future__ import annotations

from fastapi import Depends, Request

from api.http.caller import SignedIn
from api.http.problems import MemberTwice, UnsupportedMediaType
from api.http.validation import repeated_member

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def json_only(request: Request, _: SignedIn) -> None:
    """Let a request with a body pass only as `application/json`, once it is known who asks.

    Raises:
        UnsupportedMediaType: the body is said to be something else, or nothing is said.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method in _WITH_BODY and kind != "application/json":
        raise UnsupportedMediaType("this address takes a body of application/json")


async def each_member_once(request: Request) -> None:
    """Let a body pass only if no member of an object stands in it twice: a parser would keep the last, in silence.

    Raises:
        MemberTwice: one does; it is named only if it is a name of the API's.
    """
    if request.method in _WITH_BODY:
        said = repeated_member(await request.body())
        if said is not None:
            raise MemberTwice(f"{said} is given twice in one object; give it once")


JSON_ONLY = [Depends(json_only), Depends(each_member_once)]
