"""The one strict door for everything signed: compact JWS in, exact payload bytes out, or a refusal.

Every signature that this product makes or believes passes here: pages, heads, receipts, rosters, approvals,
requests, access tokens. The order of the checks is fixed and each ends the matter: size, shape, header, type,
key, algorithm, signature; nothing of the payload is looked at before the signature holds.
PyJWT computes behind it, but decides nothing: the key, never the message, says which algorithm is right.
What the claims must say is the business of `tokens` and of the exchange protocol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt import PyJWTError
from jwt.algorithms import AllowedOKPKeys, OKPAlgorithm
from jwt.api_jws import PyJWS

from register.errors import PartnerError
from register.keys.jwk import ALGORITHMS, Algorithm, Older, PrivateKey, PublicKey
from register.keys.strict_json import NotStrictBase64, NotStrictJson, decode_base64url, parse_object

MAX_CHARS: Final = 65_536
HEADER_MAX_CHARS: Final = 1_024
KID_MAX_CHARS: Final = 128
OWN_ALGORITHMS: Final[frozenset[Algorithm]] = frozenset(("Ed25519",))
# x5t and x5t#S256 only name a certificate; providers send them, we ignore them. All else is refused, first of all
# jwk, jku, x5u, x5c (the sender would choose the key), crit, b64 (he would choose the meaning), zip and enc.
_HEADER_MEMBERS: Final = frozenset(("alg", "typ", "kid", "x5t", "x5t#S256"))
_SHAPE: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)


class SignedDocumentRefused(PartnerError):
    """A signed document is not accepted; the classes below say at which check it fell."""

    code = "signed-document-refused"


class MalformedDocument(SignedDocumentRefused):
    """A signed document is not a compact JWS: too large, wrong number of parts, not strict base64url or JSON."""

    code = "malformed-document"
    advice = "Send three parts of base64url without padding, joined by dots, within the size bound."


class RefusedHeader(SignedDocumentRefused):
    """The header of a signed document has a member that may not be there, or lacks one that must be."""

    code = "refused-header"
    advice = "Send exactly `alg`, `typ` and `kid`, each once; keys are known beforehand and never sent along."


class WrongType(SignedDocumentRefused):
    """A signed document has another `typ` than the place where it was presented asks for."""

    code = "wrong-type"
    advice = "Present the document where its type belongs."


class UnknownKey(SignedDocumentRefused):
    """A signed document names a key that is not among those accepted for it."""

    code = "unknown-key"
    advice = "Sign with a key that is active in the roster or key set, and fetch the newest one."


class RefusedAlgorithm(SignedDocumentRefused):
    """A signed document names another algorithm than the one of its key."""

    code = "refused-algorithm"
    advice = (
        "Use the exact algorithm of the key: Ed25519 between partners; for tokens Ed25519, ES256 or PS256, and RS256 "
        "or EdDSA where `tokens.older_algorithms` of the country lets them in."
    )


class BadSignature(SignedDocumentRefused):
    """The signature does not fit the document and the key it names."""

    code = "bad-signature"
    advice = "The document was changed on its way or signed with another key; send it again as it was signed."


@dataclass(frozen=True, slots=True)
class Verified:
    """A document whose signature holds.

    Attributes:
        kid: the key that signed; who may use it is for the caller to compare with the issuer.
        header: `alg`, `typ`, `kid` and perhaps a certificate's thumbprint.
        payload: the exact bytes that were signed.
    """

    kid: str
    header: Mapping[str, str]
    payload: bytes

    def claims(self) -> dict[str, Any]:
        """The payload as one strict JSON object; raises `MalformedDocument`. Canonical form is not checked."""
        return _parse_json_object(self.payload, "payload")


def sign(claims: bytes | Mapping[str, Any], *, typ: str, kid: str, key: PrivateKey) -> str:
    """Return the compact JWS of `claims`: bytes are signed as they are, a mapping in its RFC 8785 form."""
    payload = claims if isinstance(claims, bytes) else rfc8785.dumps(dict(claims))
    return _DOOR.encode(payload, key.key, algorithm=key.algorithm, headers={"typ": typ, "kid": kid})


def verify(
    compact: str,
    *,
    typ: str,
    keys: Mapping[str, PublicKey],
    algorithms: AbstractSet[Algorithm] = OWN_ALGORITHMS,
    older: AbstractSet[Older] = frozenset(),
    max_chars: int = MAX_CHARS,
) -> Verified:
    """Return the document if its signature holds, else raise a `SignedDocumentRefused`.

    Args:
        compact: as received; never trimmed or repaired.
        typ: the exact type expected here, such as `rtr-page+jws` (wire.md 2).
        keys: by kid, all those whose signature would be believed for this document and no others.
        algorithms: those allowed here; each key still has its own one only.
        older: with RS256, keys for it are allowed too; with EdDSA, that is another name of Ed25519.
        max_chars: bound checked before anything is parsed.
    """
    header = _read_header(compact, max_chars)
    if header["typ"] != typ:
        raise WrongType(f"expected a document of type {typ}")
    kid = header["kid"]
    key = keys.get(kid)
    if key is None:
        raise UnknownKey(f"no accepted key of that name for {typ}; {len(keys)} are accepted")
    allowed = algorithms | ({"RS256"} & older)
    said = "Ed25519" if header["alg"] == "EdDSA" and "EdDSA" in older else header["alg"]
    if said != key.algorithm or key.algorithm not in allowed:
        raise RefusedAlgorithm(f"expected {key.algorithm} for key {kid}", kid=kid)
    try:
        door = _DOOR_OF_PROVIDERS if header["alg"] in older else _DOOR
        payload = door.decode_complete(compact, key.key, algorithms=[header["alg"]])["payload"]
    except PyJWTError:
        raise BadSignature(f"the signature of this {typ} does not hold under key {kid}", kid=kid) from None
    return Verified(kid, header, payload)


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a document says of itself. Good for choosing whose keys to try, and for nothing else."""

    kid: str
    issuer: str


def peek(compact: str, *, max_chars: int = MAX_CHARS) -> Unverified:
    """Return the kid and `iss` that an unverified document claims; raises a `SignedDocumentRefused`."""
    header = _read_header(compact, max_chars)
    issuer = _parse_json_object(decode_base64url(compact.split(".")[1]), "payload").get("iss")
    if not isinstance(issuer, str):
        raise MalformedDocument("expected `iss` to be a text")
    return Unverified(header["kid"], issuer)


def _read_header(compact: str, max_chars: int) -> dict[str, str]:
    if len(compact) > max_chars:
        raise MalformedDocument(f"expected at most {max_chars} characters, got {len(compact)}")
    parts = _SHAPE.fullmatch(compact)
    if parts is None or len(parts[1]) > HEADER_MAX_CHARS:
        raise MalformedDocument("expected three parts of base64url, the first at most 1,024 characters")
    try:
        encoded, _, _ = (decode_base64url(part) for part in parts.groups())
    except NotStrictBase64 as exc:
        raise MalformedDocument(str(exc)) from None
    header = _parse_json_object(encoded, "header")
    if not {"alg", "typ", "kid"} <= header.keys() <= _HEADER_MEMBERS:
        raise RefusedHeader("expected the header members alg, typ and kid, and none that brings a key or a condition")
    if not all(isinstance(value, str) and value for value in header.values()) or len(header["kid"]) > KID_MAX_CHARS:
        raise RefusedHeader(f"expected header members to be texts, kid of at most {KID_MAX_CHARS} characters")
    return header


def _parse_json_object(data: bytes, part: str) -> dict[str, Any]:
    try:
        return parse_object(data)
    except NotStrictJson as exc:
        raise MalformedDocument(f"{part}: {exc}") from None


class _OnlyEd25519(OKPAlgorithm):
    """PyJWT's own class would also take Ed448 keys, and PEM texts; this one takes Ed25519 key objects alone."""

    def prepare_key(self, key: AllowedOKPKeys | str | bytes) -> AllowedOKPKeys:
        if not isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
            raise TypeError("an Ed25519 key object is needed")
        return key


def _build_door() -> PyJWS:
    door = PyJWS(algorithms=sorted(ALGORITHMS - {"Ed25519"}))
    door.register_algorithm("Ed25519", _OnlyEd25519())
    return door


def _door_of_providers() -> PyJWS:
    """A door of its own, so that nothing between partners comes through it whatever a check before it forgets."""
    door = PyJWS(algorithms=["RS256"])
    door.register_algorithm("EdDSA", _OnlyEd25519())
    return door


_DOOR: Final = _build_door()
_DOOR_OF_PROVIDERS: Final = _door_of_providers()
