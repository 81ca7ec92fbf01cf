"""Cursors of lists that go by id, newest first: an id, in letters that fit an address."""

from __future__ import annotations

import base64
from uuid import UUID

from register.errors import CallerError


class BadCursor(CallerError):
    """The cursor is none that this list gave out."""

    code = "bad-cursor"
    advice = "Begin at the first page and follow its `next`."


def cursor_of(last: UUID) -> str:
    """The cursor of the page after the item with this id."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def after_cursor(cursor: str) -> UUID:
    """The id that a cursor stands for; raises `BadCursor` if it stands for none."""
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except ValueError:
        raise BadCursor("the cursor is none that this list gave out") from None
