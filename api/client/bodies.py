"""Bodies on the wire: documents to JSON, answers to checked models, and the header that names a version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx2
from pydantic import TypeAdapter, ValidationError

from api.client.errors import BadAnswer
from schemas.form import Form

T = TypeVar("T")


def to_json(body: Form | Mapping[str, Any]) -> str:
    """The body's text."""
    if isinstance(body, Form):
        return body.model_dump_json()
    return TypeAdapter(dict[str, Any]).dump_json(dict(body)).decode()


def checked(kind: TypeAdapter[T], answer: httpx2.Response) -> T:
    """The answer's document; raises `BadAnswer` if it is not of the form agreed."""
    try:
        return kind.validate_json(answer.content)
    except ValidationError as exc:
        raise BadAnswer(f"an answer with status {answer.status_code} is not of the form agreed") from exc


def if_match(version: int) -> dict[str, str]:
    """The header of a change."""
    return {"If-Match": f'"{version}"'}
