"""A person's own sessions at the pages, as they are shown to that person alone."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.form import Form, Instant

BrowserName = Annotated[str, Field(max_length=40)]


class SessionOut(Form):
    """One session of the caller.

    Attributes:
        id: of the session, and no secret: it opens nothing.
        browser, system: names of a short list; empty where it is none of them.
        last_used_at: of the newest request in it.
        ends_at: when it ends by itself at the latest.
        idle: it was not used for too long and must sign in again; ending it throws away what it could still keep.
        this: it is the one that asks.
    """

    id: UUID
    began_at: Instant
    last_used_at: Instant
    ends_at: Instant
    browser: BrowserName
    system: BrowserName
    idle: bool
    this: bool


class SessionsOut(Form):
    """The caller's sessions, the one last used first."""

    sessions: tuple[SessionOut, ...] = Field(max_length=1_000)
