"""Make a country's key store, hold the ceremony of the five, write roster 1.

The ceremony's steps are pure (`register.pseudonyms.oprf.ceremony`); here they run for five key stores that one operator
has at hand, which is single-machine key security and refused in production. Holding it between five machines sends
the same documents by other means.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from register.domain.exchange.limits import read_agreed_limits
from register.errors import Conflict, OperatorError
from register.keys import hpke, jws
from register.keys.apart import COORDINATOR, refuse_inside_home
from register.keys.home import make_keys, open_store
from register.keys.jwk import PrivateKey
from register.keys.keystore import KeyStore
from register.keys.node import NodeKeys
from register.pseudonyms.epochs import CLASSES, FIRST_EPOCH
from register.pseudonyms.normalise.stop import stop_file
from register.pseudonyms.oprf import ceremony, share_document
from register.pseudonyms.oprf.threshold import KeyShare
from register.settings import Settings
from schemas.canonical import b64, dumps_plain
from schemas.codes import Partition
from schemas.exchange.wire import (
    ENVELOPE_VERSION,
    SCHEMA_VERSION,
    CoordinatorKey,
    KeyState,
    Limits,
    Member,
    NodeKey,
    ProtocolRange,
    Roster,
    document,
)

_TRANSCRIPT_TYP = "rtr-ceremony+jws"
_SHARE_INFO = b"rtr-ceremony/share/v1"


class NotOnOneMachine(OperatorError):
    """Five countries' keys on one machine are for trial only."""

    code = "not-on-one-machine"
    advice = "This command is for a trial. Production needs a ceremony between five machines, which is not built yet."


class CoordinatorFileThere(Conflict):
    """There is a file of this name already; a coordinator's key is never written over."""

    code = "coordinator-file-there"
    advice = "Name another file."


class TranscriptsDiffer(OperatorError):
    """The five did not all sign the same transcript: somebody saw another ceremony."""

    code = "transcripts-differ"
    advice = "Hold the ceremony again; no key of this one is used."


@dataclass(frozen=True, slots=True)
class CeremonyDone:
    """One key of the five.

    Attributes:
        key_id: class and epoch.
        transcript: SHA-256 that all five have signed; hex.
    """

    key_id: str
    transcript: str


def init_keys(settings: Settings, country: Partition) -> NodeKeys:
    """Make a country's key store and passphrase where there is neither; return its keys.

    Raises:
        PassphraseLost, KeyStoreError: the one that is there does not open; nothing was changed.
    """
    return make_keys(settings, country)


def refuse_one_machine(settings: Settings) -> None:
    """Do nothing in trial.

    Raises:
        NotOnOneMachine: production.
    """
    if settings.env == "production":
        raise NotOnOneMachine("the five key stores would be on one machine")


def hold_ceremony(
    settings: Settings, nodes: Mapping[Partition, NodeKeys], classes: Sequence[str] = CLASSES, epoch: int = FIRST_EPOCH
) -> list[CeremonyDone]:
    """Make one key for each class with all five countries, and keep each country's share in its key store.

    Raises:
        NotOnOneMachine: production.
        Complaint: names the country that broke a rule; nothing was kept.
        TranscriptsDiffer: as said; nothing was kept.
    """
    refuse_one_machine(settings)
    made: dict[str, dict[Partition, KeyShare]] = {}
    for name in classes:
        key_id = f"{name}/e{epoch}"
        made[key_id] = _one_key(ceremony.Session(key_id, secrets.token_bytes(ceremony.NONCE_BYTES)), nodes)
        _all_sign(key_id, nodes, made[key_id])
    for key_id, shares in made.items():
        for country, share in shares.items():
            nodes[country].keep_share(key_id, share_document.write(share))
    return [CeremonyDone(k, next(iter(s.values())).public.transcript.hex()) for k, s in made.items()]


def move_coordinator(settings: Settings, country: Partition, file: Path, passphrase: bytes) -> str:
    """Move the coordinator's key out of a country's key store into a file of its own; return its public half.

    It is in the new file, whole, before it goes from the old one.

    Raises:
        PersonsKeyHere: the file would lie in the node's home.
        CoordinatorFileThere: there is such a file.
        UnknownSecret: the key store holds no coordinator's key.
    """
    refuse_inside_home(settings, file)
    if file.exists():
        raise CoordinatorFileThere(f"{file} is there")
    own = open_store(settings, country)
    secret = own.get(COORDINATOR)
    KeyStore.create(file, passphrase, f"the coordinator of {country}").put(COORDINATOR, secret)
    own.destroy(COORDINATOR)
    return b64(PrivateKey.from_raw(secret).public().raw())


def first_roster(
    nodes: Mapping[Partition, NodeKeys],
    urls: Mapping[Partition, str],
    editions: Sequence[str],
    valid_from: datetime,
    *,
    limits: Limits | None = None,
    approval_keys: Sequence[NodeKey] = (),
) -> bytes:
    """Return roster 1's canonical bytes; its SHA-256 is what every node's settings pin.

    Args:
        nodes: the five countries' keys.
        urls: where each country's node is reached.
        editions: hashes (base64url) of the MoU editions in force.
        valid_from: from when, aware.
        limits: what evaluators allow each country; the agreed figures if not given.
        approval_keys: the sheets of the organisations that keep an exit gate (`rtr keys approval`).
    """
    protocol = ProtocolRange(envelope=(ENVELOPE_VERSION, ENVELOPE_VERSION), body=(SCHEMA_VERSION, SCHEMA_VERSION))
    keys: list[NodeKey] = []
    for c, node in nodes.items():
        signing, sealing = b64(node.signing.public().raw()), b64(node.sealing_public)
        keys.append(NodeKey(kid=node.kid, country=c, use="sign", x=signing, state=KeyState.ACTIVE))
        keys.append(NodeKey(kid=node.seal_kid, country=c, use="seal", x=sealing, state=KeyState.ACTIVE))
    roster = Roster(
        number=1,
        members=tuple(Member(country=c, url=urls[c], protocol=protocol) for c in nodes),
        node_keys=(*keys, *approval_keys),
        coordinator_keys=tuple(
            CoordinatorKey(
                kid=f"{c}-coordinator-1", country=c, x=b64(n.coordinator.public().raw()), state=KeyState.ACTIVE
            )
            for c, n in nodes.items()
        ),
        editions=tuple(editions),
        stop_file=b64(stop_file().digest),
        limits=limits or read_agreed_limits(),
        valid_from=valid_from.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    )
    return dumps_plain(document(roster))


def _one_key(session: ceremony.Session, nodes: Mapping[Partition, NodeKeys]) -> dict[Partition, KeyShare]:
    info = _SHARE_INFO + session.digest

    def seal(to: Partition, message: bytes) -> bytes:
        return hpke.seal(message, nodes[to].sealing_public, info=info)

    begun = {c: ceremony.begin(session, c) for c in nodes}
    dealers = {c: dealer for c, (dealer, _) in begun.items()}
    commits = {c: commit for c, (_, commit) in begun.items()}
    reveals = {c: ceremony.reveal(dealers[c], commits) for c in nodes}
    dealt = {c: ceremony.deal(dealers[c], commits, reveals, seal) for c in nodes}
    return {
        c: ceremony.finish(dealers[c], commits, reveals, dealt, partial(_open_sealed, node, info))
        for c, node in nodes.items()
    }


def _open_sealed(node: NodeKeys, info: bytes, sealed: bytes) -> bytes:
    return hpke.open_sealed(sealed, node.sealing, info=info)


def _all_sign(key_id: str, nodes: Mapping[Partition, NodeKeys], shares: Mapping[Partition, KeyShare]) -> None:
    """Each signs the transcript it saw; a key is active only when all five signatures stand under the same one."""
    keys = {n.kid: n.signing.public() for n in nodes.values()}
    seen = set()
    for c, node in nodes.items():
        claims = {"key_id": key_id, "transcript": b64(shares[c].public.transcript), "iss": str(c)}
        signed = jws.sign(claims, typ=_TRANSCRIPT_TYP, kid=node.kid, key=node.signing)
        seen.add(jws.verify(signed, typ=_TRANSCRIPT_TYP, keys=keys).claims()["transcript"])
    if len(seen) != 1:
        raise TranscriptsDiffer(f"the ceremony for {key_id} ended with {len(seen)} transcripts")
