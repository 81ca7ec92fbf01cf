"""A leaf for what was refused: its own transaction, since a refusal rolls back all else, the leaf of the step too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from register.core import Register
from register.domain.access.caller import Caller
from register.errors import RegisterError
from register.store.work import Work


@contextmanager
def noted(register: Register, caller: Caller, action: str, about: str) -> Iterator[Work]:
    """One unit of work that leaves a leaf also where it ends in a refusal.

    Args:
        register: where.
        caller: who asks.
        action: of the leaf that a refusal leaves; done, the step notes its own.
        about: what it is about.

    Raises:
        RegisterError: the refusal, once its leaf is written.
    """
    try:
        with register.work(caller) as work:
            yield work
    except RegisterError as refusal:
        with register.work(caller) as after:
            after.audit.note(action, about, refused=refusal.code)
        raise
