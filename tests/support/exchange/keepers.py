"""Whoever keeps an exit gate: an approval key in a file of its own, and a roster that lists it."""

from __future__ import annotations

import tempfile
from functools import cache, partial
from pathlib import Path
from uuid import UUID

from api.cli.signals.approve import approval_of
from api.cli.signals.approve_class import class_approval_of
from register.keys.approval_key import ApprovalKey
from register.services.signals.approving.keep_approval import Prove
from schemas.exchange.wire import Roster
from schemas.signals.approvals import ApprovalAskedOut, ClassAskedOut, SignedApprovalIn
from sync.protocol.documents.roster import Rosters
from sync.trust import approval_under
from tests.simulator.fakes import a_roster, rosters_of

_FOLDER = tempfile.TemporaryDirectory(prefix="rtr-keepers-")
"""Of this run; it goes with it."""


@cache
def a_keeper(organisation: str, kind: str) -> ApprovalKey:
    """The approval key of an organisation; the same one whenever it is asked for."""
    file = Path(_FOLDER.name) / organisation
    return ApprovalKey.make(file, b"a passphrase for tests", organisation=organisation, kind=kind)


def signed_by(key: ApprovalKey, asked: ApprovalAskedOut, made: UUID) -> SignedApprovalIn:
    """The approval of what is asked, as the keeper's process signs it."""
    return SignedApprovalIn(approval=key.sign(approval_of(asked, f"{made}", to=[], until=None)), reason="Weighed.")


def class_signed_by(key: ApprovalKey, asked: ClassAskedOut, made: UUID, **of: str) -> SignedApprovalIn:
    """The approval of a class, as the keeper's process signs it; `of` is its basis, visibility and purpose."""
    return SignedApprovalIn(
        approval=key.sign(class_approval_of(asked, f"{made}", to=[], until=None, **of)), reason="Weighed."
    )


def rosters_with(*keys: ApprovalKey) -> Rosters:
    """Roster 1, which lists these keys."""
    first = a_roster()
    rows = (*first.node_keys, *(key.listed for key in keys))
    return rosters_of(Roster.model_validate(first.model_copy(update={"node_keys": rows}).model_dump(by_alias=True)))


def proven_with(*keys: ApprovalKey) -> Prove:
    """Believes approvals under these keys."""
    return partial(approval_under, rosters=rosters_with(*keys))
