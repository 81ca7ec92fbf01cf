"""A signature that stands beside what it signs: a compact JWS without its middle part (RFC 7515, appendix F).

Made and checked through the one strict door; the payload's bytes come from where they are kept.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

from register.keys import jws
from register.keys.jwk import PrivateKey, PublicKey

PAYLOAD_BYTES_MAX: Final = 256 * 1024


def sign_detached(payload: bytes, *, typ: str, kid: str, key: PrivateKey) -> str:
    """Return `header..signature` over the payload; Ed25519 is deterministic, so equal bytes give an equal one."""
    header, _, signature = jws.sign(payload, typ=typ, kid=kid, key=key).split(".")
    return f"{header}..{signature}"


def verify_detached(signature: str, payload: bytes, *, typ: str, keys: Mapping[str, PublicKey]) -> str:
    """Return the key id under which the signature over these bytes holds.

    Args:
        signature: as received.
        payload: the exact bytes.
        typ: the exact type expected.
        keys: by kid, those that would be believed.

    Raises:
        SignedDocumentRefused: it does not hold, or is none.
    """
    parts = signature.split(".")
    if len(parts) != 3 or parts[1]:  # noqa: PLR2004 - header, nothing, signature
        raise jws.MalformedDocument("expected a signature that stands beside its payload")
    middle = base64.urlsafe_b64encode(payload).rstrip(b"=").decode("ascii")
    most = 2 * PAYLOAD_BYTES_MAX
    return jws.verify(f"{parts[0]}.{middle}.{parts[2]}", typ=typ, keys=keys, max_chars=most).kid
