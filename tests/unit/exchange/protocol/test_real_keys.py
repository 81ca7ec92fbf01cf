"""The protocol with real signatures and seals: Ed25519 through the one strict door, HPKE to the recipient."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from register.keys import hpke
from register.keys import jws as door
from register.keys.hpke import SealBroken
from register.keys.jwk import PrivateKey, PublicKey
from schemas.codes import Partition
from schemas.exchange import wire
from schemas.exchange.wire import PageAnswer, Typ, document
from sync.protocol.documents.page import build_page, seal_info
from sync.protocol.documents.signed import Trust
from sync.protocol.effects import ApplyRecords
from sync.protocol.entries import Rules, StubVerdict
from sync.protocol.events import Applied, BadPage, PageArrived, Step
from sync.protocol.ports import Verified
from sync.protocol.stream import examine, step
from tests.simulator.builders import PUT, an_id, chained, put_bytes
from tests.simulator.fakes import a_roster, rosters_of, sign_kid
from tests.unit.exchange.scene import AW, CW, LOG, OPENING, START, SX, effect, hold_all

SIGNING = {c: PrivateKey.from_raw(hashlib.sha256(f"made up for {c}".encode()).digest()) for c in Partition}
SEALING = hashlib.sha256(b"a made-up sealing key").digest()
ENTRIES = chained(START, (PUT, an_id(1), 1, put_bytes()), (PUT, an_id(2), 1, put_bytes()))


@dataclass(frozen=True)
class StrictDoor:
    """The one strict door, as the port that the protocol wants."""

    def verify(self, jws: bytes, *, typ: Typ, keys: Mapping[str, bytes]) -> Verified:
        found = door.verify(
            jws.decode("latin-1"), typ=typ, keys={kid: PublicKey.from_raw(x) for kid, x in keys.items()}
        )
        return Verified(found.kid, found.claims())


def sign(typ: Typ, claims: Mapping[str, Any], *, key: PrivateKey = SIGNING[CW], kid: str = sign_kid(CW)) -> bytes:
    return door.sign(claims, typ=typ, kid=kid, key=key).encode()


def a_page(
    *, key: PrivateKey = SIGNING[CW], kid: str = sign_kid(CW), recipient: bytes = SEALING
) -> tuple[bytes, bytes]:
    header, block = build_page(LOG, START, ENTRIES, {}, roster=1)
    jws = sign(Typ.PAGE, document(header), key=key, kid=kid)
    return jws, hpke.seal(block, hpke.public_key(recipient), info=seal_info(jws))


def take(page: tuple[bytes, bytes]) -> Step:
    rosters = rosters_of(a_roster(signing={sign_kid(c): key.public().raw() for c, key in SIGNING.items()}))
    trust = Trust(AW, CW, rosters, StrictDoor())
    examined = examine(OPENING, *page, trust, lambda sealed, info: hpke.open_sealed(sealed, SEALING, info=info))
    return step(OPENING, PageArrived(examined, Rules(AW, hold_all)))


def code_of(done: Step) -> str:
    assert isinstance(done.verdict, BadPage)
    return done.verdict.refusal.code


def test_a_page_travels_signed_and_sealed_and_is_applied() -> None:
    jws, sealed = a_page()
    answer = wire.unframe(wire.frame(PageAnswer(b"head", jws, sealed)))
    done = take((answer.page, answer.sealed))
    assert done.verdict == Applied(1, 2, {StubVerdict.HELD: 2})
    assert len(effect(done, ApplyRecords).records) == 2
    assert put_bytes() not in sealed


@pytest.mark.parametrize("place", [0.1, 0.4, 0.8, 0.999])
def test_one_changed_byte_of_header_or_signature_is_refused(place: float) -> None:
    jws, sealed = a_page()
    at = int(place * len(jws))
    changed = jws[:at] + (b"A" if jws[at : at + 1] != b"A" else b"B") + jws[at + 1 :]
    assert code_of(take((changed, sealed))) in {"bad-signature", "malformed-document", "refused-header", "wrong-type"}


@pytest.mark.parametrize("at", [0, 31, 32, 500, -16, -1])
def test_one_changed_byte_of_the_sealed_block_or_its_tag_is_refused(at: int) -> None:
    jws, sealed = a_page()
    changed = bytearray(sealed)
    changed[at] ^= 1
    assert code_of(take((jws, bytes(changed)))) == "seal-broken"


def test_a_block_sealed_to_another_country_does_not_open() -> None:
    assert code_of(take(a_page(recipient=hashlib.sha256(b"another").digest()))) == "seal-broken"


def test_a_page_signed_with_another_countrys_key_is_refused() -> None:
    assert code_of(take(a_page(key=SIGNING[SX]))) == "bad-signature"
    assert code_of(take(a_page(key=SIGNING[SX], kid=sign_kid(SX)))) == "wrong-issuer"
    assert code_of(take(a_page(kid="CW-sign-9"))) == "unknown-key"


def test_what_is_sealed_opens_with_its_key_and_its_info_only() -> None:
    key = hpke.generate()
    sealed = hpke.seal(b"content", hpke.public_key(key), info=b"header")
    assert len(sealed) == len(b"content") + hpke.OVERHEAD_BYTES
    assert hpke.open_sealed(sealed, key, info=b"header") == b"content"
    for wrong_key, wrong_info in ((hpke.generate(), b"header"), (key, b"another")):
        with pytest.raises(SealBroken):
            hpke.open_sealed(sealed, wrong_key, info=wrong_info)


def test_sealing_is_fresh_each_time() -> None:
    public = hpke.public_key(hpke.generate())
    assert hpke.seal(b"content", public, info=b"") != hpke.seal(b"content", public, info=b"")


@pytest.mark.parametrize("sealed", [b"", bytes(47), bytes(48), bytes(100)])
def test_bytes_that_nobody_sealed_are_refused(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        hpke.open_sealed(sealed, SEALING, info=b"")


def test_a_key_that_would_seal_to_anybody_is_refused() -> None:
    with pytest.raises(ValueError, match="shared key"):
        hpke.seal(b"content", bytes(32), info=b"")
    with pytest.raises(ValueError, match="32 bytes"):
        hpke.public_key(bytes(31))
