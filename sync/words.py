"""Whose word on statistics an entry is, by the signature over exactly its document.

The key must be one that a roster gives to a country's node for signing. Whether that country may say it is judged
elsewhere.
"""

from __future__ import annotations

from register.keys.detached import verify_detached
from schemas import canonical
from schemas.codes import Partition
from schemas.statistics.entry import CONTRIBUTION_TYP, StatisticsEntry
from sync.protocol.documents.roster import Rosters
from sync.trust import public_keys


def signer_of(entry: StatisticsEntry, rosters: Rosters, *, new: bool) -> Partition:
    """Return the country whose node signed.

    Args:
        entry: as read.
        rosters: those known here.
        new: the key must be active today; False for what was accepted earlier, which verifies for ever.

    Raises:
        PartnerError: no good signature, or under a key that may not sign any more.
    """
    return signer_of_bytes(canonical.dumps(entry.document), entry.signature, rosters, new=new)


def signer_of_bytes(document: bytes, signature: str, rosters: Rosters, *, new: bool) -> Partition:
    """The same for a document's canonical bytes; arguments and errors as `signer_of`."""
    kid = verify_detached(signature, document, typ=CONTRIBUTION_TYP, keys=public_keys(rosters.signing_keys()))
    if new:
        rosters.check_signed(kid, rosters.newest.number, new=True)
    return rosters.country_of(kid)
