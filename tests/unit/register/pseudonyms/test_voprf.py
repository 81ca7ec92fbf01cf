"""RFC 9497 by its own vectors, and beside another implementation."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voprf import ristretto as peer

from register.pseudonyms.errors import InvalidInput, InvalidScalar
from register.pseudonyms.oprf.group import Element, Scalar, ristretto255
from register.pseudonyms.oprf.threshold import combine, split
from register.pseudonyms.oprf.voprf import OPRF, VOPRF, Suite
from schemas.codes import Partition
from tests.unit.register.pseudonyms.support import rfc_suites

VECTORS = [
    pytest.param(suite, vector, id=f"mode{suite['mode']}-{number}")
    for suite in rfc_suites()
    for number, vector in enumerate(suite["vectors"], start=1)
]
Vector = dict[str, Any]


def _values(vector: Vector, name: str) -> list[bytes]:
    return [bytes.fromhex(value) for value in vector[name].split(",")]


def _points(vector: Vector, name: str) -> list[Element]:
    return [Element(value) for value in _values(vector, name)]


def _key(suite: Vector) -> Scalar:
    return Scalar(bytes.fromhex(suite["skSm"]))


def test_published_vectors_are_those_of_modes_0_and_1() -> None:
    assert [(suite["mode"], len(suite["vectors"])) for suite in rfc_suites()] == [(0, 2), (1, 3)]


@pytest.mark.parametrize("suite", rfc_suites(), ids=["oprf", "voprf"])
def test_key_is_derived_as_published(suite: Vector) -> None:
    derived = Suite(suite["mode"]).derive_key(bytes.fromhex(suite["seed"]), bytes.fromhex(suite["keyInfo"]))
    assert derived == _key(suite)
    assert suite["mode"] == 0 or ristretto255().multiply_base(derived).hex() == suite["pkSm"]


@pytest.mark.parametrize(("suite", "vector"), VECTORS)
def test_blinded_evaluated_and_output_are_as_published(suite: Vector, vector: Vector) -> None:
    mode, key = Suite(suite["mode"]), _key(suite)
    inputs, blinds = _values(vector, "Input"), [Scalar(blind) for blind in _values(vector, "Blind")]
    blinded = [mode.blind(x, blind) for x, blind in zip(inputs, blinds, strict=True)]
    evaluated = [mode.blind_evaluate(key, element) for element in blinded]
    assert blinded == _values(vector, "BlindedElement")
    assert evaluated == _values(vector, "EvaluationElement")
    assert list(map(mode.finalize, inputs, blinds, evaluated)) == _values(vector, "Output")
    assert [mode.evaluate(key, x) for x in inputs] == _values(vector, "Output")


@pytest.mark.parametrize("vector", rfc_suites()[1]["vectors"], ids=["1", "2", "batch"])
def test_proof_is_as_published_and_holds(vector: Vector) -> None:
    key = _key(rfc_suites()[1])
    public = ristretto255().multiply_base(key)
    blinded, evaluated = _points(vector, "BlindedElement"), _points(vector, "EvaluationElement")
    proof = VOPRF.prove_with(key, public, blinded, evaluated, Scalar(bytes.fromhex(vector["Proof"]["r"])))
    assert proof.hex() == vector["Proof"]["proof"]
    assert VOPRF.verify(public, blinded, evaluated, proof)


@pytest.mark.parametrize("three", list(combinations(Partition, 3)), ids="".join)
@pytest.mark.parametrize(("suite", "vector"), VECTORS)
def test_any_three_of_five_shares_reproduce_the_published_output(
    suite: Vector, vector: Vector, three: tuple[Partition, ...]
) -> None:
    mode, group = Suite(suite["mode"]), ristretto255()
    shares = {share.country: share.share for share in split("phone/e1", _key(suite))}
    for x, blind, blinded, expected in zip(
        _values(vector, "Input"),
        _values(vector, "Blind"),
        _points(vector, "BlindedElement"),
        _values(vector, "Output"),
        strict=True,
    ):
        parts = {country: mode.blind_evaluate(shares[country], blinded) for country in three}
        assert mode.output(x, combine(parts, group.scalar_invert(Scalar(blind)))) == expected


@given(seed=st.binary(min_size=32, max_size=32), info=st.binary(max_size=64), x=st.binary(min_size=1, max_size=300))
def test_outputs_equal_those_of_another_implementation(seed: bytes, info: bytes, x: bytes) -> None:
    theirs = peer.Evaluator.from_seed(seed, info)
    key = VOPRF.derive_key(seed, info)
    assert ristretto255().multiply_base(key) == theirs.public_key.serialize()
    assert VOPRF.evaluate(key, x) == theirs.evaluate_known_input(x)


@given(
    seed=st.binary(min_size=32, max_size=32),
    inputs=st.lists(st.binary(min_size=1, max_size=80), min_size=1, max_size=6),
)
def test_another_implementation_accepts_our_proofs(seed: bytes, inputs: list[bytes]) -> None:
    key = VOPRF.derive_key(seed, b"")
    public = ristretto255().multiply_base(key)
    clients, messages = zip(*(peer.Client.blind(x) for x in inputs), strict=True)
    blinded = [Element(bytes(message.serialize())) for message in messages]
    evaluated = [VOPRF.blind_evaluate(key, element) for element in blinded]
    proof = VOPRF.prove(key, public, blinded, evaluated)
    theirs = peer.VerifiableBatchOutput.deserialize(_batch(evaluated, proof))
    outputs = peer.Client.finalize_batch(clients, theirs, peer.PublicKey.deserialize(public))
    assert outputs == [VOPRF.evaluate(key, x) for x in inputs]


@given(
    seed=st.binary(min_size=32, max_size=32),
    inputs=st.lists(st.binary(min_size=1, max_size=80), min_size=1, max_size=6),
)
def test_we_accept_the_proofs_of_another_implementation(seed: bytes, inputs: list[bytes]) -> None:
    theirs = peer.Evaluator(seed)
    blinds = [ristretto255().random_scalar() for _ in inputs]
    blinded = [VOPRF.blind(x, blind) for x, blind in zip(inputs, blinds, strict=True)]
    answer = theirs.evaluate_batch([peer.BlindedInput.deserialize(element) for element in blinded])
    evaluated, proof = _parts(bytes(answer.serialize()), len(inputs))
    assert VOPRF.verify(Element(theirs.public_key.serialize()), blinded, evaluated, proof)
    outputs = [VOPRF.finalize(x, r, e) for x, r, e in zip(inputs, blinds, evaluated, strict=True)]
    assert outputs == [theirs.evaluate_known_input(x) for x in inputs]


class TestFalseProofs:
    """A proof holds for one key, one batch, one order."""

    key = VOPRF.derive_key(bytes(32), b"a")
    other = VOPRF.derive_key(bytes(32), b"b")
    inputs = (b"one", b"two", b"three")

    def _honest(self) -> tuple[Element, list[Element], list[Element], bytes]:
        public = ristretto255().multiply_base(self.key)
        blinded = [VOPRF.blind(x, self.other) for x in self.inputs]
        evaluated = [VOPRF.blind_evaluate(self.key, element) for element in blinded]
        return public, blinded, evaluated, VOPRF.prove(self.key, public, blinded, evaluated)

    def test_holds_for_what_it_was_made(self) -> None:
        assert VOPRF.verify(*self._honest())

    def test_fails_for_one_element_under_another_key(self) -> None:
        public, blinded, evaluated, proof = self._honest()
        evaluated[1] = VOPRF.blind_evaluate(self.other, blinded[1])
        assert not VOPRF.verify(public, blinded, evaluated, proof)

    def test_fails_for_swapped_elements(self) -> None:
        public, blinded, evaluated, proof = self._honest()
        assert not VOPRF.verify(public, blinded, [evaluated[1], evaluated[0], evaluated[2]], proof)
        assert not VOPRF.verify(public, blinded[::-1], evaluated[::-1], proof)

    def test_fails_under_another_public_share(self) -> None:
        _, blinded, evaluated, proof = self._honest()
        assert not VOPRF.verify(ristretto255().multiply_base(self.other), blinded, evaluated, proof)

    @pytest.mark.parametrize("bit", [0, 255, 256, 500])
    def test_fails_with_one_bit_changed(self, bit: int) -> None:
        public, blinded, evaluated, proof = self._honest()
        changed = bytearray(proof)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            holds = VOPRF.verify(public, blinded, evaluated, bytes(changed))
        except InvalidScalar:
            holds = False
        assert not holds

    def test_two_proofs_of_the_same_never_share_a_nonce(self) -> None:
        public, blinded, evaluated, proof = self._honest()
        assert VOPRF.prove(self.key, public, blinded, evaluated) != proof


@pytest.mark.parametrize("blinded", [[], [Element(bytes.fromhex(rfc_suites()[1]["pkSm"]))]])
def test_batch_of_unequal_or_no_length_is_refused(blinded: list[Element]) -> None:
    public = Element(bytes.fromhex(rfc_suites()[1]["pkSm"]))
    with pytest.raises(InvalidInput):
        VOPRF.verify(public, blinded, [], bytes([1] + [0] * 31) * 2)


def test_input_longer_than_the_rfc_allows_is_refused() -> None:
    assert VOPRF.hash_to_group(bytes(65_535))
    with pytest.raises(InvalidInput):
        VOPRF.hash_to_group(bytes(65_536))


def test_modes_never_share_an_output() -> None:
    key = VOPRF.derive_key(bytes(32), b"")
    assert OPRF.evaluate(key, b"x") != VOPRF.evaluate(key, b"x")


def _batch(evaluated: list[Element], proof: bytes) -> bytes:
    return proof + b"".join(evaluated)


def _parts(serialized: bytes, count: int) -> tuple[list[Element], bytes]:
    proof, rest = serialized[:64], serialized[64:]
    return [Element(rest[32 * i : 32 * i + 32]) for i in range(count)], proof
