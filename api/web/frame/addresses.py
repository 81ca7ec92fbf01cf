"""Addresses of our own pages: which may be gone on to, and where a reader is now.

An address that comes back from a browser is one of ours or none: a path, and a query of codes, days and cursors.
"""

from __future__ import annotations

import re
from typing import Final

from fastapi import Request

NEXT_MAX: Final = 600
"""Characters; a list with every filter set has about 300."""
_PAIR: Final = r"[a-z_]+=[A-Za-z0-9_.-]*"
_OWN: Final = re.compile(rf"/(?:[a-z0-9-]+(?:/[a-z0-9-]+)*)?(?:\?{_PAIR}(?:&{_PAIR})*)?")


def own_path(wanted: str | None) -> str:
    """Return the address if it is one of ours, else the first page: nobody is led away from here."""
    return wanted if wanted and len(wanted) <= NEXT_MAX and _OWN.fullmatch(wanted) else "/"


def whole_path(request: Request) -> str:
    """The address that was asked for, with its query where that is one of ours."""
    path, query = request.url.path, request.url.query
    whole = f"{path}?{query}"
    return whole if query and own_path(whole) == whole else path
