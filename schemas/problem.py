"""A refusal as programs and people read it: the problem document of RFC 9457, with our members.

Every answer that is not a success has this form. It never repeats what was rejected: a selector typed into the
wrong field must not come back in an answer, a log or a browser's history.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One thing wrong with one place of a request.

    Attributes:
        location: which part of the request the pointer is in.
        pointer: JSON pointer (RFC 6901) into that part; empty means the part as a whole. For the path, the query,
            headers and cookies it is the parameter's name after one slash.
        code: stable, hyphenated, says what kind of mistake it is.
        message: one sentence for a person; never holds the rejected value.
        allowed: the values that would have been accepted, where there is such a list.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    location: Literal["body", "query", "path", "header", "cookie"]
    pointer: str
    code: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    message: str
    allowed: tuple[str, ...] | None = None


class Problem(BaseModel):
    """One refusal or failure.

    Attributes:
        type: path to the description of the code on the page of error codes.
        title: what the code stands for, the same for every occurrence.
        status: the HTTP status, repeated.
        detail: what was expected, what came and what to do, for this occurrence; ids only.
        instance: a name for this one occurrence, made of the correlation id.
        code: stable; programs compare this one.
        advice: what whoever must act can do now.
        correlation_id: finds the occurrence in the node's log.
        errors: one entry a mistake, where the request had several.
        details: ids, numbers, rule ids and allowed values for programs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str
    code: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    advice: str
    correlation_id: str
    errors: tuple[FieldError, ...] | None = None
    details: dict[str, Any] | None = None
