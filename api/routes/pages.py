"""Lists page by page: the query they take and the `Link` to the next page."""

from __future__ import annotations

from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from schemas.form import PAGE_MAX, Page

T = TypeVar("T")


class Paging(BaseModel):
    """The page wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    cursor: str | None = Field(default=None, max_length=64)
    limit: int = Field(default=50, ge=1, le=PAGE_MAX)


PageWanted = Annotated[Paging, Query()]


def linked(response: Response, path: str, page: Page[T], wanted: Paging) -> Page[T]:
    """The page, with its `Link` to the one after it, which asks for the same."""
    if page.next is not None:
        asked = wanted.model_dump(mode="json", exclude_none=True) | {"cursor": page.next}
        response.headers["Link"] = f'<{path}?{urlencode(asked)}>; rel="next"'
    return page
