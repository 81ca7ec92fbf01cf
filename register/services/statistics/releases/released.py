"""A frozen release with the one of the same table a period earlier: what a page shows side by side, and files hold."""

from __future__ import annotations

from dataclasses import dataclass

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.running.audit_action import AuditAction
from register.services.statistics.releases.stored import Held, held_beside
from register.statistics.catalogue import default_catalogue
from register.statistics.formats.publication import Publication, Published
from register.statistics.release.life import ReleaseState, WrongState


@dataclass(frozen=True, slots=True)
class Released:
    """A frozen release, and the frozen one of the same tier and table a period earlier; None where there is none."""

    this: Held
    last: Held | None

    def publication(self) -> Publication:
        """Both as they are published together, each with its signature.

        Raises:
            NoRelease: this version of the program does not know the table.
        """
        both = [self.this] if self.last is None else [self.this, self.last]
        return Publication(default_catalogue(), tuple(Published(one.release, one.row.signature or "") for one in both))


def read_released(register: Register, caller: Caller, digest: str, *, as_files: bool = False) -> Released:
    """Read a frozen release and last year's.

    Args:
        register: whose.
        caller: who asks.
        digest: of the release.
        as_files: it leaves the register as files; the audit leaf says so.

    Raises:
        TaskMissing: only those with the task STATISTICS.
        NoSuchRelease, StoredReleaseChanged: see there.
        WrongState: it is not frozen, or another has come in its place.
    """
    register.permit(caller, UseCase.EXPORT_RELEASE)
    with register.work(caller) as work:
        this, last = held_beside(work, digest)
        if this.row.state != ReleaseState.FROZEN.value:
            raise WrongState(f"expected a release that is frozen, this one is {this.row.state}")
        action = AuditAction.RELEASE_EXPORTED if as_files else AuditAction.RELEASE_READ
        work.running.audit.note(action, digest, beside=None if last is None else last.row.digest)
    return Released(this, last)
