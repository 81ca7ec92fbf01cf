"""What `rtr doctor` says of one thing that it looked at, whoever knows how to look: a value, and the way to one.

A check changes nothing and raises nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from register.errors import RegisterError


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found.

    Attributes:
        ok: it is there and works.
        needed: by these settings; what is not is told and counts for nothing.
        detail: what was found, or what is wrong.
        fix: how to get it; empty where nothing is missing.
    """

    name: str
    ok: bool
    needed: bool
    detail: str
    fix: str = ""

    @property
    def state(self) -> str:
        """In one word, for people."""
        return "ok" if self.ok else "missing" if self.needed else "not here"


def tried(name: str, look: Callable[[], str | Check], *, needed: bool, fix: str = "") -> Check:
    """A check that is what `look` returns, or says that it is not there where that raises."""
    try:
        found = look()
        return found if isinstance(found, Check) else Check(name, True, needed, found)
    except RegisterError as error:
        return Check(name, False, needed, str(error), fix or error.advice)
    except Exception as error:  # noqa: BLE001 - a doctor looks at broken machines; whatever breaks is a finding
        return Check(name, False, needed, type(error).__name__, fix or "Look at the server's log; check the address.")
