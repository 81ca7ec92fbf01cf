"""Signatures and rosters for the exchange: the ports of `sync.protocol` on the keys of this node.

The protocol decides what is believed; here are only the strict door behind it (`register.keys.jws`) and the way from
stored roster documents to `Rosters`, roster 1 by the pin in the settings, each later one by its approvals. Whose word
on statistics an entry is, is told here too, by the signature over exactly its document; whether that country may say
it is judged elsewhere.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from register.core import Register
from register.domain.access.caller import Caller
from register.errors import OperatorError
from register.keys import jws as door
from register.keys.detached import verify_detached
from register.keys.jwk import PublicKey
from register.keys.node import NodeKeys
from register.pseudonyms.normalise.stop import StopFile, stop_file
from schemas import canonical
from schemas.canonical import DocumentRefused
from schemas.codes import Partition
from schemas.exchange.lists import ACTORS_MAX
from schemas.exchange.wire import Approval, GateApproval, KeyState, NodeKey, Roster, Typ, read
from schemas.statistics.entry import CONTRIBUTION_TYP, StatisticsEntry
from sync.protocol.documents.roster import Approved, Rosters
from sync.protocol.documents.signed import Trust
from sync.protocol.ports import Verified
from sync.protocol.refusals import Malformed, RosterRefused

ROSTER_BYTES_MAX: Final = 262_144
LIST_CHARS_MAX: Final = 2 * 1024 * 1024
_CHARS_MAX: Final[Mapping[Typ, int]] = {
    Typ.REQUEST: 4_096,
    Typ.RECEIPT: 1_048_576,
    Typ.ROSTER: 2 * ROSTER_BYTES_MAX,
    Typ.LIST: LIST_CHARS_MAX,
}


class RosterNotPinned(OperatorError):
    """The settings do not say which roster 1 to believe."""

    code = "roster-not-pinned"
    advice = "Set `sync.roster_sha256` to the hash that the five coordinators have agreed on."


class RosterMissing(OperatorError):
    """This node has no roster, so it knows no partner."""

    code = "roster-missing"
    advice = "Install the roster that the settings pin, with `rtr roster install`."


class StopFileDiffers(OperatorError):
    """This node's list of values that are no values is not the one that the roster names.

    Its pseudonyms would match in some countries only, and nobody would notice. So no partner is asked for any, and
    nothing is exchanged; reports are taken all the same, and their keys wait.
    """

    code = "stop-file-differs"
    advice = (
        "Install the release that the five agreed on; if it is this one, the five make roster 1 anew, with "
        "its stop file."
    )


class NodeVerifier:
    """`sync.protocol.ports.Verifier` through the one strict door."""

    def verify(self, jws: bytes, *, typ: Typ, keys: Mapping[str, bytes]) -> Verified:
        """Return what was signed.

        Raises:
            SignedDocumentRefused: no good signature of that type under one of these keys.
            Malformed: a good one, under what is no strict JSON object.
        """
        limit = _CHARS_MAX.get(typ, door.MAX_CHARS)
        found = door.verify(jws.decode("ascii", "replace"), typ=typ, keys=public_keys(keys), max_chars=limit)
        try:
            # A country's list of actors is the one document with an array longer than others may have.
            longest = ACTORS_MAX if typ is Typ.LIST else canonical.MAX_ARRAY
            claims = canonical.loads(found.payload, limit, max_array=longest)
        except DocumentRefused as refusal:
            raise Malformed(f"{typ}: {refusal}") from refusal
        if not isinstance(claims, dict):
            raise Malformed(f"{typ}: expected an object")
        return Verified(found.kid, claims)


class NodeSigner:
    """`sync.protocol.ports.Signer` with this node's signing key."""

    def __init__(self, keys: NodeKeys) -> None:
        self._keys = keys

    def sign(self, typ: Typ, claims: Mapping[str, Any]) -> bytes:
        """Return the compact JWS; Ed25519 is deterministic, so equal claims give equal bytes."""
        payload = canonical.dumps_plain(dict(claims))
        return door.sign(payload, typ=typ, kid=self._keys.kid, key=self._keys.signing).encode("ascii")


VERIFIER: Final = NodeVerifier()


def trust_of(me: Partition, rosters: Rosters, partner: Partition | None = None) -> Trust:
    """Return whom this node listens to; without a partner only the signature tells who speaks."""
    return Trust(me, partner, rosters, VERIFIER)


def public_keys(raw: Mapping[str, bytes]) -> dict[str, PublicKey]:
    """Return raw Ed25519 keys as the strict door takes them; raises `UnusableKey`."""
    return {kid: _public_key(x) for kid, x in raw.items()}


@lru_cache(maxsize=1_024)
def _public_key(raw: bytes) -> PublicKey:
    return PublicKey.from_raw(raw)


def read_rosters(documents: Sequence[bytes], pin: str, approvals: Mapping[int, Iterable[str]] | None = None) -> Rosters:
    """Return the rosters, each trusted through the one before it.

    Args:
        documents: canonical bytes of roster 1, 2, 3 ...
        pin: SHA-256 of roster 1, in hex, from the settings.
        approvals: for each later roster by its number, the compact JWS of its approvals.

    Raises:
        RosterNotPinned, RosterMissing: for this node's operator.
        RosterRefused: one is not the pinned one, not approved, or unreadable.
    """
    if not pin:
        raise RosterNotPinned("`sync.roster_sha256` is empty")
    if not documents:
        raise RosterMissing("no roster was added to this node")
    first, *later = (_read_one_roster(document) for document in documents)
    try:
        rosters = Rosters.pinned(first, bytes.fromhex(pin))
    except ValueError:
        raise RosterNotPinned("`sync.roster_sha256` is not 64 hexadecimal digits") from None
    for candidate in later:
        given = (approvals or {}).get(candidate.number, ())
        rosters = rosters.accept(candidate, [_verify_approved(compact, rosters.newest) for compact in given])
    return rosters


def load_rosters(register: Register, caller: Caller) -> Rosters:
    """Return the rosters of this node's database.

    Raises:
        RosterNotPinned, RosterMissing, RosterRefused: as `read_rosters`.
        StopFileDiffers: the newest of them names another stop file than this node has.
    """
    with register.work(caller) as work:
        kept = work.exchange.rosters.all()
    rosters = read_rosters(kept, register.settings.sync.roster_sha256)
    check_stop_file(rosters, stop_file())
    return rosters


def check_stop_file(rosters: Rosters, here: StopFile) -> None:
    """Raise `StopFileDiffers` unless the newest roster names these very lists."""
    if rosters.newest.stop_file != canonical.b64(here.digest):
        raise StopFileDiffers(
            f"roster {rosters.newest.number} names the stop file {rosters.newest.stop_file}; "
            f"here is version {here.version}, {canonical.b64(here.digest)}"
        )


def roster_files(folder: Path) -> list[bytes]:
    """Return the documents `1.json`, `2.json` ... of a folder: for an evaluator, which has no table of rosters."""
    numbered = sorted((int(file.stem), file) for file in folder.glob("*.json") if file.stem.isdecimal())
    return [file.read_bytes() for _, file in numbered]


class KnownRosters:
    """The rosters as they were read last; read at the first use, and again when told that there is a newer one."""

    def __init__(self, load: Callable[[], Rosters]) -> None:
        self._load, self._lock = load, threading.Lock()
        self._known: Rosters | None = None

    def __call__(self) -> Rosters:
        """The rosters; errors of `read_rosters` at the first use."""
        if self._known is None:
            with self._lock:
                if self._known is None:
                    self._known = self._load()
        return self._known

    def refresh(self) -> Rosters:
        """Read them again; what was known stays if that fails."""
        with self._lock:
            self._known = self._load()
        return self._known


def approval_under(compact: str, rosters: Rosters) -> tuple[GateApproval, NodeKey]:
    """Return what an approval of an exit gate says, and the approval key that signed it, as it stands today.

    Raises:
        PartnerError: no good signature under a key that a roster lists for approvals, or over something else.
    """
    return _yes_under(compact, rosters, Typ.GATE_APPROVAL)


def consent_under(compact: str, rosters: Rosters) -> tuple[GateApproval, NodeKey]:
    """The same of a prosecutor's consent to a provision: neither stands for the other."""
    return _yes_under(compact, rosters, Typ.CONSENT)


def _yes_under(compact: str, rosters: Rosters, typ: Typ) -> tuple[GateApproval, NodeKey]:
    found = VERIFIER.verify(compact.encode(), typ=typ, keys=rosters.approval_keys())
    try:
        return read(GateApproval, canonical.dumps(found.claims)), rosters.approval_key(found.kid)
    except DocumentRefused as refusal:
        raise Malformed(f"{typ}: {refusal}") from refusal


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


def _read_one_roster(document: bytes) -> Roster:
    try:
        canonical.loads(document, ROSTER_BYTES_MAX, canonical=True)
        return read(Roster, document)
    except DocumentRefused as refusal:
        digest = hashlib.sha256(document).hexdigest()
        raise RosterRefused(f"the roster with hash {digest} cannot be read: {refusal}") from refusal


def _verify_approved(compact: str, before: Roster) -> Approved:
    keys = {key.kid: canonical.unb64(key.x) for key in before.coordinator_keys if key.state is KeyState.ACTIVE}
    found = VERIFIER.verify(compact.encode(), typ=Typ.APPROVAL, keys=keys)
    try:
        return Approved(found.kid, read(Approval, canonical.dumps(found.claims)))
    except DocumentRefused as refusal:
        raise RosterRefused(f"an approval cannot be read: {refusal}") from refusal
