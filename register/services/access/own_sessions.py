"""A person's own sessions at the pages: where somebody is signed in, and an end to what should not be.

Every page looks its session up anew, so one that was ended here is over with its very next request.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.running.audit_action import AuditAction
from register.errors import NotFound
from register.services.access.open_session import hash_of
from schemas.access.sessions import SessionOut


def list_sessions(register: Register, caller: Caller, *, token: str | None) -> list[SessionOut]:
    """The caller's sessions that have not ended, the one last used first.

    Args:
        register: the caller's country's.
        caller: sees nobody else's.
        token: the cookie of the session that asks; None at the API, which has none.
    """
    register.permit(caller, UseCase.LIST_SESSIONS)
    here = None if token is None else hash_of(token)
    idle = timedelta(seconds=register.settings.of(register.partition).session_idle_s)
    with register.work(caller) as work:
        rows = work.access.sessions.of(caller.actor)
    return [
        SessionOut(
            id=row.id,
            began_at=row.began_at,
            last_used_at=row.seen_at,
            ends_at=row.ends_at,
            browser=row.browser.name,
            system=row.browser.system,
            idle=row.seen_at <= register.clock.now() - idle,
            this=row.token_hash == here,
        )
        for row in rows
    ]


def end_session(register: Register, caller: Caller, session_id: UUID) -> None:
    """End one session of the caller's.

    Raises:
        NotFound: there is none with this id, it has ended, or it is somebody else's.
    """
    register.permit(caller, UseCase.END_SESSIONS)
    with register.work(caller) as work:
        if not work.access.sessions.end(caller.actor, session_id):
            raise NotFound("there is no such session of yours")
        work.running.audit.note(AuditAction.SESSION_ENDED, str(session_id), count=1)


def end_other_sessions(register: Register, caller: Caller, *, token: str | None) -> int:
    """End all sessions of the caller's but the one of this cookie; without one, all. Return how many."""
    register.permit(caller, UseCase.END_SESSIONS)
    with register.work(caller) as work:
        ended = work.access.sessions.end_all(caller.actor, but=None if token is None else hash_of(token))
        if ended:
            work.running.audit.note(AuditAction.SESSION_ENDED, "-", count=ended)
    return ended
