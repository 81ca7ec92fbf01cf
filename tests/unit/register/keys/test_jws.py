"""The strict door: what is signed goes through byte for byte, and every known trick stops before it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from joserfc import jws as oracle
from joserfc.jwk import ECKey, OKPKey, RSAKey

from register.keys import jws
from register.keys.jwk import ALGORITHMS, PrivateKey, PublicKey

TYP = "rtr-page+jws"
KEY = PrivateKey.from_raw(bytes(range(32)))
OTHER = PrivateKey.from_raw(bytes(range(1, 33)))
P256 = PrivateKey.of(ec.generate_private_key(ec.SECP256R1()))
RSA = PrivateKey.of(rsa.generate_private_key(65_537, 2_048))
KEYS = {"CW-1": KEY.public(), "p256": P256.public(), "rsa": RSA.public()}
SIGN = jws._DOOR.get_algorithm_by_name("Ed25519")
PAYLOAD = b'{"iss":"CW","aud":"AW"}'


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(
    header: dict[str, Any] | bytes, *, payload: bytes = PAYLOAD, key: PrivateKey = KEY, signature: bytes | None = None
) -> str:
    """A document with any header at all, truly signed by `key` unless a signature is given."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    signed = f"{b64(raw)}.{b64(payload)}"
    made = signature if signature is not None else SIGN.sign(signed.encode(), key.key)
    return f"{signed}.{b64(made)}"


def good(**changes: object) -> dict[str, object]:
    header: dict[str, object] = {"alg": "Ed25519", "typ": TYP, "kid": "CW-1"}
    return {**header, **changes}


def pem(key: PublicKey) -> bytes:
    return key.key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def mac(header: dict[str, object], secret: bytes) -> str:
    signed = f"{b64(json.dumps(header).encode())}.{b64(PAYLOAD)}"
    return f"{signed}.{b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def verify(compact: str, **changes: Any) -> jws.Verified:
    return jws.verify(compact, **{"typ": TYP, "keys": KEYS, "algorithms": ALGORITHMS, **changes})


def with_last_character_moved(compact: str) -> str:
    """The same bytes in another spelling: the unused low bits of the last character are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return compact[:-1] + alphabet[alphabet.index(compact[-1]) + 1]


def test_exact_bytes_that_were_signed_come_out() -> None:
    odd = b' {"b" : 1, "a":2}\n'

    verified = verify(jws.sign(odd, typ=TYP, kid="CW-1", key=KEY))

    assert verified.payload == odd
    assert verified.kid == "CW-1"
    assert verified.header == {"alg": "Ed25519", "typ": TYP, "kid": "CW-1"}


def test_mapping_is_signed_in_its_canonical_form() -> None:
    verified = verify(jws.sign({"to": 2, "from": 1, "iss": "CW"}, typ=TYP, kid="CW-1", key=KEY))

    assert verified.payload == b'{"from":1,"iss":"CW","to":2}'
    assert verified.claims() == {"from": 1, "iss": "CW", "to": 2}


@pytest.mark.parametrize(("kid", "key"), [("CW-1", KEY), ("p256", P256), ("rsa", RSA)])
def test_other_library_believes_what_we_sign(kid: str, key: PrivateKey) -> None:
    kinds: dict[str, Any] = {"CW-1": OKPKey, "p256": ECKey, "rsa": RSAKey}
    theirs = kinds[kid].import_key(pem(key.public()))

    opened = oracle.deserialize_compact(
        jws.sign(PAYLOAD, typ=TYP, kid=kid, key=key), theirs, algorithms=[key.algorithm]
    )

    assert opened.payload == PAYLOAD


@pytest.mark.parametrize(("kid", "key"), [("CW-1", KEY), ("p256", P256), ("rsa", RSA)])
def test_we_believe_what_another_library_signs(kid: str, key: PrivateKey) -> None:
    kinds: dict[str, Any] = {"CW-1": OKPKey, "p256": ECKey, "rsa": RSAKey}
    secret = key.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made = oracle.serialize_compact(
        {"alg": key.algorithm, "typ": TYP, "kid": kid},
        PAYLOAD,
        kinds[kid].import_key(secret),
        algorithms=[key.algorithm],
    )

    assert verify(made).payload == PAYLOAD


VALID = jws.sign(PAYLOAD, typ=TYP, kid="CW-1", key=KEY)
HEADER, BODY, SIGNATURE = VALID.split(".")
STRANGER = OTHER.public().jwk("CW-1")
DER = ec.generate_private_key(ec.SECP256R1()).sign(b"x", ec.ECDSA(hashes.SHA256()))
ED448 = ed448.Ed448PrivateKey.generate()

TRICKS: dict[str, tuple[str, type[jws.SignedDocumentRefused]]] = {
    # algorithms: none, confusion, aliases
    "none, without a signature": (f"{b64(json.dumps(good(alg='none')).encode())}.{BODY}.", jws.MalformedDocument),
    "none, with the old signature": (forged(good(alg="none")), jws.RefusedAlgorithm),
    "None in other letters": (forged(good(alg="nOnE")), jws.RefusedAlgorithm),
    "EdDSA, truly signed": (forged(good(alg="EdDSA")), jws.RefusedAlgorithm),
    "ed25519 in other letters": (forged(good(alg="ed25519")), jws.RefusedAlgorithm),
    "HS256 with the public key's bytes": (mac(good(alg="HS256"), KEY.public().raw()), jws.RefusedAlgorithm),
    "HS256 with the public key's PEM": (mac(good(alg="HS256", kid="rsa"), pem(RSA.public())), jws.RefusedAlgorithm),
    "HS256 with an empty secret": (mac(good(alg="HS256"), b""), jws.RefusedAlgorithm),
    "RS256 for a PS256 key": (forged(good(alg="RS256", kid="rsa"), signature=b"1" * 256), jws.RefusedAlgorithm),
    "PS256 for a P-256 key": (forged(good(alg="PS256", kid="p256"), signature=b"1" * 256), jws.RefusedAlgorithm),
    "ES256 for an Ed25519 key": (forged(good(alg="ES256")), jws.RefusedAlgorithm),
    "an Ed448 signature": (forged(good(), signature=ED448.sign(b"x")), jws.BadSignature),
    "ES256 with r and s zero": (forged(good(alg="ES256", kid="p256"), signature=bytes(64)), jws.BadSignature),
    "ES256 in DER": (forged(good(alg="ES256", kid="p256"), signature=DER), jws.BadSignature),
    # keys the sender would like us to use
    "an embedded key": (forged(good(jwk=STRANGER), key=OTHER), jws.RefusedHeader),
    "a key by address": (forged(good(jku="https://evil.example/keys"), key=OTHER), jws.RefusedHeader),
    "a certificate": (forged(good(x5c=["MIIB"]), key=OTHER), jws.RefusedHeader),
    "a certificate by address": (forged(good(x5u="https://evil.example/c"), key=OTHER), jws.RefusedHeader),
    "a key nobody accepts": (forged(good(kid="SX-9"), key=OTHER), jws.UnknownKey),
    "a path as kid": (forged(good(kid="../../dev/null"), key=OTHER), jws.UnknownKey),
    "another's signature under a known kid": (forged(good(), key=OTHER), jws.BadSignature),
    "an empty kid": (forged(good(kid="")), jws.RefusedHeader),
    "a number as kid": (forged(good(kid=1)), jws.RefusedHeader),
    "a list as kid": (forged(good(kid=["CW-1"])), jws.RefusedHeader),
    "a kid without end": (forged(good(kid="k" * 200)), jws.RefusedHeader),
    "no kid": (forged({"alg": "Ed25519", "typ": TYP}), jws.RefusedHeader),
    # meaning: extensions, type
    "crit": (forged(good(crit=["exp"], exp=1)), jws.RefusedHeader),
    "an empty crit": (forged(good(crit=[])), jws.RefusedHeader),
    "unencoded payload": (forged(good(b64=False, crit=["b64"])), jws.RefusedHeader),
    "b64 without crit": (forged(good(b64=False)), jws.RefusedHeader),
    "compressed": (forged(good(zip="DEF")), jws.RefusedHeader),
    "encrypted": (forged(good(enc="A256GCM")), jws.RefusedHeader),
    "a member nobody knows": (forged(good(extra="1")), jws.RefusedHeader),
    "another type": (forged(good(typ="rtr-head+jws")), jws.WrongType),
    "the type in other letters": (forged(good(typ="RTR-PAGE+JWS")), jws.WrongType),
    "the type with its prefix": (forged(good(typ="application/rtr-page+jws")), jws.WrongType),
    "no type": (forged({"alg": "Ed25519", "kid": "CW-1"}), jws.RefusedHeader),
    "a null type": (forged(good(typ=None)), jws.RefusedHeader),
    # the header's JSON
    "alg twice": (
        forged(b'{"alg":"none","alg":"Ed25519","typ":"rtr-page+jws","kid":"CW-1"}'),
        jws.MalformedDocument,
    ),
    "alg twice, once escaped": (
        forged(b'{"\\u0061lg":"none","alg":"Ed25519","typ":"rtr-page+jws","kid":"CW-1"}'),
        jws.MalformedDocument,
    ),
    "a header that is a list": (forged(b'["Ed25519"]'), jws.MalformedDocument),
    "a header that is no JSON": (forged(b"{'alg':'Ed25519'}"), jws.MalformedDocument),
    "something after the header": (
        forged(b'{"alg":"Ed25519","typ":"rtr-page+jws","kid":"CW-1"}{}'),
        jws.MalformedDocument,
    ),
    "a header with a byte order mark": (
        forged(b'\xef\xbb\xbf{"alg":"Ed25519","typ":"rtr-page+jws","kid":"CW-1"}'),
        jws.MalformedDocument,
    ),
    "a header that is no UTF-8": (
        forged(b'{"alg":"Ed25519","typ":"rtr-page+jws","kid":"CW-1\xff"}'),
        jws.MalformedDocument,
    ),
    "a lone surrogate": (
        forged(b'{"alg":"Ed25519","typ":"rtr-page+jws","kid":"\\ud800"}'),
        jws.MalformedDocument,
    ),
    "NaN": (forged(b'{"alg":"Ed25519","typ":"rtr-page+jws","kid":NaN}'), jws.MalformedDocument),
    "a header without end": (forged(good(kid="k" * 2_000)), jws.MalformedDocument),
    "a deep header": (forged(b"[" * 700), jws.MalformedDocument),
    # the compact form
    "empty": ("", jws.MalformedDocument),
    "one part": (HEADER, jws.MalformedDocument),
    "two parts": (f"{HEADER}.{BODY}", jws.MalformedDocument),
    "four parts": (f"{VALID}.{SIGNATURE}", jws.MalformedDocument),
    "five parts, as a JWE": (f"{VALID}.a.b", jws.MalformedDocument),
    "a dot more": (f"{VALID}.", jws.MalformedDocument),
    "no signature": (f"{HEADER}.{BODY}.", jws.MalformedDocument),
    "no payload": (f"{HEADER}..{SIGNATURE}", jws.MalformedDocument),
    "no header": (f".{BODY}.{SIGNATURE}", jws.MalformedDocument),
    "padding": (f"{VALID}==", jws.MalformedDocument),
    "a line feed after it": (f"{VALID}\n", jws.MalformedDocument),
    "a space before it": (f" {VALID}", jws.MalformedDocument),
    "a space within": (f"{HEADER} .{BODY}.{SIGNATURE}", jws.MalformedDocument),
    "a zero byte": (f"{HEADER}.{BODY}.{SIGNATURE}\x00", jws.MalformedDocument),
    "letters that look alike": (f"{HEADER}.{BODY}.\u0430{SIGNATURE[1:]}", jws.MalformedDocument),
    "the other base64": (f"{HEADER}.{BODY}.+/{SIGNATURE[2:]}", jws.MalformedDocument),
    "a signature in another spelling": (with_last_character_moved(VALID), jws.MalformedDocument),
    "the JSON form": (
        json.dumps({"protected": HEADER, "payload": BODY, "signature": SIGNATURE}),
        jws.MalformedDocument,
    ),
    "a length that no bytes have": (f"{HEADER}.{BODY}.{SIGNATURE}AAA", jws.MalformedDocument),
    # the signature itself
    "a signature cut short": (forged(good(), signature=bytes(63)), jws.BadSignature),
    "a signature with more behind it": (f"{HEADER}.{BODY}.{SIGNATURE[:-2]}{b64(bytes(8))}", jws.BadSignature),
    "a signature of zeros": (forged(good(), signature=bytes(64)), jws.BadSignature),
    "the payload of another document": (f"{HEADER}.{b64(b'{}')}.{SIGNATURE}", jws.BadSignature),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_known_trick_is_refused_at_its_check(trick: str) -> None:
    compact, refusal = TRICKS[trick]

    with pytest.raises(jws.SignedDocumentRefused) as caught:
        verify(compact)

    assert type(caught.value) is refusal


def test_refusal_never_repeats_what_the_sender_wrote() -> None:
    for compact in (forged(good(kid="Zeno-Testman")), forged(good(typ="Zeno-Testman")), "Zeno-Testman"):
        with pytest.raises(jws.SignedDocumentRefused) as caught:
            verify(compact)
        assert "Testman" not in f"{caught.value} {caught.value.details}"


def test_high_order_scalar_of_ed25519_is_refused() -> None:
    """RFC 8032, 5.1.7: S must be below the order of the group, else one document has two signatures."""
    order = 2**252 + 27742317777372353535851937790883648493
    raw = base64.urlsafe_b64decode(SIGNATURE + "==")
    raised = raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")

    with pytest.raises(jws.BadSignature):
        verify(f"{HEADER}.{BODY}.{b64(raised)}")


def test_algorithm_that_is_not_allowed_here_is_refused_though_the_key_is_known() -> None:
    compact = jws.sign(PAYLOAD, typ=TYP, kid="p256", key=P256)

    with pytest.raises(jws.RefusedAlgorithm):
        jws.verify(compact, typ=TYP, keys=KEYS)  # between partners Ed25519 is the only one


def test_published_eddsa_example_is_refused() -> None:
    """RFC 8037, A.4: a good signature under the name `EdDSA`, which is not accepted, nor is a header without kid."""
    published = (
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )

    with pytest.raises(jws.RefusedHeader):
        verify(published)


def test_published_signature_is_reproduced() -> None:
    """RFC 8037, A.4: key, message and signature of the example, through the algorithm behind the door."""
    key = PrivateKey.from_raw(base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="))
    message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"

    signature = SIGN.sign(message, key.key)

    assert b64(signature) == "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"


def test_eddsa_is_unknown_behind_the_door_too() -> None:
    assert set(jws._DOOR.get_algorithms()) == ALGORITHMS


def test_ed448_key_cannot_get_behind_the_door() -> None:
    with pytest.raises(TypeError):
        SIGN.prepare_key(ED448)


def test_size_is_checked_before_anything_is_parsed() -> None:
    with pytest.raises(jws.MalformedDocument, match="at most 100 characters"):
        verify("\x00" * 101, max_chars=100)


def test_certificate_thumbprints_of_providers_are_let_through_and_mean_nothing() -> None:
    assert verify(forged(good(**{"x5t#S256": "abc"}))).kid == "CW-1"


@pytest.mark.parametrize(
    "payload", [b"[]", b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":1e999}', b"{", b'{"a":"\\ud800"}', b"\xff", b"[" * 9_000]
)
def test_claims_have_one_reading_or_none(payload: bytes) -> None:
    verified = verify(jws.sign(payload, typ=TYP, kid="CW-1", key=KEY))

    with pytest.raises(jws.MalformedDocument):
        verified.claims()


def test_peek_tells_whose_keys_to_try() -> None:
    assert jws.peek(VALID) == jws.Unverified(kid="CW-1", issuer="CW")


@pytest.mark.parametrize("payload", [b"{}", b'{"iss":1}', b"no json"])
def test_peek_refuses_a_document_that_names_no_issuer(payload: bytes) -> None:
    with pytest.raises(jws.MalformedDocument):
        jws.peek(forged(good(), payload=payload))
