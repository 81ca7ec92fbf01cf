"""The life of a release: drafted, attacked, approved by two, frozen, superseded. Values in, a new value out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from register.errors import Conflict, NotPermitted

APPROVALS: Final = 2


class ReleaseState(StrEnum):
    """Where a release stands."""

    DRAFT = "draft"
    ATTACKED = "attacked"
    APPROVED = "approved"
    FROZEN = "frozen"
    SUPERSEDED = "superseded"


class WrongState(Conflict):
    """The release is not where this step begins."""

    code = "release-state"
    advice = "Read the release again: its state says which step comes next."


class BreachFound(Conflict):
    """An attack worked out a figure, or a rule refused; the release goes no further."""

    code = "release-breached"
    advice = "Make the table coarser or the period longer, and draft it again."


class OtherBytes(Conflict):
    """What was attacked, approved or computed elsewhere is not this release, byte for byte."""

    code = "release-differs"
    advice = "Compare the contributions: a country's table is missing or of another revision on one of the nodes."


class OlderRelease(Conflict):
    """A release of the same table and period is frozen that knows more: this one would take back what was said."""

    code = "release-older"
    advice = "Draft the release again from the newest contributions at hand."


class SamePerson(NotPermitted):
    """Two different persons approve, and neither drafted it."""

    code = "second-approver"
    advice = "Ask another member of the working group to approve."


@dataclass(frozen=True, slots=True)
class Life:
    """What has happened to one release.

    Attributes:
        digest: of the release; every step names it again, so that nobody approves what was not attacked.
        drafted_by: an opaque reference to a person.
        state: where it stands.
        approved_by: references, in order.
        superseded_by: the digest of the release that came in its place.
    """

    digest: str
    drafted_by: str
    state: ReleaseState = ReleaseState.DRAFT
    approved_by: tuple[str, ...] = ()
    superseded_by: str | None = None

    def attacked(self, digest: str, *, breaches: int) -> Life:
        """The harness has run. Raises `BreachFound` if anything was worked out or refused."""
        self._expect(digest, ReleaseState.DRAFT)
        if breaches:
            raise BreachFound(f"{breaches} findings stand against the release")
        return replace(self, state=ReleaseState.ATTACKED)

    def approved(self, digest: str, *, by: str) -> Life:
        """A person approves; the second one makes it approved. Raises `SamePerson`."""
        self._expect(digest, ReleaseState.ATTACKED)
        if by == self.drafted_by or by in self.approved_by:
            raise SamePerson(f"expected {APPROVALS} persons other than the one who drafted it")
        people = (*self.approved_by, by)
        state = ReleaseState.APPROVED if len(people) >= APPROVALS else ReleaseState.ATTACKED
        return replace(self, approved_by=people, state=state)

    def frozen(self, digest: str) -> Life:
        """The release is computed again from its contributions, is the same, and stays."""
        self._expect(digest, ReleaseState.APPROVED)
        if len(self.approved_by) < APPROVALS:
            raise WrongState(
                f"expected a release that {APPROVALS} persons approved, of this one {len(self.approved_by)} did"
            )
        return replace(self, state=ReleaseState.FROZEN)

    def superseded(self, by: str) -> Life:
        """A frozen revision has come in its place; this one stays readable, marked."""
        self._expect(self.digest, ReleaseState.FROZEN)
        if by == self.digest:
            raise OtherBytes("a release cannot come in its own place")
        return replace(self, state=ReleaseState.SUPERSEDED, superseded_by=by)

    def _expect(self, digest: str, state: ReleaseState) -> None:
        if digest != self.digest:
            raise OtherBytes("expected the digest of the release that was drafted")
        if self.state is not state:
            raise WrongState(f"expected a release that is {state}, this one is {self.state}")
