"""A key share as the key store keeps it: one JSON document with everything that is public of the key."""

from __future__ import annotations

import json
from collections.abc import Iterable

from register.pseudonyms.evaluation import ShareSet
from register.pseudonyms.oprf.group import Element, Scalar
from register.pseudonyms.oprf.threshold import KeyShare, PublicShares
from schemas.codes import Partition


def write(share: KeyShare) -> bytes:
    """Return the document of a share; it holds the secret share and belongs in the key store only."""
    public = share.public
    document = {
        "country": share.country,
        "share": bytes(share.share).hex(),
        "key_id": public.key_id,
        "generation": public.generation,
        "joint": bytes(public.joint).hex(),
        "shares": {country: bytes(element).hex() for country, element in public.shares.items()},
        "transcript": public.transcript.hex(),
    }
    return json.dumps(document, sort_keys=True).encode()


def read(document: bytes) -> KeyShare:
    """Return the share of a document."""
    found = json.loads(document)
    public = PublicShares(
        key_id=found["key_id"],
        generation=found["generation"],
        joint=Element(bytes.fromhex(found["joint"])),
        shares={Partition(c): Element(bytes.fromhex(e)) for c, e in found["shares"].items()},
        transcript=bytes.fromhex(found["transcript"]),
    )
    return KeyShare(Partition(found["country"]), Scalar(bytes.fromhex(found["share"])), public)


def read_all(country: Partition, documents: Iterable[bytes]) -> ShareSet:
    """Return the share set of a country from its documents."""
    return ShareSet.of(country, [read(d) for d in documents])
